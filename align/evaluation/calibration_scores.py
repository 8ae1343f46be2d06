"""How far stated probabilities are from what happened: one number from arrays of both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from align.errors import OptionError
from align.evaluation.intervals import FloatArray, ratio

BoolArray: TypeAlias = npt.NDArray[np.bool_]
IndexArray: TypeAlias = npt.NDArray[np.int64]

DEFAULT_BINS = 10
MAX_BINS = 100
# Corpora state probabilities to six decimals, so a pair that was certain, and wrong, says 1.000000.
LOG_LOSS_CLIP = 1e-6
_NORMAL_975 = 1.959963984540054


def equal_width_edges(bins: int = DEFAULT_BINS) -> tuple[float, ...]:
    """Return the edges of bins of equal width from 0 to 1.

    Raises:
        OptionError: `bins` is outside 1 to 100.

    >>> equal_width_edges(4)
    (0.0, 0.25, 0.5, 0.75, 1.0)
    """
    if not 1 <= bins <= MAX_BINS:
        raise OptionError("bins", bins, f"1 to {MAX_BINS}")
    return tuple(at / bins for at in range(bins + 1))


def check_edges(edges: Sequence[float]) -> FloatArray:
    """Return the edges of bins as an array.

    Raises:
        OptionError: they do not increase from 0 to 1.
    """
    array = np.asarray(edges, dtype=np.float64)
    if array.ndim != 1 or len(array) < 2 or array[0] != 0 or array[-1] != 1 or not (np.diff(array) > 0).all():
        raise OptionError("edges", list(edges), "increasing numbers, the first 0 and the last 1")
    return array


def bin_numbers(probability: FloatArray, edges: FloatArray) -> IndexArray:
    """Return the bin of each probability; a bin holds its lower edge and not its upper one, the last holds both.

    >>> bin_numbers(np.array([0.0, 0.49, 0.5, 1.0]), np.array([0.0, 0.5, 1.0])).tolist()
    [0, 0, 1, 1]
    """
    return np.minimum(np.searchsorted(edges, probability, side="right") - 1, len(edges) - 2).astype(np.int64)


def equal_mass_numbers(probability: FloatArray, bins: int) -> IndexArray:
    """Return the bin of each probability, the bins holding equally many; equal probabilities share a bin.

    >>> equal_mass_numbers(np.array([0.9, 0.1, 0.9, 0.2]), 2).tolist()
    [1, 0, 1, 0]
    """
    before = np.searchsorted(np.sort(probability), probability, side="left")
    return (before * bins // max(1, len(probability))).astype(np.int64)


def bin_sums(numbers: IndexArray, probability: FloatArray, right: BoolArray, bins: int) -> FloatArray:
    """Return for each bin the number of items, the sum of stated probabilities and the number right: (bins, 3)."""
    weights = (None, probability, right.astype(np.float64))
    return np.column_stack([np.bincount(numbers, weights=one, minlength=bins) for one in weights]).astype(np.float64)


def expected_calibration_error(sums: FloatArray) -> float:
    """Return the mean over items of |mean stated - share right| of their bin (Naeini et al. 2015).

    With bins of equal width this is the usual error, with bins of equal mass the adaptive one (Nguyen & O'Connor 2015;
    Nixon et al. 2019). Few items make it too high, as chance alone moves the share right (Roelofs et al. 2022); see
    `calibration_error_by_chance`.

    Args:
        sums: what `bin_sums` returns.

    >>> expected_calibration_error(np.array([[2.0, 1.0, 1.0], [2.0, 1.5, 2.0]]))
    0.125
    """
    return float(np.abs(sums[:, 1] - sums[:, 2]).sum() / sums[:, 0].sum())


def maximum_calibration_error(sums: FloatArray, least_items: int) -> float | None:
    """Return the greatest |mean stated - share right| of the bins with enough items, None when there is none."""
    enough = sums[sums[:, 0] >= least_items]
    return float((np.abs(enough[:, 1] - enough[:, 2]) / enough[:, 0]).max()) if len(enough) else None


def calibration_error_by_chance(numbers: IndexArray, probability: FloatArray, bins: int) -> float:
    """Return the calibration error to expect when every stated probability is exactly true.

    In a bin the number right is then a sum of independent yes-or-no draws with variance v = sum of p(1 - p), and it
    lies about sqrt(2 v / pi) from its mean: the mean absolute deviation of a normal distribution of that variance.
    """
    variance = np.bincount(numbers, weights=probability * (1 - probability), minlength=bins)
    return float(np.sqrt(2 * variance / math.pi).sum() / len(probability))


def brier_score(probability: FloatArray, right: BoolArray) -> float:
    """Return the mean squared distance of stated probability and 1 (right) or 0 (wrong) (Brier 1950)."""
    return float(np.square(probability - right).mean())


def log_loss(probability: FloatArray, right: BoolArray) -> float:
    """Return the mean of -ln(probability of what happened), in nats, probabilities moved into 1e-6 .. 1 - 1e-6."""
    clipped = np.clip(probability, LOG_LOSS_CLIP, 1 - LOG_LOSS_CLIP)
    return float(-np.log(np.where(right, clipped, 1 - clipped)).mean())


def area_under_curve(probability: FloatArray, right: BoolArray) -> float | None:
    """Return the chance that a right item is stated above a wrong one, ties half (Hanley & McNeil 1982).

    None when all items are right or all are wrong.

    >>> area_under_curve(np.array([0.9, 0.8, 0.8]), np.array([True, True, False]))
    0.75
    """
    rights = int(right.sum())
    wrongs = len(right) - rights
    if not rights or not wrongs:
        return None
    ordered = np.sort(probability)
    # Mean of the 1-based ranks that equal values share.
    ranks = (np.searchsorted(ordered, probability, "left") + np.searchsorted(ordered, probability, "right") + 1) / 2
    return float((ranks[right].sum() - rights * (rights + 1) / 2) / (rights * wrongs))


def wilson_interval(right: FloatArray, count: FloatArray) -> FloatArray:
    """Return the 95 % intervals of shares (Wilson 1927), shape `(n, 2)`; without items 0 to 1.

    >>> wilson_interval(np.array([9.0]), np.array([10.0])).round(4).tolist()
    [[0.5958, 0.9821]]
    """
    square = _NORMAL_975**2
    middle = (right + square / 2) / (count + square)
    half = _NORMAL_975 / (count + square) * np.sqrt(right * ratio(count - right, count) + square / 4)
    bounds: FloatArray = np.clip(np.column_stack([middle - half, middle + half]), 0, 1)
    return bounds
