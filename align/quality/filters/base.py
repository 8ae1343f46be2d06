"""The contract of a filter: scores apart from thresholds; a pair in, keep or a reason out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import polars as pl


class Filter(ABC):
    """Judges the pairs of one run, batch by batch.

    A filter is a dataclass whose fields are its thresholds. The same pairs in the same order get the same verdicts in
    batches of any size.

    Attributes:
        name: what a rejected pair's `reason` says.
        columns: names and types (Float64 or String) of the scores, each called `NAME` or `NAME_...`.
        stateful: the verdict depends on the pairs seen before, so one object serves one run.
    """

    name: ClassVar[str]
    columns: ClassVar[Mapping[str, pl.DataType]]
    stateful: ClassVar[bool] = False

    @abstractmethod
    def score(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Return one row of `columns` for each row of `batch`, which has at least the String columns vi and en."""

    @abstractmethod
    def reasons(self, scores: pl.DataFrame) -> list[str | None]:
        """Return for each row of scores None to keep the pair, or a short text with the value and its limit."""


class PairFilter(Filter):
    """A filter that looks at one pair at a time and at nothing but its two texts."""

    @abstractmethod
    def score_pair(self, vi: str, en: str) -> tuple[Any, ...]:
        """Return the values of `columns` for one pair; a text that is null comes as ""."""

    @abstractmethod
    def reason(self, *scores: Any) -> str | None:
        """Return None to keep a pair with these scores, else why not."""

    def score(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Score every pair by `score_pair`."""
        texts = (batch[side].fill_null("").to_list() for side in ("vi", "en"))
        rows = [self.score_pair(vi, en) for vi, en in zip(*texts, strict=True)]
        return pl.DataFrame(rows, schema=dict(self.columns), orient="row")

    def reasons(self, scores: pl.DataFrame) -> list[str | None]:
        """Judge every row of scores by `reason`."""
        return [self.reason(*row) for row in scores.select(list(self.columns)).iter_rows()]


def worse(vi: float, en: float, limit: float, what: str, *, least: bool = False) -> str | None:
    """Return "SIDE WHAT VALUE, at most LIMIT" for the first side beyond the limit, None when neither is.

    >>> worse(3, 12, 10, "words")
    'en words 12, at most 10'
    >>> worse(0, 4, 1, "words", least=True)
    'vi words 0, at least 1'
    """
    for side, value in (("vi", vi), ("en", en)):
        if value < limit if least else value > limit:
            return f"{side} {what} {value:.3g}, {'at least' if least else 'at most'} {limit:g}"
    return None
