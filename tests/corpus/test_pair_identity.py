from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from pair_tables import true_pairs

from align.corpus import pair_id, pair_ids

PAIR: tuple[Any, ...] = ("a.txt", 0, 9, "b.txt", 0, 6, "Xin chào.", "Hello.")


def test_the_hash_is_fixed_for_all_time() -> None:
    assert pair_id(*PAIR) == "9f33940d716567ae"


def test_every_part_counts() -> None:
    others = [
        (*PAIR[:at], value + 1 if isinstance(value, int) else value + "x", *PAIR[at + 1 :])
        for at, value in enumerate(PAIR)
    ]
    assert len({pair_id(*PAIR), *(pair_id(*other) for other in others)}) == 9


parts = st.tuples(st.text(max_size=4), st.text(max_size=4))


@given(parts, parts)
def test_parts_never_run_into_each_other(one: tuple[str, str], two: tuple[str, str]) -> None:
    ids = [pair_id("a", 0, 1, "b", 0, 1, *texts) for texts in (one, two)]
    assert (ids[0] == ids[1]) == (one == two)


def test_the_table_form_agrees() -> None:
    table = true_pairs()
    row = table.row(1, named=True)
    assert pair_ids(table)[1] == pair_id(
        row["vi_article"],
        row["vi_start"],
        row["vi_end"],
        row["en_article"],
        row["en_start"],
        row["en_end"],
        row["vi"],
        row["en"],
    )
    assert pair_ids(pl.DataFrame(schema=table.schema)).to_list() == []
