"""Tables, scores and price lists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from align.quality.filters.base import PairFilter
from align.quality.filters.words import folded, without_addresses

# Of runs without white space:
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"\W*\d[\d.,:/%'-]*\w{0,3}\W*")  # with a unit of up to three letters
_NO_WORD = re.compile(r"(?<!\S)(?:[^\w\s]|_)+(?!\S)")


@dataclass(frozen=True)
class Numbers(PairFilter):
    """Refuses pairs with a side that is mostly numbers.

    Scores: `numbers`, the numbers of the side that has more; `numbers_share`, their share of its words, the larger one
    of the two sides.
    """

    min_numbers: int = 5
    """Sides with fewer numbers are kept whatever their share."""
    max_share: float = 0.5

    name: ClassVar[str] = "numbers"
    columns: ClassVar = {"numbers": pl.Float64(), "numbers_share": pl.Float64()}

    def score_pair(self, vi: str, en: str) -> tuple[float, float]:
        """Return the number and the share of numbers."""
        (vi_count, vi_share), (en_count, en_share) = _count(vi), _count(en)
        return max(vi_count, en_count), max(vi_share, en_share)

    def reason(self, count: float, share: float) -> str | None:
        """Refuse many numbers that are most of the words."""
        if count < self.min_numbers or share <= self.max_share:
            return None
        return f"{count:.0f} numbers, {share:.3g} of the words, at most {self.max_share:g}"


def _count(text: str) -> tuple[int, float]:
    plain = without_addresses(folded(text))
    tokens = plain.split()
    count = sum(_NUMBER.fullmatch(token) is not None for token in tokens if _DIGIT.search(token))
    with_word = len(tokens) - len(_NO_WORD.findall(plain))
    return count, count / with_word if with_word else 0.0
