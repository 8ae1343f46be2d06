from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from align.encoders.store import VectorStore
from align.errors import InputError, ModelError
from align.quality.translation_cache import CachedTranslator
from align.translation import Direction
from align.translation.base import Entropies

TEXTS = ["Trời đang mưa.", "Sáng nay đường ngập.", "Trời đang mưa.", ""]


class Reversing:
    """Turns texts round; remembers each call."""

    name, fingerprint = "reversing", "v1"
    directions: tuple[Direction, ...] = ("vi-en", "en-vi")

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def translate(self, texts: Sequence[str], direction: Direction) -> list[str]:
        self.calls.append(list(texts))
        return [f"{direction}: {text[::-1]}" for text in texts]

    def cross_entropy(self, sources: Sequence[str], targets: Sequence[str], direction: Direction) -> Entropies:
        self.calls.append([f"{source}|{target}" for source, target in zip(sources, targets, strict=True)])
        lengths = [
            len(target) / len(source) if source else math.nan for source, target in zip(sources, targets, strict=True)
        ]
        return np.array(lengths)


def test_a_text_is_translated_once(tmp_path: Path) -> None:
    inner = Reversing()
    cached = CachedTranslator(inner, tmp_path / "cache")
    expected = inner.translate(TEXTS, "vi-en")
    inner.calls.clear()
    assert cached.translate(TEXTS, "vi-en") == expected
    assert inner.calls == [[TEXTS[0], TEXTS[1], ""]]
    again = CachedTranslator(inner, tmp_path / "cache")
    assert again.translate(["Mới.", *TEXTS], "vi-en") == ["vi-en: .iớM", *expected]
    assert inner.calls[1:] == [["Mới."]]
    assert (cached.computed, again.computed) == (3, 1)


def test_cross_entropies_are_kept_to_the_last_bit_even_those_of_nothing(tmp_path: Path) -> None:
    inner = Reversing()
    sources, targets = ["abc", "", "abc"], ["a", "b", "ab"]
    for _ in range(2):
        values = CachedTranslator(inner, tmp_path / "cache").cross_entropy(sources, targets, "en-vi")
        np.testing.assert_array_equal(values, [1 / 3, math.nan, 2 / 3])
        assert values.dtype == np.float64
    assert len(inner.calls) == 1


def test_directions_translators_and_kinds_are_kept_apart(tmp_path: Path) -> None:
    inner, other = Reversing(), Reversing()
    other.fingerprint = "v2"
    path = tmp_path / "cache"
    assert CachedTranslator(inner, path).translate(["ab"], "vi-en") == ["vi-en: ba"]
    assert CachedTranslator(inner, path).translate(["ab"], "en-vi") == ["en-vi: ba"]
    assert CachedTranslator(other, path).translate(["ab"], "vi-en") == ["vi-en: ba"]
    assert other.calls == [["ab"]]
    first = CachedTranslator(inner, path).cross_entropy(["ab"], ["c"], "vi-en")
    second = CachedTranslator(inner, path).cross_entropy(["a"], ["bc"], "vi-en")
    assert [first[0], second[0]] == [0.5, 2.0]


def test_what_a_broken_translator_gives_is_not_kept(tmp_path: Path) -> None:
    class Short(Reversing):
        def translate(self, texts: Sequence[str], direction: Direction) -> list[str]:
            return ["only one"]

    path = tmp_path / "cache"
    with pytest.raises(ModelError, match="reversing: 1 translations for 2 texts"):
        CachedTranslator(Short(), path).translate(["a", "b"], "vi-en")
    assert CachedTranslator(Reversing(), path).translate(["a"], "vi-en") == ["vi-en: a"]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    VectorStore(tmp_path / "vectors")
    with pytest.raises(InputError, match="a database of another program; give another file"):
        CachedTranslator(Reversing(), tmp_path / "vectors")
    (tmp_path / "text").write_text("nothing of the kind " * 50, "utf-8")
    with pytest.raises(InputError, match="no translation cache, or a damaged one"):
        CachedTranslator(Reversing(), tmp_path / "text")


def test_nothing_is_asked_of_nobody(tmp_path: Path) -> None:
    inner = Reversing()
    cached = CachedTranslator(inner, tmp_path / "cache")
    assert cached.translate([], "vi-en") == []
    assert cached.cross_entropy([], [], "vi-en").shape == (0,)
    assert inner.calls == []
