from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_vectors import lengths_of, part, two_sides

from align.matching.calibration import load_calibration
from align.matching.context import (
    CONTEXT_FEATURES,
    FEATURES,
    SUPPORT_DECAY,
    SUPPORT_REACH,
    alone_features,
    compete,
    context_features,
    pair_log_odds,
)
from align.matching.evidence import no_evidence
from align.matching.mining import pool_of
from align.matching.sides import Side

CALIBRATION = load_calibration()


def values_of(name: str, features: np.ndarray) -> np.ndarray:
    return features[CONTEXT_FEATURES.index(name)]


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 1000))
def test_probabilities_share_each_sentence(rows: int, columns: int, seed: int) -> None:
    log_odds = np.random.default_rng(seed).normal(scale=20, size=(rows, columns))
    chances = compete(log_odds)
    assert (chances >= 0).all()
    assert (chances.sum(axis=0) <= 1 + 1e-12).all()
    assert (chances.sum(axis=1) <= 1 + 1e-12).all()


def test_without_competition_the_probability_is_the_logistic_function() -> None:
    log_odds = np.diag([2.0, -1.0, 30.0]) - 80 * (1 - np.eye(3))
    np.testing.assert_allclose(np.diag(compete(log_odds)), 1 / (1 + np.exp(-np.array([2.0, -1.0, 30.0]))), atol=1e-12)


def test_support_is_the_best_neighbouring_pair_and_fades_with_distance() -> None:
    chances = np.random.default_rng(1).random((6, 7))
    found = values_of("support", context_features(np.zeros((len(FEATURES), 6, 7)), chances))
    for i, j in itertools.product(range(6), range(7)):
        expected = 0.0
        for direction in (1, -1):
            near = [
                chances[i + direction * a, j + direction * b] * SUPPORT_DECAY ** (a + b - 2)
                for a, b in SUPPORT_REACH
                if 0 <= i + direction * a < 6 and 0 <= j + direction * b < 7
            ]
            expected += max(near, default=0.0)
        assert found[i, j] == pytest.approx(expected)


def test_coherence_tells_runs_from_shuffled_pairs() -> None:
    in_order, apart = np.eye(17), np.eye(17)[np.arange(17) * 7 % 17]
    nothing = np.zeros((len(FEATURES), 17, 17))
    in_order_value = values_of("coherence", context_features(nothing, in_order))
    apart_value = values_of("coherence", context_features(nothing, apart))
    assert (in_order_value == 1.0).all()
    assert (apart_value < 0.5).all()
    none = context_features(nothing, np.zeros((17, 17)))
    assert np.isfinite(none).all()
    assert not values_of("coherence", none).any()


def test_gaps_compare_with_the_best_other_of_row_and_column() -> None:
    vi, en = two_sides(7, 3, noise=0.9)
    en = part(en, np.arange(6))
    pool = pool_of(vi, en, CALIBRATION)
    features = alone_features(pool, no_evidence(7), no_evidence(6), CALIBRATION.limits)
    cosine = (pool.vi_centred @ pool.en_centred.T).astype(float)
    np.testing.assert_allclose(features[FEATURES.index("cosine")], cosine, atol=1e-6)
    for i, j in itertools.product(range(7), range(6)):
        row = np.clip(cosine[i, j] - np.delete(cosine[i], j).max(), -0.3, 0.15)
        column = np.clip(cosine[i, j] - np.delete(cosine[:, j], i).max(), -0.3, 0.15)
        assert features[FEATURES.index("smaller_gap"), i, j] == pytest.approx(min(row, column), abs=1e-6)
        assert features[FEATURES.index("larger_gap"), i, j] == pytest.approx(max(row, column), abs=1e-6)


def test_windows_hold_the_sentence_before_or_after() -> None:
    vi, en = two_sides(5, 4, noise=0.5)
    pool = pool_of(vi, en, CALIBRATION)
    features = alone_features(pool, no_evidence(5), no_evidence(5), CALIBRATION.limits)

    def window(side: Side, centre: np.ndarray, first: int) -> np.ndarray:
        total = (side.vectors[first : first + 2] * side.lengths[first : first + 2, None]).sum(axis=0)
        centred = total / np.linalg.norm(total) - centre
        return centred / np.linalg.norm(centred)

    for i, j in itertools.product(range(5), range(5)):
        starts = [(a, b) for a, b in ((i - 1, j - 1), (i, j)) if 0 <= a < 4 and 0 <= b < 4]
        cosines = [float(window(vi, pool.vi_centre, a) @ window(en, pool.en_centre, b)) for a, b in starts]
        expected = max([*cosines, -0.2])
        assert features[FEATURES.index("window"), i, j] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 5), (5, 1), (2, 1)])
def test_articles_of_one_sentence_have_finite_scores(rows: int, columns: int) -> None:
    vi, en = two_sides(5, 5)
    vi, en = part(vi, np.arange(rows)), part(en, np.arange(columns))
    scores = pair_log_odds(pool_of(vi, en, CALIBRATION), no_evidence(rows), no_evidence(columns), CALIBRATION)
    assert scores.shape == (rows, columns)
    assert np.isfinite(scores).all()


def test_a_doubtful_pair_between_two_sure_ones_gains_by_them() -> None:
    vi, en = two_sides(9, 6, noise=0.3)
    doubtful = Side(en.vectors.copy(), lengths_of(9, 6))
    doubtful.vectors[4] = two_sides(9, 6, noise=2.2)[1].vectors[4]

    def log_odds(order: np.ndarray) -> float:
        pool = pool_of(part(vi, order), doubtful, CALIBRATION)
        scores = pair_log_odds(pool, no_evidence(9), no_evidence(9), CALIBRATION)
        return float(scores[list(order).index(4), 4])

    assert log_odds(np.arange(9)) > log_odds(np.array([8, 2, 5, 0, 4, 7, 1, 6, 3]))


def test_windows_of_an_encoder_that_takes_maxima_are_maxima() -> None:
    vi, en = (Side(side.vectors, side.lengths, pooling="max") for side in two_sides(4, 8))
    pool = pool_of(vi, en, CALIBRATION)
    features = alone_features(pool, no_evidence(4), no_evidence(4), CALIBRATION.limits)

    def window(rows: np.ndarray, centre: np.ndarray) -> np.ndarray:
        most = rows.max(axis=0)
        centred = most / np.linalg.norm(most) - centre
        return centred / np.linalg.norm(centred)

    cosine = float(window(vi.vectors[:2], pool.vi_centre) @ window(en.vectors[:2], pool.en_centre))
    floor = CALIBRATION.limits.window_floor
    assert features[FEATURES.index("window"), 0, 0] == pytest.approx(max(cosine, floor), abs=1e-5)
