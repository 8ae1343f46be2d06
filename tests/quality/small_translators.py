"""The small translators behind the Translator protocol, with a count of what they were asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from align.translation import Direction, Translator, load_translator
from align.translation.base import Entropies


class Counting:
    """Another translator; `asked` counts the texts and pairs that reach it."""

    def __init__(self, translator: Translator) -> None:
        self._translator = translator
        self.name, self.fingerprint, self.directions = translator.name, translator.fingerprint, translator.directions
        self.asked = 0

    def translate(self, texts: Sequence[str], direction: Direction) -> list[str]:
        self.asked += len(texts)
        return self._translator.translate(texts, direction)

    def cross_entropy(self, sources: Sequence[str], targets: Sequence[str], direction: Direction) -> Entropies:
        self.asked += len(sources)
        return self._translator.cross_entropy(sources, targets, direction)


def small_translators(folder: Path) -> list[Counting]:
    """Return the two translators of a folder that the fixture small_marian gives."""
    directions: tuple[Direction, ...] = ("vi-en", "en-vi")
    return [
        Counting(load_translator(folder / way / "ctranslate2", direction=way, threads=1))
        for way in directions
        if (folder / way).is_dir()
    ]
