"""Pairs of somebody's, scored in Python; tests/cli/test_score_command.py has the command."""

from __future__ import annotations

import dataclasses
import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.encoders import Encoder
from align.errors import InputError
from align.matching.calibration import load_calibration
from align.matching.trust import revised_log_odds, sigmoid
from align.quality.facts import compare_facts
from align.quality.scoring import COPIED, NO_WORDS, Scorer, make_scorer, score_pairs
from align.sentences.folding import fold

VI = [
    "Chợ nổi họp từ bốn giờ sáng.",
    "Cây cầu mới dài 820 m.",
    "Bác sĩ khuyên mọi người uống nhiều nước.",
    "Lớp học đàn bầu có 12 học viên.",
    "Mưa lớn làm ngập nhiều tuyến phố.",
    "Đội bóng của huyện thắng trận chung kết.",
]
EN = [
    "The floating market opens at four in the morning.",
    "The new bridge is 820 metres long.",
    "Doctors advise everyone to drink plenty of water.",
    "The class for the monochord has 12 students.",
    "Heavy rain flooded many streets.",
    "The district's football team won the final.",
]
SCORES = ["probability", "margin", "cosine"]
TYPES = {"probability": pl.Float64, "margin": pl.Float64, "cosine": pl.Float64, "flags": pl.List(pl.String)}


@pytest.fixture(scope="module")
def scorer(encoder: Encoder) -> Scorer:
    return make_scorer(encoder)


def table(vi: list[str | None], en: list[str | None]) -> pl.DataFrame:
    return pl.DataFrame({"vi": vi, "en": en}, schema={"vi": pl.String, "en": pl.String})


def score(vi: list[str | None], en: list[str | None], scorer: Scorer) -> pl.DataFrame:
    return score_pairs(table(vi, en), scorer)


def test_true_pairs_score_above_exchanged_ones(scorer: Scorer) -> None:
    scored = score([*VI, *VI], [*EN, *EN[1:], EN[0]], scorer)
    for name in SCORES:
        assert scored[name][:6].min() > scored[name][6:].max(), name  # type: ignore[operator]
    assert scored["probability"].is_between(0, 1).all()
    assert scored["probability"][:6].min() > 0.5 > scored["probability"][6:].max()  # type: ignore[operator]
    assert all(scored[name].equals(scored[name].round(6)) for name in SCORES)


def test_the_probability_is_that_of_vectors_and_facts(scorer: Scorer) -> None:
    vi, en = [fold(text) for text in VI], [fold(EN[0]), "The new bridge is 280 metres long.", *map(fold, EN[2:])]
    log_odds = scorer.vector_log_odds(vi, en)
    expected = sigmoid(revised_log_odds(log_odds, vi, en, scorer.calibration.trust.pairs))
    assert score(vi, en, scorer)["probability"].to_list() == pytest.approx(expected.tolist(), abs=1e-6)


def test_a_contradicted_number_is_named_and_lowers_the_probability(scorer: Scorer) -> None:
    changed = [EN[0], "The new bridge is 280 metres long.", *EN[2:]]
    right, wrong = score(VI, EN, scorer), score(VI, changed, scorer)
    assert right["flags"][1].to_list() == []
    assert wrong["flags"][1].to_list() == compare_facts(VI[1], changed[1]).labels != []
    before, after = (chance / (1 - chance) for chance in (right["probability"][1], wrong["probability"][1]))
    assert after < before / 10
    assert wrong["cosine"][1] > 0.9 * right["cosine"][1]  # which vectors hardly see


def test_an_empty_batch_has_all_columns(scorer: Scorer) -> None:
    for empty in (table([], []), pl.DataFrame({"vi": [], "en": []})):
        scored = score_pairs(empty, scorer)
        assert scored.height == 0
        assert {name: scored.schema[name] for name in TYPES} == TYPES


@pytest.mark.parametrize("lacking", [None, "", " \n", "***", "— …", "\u200b"])
@pytest.mark.parametrize("side", [0, 1])
def test_a_side_without_words_has_no_scores_and_no_influence(side: int, lacking: str | None, scorer: Scorer) -> None:
    sides: list[list[str | None]] = [list(VI), list(EN)]
    plain = score(VI, EN, scorer)
    sides[0].insert(2, "Câu này thừa.")
    sides[1].insert(2, "This sentence is one too many.")
    sides[side][2] = lacking
    scored = score(sides[0], sides[1], scorer)
    assert scored.row(2) == (sides[0][2], sides[1][2], None, None, None, [NO_WORDS])
    assert scored.filter(pl.Series(range(7)) != 2).equals(plain)


def test_a_batch_of_nulls_has_no_scores(scorer: Scorer) -> None:
    for batch in (table([None, None], ["Yes.", None]), pl.DataFrame({"vi": [None, None], "en": [None, None]})):
        scored = score_pairs(batch, scorer)
        assert scored["flags"].to_list() == [[NO_WORDS], [NO_WORDS]]
        assert [scored[name].null_count() for name in SCORES] == [2, 2, 2]


def test_copies_have_probability_0_and_the_flag(scorer: Scorer) -> None:
    copy = "The committee met in Hanoi on Monday to talk about the new law."
    scored = score([*VI, copy, copy.replace("Hanoi", "Hà Nội")], [*EN, copy, copy], scorer)
    assert scored["probability"].to_list()[6:] == [0.0, 0.0]
    assert scored["probability"][:6].min() > 0.5  # type: ignore[operator]
    assert [COPIED in flags for flags in scored["flags"].to_list()] == [False] * 6 + [True] * 2
    assert scored["cosine"][6] == scored["cosine"].max()  # a cosine alone would trust it most
    assert scored["margin"][6] > scored["margin"][:6].median()  # type: ignore[operator]  # and a margin more than most


def test_a_sentence_that_stands_twice_is_no_rival_of_itself(scorer: Scorer) -> None:
    once, often = score(VI, EN, scorer), score(VI + VI[:2] * 5, EN + EN[:2] * 5, scorer)
    assert often[:6].equals(once)
    assert often[6:].equals(pl.concat([once[:2]] * 5))


def test_spellings_of_one_sentence_are_one_sentence(scorer: Scorer) -> None:
    """The tone mark's place, the form of the code points and of the quotes are no differences."""
    vi = ["Bà Thuý nói: “Hoà bình là quý nhất.”", *VI]
    other = ['Ba\u0300 Thúy nói:  "Hòa bình là quý nhất."', *VI]
    en: list[str | None] = ["Mrs Thuy said, “Peace is worth most.”", *EN]
    one, two = (score(list(side), en, scorer) for side in (vi, other))
    assert one.select(*SCORES, "flags").equals(two.select(*SCORES, "flags"))
    assert two["vi"].to_list() == other


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(7)))
def test_scores_do_not_depend_on_the_order_of_the_rows(scorer: Scorer, order: list[int]) -> None:
    plain = score([*VI, None], [*EN[:5], EN[0], "Yes."], scorer)
    batch = plain.select("vi", "en")[order]
    assert score_pairs(batch, scorer).rows() == plain[order].rows()


def test_other_columns_stay_and_old_scores_are_replaced(scorer: Scorer) -> None:
    batch = table(list(VI), list(EN)).with_columns(
        pl.lit(7).alias("line"), pl.lit("old").alias("flags"), pl.lit(0.25).alias("probability"), id=pl.lit("0a")
    )
    scored = score_pairs(batch, scorer)
    assert scored.columns == [*batch.columns, "margin", "cosine"]
    assert scored.select("vi", "en", "line", "id").equals(batch.select("vi", "en", "line", "id"))
    plain = score(VI, EN, scorer)
    assert scored.select(plain.columns).equals(plain)
    assert batch["probability"].to_list() == [0.25] * 6  # the table that was given is not changed


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        (pl.DataFrame({"vi": ["Có."]}), "the pairs have no column 'en', only vi"),
        (pl.DataFrame(), "the pairs have no column 'vi', only none"),
        (pl.DataFrame({"vi": [1], "en": ["One."]}), "column 'vi' holds Int64 values; allowed: text"),
        (pl.DataFrame({"vi": ["Một."], "en": [b"One."]}), "column 'en' holds Binary values; allowed: text"),
    ],
)
def test_a_table_without_texts_is_refused_by_name(batch: pl.DataFrame, message: str, scorer: Scorer) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        score_pairs(batch, scorer)


def test_constants_of_another_encoder_are_flagged(scorer: Scorer) -> None:
    rescaled = Scorer(scorer.encoder, dataclasses.replace(load_calibration(), rescaled_for="other"))
    flags = score([*VI, "***"], [*EN, "***"], rescaled)["flags"].to_list()
    assert flags == [["uncalibrated"]] * 6 + [[NO_WORDS]]


def test_without_a_scorer_the_bundled_encoder_scores(scorer: Scorer) -> None:
    assert score_pairs(table(list(VI), list(EN))).equals(score(VI, EN, scorer))
