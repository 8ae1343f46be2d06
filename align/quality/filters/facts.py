"""Numbers, dates and other facts that only one side states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from align.quality.filters.base import Filter

_KINDS = ("number", "percent", "money", "unit", "ordinal", "score", "code", "decade", "date", "time")


@dataclass(frozen=True)
class Facts(Filter):
    """Refuses pairs whose numbers or dates disagree (`align.quality.facts`). Off by default.

    Names, acronyms, addresses and quotations are left to the reviewer: translators may leave them out.

    Scores: `facts`, the mismatches of numbers of all kinds, dates and times; `facts_labels`,
    their labels, joined with spaces.
    """

    max_mismatches: int = 0

    name: ClassVar[str] = "facts"
    columns: ClassVar = {"facts": pl.Float64(), "facts_labels": pl.String()}

    def score(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Compare the facts of both sides."""
        from align.quality.facts import compare_batch

        compared = compare_batch(batch["vi"].fill_null("").to_list(), batch["en"].fill_null("").to_list())
        labels = [[mismatch.label for mismatch in pair.mismatches if mismatch.kind in _KINDS] for pair in compared]
        values = {
            "facts": [float(len(found)) for found in labels],
            "facts_labels": ["; ".join(found) for found in labels],
        }
        return pl.DataFrame(values, schema=dict(self.columns))

    def reasons(self, scores: pl.DataFrame) -> list[str | None]:
        """Name what disagrees."""
        return [
            f"{count:.0f} facts disagree, at most {self.max_mismatches}: {labels}"
            if count > self.max_mismatches
            else None
            for count, labels in scores.select("facts", "facts_labels").iter_rows()
        ]
