from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.matching.calibration import load_calibration
from align.matching.mixture import Mixture, fit_mixture

PRIOR = load_calibration().mixture


def scores_of(null: tuple[float, float, int], match: tuple[float, float, int], seed: int) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return np.concatenate([draw.normal(*null), draw.normal(*match)])


@pytest.mark.parametrize(
    ("null", "match"),
    [
        ((-4.0, 2.0, 1500), (9.0, 2.0, 1500)),
        ((-1.0, 2.0, 2850), (10.0, 3.0, 150)),  # few translations among much chance
        ((3.0, 1.5, 300), (14.0, 2.5, 2700)),  # chance goes far beyond the calibration's
    ],
)
def test_two_separated_populations_are_recovered(
    null: tuple[float, float, int], match: tuple[float, float, int]
) -> None:
    found = fit_mixture(scores_of(null, match, 1), PRIOR)
    assert found.null_mean == pytest.approx(null[0], abs=0.5)
    assert found.match_mean == pytest.approx(match[0], abs=0.6)
    assert found.null_deviation == pytest.approx(null[1], rel=0.45)  # the prior is felt where 300 scores fit it badly
    assert found.match_deviation == pytest.approx(match[1], rel=0.2)
    assert found.match_share == pytest.approx(match[2] / 3000, abs=0.03)
    assert found.probability(np.array([null[0], match[0]])) == pytest.approx([0, 1], abs=0.02)


def test_no_score_at_all_leaves_the_prior() -> None:
    found = fit_mixture(np.zeros(0), PRIOR)
    expected = (PRIOR.null_mean, PRIOR.null_deviation, PRIOR.match_mean, PRIOR.match_deviation, PRIOR.match_share)
    got = (found.null_mean, found.null_deviation, found.match_mean, found.match_deviation, found.match_share)
    assert got == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("scores", [[9.0], [-4.0], [-5.0, -4.0, 6.0, 8.0, 11.0]])
def test_a_few_scores_hardly_move_the_prior(scores: list[float]) -> None:
    prior, found = fit_mixture(np.zeros(0), PRIOR), fit_mixture(np.array(scores), PRIOR)
    weight = len(scores) / (len(scores) + PRIOR.pairs / 2)
    assert abs(found.null_mean - prior.null_mean) <= weight * max(abs(s - prior.null_mean) for s in scores)
    assert abs(found.match_mean - prior.match_mean) <= weight * max(abs(s - prior.match_mean) for s in scores)
    grid = np.linspace(-15, 25, 41)
    np.testing.assert_allclose(found.probability(grid), prior.probability(grid), atol=0.35)


floats = st.floats(-20, 30)


@settings(max_examples=100, deadline=None)
@given(st.lists(floats, max_size=60))
def test_a_higher_score_is_never_less_probable(scores: list[float]) -> None:
    found = fit_mixture(np.array(scores), PRIOR)
    chances = found.probability(np.linspace(-60, 60, 2401))
    assert ((chances >= 0) & (chances <= 1)).all()
    assert (np.diff(chances) >= -1e-12).all()


@given(floats, st.floats(0.2, 6), st.floats(0, 20), st.floats(0, 6), st.floats(0.01, 0.99))
def test_probability_does_not_fall_while_translations_spread_wider_than_chance(
    null: float, null_width: float, apart: float, wider: float, share: float
) -> None:
    mixture = Mixture(null, null_width, null + apart, null_width + wider, share)
    assert (np.diff(mixture.probability(np.linspace(-60, 60, 2401))) >= -1e-9).all()


@settings(max_examples=100, deadline=None)
@given(st.lists(floats, max_size=60))
def test_translations_never_spread_less_than_chance(scores: list[float]) -> None:
    found = fit_mixture(np.array(scores), PRIOR)
    assert found.match_deviation >= found.null_deviation > 0
    assert found.match_mean >= found.null_mean
    assert 0 < found.match_share < 1


def test_the_same_scores_in_any_order_give_the_same_threshold() -> None:
    scores = scores_of((-3.0, 2.0, 200), (8.0, 3.0, 200), 5)
    shuffled = np.random.default_rng(1).permutation(scores)
    one, other = fit_mixture(scores, PRIOR), fit_mixture(shuffled, PRIOR)
    assert one.match_mean == pytest.approx(other.match_mean, abs=1e-4)
    assert one.null_mean == pytest.approx(other.null_mean, abs=1e-4)
