"""Run filters over a table of pairs."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from align.corpus.schema import PAIR_SCHEMA
from align.errors import InputError
from align.quality.filters.base import Filter
from align.quality.filters.words import BATCH

_SIDES = ("vi", "en")
_VERDICT = {"reason": pl.String(), "detail": pl.String()}


def apply_filters(batch: pl.DataFrame, filters: Sequence[Filter]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part a table of pairs into those that every filter keeps and those that one refuses.

    A pair is shown to the filters in their order until one refuses it, so a filter with a memory knows only what the
    filters before it kept.

    Args:
        batch: pairs with at least the String columns vi and en; a null is an empty text.
        filters: from `make_filters`; the same objects for all batches of one run.

    Returns:
        The kept rows, as they were, and the refused ones: the columns of the batch, then `reason` (the name of the
        filter), `detail` (value and limit) and the scores of all filters, null for those that did not see the pair.
        Both in the order of the batch. Columns of the batch with these names are replaced, except in the kept rows.

    Raises:
        InputError: a column vi or en is missing or holds no text.

    >>> from align.quality.filters import make_filters
    >>> pairs = pl.DataFrame({"vi": ["Chia sẻ", "Trời mưa to."], "en": ["Share", "It rained hard."]})
    >>> kept, rejected = apply_filters(pairs, make_filters("default"))
    >>> kept["vi"].to_list(), rejected.select("vi", "reason", "detail").rows()
    (['Trời mưa to.'], [('Chia sẻ', 'boilerplate', 'vi is boilerplate: navigation')])
    """
    check_texts(batch)
    if batch.height <= BATCH:
        return _part(batch, filters)
    kept, rejected = zip(*(_part(each, filters) for each in batch.iter_slices(BATCH)), strict=True)
    return pl.concat(kept), pl.concat(rejected)


def _part(batch: pl.DataFrame, filters: Sequence[Filter]) -> tuple[pl.DataFrame, pl.DataFrame]:
    left = list(range(batch.height))
    reasons: list[str | None] = [None] * batch.height
    details: list[str | None] = [None] * batch.height
    tables = []
    for judge in filters:
        scores = judge.score(batch.select(pl.all().gather(pl.Series(left, dtype=pl.UInt32))))
        tables.append(_spread(scores, left, batch.height))
        verdicts = dict(zip(left, judge.reasons(scores), strict=True))
        for row, detail in verdicts.items():
            if detail is not None:
                reasons[row], details[row] = judge.name, detail
        left = [row for row in left if verdicts[row] is None]
    verdict = pl.DataFrame({"reason": reasons, "detail": details}, schema=_VERDICT)
    refused = pl.Series([reason is not None for reason in reasons], dtype=pl.Boolean)
    return batch.filter(~refused), _join(batch, [verdict, *tables]).filter(refused)


def score_filters(batch: pl.DataFrame, filters: Sequence[Filter]) -> pl.DataFrame:
    """Return the scores of all filters for all pairs, one row a pair, nothing refused.

    Filters with a memory remember every pair here, so take other objects than for `apply_filters`.

    Raises:
        InputError: a column vi or en is missing or holds no text.
    """
    check_texts(batch)
    if not filters:
        return pl.DataFrame()
    slices = batch.iter_slices(BATCH) if batch.height else [batch]
    return pl.concat([pl.concat([judge.score(each) for judge in filters], how="horizontal") for each in slices])


def rejected_schema(schema: pl.Schema, filters: Sequence[Filter]) -> pl.Schema:
    """Return the schema of the refused rows of batches with `schema`: the same for every batch of a run."""
    tables = [pl.DataFrame(schema=dict(judge.columns)) for judge in filters]
    return _join(pl.DataFrame(schema=schema), [pl.DataFrame(schema=_VERDICT), *tables]).schema


def summary(rejected: pl.DataFrame) -> pl.DataFrame:
    """Return the columns `reason` and `count` (Int64) of a table of refused pairs, the most frequent reason first.

    >>> summary(pl.DataFrame({"reason": ["length", "noise", "length"]})).rows()
    [('length', 2), ('noise', 1)]
    """
    counted = rejected.group_by("reason").agg(pl.len().cast(pl.Int64).alias("count"))
    return counted.sort(["count", "reason"], descending=[True, False])


def check_texts(batch: pl.DataFrame) -> None:
    """Raise `InputError` unless `batch` has the String columns vi and en."""
    for side in _SIDES:
        if side not in batch.columns:
            raise InputError(
                f"the pairs have no column {side!r}, only {', '.join(batch.columns) or 'none'}; name one so"
            )
        if batch[side].dtype not in (pl.String, pl.Null):
            raise InputError(f"column {side!r} holds {batch[side].dtype} values; allowed: text")


def _spread(scores: pl.DataFrame, rows: list[int], height: int) -> pl.DataFrame:
    """Put the scores of some rows of a batch at their places, nulls elsewhere."""
    places: list[int | None] = [None] * height
    for at, row in enumerate(rows):
        places[row] = at
    return scores.select(pl.all().gather(pl.Series(places, dtype=pl.UInt32)))


def _join(batch: pl.DataFrame, tables: list[pl.DataFrame]) -> pl.DataFrame:
    """Append tables; a later column takes the place of an earlier one of its name, but of no field of a pair.

    The probability is such a field: it is known even of pairs that its filter did not see.
    """
    fields = [name for name in batch.columns if name in PAIR_SCHEMA]
    columns = [column for table in tables for column in table.get_columns()]
    return batch.with_columns([column for column in columns if column.name not in fields])
