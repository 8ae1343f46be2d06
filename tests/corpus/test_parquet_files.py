from __future__ import annotations

import contextlib
from pathlib import Path

import polars as pl
import pytest
from pair_tables import true_pairs

from align.corpus import PAIR_SCHEMA, read_corpus, write_corpus
from align.errors import InputError


def test_other_readers_see_the_schema(tmp_path: Path) -> None:
    write_corpus(true_pairs(), tmp_path / "out.parquet")
    assert dict(pl.read_parquet_schema(tmp_path / "out.parquet")) == PAIR_SCHEMA


def test_integers_that_were_stored_as_floats_come_back(tmp_path: Path) -> None:
    table = true_pairs().with_columns(
        pl.col("vi_start").cast(pl.Float64), pl.col("vi_sentences").cast(pl.List(pl.Int8))
    )
    table.drop("margin").write_parquet(tmp_path / "in.parquet")
    found = read_corpus(tmp_path / "in.parquet")
    assert found["vi_start"].to_list() == true_pairs()["vi_start"].to_list()
    assert found["vi_sentences"].dtype == PAIR_SCHEMA["vi_sentences"]
    assert found["margin"].null_count() == 3


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pl.lit(1.5).alias("vi_start"), "column 'vi_start' holds fractions"),
        (pl.lit("high").alias("probability"), "column 'probability' holds String"),
        (pl.lit(b"\xff").alias("vi"), "column 'vi' holds Binary"),
    ],
)
def test_a_column_of_another_type_is_named(tmp_path: Path, column: pl.Expr, message: str) -> None:
    true_pairs().with_columns(column).write_parquet(tmp_path / "in.parquet")
    with pytest.raises(InputError, match=r"in\.parquet") as caught:
        read_corpus(tmp_path / "in.parquet")
    assert message in str(caught.value)


@pytest.mark.parametrize("keep", [0, 3, 200, -1])
def test_a_damaged_file_is_an_input_error(tmp_path: Path, keep: int) -> None:
    write_corpus(true_pairs(), tmp_path / "out.parquet")
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "out.parquet").read_bytes()[:keep])
    with pytest.raises(InputError, match=r"cut\.parquet: no Parquet file or a damaged one"):
        read_corpus(tmp_path / "cut.parquet")


def test_flipped_bytes_never_escape_as_another_error(tmp_path: Path) -> None:
    write_corpus(true_pairs(), tmp_path / "out.parquet")
    whole = (tmp_path / "out.parquet").read_bytes()
    for at in range(0, len(whole), 29):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        (tmp_path / "in.parquet").write_bytes(damaged)
        # A flip inside a text can go unseen: Parquet has no check sum of its own here.
        with contextlib.suppress(InputError):
            read_corpus(tmp_path / "in.parquet")
