"""A filter of one's own: a question on one side only."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from align.quality.filters import PairFilter


@dataclass(frozen=True)
class Question(PairFilter):
    """Refuses pairs whose sides differ in question marks."""

    max_difference: int = 0

    name: ClassVar[str] = "question"
    columns: ClassVar = {"question": pl.Float64()}

    def score_pair(self, vi: str, en: str) -> tuple[float]:
        """Return the difference in question marks."""
        return (abs(vi.count("?") - en.count("?")),)

    def reason(self, difference: float) -> str | None:
        """Refuse a difference that is too large."""
        if difference <= self.max_difference:
            return None
        return f"question marks differ by {difference:.0f}, at most {self.max_difference}"
