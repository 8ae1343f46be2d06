"""A sentence made ready for finding facts: lower case and words with their places, offsets unchanged."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from align.quality.facts.names import WORD

# One character for one, so that offsets stay.
_PLAIN = str.maketrans({**dict.fromkeys("‐‑‒–—―−", "-"), **dict.fromkeys("‘’‛′", "'"), "\u200b": " "})
_UNUSUAL = re.compile("[‐‑‒–—―−‘’‛′\u200b]")


class Line(NamedTuple):
    """A sentence, its lower-case form of the same length, and its words in lower case.

    Attributes:
        text: NFC, with plain dashes and apostrophes.
        low: `text` in lower case.
        words: runs of letters and digits of `low`.
        starts, ends: their half-open offsets.
    """

    text: str
    low: str
    words: list[str]
    starts: list[int]
    ends: list[int]

    def word_from(self, place: int, first: int = 0) -> int:
        """Return the index of the first word that starts at `place` or after it, searching from word `first`."""
        while first < len(self.starts) and self.starts[first] < place:
            first += 1
        return first


def read_line(text: str) -> Line:
    """Make a sentence ready."""
    if not text.isascii():
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
        if _UNUSUAL.search(text):
            text = text.translate(_PLAIN)
    return line_of(text)


def line_of(text: str) -> Line:
    """Cut a text that is in its plain form already into words."""
    low = text.lower()
    if len(low) != len(text):  # a few capitals, such as the dotted I of Turkish, have two small letters
        low = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    words, starts, place = WORD.findall(low), [], 0
    for word in words:  # nothing but separators stands before the next word, so its first place is the right one
        place = low.find(word, place)
        starts.append(place)
        place += len(word)
    return Line(text, low, words, starts, [start + len(word) for start, word in zip(starts, words, strict=True)])
