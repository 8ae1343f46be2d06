"""Lengths that do not belong together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from align.quality.filters.base import PairFilter

RATIO = 0.9352
"""English characters to one Vietnamese, of the matching calibration."""
VARIANCE = 1.8259
"""Gale and Church's s2, of the matching calibration."""


@dataclass(frozen=True)
class LengthRatio(PairFilter):
    """Refuses pairs whose lengths are both improbable and out of proportion.

    Scores: `length_ratio`, the characters of en by those of vi, 1 where they are as expected; `length_ratio_deviation`,
    Gale and Church's (1993, section 3) delta made symmetric, in standard deviations, above 0 where en is too long.
    The deviation forgives short pairs ("Vâng." - "Yes, of course."), whose proportion means little; the proportion
    forgives long ones, which depart from the expected length by more than the square root of it.
    """

    max_deviation: float = 5.0
    max_ratio: float = 2.5

    name: ClassVar[str] = "length_ratio"
    columns: ClassVar = {"length_ratio": pl.Float64(), "length_ratio_deviation": pl.Float64()}

    def score_pair(self, vi: str, en: str) -> tuple[float | None, float | None]:
        """Return the ratio and the deviation; null where a side is empty."""
        if not vi or not en:
            return None, None
        vi_scaled, en_scaled = len(vi) * math.sqrt(RATIO), len(en) / math.sqrt(RATIO)
        deviation = (en_scaled - vi_scaled) / math.sqrt(VARIANCE * (vi_scaled + en_scaled) / 2)
        return en_scaled / vi_scaled, deviation

    def reason(self, ratio: float | None, deviation: float | None) -> str | None:
        """Name the side that is too long."""
        if ratio is None or deviation is None or abs(deviation) <= self.max_deviation:
            return None
        side, times = ("en", ratio) if ratio > 1 else ("vi", 1 / ratio)
        if times <= self.max_ratio:
            return None
        return (
            f"{side} {times:.3g} times its expected length, at most {self.max_ratio:g}; "
            f"deviation {abs(deviation):.3g}, at most {self.max_deviation:g}"
        )
