"""Bootstrap intervals of the reliability diagram, by pair or by document."""

from __future__ import annotations

import numpy as np

from align.evaluation.calibration_scores import BoolArray, IndexArray
from align.evaluation.intervals import FloatArray, Measure, bootstrap_intervals, ratio

BOOTSTRAP_THRESHOLD = 0.95
_ROUNDING = 10_000


def reliability_intervals(
    stated: FloatArray,
    right: BoolArray,
    numbers: IndexArray,
    bins: int,
    documents: IndexArray | None,
    *,
    resamples: int,
    seed: int,
) -> dict[str, list[float]]:
    """Return the percentile 95 % intervals of the expected calibration error, the Brier score and the precision at .95.

    Args:
        stated: stated probabilities, shape (n,).
        right: whether each pair is right, shape (n,).
        numbers: the bin of each pair, shape (n,), 0 to `bins` - 1.
        bins: number of bins.
        documents: the document of each pair, shape (n,), 0 to the number of documents - 1; None to draw pairs.
        resamples: number of resamples; 0 gives no intervals.
        seed: seed of the random numbers.
    """
    kept = stated >= BOOTSTRAP_THRESHOLD
    if documents is None:
        counts, frequency = _pair_counts(stated, right, kept, numbers, bins)
    else:
        counts = _unit_counts(stated, right, kept, numbers, bins, documents, int(documents.max()) + 1)
        frequency = None
    return bootstrap_intervals(counts, _measure(bins), resamples=resamples, seed=seed, frequency=frequency)


def _pair_counts(
    stated: FloatArray, right: BoolArray, kept: BoolArray, numbers: IndexArray, bins: int
) -> tuple[FloatArray, IndexArray]:
    """Return the counts of distinct pairs, and how many pairs each row stands for.

    Probabilities are rounded to four decimals, after the bin and the threshold have been decided: a million pairs then
    make some thousands of rows and take seconds.
    """
    rounded = np.rint(stated * _ROUNDING).astype(np.int64)
    key = ((numbers * (_ROUNDING + 1) + rounded) * 2 + right) * 2 + kept
    _, first, frequency = np.unique(key, return_index=True, return_counts=True)
    shared = (rounded[first] / _ROUNDING, right[first], kept[first], numbers[first])
    return _unit_counts(*shared, bins, np.arange(len(first)), len(first)), frequency.astype(np.int64)


def _unit_counts(
    stated: FloatArray,
    right: BoolArray,
    kept: BoolArray,
    numbers: IndexArray,
    bins: int,
    unit: IndexArray,
    units: int,
) -> FloatArray:
    """Return, shape (units, 3 bins + 3): each bin's count, stated and right, squared errors, kept, kept and right."""
    width = 3 * bins + 3
    columns = [(at * bins + numbers, values) for at, values in enumerate((np.ones(len(stated)), stated, right))]
    columns += [
        (np.full(len(stated), 3 * bins + at), values)
        for at, values in enumerate((np.square(stated - right), kept, kept & right))
    ]
    cells = sum(
        np.bincount(unit * width + column, weights=values, minlength=units * width) for column, values in columns
    )
    return np.reshape(cells, (units, width))


def _measure(bins: int) -> Measure:
    def formula(sums: FloatArray) -> FloatArray:
        counts, stated, right = (sums[..., at * bins : (at + 1) * bins] for at in range(3))
        squares, kept, kept_right = (sums[..., 3 * bins + at] for at in range(3))
        total = counts.sum(axis=-1)
        distance = np.abs(stated - right).sum(axis=-1)
        return np.stack([ratio(distance, total), ratio(squares, total), ratio(kept_right, kept)], axis=-1)

    return Measure(("expected_calibration_error", "brier_score", "precision_at_0.95"), 3 * bins + 3, formula)
