"""Too short or too long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from align.quality.filters.base import PairFilter, worse


@dataclass(frozen=True)
class Length(PairFilter):
    """Refuses pairs with a side that is too short or too long.

    Scores: characters (code points) and words (runs without white space) of either side.
    """

    min_chars: int = 1
    max_chars: int = 6000
    min_words: int = 1
    max_words: int = 1000

    name: ClassVar[str] = "length"
    columns: ClassVar = dict.fromkeys(["length_vi", "length_en", "length_vi_words", "length_en_words"], pl.Float64())

    def score_pair(self, vi: str, en: str) -> tuple[float, float, float, float]:
        """Return the characters of vi and en, then their words."""
        return len(vi), len(en), len(vi.split()), len(en.split())

    def reason(self, vi_chars: float, en_chars: float, vi_words: float, en_words: float) -> str | None:
        """Name the side that is too short or too long."""
        return (
            worse(vi_words, en_words, self.min_words, "words", least=True)
            or worse(vi_chars, en_chars, self.min_chars, "characters", least=True)
            or worse(vi_words, en_words, self.max_words, "words")
            or worse(vi_chars, en_chars, self.max_chars, "characters")
        )
