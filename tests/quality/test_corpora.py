from __future__ import annotations

import itertools
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from align.corpus import PAIR_SCHEMA, conform, pair_ids, read_corpus, write_corpus
from align.errors import InputError
from align.quality.corpora import ConfidentSample, fill_ids, filter_corpus, score_corpus
from align.quality.filters import make_filters


def pairs(count: int, articles: int = 0) -> pl.DataFrame:
    """Return pairs whose probability is .995 where the number is even, else .5."""
    numbers = range(count)
    table = pl.DataFrame(
        {
            "vi": [f"Chuyến phà thứ {n} rời bến." for n in numbers],
            "en": [f"Ferry number {n} leaves the pier." for n in numbers],
            "probability": [0.995 if n % 2 == 0 else 0.5 for n in numbers],
            "vi_article": [f"bai-{n * articles // count}" if articles else None for n in numbers],
        },
        schema_overrides={"vi_article": pl.String},
    )
    return fill_ids(conform(table))


def length_score(batch: pl.DataFrame) -> pl.DataFrame:
    return batch.with_columns(margin=pl.col("en").str.len_chars() / pl.col("vi").str.len_chars())


def test_missing_identities_are_computed_and_given_ones_stay() -> None:
    table = pairs(3).with_columns(id=pl.Series([None, "own", None], dtype=pl.String))
    computed = pair_ids(table).to_list()
    assert fill_ids(table)["id"].to_list() == [computed[0], "own", computed[2]]


def test_scores_are_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    table = pairs(9000).with_columns(margin=1.5, note=pl.lit("theirs"))
    write_corpus(table.with_columns(id=None), tmp_path / "in.tsv")
    assert score_corpus(tmp_path / "in.tsv", tmp_path / "out.parquet", length_score) == 9000
    assert_frame_equal(read_corpus(tmp_path / "out.parquet"), length_score(table))


def test_every_batch_is_checked_with_the_same_sample_of_the_whole(tmp_path: Path) -> None:
    table = pairs(9000)
    write_corpus(table, tmp_path / "in.parquet")
    samples = []

    def check(batch: pl.DataFrame, sample: pl.DataFrame) -> pl.DataFrame:
        samples.append(sample)
        return batch.with_columns(mt_xent=pl.lit(2.5))

    assert score_corpus(tmp_path / "in.parquet", tmp_path / "out.jsonl", length_score, check=check) == 9000
    assert_frame_equal(read_corpus(tmp_path / "out.jsonl"), length_score(table).with_columns(mt_xent=pl.lit(2.5)))
    assert len(samples) == 3
    assert samples[0].height == 1000
    assert samples[0]["probability"].unique().to_list() == [0.995]
    assert all(sample.equals(samples[0]) for sample in samples)
    later = samples[0]["vi"].is_in(table["vi"][4096:].to_list()).mean()
    assert 0.45 < later < 0.65  # of the whole corpus, not of its first batch
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.parquet", "out.jsonl"]


@settings(max_examples=25, deadline=None)
@given(count=st.integers(1, 60), cuts=st.lists(st.integers(0, 60), max_size=4), articles=st.sampled_from([0, 4]))
def test_the_sample_is_the_same_for_batches_of_any_size(count: int, cuts: list[int], articles: int) -> None:
    table = pairs(count, articles)
    whole, parts = ConfidentSample(10), ConfidentSample(10)
    whole.add(table)
    edges = [0, *sorted(cuts), count]
    for first, last in itertools.pairwise(edges):
        parts.add(table[first : max(first, last)])
    assert_frame_equal(whole.pairs, parts.pairs)
    assert whole.pairs.schema == PAIR_SCHEMA
    assert whole.pairs.height == min(10, (count + 1) // 2)


def test_neighbours_of_an_article_stay_together() -> None:
    sample = ConfidentSample(20)
    sample.add(pairs(80, articles=4))
    found = sample.pairs["vi_article"].to_list()
    assert found == [found[0]] * 10 + [found[10]] * 10
    assert found[0] != found[10]


def test_an_error_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    write_corpus(pairs(5000), tmp_path / "in.jsonl")
    with (tmp_path / "in.jsonl").open("a", encoding="utf-8") as stream:
        stream.write("{\n")
    with pytest.raises(InputError, match="line 5001: not JSON"):
        score_corpus(tmp_path / "in.jsonl", tmp_path / "out.parquet", length_score, check=lambda batch, sample: batch)
    filters = make_filters("length")
    with pytest.raises(InputError, match="line 5001"):
        filter_corpus(tmp_path / "in.jsonl", tmp_path / "out.tsv", filters, rejects=tmp_path / "rejects.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]
