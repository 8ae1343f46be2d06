"""What the original makes of hard strings before sentencepiece sees them, kept so that it need not be installed.

Run as a program where laser-encoders or nano-laser is installed, this writes the file anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from laser_hard_strings import BY_HAND, hard_strings

from align.encoders.laser.against import fixed_sentences

PATH = Path(__file__).parents[1] / "data" / "laser_normalised.jsonl"

DRAWN = 120


def inputs() -> list[str]:
    """Return the strings of the golden file: no character whose category differs between versions of Unicode."""
    familiar = set("".join(BY_HAND))
    drawn = [text for text in hard_strings(2000)[len(BY_HAND) :] if set(text) <= familiar]
    return [*BY_HAND, *fixed_sentences(), *drawn[:DRAWN]]


def normaliser_of(module: Any, spm: Path) -> Callable[[str], str]:
    """Return the original's tokeniser with nothing but sentencepiece taken out."""

    class Whole:
        def encode(self, text: str, out_type: type) -> list[str]:
            return [text]

    tokeniser = module.LaserTokenizer(spm)
    tokeniser.spm_encoder = Whole()
    normalise: Callable[[str], str] = tokeniser.tokenize
    return normalise


def read() -> list[tuple[str, str]]:
    """Return pairs of a string and what the original made of it."""
    return [tuple(json.loads(line)) for line in PATH.read_text("ascii").splitlines()]


if __name__ == "__main__":
    import tempfile

    from laser_checkpoints import write_tokeniser

    from align.encoders.laser.against import load_module

    with tempfile.TemporaryDirectory() as folder:
        write_tokeniser(Path(folder), pieces=400)
        normalise = normaliser_of(load_module("laser-encoders", "laser_tokenizer")[1], Path(folder) / "laser2.spm")
    # ASCII: some of the strings are not UTF-8, and an editor would change others.
    PATH.write_text("".join(json.dumps([text, normalise(text)]) + "\n" for text in inputs()), "ascii", newline="\n")
