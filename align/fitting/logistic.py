"""Logistic regression by Newton's method, with weights that can be kept to one side of zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
ROUNDS = 50
TOLERANCE = 1e-9


def logistic(rows: Doubles, labels: Doubles, signs: NDArray[np.int64] | None = None, l2: float = 1.0) -> Doubles:
    """Fit a logistic regression; the last weight is the constant.

    Margins, cosines and gaps say much the same, and a free fit balances large weights of either sign: sound on average,
    absurd for the odd pair. Where `signs` is 1 or -1 the weight keeps to that side of zero: the one that is furthest on
    the wrong side is taken out, and the rest fitted again.

    Args:
        rows: float64 (n, k), features.
        labels: float64 (n,), 0 or 1.
        signs: (k,), 1, -1 or 0 (either side); None is 0 for all.
        l2: penalty on half of the squared weights of the standardised features.

    Returns:
        float64 (k + 1,).

    >>> rows = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> logistic(rows, np.array([0.0, 0.0, 1.0, 1.0])).round(2)
    array([ 0.84, -1.27])
    """
    scale = np.where(rows.std(axis=0) > 0, rows.std(axis=0), 1.0)
    x = np.hstack([rows / scale, np.ones((len(rows), 1))])
    used = np.ones(x.shape[1], dtype=bool)
    while True:
        w = np.zeros(x.shape[1])
        w[used] = _newton(x[:, used], labels, l2)
        agreement = np.zeros(1) if signs is None else w[:-1] * signs
        if agreement.min() >= 0:
            return np.append(w[:-1] / scale, w[-1])
        used[agreement.argmin()] = False


def logistic_beyond(known: Doubles, rows: Doubles, labels: Doubles, signs: NDArray[np.int64], l2: float) -> Doubles:
    """Fit what features add to log-odds that are taken as they are; no constant.

    Args:
        known: float64 (n,), log-odds.
        rows, labels, signs, l2: as for `logistic`; a feature that never varies gets the weight 0.

    Returns:
        float64 (k,).
    """
    scale = rows.std(axis=0)
    used = scale > 0
    while True:
        w = np.zeros(rows.shape[1])
        if used.any():
            w[used] = _newton(rows[:, used] / scale[used], labels, l2, known) / scale[used]
        if (w * signs).min() >= 0:
            return w
        used[(w * signs).argmin()] = False


def _newton(x: Doubles, labels: Doubles, l2: float, known: Doubles | float | None = None) -> Doubles:
    """Find the weights; the last one is a constant without penalty, unless log-odds are `known`."""
    w = np.zeros(x.shape[1])
    penalty = np.full(len(w), l2)
    if known is None:
        penalty[-1], known = 0, 0.0
    for _ in range(ROUNDS):
        p = 1 / (1 + np.exp(-np.clip(x @ w + known, -60, 60)))
        step = np.linalg.solve((x.T * (p * (1 - p))) @ x + np.diag(penalty + 1e-9), x.T @ (p - labels) + penalty * w)
        w -= step
        if np.abs(step).max() < TOLERANCE:
            break
    return w
