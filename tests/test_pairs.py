from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.collection import Collection, collect
from align.corpus import PAIR_SCHEMA, pair_ids
from align.encoders import Encoder
from align.matching.articles import Match
from align.matching.beads import Bead
from align.matching.calibration import load_calibration
from align.matching.pairing import pair_sides
from align.pairs import REJECT_COLUMNS, RowMaker, reject_detail, rounded, settle

VI = "Cây cầu mới dài 820 m. Nó có bốn làn xe. Phà nghỉ từ ngày 1/3. Dân hai bờ rất vui."
EN = "The new bridge is 820 metres long. It has six lanes. The ferry stops on 1 March. People on both banks are glad."
LEAST = 0.4

Row = dict[str, Any]


def collection(text: str, lang: str, encoder: Encoder) -> Collection:
    return collect(pl.DataFrame({"id": [f"{lang}.txt"], "text": [text]}), lang, encoder, [])


@pytest.fixture(scope="module")
def maker(encoder: Encoder) -> RowMaker:
    return RowMaker(collection(VI, "vi", encoder), collection(EN, "en", encoder), encoder, load_calibration(), "run:x")


def match(maker: RowMaker, beads: list[Bead], rejected: list[Any] | None = None) -> Match:
    [pair] = pair_sides(maker.vi.sides, maker.en.sides, maker.calibration, candidates=[(0, 0)], keep_all=True)
    return Match(pair, "comparable", beads, rejected or [])


def test_a_row_says_where_its_texts_stand_and_what_disagrees(maker: RowMaker) -> None:
    table = maker.kept([match(maker, [Bead((0,), (0,), 0.9), Bead((1, 2), (1, 2), 0.123456789)])])
    assert dict(table.schema) == PAIR_SCHEMA
    for row in table.iter_rows(named=True):
        assert VI[row["vi_start"] : row["vi_end"]] == row["vi"]
        assert EN[row["en_start"] : row["en_end"]] == row["en"]
        assert 0 < row["cosine"] < 1 < row["margin"]
        assert (row["vi_article"], row["en_article"], row["run"], row["mt_chrf"]) == ("vi.txt", "en.txt", "run:x", None)
    assert table["vi"].to_list() == ["Cây cầu mới dài 820 m.", "Nó có bốn làn xe. Phà nghỉ từ ngày 1/3."]
    assert table["vi_sentences"].to_list() == table["en_sentences"].to_list() == [[0], [1, 2]]
    assert table["bead"].to_list() == ["1-1", "2-2"]
    assert table["probability"].to_list() == [0.9, 0.123456789]  # not rounded yet
    assert table["flags"].to_list() == [["comparable"], ["comparable", "number:bốn|six"]]
    assert table["id"].equals(pair_ids(table))


def test_cosines_are_those_of_the_texts(maker: RowMaker) -> None:
    table = maker.kept([match(maker, [Bead((2,), (2,), 0.9), Bead((0, 1), (0, 1), 0.9)])])
    for row in table.iter_rows(named=True):
        vi, en = maker.encoder.encode([row["vi"]]), maker.encoder.encode([row["en"]])
        assert row["cosine"] == pytest.approx(float((vi @ en.T)[0, 0]), abs=1e-5)


def test_a_bead_that_crosses_the_one_before_is_flagged(maker: RowMaker) -> None:
    beads = [Bead((0,), (1,), 0.9), Bead((1,), (0,), 0.9), Bead((2,), (2,), 0.9)]
    table = maker.kept([match(maker, beads), match(maker, beads[1:2])])
    assert ["crossing" in flags for flags in table["flags"].to_list()] == [False, True, False, False]


def test_what_matching_left_out_comes_with_the_reason(maker: RowMaker) -> None:
    lost = [(Bead((0,), (2,), 0.25), "probability"), (Bead((1,), (1,), 0.75), "competition")]
    table = maker.left_out([match(maker, [], lost)], LEAST)
    assert table.columns == [*PAIR_SCHEMA, *REJECT_COLUMNS]
    assert table.select("vi_sentences", "en_sentences", "reason", "detail").rows() == [
        ([0], [2], "probability", "probability 0.2500, least 0.4"),
        ([1], [1], "competition", "probability 0.7500, but a more probable pair has a sentence of it"),
    ]


def test_no_beads_give_tables_with_all_columns(maker: RowMaker) -> None:
    for matches in ([], [match(maker, [])]):
        kept, left_out = maker.kept(matches), maker.left_out(matches, LEAST)
        assert (kept.height, left_out.height) == (0, 0)
        assert dict(kept.schema) == PAIR_SCHEMA
        assert dict(left_out.schema) == PAIR_SCHEMA | REJECT_COLUMNS


def test_details_show_the_threshold_as_it_was_given() -> None:
    assert reject_detail("probability", 0.05, 0.975) == "probability 0.0500, least 0.975"
    assert reject_detail("competition", 1.0, 0.4).startswith("probability 1.0000, but")


def test_scores_are_rounded_and_nothing_else() -> None:
    table = pl.DataFrame({"probability": [0.12345678, None], "n": [7, 8], "vi": ["0.12345678", None]})
    assert rounded(table).rows() == [(0.123457, 7, "0.12345678"), (None, 8, None)]


def pair(vi: str, en: str, i: list[int], j: list[int], probability: float) -> Row:
    """A row of a corpus whose texts do not matter."""
    return {
        **dict.fromkeys(PAIR_SCHEMA),
        "id": f"{vi}{i}{en}{j}",
        "vi_article": vi,
        "en_article": en,
        "vi_sentences": i,
        "en_sentences": j,
        "vi_start": 10 * i[0],
        "probability": probability,
    }


def table(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=PAIR_SCHEMA)


def sentences(row: Row) -> set[tuple[str, str, int]]:
    return {(side, row[f"{side}_article"], n) for side in ("vi", "en") for n in row[f"{side}_sentences"]}


def disjoint(rows: list[Row]) -> list[Row]:
    """Return the rows that share no sentence with one before them, by their articles, as matching gives them."""
    used: set[tuple[str, str, int]] = set()
    chosen = []
    for row in rows:
        if not used & sentences(row):
            used |= sentences(row)
            chosen.append(row)
    return sorted(chosen, key=lambda row: (row["vi_article"], row["en_article"], row["vi_start"]))


places = st.tuples(st.integers(0, 4), st.integers(1, 2)).map(lambda span: list(range(span[0], sum(span))))
chances = st.one_of(st.floats(0, 1), st.sampled_from([LEAST, 0.39999999, 0.9]))
rows = st.lists(
    st.builds(pair, st.sampled_from("ab"), st.sampled_from("xyz"), places, places, chances),
    max_size=14,
    unique_by=lambda row: row["id"],
)


@settings(max_examples=80, deadline=None)
@given(rows, st.integers(0, 14))
def test_settled_pairs_are_disjoint_and_every_pair_is_accounted_for(drawn: list[Row], split: int) -> None:
    matched = disjoint(drawn[:split])
    doubtful = [row for row in drawn if row not in matched]
    kept, rejected = settle(table(matched), table(doubtful), LEAST)
    assert dict(kept.schema) == PAIR_SCHEMA
    assert rejected.columns == [*PAIR_SCHEMA, *REJECT_COLUMNS]
    assert sorted([*kept["id"], *rejected["id"]]) == sorted(row["id"] for row in drawn)
    stays = list(kept.iter_rows(named=True))
    assert len(disjoint(stays)) == len(stays)
    assert all(row["probability"] >= LEAST for row in stays)
    assert {row["id"] for row in matched if row["probability"] >= LEAST} <= set(kept["id"])
    for row in rejected.iter_rows(named=True):
        rivals = [other for other in stays if sentences(other) & sentences(row)]
        own = {other["id"] for other in matched}
        assert (row["reason"] == "probability") == (row["probability"] < LEAST)
        if row["reason"] == "competition":
            assert any(rival["id"] in own or rival["probability"] >= row["probability"] for rival in rivals)
        assert row["detail"] == reject_detail(row["reason"], row["probability"], LEAST)


@settings(max_examples=40, deadline=None)
@given(rows, st.integers(0, 14))
def test_settled_pairs_stay_together_by_articles_and_in_their_order(drawn: list[Row], split: int) -> None:
    matched = disjoint(drawn[:split])
    kept, _ = settle(table(matched), table([row for row in drawn if row not in matched]), LEAST)
    articles = kept.select("vi_article", "en_article").rows()
    known = list(dict.fromkeys((row["vi_article"], row["en_article"]) for row in matched))
    seen = list(dict.fromkeys(articles))
    assert articles == sorted(articles, key=seen.index)  # each article pair stands in one piece
    assert [each for each in seen if each in known] == [each for each in known if each in seen]
    for one in seen:
        own = kept.filter((pl.col("vi_article") == one[0]) & (pl.col("en_article") == one[1]))
        assert own["vi_start"].is_sorted()


def test_the_more_probable_of_two_doubtful_pairs_is_taken_and_a_matched_one_before_both() -> None:
    low, high = pair("a", "x", [0], [0], 0.6), pair("a", "x", [0, 1], [1], 0.7)
    kept, rejected = settle(table([]), table([low, high]), LEAST)
    assert kept["id"].to_list() == [high["id"]]
    assert rejected.select("id", "reason").rows() == [(low["id"], "competition")]
    matched = pair("a", "y", [1], [5], 0.5)
    kept, rejected = settle(table([matched]), table([low, high]), LEAST)
    assert kept["id"].to_list() == [matched["id"], low["id"]]
    assert rejected.select("id", "reason").rows() == [(high["id"], "competition")]


def test_a_matched_pair_that_has_become_improbable_frees_its_sentences() -> None:
    fallen, risen = pair("a", "x", [0], [0], 0.1), pair("a", "x", [0], [1], 0.5)
    kept, rejected = settle(table([fallen]), table([risen]), LEAST)
    assert kept["id"].to_list() == [risen["id"]]
    assert rejected.select("id", "reason", "detail").rows() == [
        (fallen["id"], "probability", "probability 0.1000, least 0.4")
    ]
