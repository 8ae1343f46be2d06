from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.quality.translation_evidence import BOUND, TEMPER, Evidence, Usual, fit_evidence, updated

USUAL = (Usual(match=1.0, null=-1.0, deviation=1.0),)
NOTHING = np.empty((0, 1))
numbers = st.floats(-8, 8)


def drawn(mean: float, deviation: float, count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, deviation, (count, 1))


def test_the_prior_alone_gives_the_ratio_of_its_gaussians() -> None:
    evidence = fit_evidence(NOTHING, NOTHING, USUAL, 8)
    # log N(x; 1, 1) - log N(x; -1, 1) = 2 x
    np.testing.assert_allclose(evidence.log_ratio(np.array([[0.0], [0.4], [-0.4]])), TEMPER * np.array([0, 0.8, -0.8]))


def test_many_pairs_give_the_ratio_of_their_own_gaussians() -> None:
    evidence = fit_evidence(drawn(5, 0.5, 20_000), drawn(3, 0.5, 20_000, 1), USUAL, 8)
    # (5 - 3) / .25 = 8 a unit, even half-way
    assert evidence.weights[0] == pytest.approx(8, rel=0.05)
    assert evidence.middle[0] == pytest.approx(4, abs=0.01)


def test_the_more_pairs_there_are_the_less_one_more_changes() -> None:
    match, null = drawn(3, 1, 60), drawn(1, 1, 60, 1)
    at = np.array([[2.5]])
    ratios = [fit_evidence(match[:n], null[:n], USUAL, 8).log_ratio(at)[0] for n in range(61)]
    assert (np.abs(np.diff(ratios)) < 10 / (9 + np.arange(60))).all()


@given(st.lists(numbers, max_size=30), st.lists(numbers, max_size=30), numbers, numbers)
def test_a_higher_score_never_counts_for_less(match: list[float], null: list[float], one: float, other: float) -> None:
    evidence = fit_evidence(np.array(match).reshape(-1, 1), np.array(null).reshape(-1, 1), USUAL, 8)
    low, high = evidence.log_ratio(np.array([[min(one, other)], [max(one, other)]]))
    assert -BOUND <= low <= high <= BOUND


def test_scores_that_are_alike_for_true_and_false_pairs_count_nothing() -> None:
    evidence = fit_evidence(drawn(-3, 0.3, 200), drawn(-3, 0.3, 200, 1), USUAL, 8)
    # The scores lie within a fifth of a nat of nothing, although the prior expects a good translator.
    assert np.abs(evidence.log_ratio(drawn(-3, 0.3, 200, 2))).max() < 0.2


def test_scores_the_wrong_way_round_count_nothing() -> None:
    evidence = fit_evidence(drawn(-2, 1, 500), drawn(2, 1, 500, 1), USUAL, 8)
    np.testing.assert_array_equal(evidence.log_ratio(np.array([[-9.0], [9.0]])), 0)


def test_two_scores_that_say_the_same_count_once() -> None:
    match, null = drawn(2, 1, 300), drawn(0, 1, 300, 1)
    one = fit_evidence(match, null, USUAL, 8)
    twice = fit_evidence(np.repeat(match, 2, 1), np.repeat(null, 2, 1), USUAL * 2, 8)
    at = np.array([[1.3]])
    assert twice.log_ratio(np.repeat(at, 2, 1))[0] == pytest.approx(one.log_ratio(at)[0], abs=0.05)
    assert (twice.weights >= 0).all()


def test_two_scores_that_say_different_things_count_for_more() -> None:
    match = np.hstack([drawn(2, 1, 300), drawn(2, 1, 300, 1)])
    null = np.hstack([drawn(0, 1, 300, 2), drawn(0, 1, 300, 3)])
    one = fit_evidence(match[:, :1], null[:, :1], USUAL, 8).log_ratio(np.array([[1.5]]))
    both = fit_evidence(match, null, USUAL * 2, 8).log_ratio(np.array([[1.5, 1.5]]))
    assert both[0] > 1.4 * one[0]


def test_bayes_rule() -> None:
    np.testing.assert_allclose(updated(np.array([0.5, 0.5, 0.2]), np.array([np.log(3), 0, -1e-9])), [0.75, 0.5, 0.2])
    certain = updated(np.array([0.0, 1.0]), np.array([3.0, -3.0]))
    assert certain[0] < 1e-6
    assert certain[1] > 1 - 1e-6


def test_no_score_decides_alone() -> None:
    steep = Evidence(np.array([100.0]), np.array([0.0]))
    np.testing.assert_array_equal(steep.log_ratio(np.array([[9.0], [-9.0]])), [BOUND, -BOUND])
