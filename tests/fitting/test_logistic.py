from __future__ import annotations

import numpy as np

from align.fitting.logistic import logistic


def sample(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    rows = draw.normal(size=(4000, 3)) * [1.0, 5.0, 0.2]
    log_odds = 1.5 * rows[:, 0] - 0.3 * rows[:, 1] + 0.5
    return rows, (draw.random(4000) < 1 / (1 + np.exp(-log_odds))).astype(float)


def test_it_finds_the_weights_that_made_the_labels() -> None:
    weights = logistic(*sample())
    np.testing.assert_allclose(weights, [1.5, -0.3, 0.0, 0.5], atol=0.25)
    np.testing.assert_allclose(weights[:2], [1.5, -0.3], rtol=0.1)


def test_the_gradient_is_zero_there() -> None:
    rows, labels = sample(1)
    weights = logistic(rows, labels, l2=2.0)
    stated = 1 / (1 + np.exp(-(rows @ weights[:-1] + weights[-1])))
    penalty = 2.0 * weights[:-1] * rows.std(axis=0) ** 2
    np.testing.assert_allclose(rows.T @ (stated - labels) + penalty, 0, atol=1e-4)
    assert abs((stated - labels).sum()) < 1e-4


def test_a_weight_on_the_wrong_side_is_left_out() -> None:
    rows, labels = sample()
    weights = logistic(rows, labels, np.array([1, 1, 0]))
    assert weights[1] == 0
    np.testing.assert_allclose(np.delete(weights, 1), logistic(np.delete(rows, 1, axis=1), labels), rtol=1e-6)


def test_a_constant_feature_harms_nothing() -> None:
    rows, labels = sample()
    rows[:, 2] = 7.0
    assert np.isfinite(logistic(rows, labels)).all()


def test_labels_that_a_feature_gives_away_stay_finite() -> None:
    rows = np.arange(10.0)[:, None]
    weights = logistic(rows, (rows[:, 0] > 4.5).astype(float))
    assert np.isfinite(weights).all()
    assert weights[0] > 0
