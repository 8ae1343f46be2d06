"""Lines that look like titles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from align.quality.filters.base import PairFilter
from align.quality.filters.words import folded, words

_FINAL = re.compile(r"[.?!:;,\"')\]]$|\.\.\.$")
_SHORT = 4  # letters: shorter words are in lower case in many titles


@dataclass(frozen=True)
class Headline(PairFilter):
    """Refuses headlines: their language is not that of sentences, and newsrooms rarely translate them. Off by default.

    Score: 0 where a side ends in punctuation; otherwise 0.5 and half the share of capitalised words among the
    English words of at least four letters, so 1 for a title in title case.
    """

    max_score: float = 0.9

    name: ClassVar[str] = "headline"
    columns: ClassVar = {"headline": pl.Float64()}

    def score_pair(self, vi: str, en: str) -> tuple[float]:
        """Return how much the pair looks like a title, 0 to 1."""
        long = [word for word in words(en) if len(word) >= _SHORT]
        if not long or not vi.strip() or _FINAL.search(folded(vi)) or _FINAL.search(folded(en)):
            return (0.0,)
        return (0.5 + 0.5 * sum(word[0].isupper() for word in long) / len(long),)

    def reason(self, score: float) -> str | None:
        """Refuse what looks like a title."""
        return f"looks like a headline: {score:.3g}, at most {self.max_score:g}" if score > self.max_score else None
