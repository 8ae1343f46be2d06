"""Pairs that were there before."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import ClassVar, Literal

import polars as pl

from align.errors import OptionError
from align.quality.filters.base import PairFilter
from align.quality.filters.words import folded

_NO_LETTER = re.compile(r"[\W\d_]+")
_NO_LETTER_OR_DIGIT = re.compile(r"[\W_]+")
_BY = ("pair", "vi", "en", "either")


@dataclass
class Duplicates(PairFilter):
    """Refuses every pair but the first of those with the same words.

    The first one stays, whatever its scores, so that the answer does not depend on pairs that come later; put better
    pairs first. Texts are compared in NFKC and lower case without punctuation and white space. Texts without letters
    are compared as they are.

    Score: 1 where the key was seen before, else 0. An object remembers 16 bytes of BLAKE2 for each key, about 90 bytes
    of memory.
    """

    by: Literal["pair", "vi", "en", "either"] = "pair"
    """What must be new: the pair of both texts, one side, or each of both sides ("either" was seen)."""
    ignore_digits: bool = False
    """Take "Chương 1" and "Chương 2" for the same."""

    name: ClassVar[str] = "duplicates"
    columns: ClassVar = {"duplicates": pl.Float64()}
    stateful: ClassVar[bool] = True

    _seen: set[bytes] = field(default_factory=set, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check the thresholds."""
        if self.by not in _BY:
            raise OptionError("duplicates_by", self.by, ", ".join(_BY))

    def score_pair(self, vi: str, en: str) -> tuple[float]:
        """Return whether the pair is a repetition, and remember it."""
        sides = {"pair": [("", f"{self._key(vi)}\t{self._key(en)}")], "vi": [("v", self._key(vi))]}
        sides["en"] = [("e", self._key(en))]
        sides["either"] = sides["vi"] + sides["en"]
        keys = [
            blake2b((side + key).encode("utf-8", "surrogatepass"), digest_size=16).digest()
            for side, key in sides[self.by]
        ]
        known = any(key in self._seen for key in keys)
        if not known:
            self._seen.update(keys)
        return (float(known),)

    def reason(self, known: float) -> str | None:
        """Refuse what was seen before."""
        return f"the same {self.by if self.by != 'either' else 'vi or en'} as before" if known else None

    def _key(self, text: str) -> str:
        plain = unicodedata.normalize("NFKC", folded(text)).lower()
        return (_NO_LETTER if self.ignore_digits else _NO_LETTER_OR_DIGIT).sub(" ", plain).strip() or plain
