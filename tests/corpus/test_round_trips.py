from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from pair_tables import NASTY, indices, segments, tables, true_pairs
from polars.testing import assert_frame_equal

from align.corpus import read_corpus, write_corpus

EXACT = ["corpus.tsv", "corpus.tsv.gz", "corpus.jsonl", "corpus.jsonl.gz", "corpus.parquet", "corpus.tmx"]
ALL = [*((name, None) for name in (*EXACT, "corpus.xces", "corpus.tmx.gz")), ("corpus", "moses")]


@pytest.mark.parametrize("name", EXACT)
@settings(max_examples=30, deadline=None)
@given(table=tables())
def test_every_value_comes_back(name: str, table: pl.DataFrame) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_corpus(table, Path(folder, name))
        assert_frame_equal(read_corpus(Path(folder, name)), table)


@settings(max_examples=30, deadline=None)
@given(table=tables(vi=segments, en=segments, vi_sentences=indices, en_sentences=indices))
def test_folded_texts_and_all_fields_come_back_from_moses(table: pl.DataFrame) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_corpus(table, Path(folder, "corpus"), "moses")
        assert_frame_equal(read_corpus(Path(folder, "corpus"), "moses"), table)


@pytest.mark.parametrize("name", EXACT)
def test_nasty_texts_come_back_side_by_side(name: str, tmp_path: Path) -> None:
    table = pl.concat([true_pairs()[:1].with_columns(vi=pl.lit(text), run=pl.lit(text)) for text in NASTY])
    write_corpus(table, tmp_path / name)
    assert_frame_equal(read_corpus(tmp_path / name), table)


@pytest.mark.parametrize(("name", "format"), ALL)
def test_equal_tables_give_equal_bytes(name: str, format: str | None, tmp_path: Path) -> None:
    table = true_pairs()
    chunked = pl.concat([table[:1], table[1:]], rechunk=False)
    contents = []
    for folder, pairs in (("one", table), ("two", chunked)):
        (tmp_path / folder).mkdir()
        write_corpus(pairs, tmp_path / folder / name, format)
        contents.append({path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()})
    assert contents[0] == contents[1]
    assert all(contents[0].values())


@pytest.mark.parametrize("name", [*EXACT, "corpus.xces"])
def test_a_corpus_without_pairs_is_a_corpus(name: str, tmp_path: Path) -> None:
    write_corpus(true_pairs().clear(), tmp_path / name)
    assert_frame_equal(read_corpus(tmp_path / name), true_pairs().clear())


@pytest.mark.parametrize("name", [name for name in EXACT if name != "corpus.parquet"])
def test_columns_outside_the_schema_stay(name: str, tmp_path: Path) -> None:
    reasons = ["too short", None, "copy, not a translation"]
    write_corpus(true_pairs().with_columns(pl.Series("reason", reasons)), tmp_path / name)
    assert read_corpus(tmp_path / name)["reason"].to_list() == reasons


def test_parquet_keeps_types_outside_the_schema(tmp_path: Path) -> None:
    table = true_pairs().with_columns(pl.Series("rank", [3, 1, 2], dtype=pl.UInt8))
    write_corpus(table, tmp_path / "corpus.parquet")
    assert_frame_equal(read_corpus(tmp_path / "corpus.parquet"), table)
