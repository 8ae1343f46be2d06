"""A threshold on the calibrated probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from align.quality.filters.base import Filter


@dataclass(frozen=True)
class Probability(Filter):
    """Refuses pairs less probable than `min`; a pair without a probability is kept.

    Score: the column `probability` of the pair itself, null where there is none.
    """

    min: float = 0.5

    name: ClassVar[str] = "probability"
    columns: ClassVar = {"probability": pl.Float64()}

    def score(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Return the probabilities as they are."""
        if "probability" not in batch.columns:
            return pl.DataFrame({"probability": [None] * batch.height}, schema=dict(self.columns))
        return batch.select(pl.col("probability").cast(pl.Float64))

    def reasons(self, scores: pl.DataFrame) -> list[str | None]:
        """Refuse what is below the threshold."""
        return [
            f"probability {value:.3g}, at least {self.min:g}" if value is not None and value < self.min else None
            for value in scores["probability"].to_list()
        ]
