"""Pairs that each filter must drop or keep: tests/data/filter_cases.tsv.

The cases of one filter are one table, in the order of the file, so that `duplicates` sees what stood before. A cell
`{"text" * 300}` is that text 300 times, `\\uXXXX` a character that an editor would not show, and a remark
`probability=0.5` the pair's probability.
"""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from align.quality.filters import FILTERS, apply_filters, make_filters

CASES = Path(__file__).parents[1] / "data" / "filter_cases.tsv"
TIMES = re.compile(r'\{"(.*)" \* (\d+)\}')


def cell(text: str) -> str:
    times = TIMES.fullmatch(text)
    if times is not None:
        return times[1] * int(times[2])
    return re.sub(r"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), text)


def cases(name: str) -> pl.DataFrame:
    lines = CASES.read_text(encoding="utf-8").splitlines()
    header, *rows = (line.split("\t") for line in lines)
    chosen = [[cell(text) for text in row] for row in rows if row[0] == name]
    table = pl.DataFrame(chosen, schema=header, orient="row")
    stated = pl.col("remark").str.extract(r"^probability=([\d.]+)$").cast(pl.Float64)
    return table.with_columns(stated.alias("probability")).with_row_index("case")


@pytest.mark.parametrize("name", FILTERS)
def test_every_pair_is_dropped_or_kept_as_the_list_says(name: str) -> None:
    table = cases(name)
    kept, rejected = apply_filters(table, make_filters(name))
    wrong = pl.concat([kept.filter(verdict="drop"), rejected.filter(verdict="keep").select(kept.columns)])
    assert wrong.select("vi", "en", "remark").rows() == []
    assert set(rejected["reason"]) == {name}


@pytest.mark.parametrize("name", FILTERS)
def test_the_list_has_at_least_eight_of_either(name: str) -> None:
    counts = dict(cases(name).group_by("verdict").len().rows())
    assert min(counts["drop"], counts["keep"]) >= 8


def test_the_list_names_no_filter_that_is_not_there() -> None:
    names = {line.split("\t")[0] for line in CASES.read_text(encoding="utf-8").splitlines()[1:]}
    assert names == set(FILTERS)
