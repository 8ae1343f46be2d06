from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from bilingual_texts import BEES, FERRY
from hypothesis import given
from hypothesis import strategies as st
from made_vectors import two_sides

from align.encoders import Encoder
from align.errors import ModelError
from align.matching.api import text_side
from align.matching.articles import match_articles
from align.matching.beads import Bead
from align.matching.calibration import (
    FOLDER,
    FactWeights,
    calibrated_encoders,
    load_calibration,
    read_calibration,
)
from align.matching.mining import mine, pool_of
from align.matching.pairing import pair_sides
from align.matching.sides import Side
from align.matching.trust import logit, revise_beads, revise_by_facts, revise_pairs, revised_log_odds, sigmoid
from align.quality.facts import FACT_FEATURES

CALIBRATION = load_calibration()
KINDS = ("parallel", "comparable", "mining", "pairs")
VI = ["Thư viện mới có 47 chỗ ngồi.", "Quán mở cửa lúc chín giờ.", "Trường đón 300 học sinh."]
EN = ["The new library has 47 seats.", "The café opens at nine.", "The school welcomes 300 pupils."]
CONTRADICTED = "The new library has 51 seats."


def weights(log_odds: float = 1.0, constant: float = 0.0, **facts: float) -> FactWeights:
    return FactWeights(log_odds, {**dict.fromkeys(FACT_FEATURES, 0.0), **facts}, constant)


def side(texts: list[str], seed: int = 1) -> Side:
    made, _ = two_sides(len(texts), seed)
    return dataclasses.replace(made, texts=texts)


@given(st.lists(st.floats(1e-6, 1 - 1e-6), max_size=5))
def test_log_odds_and_probabilities_undo_each_other(chances: list[float]) -> None:
    np.testing.assert_allclose(sigmoid(logit(np.array(chances))), chances, rtol=1e-9)


def test_certainty_has_finite_log_odds_and_no_log_odds_overflow() -> None:
    certain = logit(np.array([0.0, 1.0]))
    assert np.isfinite(certain).all()
    assert certain[0] == pytest.approx(-certain[1])
    with np.errstate(all="raise"):
        assert sigmoid(np.array([-1e6, 0.0, 1e6])).tolist() == pytest.approx([0.0, 0.5, 1.0], abs=1e-300)


def test_log_odds_are_scaled_and_facts_and_constant_added() -> None:
    given = weights(0.5, 0.25, numbers_differ=-3.0, numbers_agreed=2.0)
    vi, en = [VI[0], VI[0], "Trời mưa to."], [EN[0], CONTRADICTED, "It rained hard."]
    revised = revised_log_odds(np.array([4.0, 4.0, -1.0]), vi, en, given)
    assert revised.tolist() == pytest.approx([2.0 + 2.0 + 0.25, 2.0 - 3.0 + 0.25, -0.5 + 0.25])
    assert revised_log_odds(np.zeros(0), [], [], given).tolist() == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", calibrated_encoders())
def test_fitted_weights_never_change_sides(name: str, kind: str) -> None:
    fitted: FactWeights = getattr(load_calibration(name).trust, kind)
    assert fitted.log_odds > 0
    for fact, weight in fitted.facts.items():
        assert weight >= 0 if fact.endswith("agreed") else weight <= 0, fact
    assert fitted.facts["numbers_differ"] < -1
    assert fitted.facts["dates_differ"] < -1


@pytest.mark.parametrize("kind", KINDS)
def test_a_contradicted_number_lowers_the_probability_of_a_bead(kind: str) -> None:
    fitted: FactWeights = getattr(CALIBRATION.trust, kind)
    beads = [Bead((0,), (0,), 0.8), Bead((1,), (1,), 0.8)]
    right = revise_beads(side(VI), side(EN, 2), beads, fitted)
    wrong = revise_beads(side(VI), side([CONTRADICTED, *EN[1:]], 2), beads, fitted)
    assert wrong[0].score < 0.6 < right[0].score
    assert wrong[1] == right[1]


def test_the_facts_of_a_bead_are_those_of_its_joined_sentences() -> None:
    given = weights(numbers_differ=-2.0)
    vi = side(["Trường mở rộng.", "Trường đón 300 học sinh."])
    en = side(["The expanded school welcomes 500 pupils."], 2)
    whole, part = revise_beads(vi, en, [Bead((0, 1), (0,), 0.5), Bead((0,), (0,), 0.5)], given)
    assert whole.score == pytest.approx(1 / (1 + np.e**2))
    assert part.score == pytest.approx(0.5)


def test_beads_with_an_empty_side_stay_and_so_do_order_and_sentences() -> None:
    beads = [Bead((0,), (), 0.3), Bead((1, 2), (0,), 0.9), Bead((), (1,), 0.0), Bead((), (2,), 1.0)]
    revised = revise_beads(side(VI), side(EN, 2), beads, weights(constant=-1.0))
    assert [revised[place] for place in (0, 2, 3)] == [beads[place] for place in (0, 2, 3)]
    assert (revised[1].vi, revised[1].en) == ((1, 2), (0,))
    assert revised[1].score == pytest.approx(1 / (1 + np.e / 9))
    assert beads[1].score == 0.9
    assert revise_beads(side(VI), side(EN, 2), [], weights()) == []


@pytest.mark.parametrize("lacking", ["vi", "en"])
def test_sides_without_texts_stay_as_they_are(lacking: str) -> None:
    sides = {"vi": side(VI), "en": side(EN, 2)}
    sides[lacking] = dataclasses.replace(sides[lacking], texts=None)
    beads = [Bead((0,), (0,), 0.4), Bead((1,), (), 0.2)]
    assert revise_beads(sides["vi"], sides["en"], beads, weights(constant=5.0)) == beads
    assert revise_pairs(sides["vi"], sides["en"], [(0, 0, 0.4)], weights(constant=5.0)) == [(0, 0, 0.4)]
    assert revise_by_facts(sides["vi"], sides["en"], weights(constant=5.0)) is None


def test_sentence_pairs_are_revised_like_beads() -> None:
    vi, en = side(VI), side([CONTRADICTED, *EN[1:]], 2)
    given = weights(0.7, 0.1, numbers_differ=-1.5, numbers_agreed=0.5)
    pairs = [(2, 2, 0.6), (0, 0, 0.6), (1, 2, 0.1)]
    revised = revise_pairs(vi, en, pairs, given)
    beads = revise_beads(vi, en, [Bead((i,), (j,), p) for i, j, p in pairs], given)
    assert revised == [(bead.vi[0], bead.en[0], bead.score) for bead in beads]
    revise = revise_by_facts(vi, en, given)
    assert revise is not None
    rows, columns, chances = (np.array(values) for values in zip(*pairs, strict=True))
    np.testing.assert_allclose(sigmoid(revise(rows, columns, logit(chances))), [p for _, _, p in revised])


SEATS = (
    ["Hội trường huyện có 320 chỗ ngồi, rộng gấp đôi trước.", *BEES[0]],
    ["The district's hall now has 230 seats, twice as large as before.", *BEES[1]],
)
RIGHT_SEATS = "Twice as large as it was before, the hall of the district has 320 seats to offer."


@pytest.fixture(scope="module")
def seats(encoder: Encoder) -> tuple[Side, Side]:
    """One hall, and in English it twice: a near sentence with another number, and a free one with the right number."""
    return text_side(SEATS[0], "vi", encoder), text_side([*SEATS[1], RIGHT_SEATS], "en", encoder)


def test_mining_prefers_the_pair_whose_number_agrees(seats: tuple[Side, Side]) -> None:
    vi, en = seats
    pool = pool_of(vi, en, CALIBRATION)
    right, wrong = len(SEATS[1]), 0
    assert pool.score_pairs(np.array([0]), np.array([wrong])) > pool.score_pairs(np.array([0]), np.array([right]))
    plain = mine(pool, CALIBRATION)
    assert dict(zip(plain.vi.tolist(), plain.en.tolist(), strict=True))[0] == wrong
    revise = revise_by_facts(vi, en, CALIBRATION.trust.mining)
    mined = mine(pool, CALIBRATION, revise=revise, prior=CALIBRATION.trust.mixture)
    assert dict(zip(mined.vi.tolist(), mined.en.tolist(), strict=True))[0] == right


def test_an_agreeing_number_does_not_lift_another_sentence_over_the_right_one(encoder: Encoder) -> None:
    """Both speak of 40 years, only one of them of the ferry; the number alone makes no translation."""
    vi = text_side(FERRY[0], "vi", encoder)
    other = "For 40 years the baker of the old town has sold sweet rolls."
    en = text_side([other, *FERRY[1]], "en", encoder)
    pool = pool_of(vi, en, CALIBRATION)
    mined = mine(pool, CALIBRATION, revise=revise_by_facts(vi, en, CALIBRATION.trust.mining))
    assert dict(zip(mined.vi.tolist(), mined.en.tolist(), strict=True)) == {i: i + 1 for i in range(8)}


def test_a_contradicted_pair_takes_no_sentence_from_another_report(encoder: Encoder) -> None:
    """The first report has the nearer sentence, with another number; the second has the right one."""
    vi = [text_side(SEATS[0], "vi", encoder)]
    en = [text_side(texts, "en", encoder) for texts in (SEATS[1], [RIGHT_SEATS, *FERRY[1][:3]])]
    pairs = pair_sides(vi, en, CALIBRATION, candidates=[(0, 0), (0, 1)], keep_all=True)
    first, second = match_articles(pairs, vi, en, CALIBRATION, mode="comparable", min_probability=0.4)
    assert [(bead.vi, bead.en) for bead in second.beads] == [((0,), (0,))]
    [lost] = [(bead, reason) for bead, reason in first.rejected if bead.vi == (0,)]
    assert lost[1] == "competition"
    assert lost[0].score < second.beads[0].score


def rejected(encoder: Encoder, constant: float, least: float) -> dict[tuple[tuple[int, ...], tuple[int, ...]], float]:
    """Match two articles that share some sentences, with a constant for facts; return what was left out."""
    vi, en = text_side(FERRY[0] + BEES[0], "vi", encoder), text_side(BEES[1] + FERRY[1][4:], "en", encoder)
    changed = dataclasses.replace(CALIBRATION.trust, comparable=weights(constant=constant))
    calibration = dataclasses.replace(CALIBRATION, trust=changed)
    pairs = pair_sides([vi], [en], calibration, candidates=[(0, 0)], keep_all=True)
    [match] = match_articles(pairs, [vi], [en], calibration, mode="comparable", min_probability=least)
    return {(bead.vi, bead.en): bead.score for bead, _ in match.rejected}


def test_what_is_rejected_has_revised_probabilities_as_well(encoder: Encoder) -> None:
    """So that the threshold, a translation check and `align why` mean the same for kept and for rejected pairs."""
    plain, lower = rejected(encoder, 0.0, 1.0), rejected(encoder, -3.0, 1.0)
    assert plain.keys() == lower.keys()
    assert len(plain) >= 10
    for place, score in plain.items():
        assert lower[place] == pytest.approx(float(sigmoid(logit(np.array(score)) - 3.0)), abs=1e-5)


def test_facts_lift_no_pair_that_vectors_find_too_improbable(encoder: Encoder) -> None:
    plain, lifted = rejected(encoder, 0.0, 0.999), rejected(encoder, 9.0, 0.999)
    assert plain
    assert lifted == pytest.approx(plain)


def written(tmp_path: Path, old: str, new: str) -> Path:
    text = (FOLDER / "e5-small-vien.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"numbers_differ" =', '"digits_differ" =', "trust has weights for the facts numbers_agreed"),
        ('"urls_agreed" = ', '"urls_seen" = ', "urls_seen"),
        ('"names_differ" = ', '"names_differ" = "x" #', ""),
        ('"constant" = ', '"constnat" = ', "constnat"),
        ("[trust]", "[belief]", "trust"),
        ('"numbers_agreed" = 0.0000', '"numbers_agreed" = nan', "numbers_agreed is nan"),
    ],
)
def test_weights_that_do_not_fit_are_refused_with_the_name_of_the_file(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    path = written(tmp_path, old, new)
    with pytest.raises(ModelError) as caught:
        read_calibration(path)
    assert str(caught.value).startswith(f"{path}: no calibration of this version")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_calibration_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere\.toml: calibration cannot be read: No such file"):
        read_calibration(tmp_path / "nowhere.toml")
