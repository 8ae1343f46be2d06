"""The reliability diagram: what a stated probability is worth."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from align.errors import OptionError
from align.evaluation import calibration_scores as scores
from align.evaluation.calibration_scores import BoolArray, IndexArray
from align.evaluation.intervals import DEFAULT_RESAMPLES, DEFAULT_SEED, FloatArray, check_bootstrap
from align.evaluation.reliability_intervals import BOOTSTRAP_THRESHOLD, reliability_intervals
from align.evaluation.results import signature

THRESHOLDS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.99)
PRECISIONS = (0.9, 0.95, 0.99)
LEAST_ITEMS = 10
"""Pairs that a bin needs to count in the maximum calibration error."""


def evaluate_reliability(
    probability: npt.ArrayLike,
    right: npt.ArrayLike,
    *,
    edges: Sequence[float] | None = None,
    resamples: int = DEFAULT_RESAMPLES,
    seed: int = DEFAULT_SEED,
    units: Sequence[Hashable] | None = None,
) -> dict[str, Any]:
    """Compare stated probabilities with what was right.

    Args:
        probability: stated probability of each proposed pair, shape (n,), 0 to 1.
        right: whether the pair is right, shape (n,), bool (or 0 and 1).
        edges: edges of the bins, increasing from 0 to 1; ten bins of equal width by default. A bin holds its lower
            edge and not its upper one, the last holds both.
        resamples: bootstrap resamples for the 95 % intervals; 0 for none.
        seed: seed of the bootstrap.
        units: the document of each pair, n hashable values. Pairs of a document stand and fall together, so the
            bootstrap then draws documents; without, or with one document, it draws pairs.

    Returns:
        `expected_calibration_error`, `adaptive_calibration_error` (as many bins of equal mass),
        `maximum_calibration_error` (over bins of 10 pairs or more; None when there is none),
        `calibration_error_by_chance` (what the first would be on average if every probability were exactly true),
        `brier_score`, `log_loss` (nats, probabilities moved into 1e-6 to 1 - 1e-6), `auc` (None when all are right or
        all wrong), `mean_stated`, `share_right`, `precision_at_0.95` (None when nothing is kept);
        `predicted` and `right` (numbers of pairs);
        `bins`: `low`, `high`, `count`, `stated` (mean), `right` (share), `interval` (Wilson 1927; None like the two
        before it when the bin is empty);
        `thresholds`: for each `threshold` the pairs `kept`, their `precision` and mean `stated`;
        `reached`: for each `precision` the smallest `threshold` that has it from there on, and the pairs it `kept`
        (None and 0 when no threshold has it; see `reach`);
        `intervals` of the expected calibration error, the Brier score and the precision at .95 (percentiles of the
        bootstrap; that of the error lies high, as the error of a resample does), and `signature`.

    Raises:
        OptionError: the lengths differ or are 0, a probability is outside 0 to 1, `right` holds something else than
            bools, or `edges`, `resamples` or `seed` is out of range.

    >>> result = evaluate_reliability([0.95, 0.9, 0.85, 0.6], [True, True, True, False], resamples=0)
    >>> round(result["expected_calibration_error"], 4), round(result["brier_score"], 4), result["auc"]
    (0.225, 0.0988, 1.0)
    """
    check_bootstrap(resamples, seed)
    limits = scores.check_edges(scores.equal_width_edges() if edges is None else edges)
    stated, was_right, documents = _sorted(*_checked(probability, right, units))
    numbers = scores.bin_numbers(stated, limits)
    unit_count = len(stated) if documents is None else int(documents.max()) + 1
    bins = len(limits) - 1
    intervals = reliability_intervals(stated, was_right, numbers, bins, documents, resamples=resamples, seed=seed)
    values = _scores(stated, was_right, numbers, bins)
    return {
        **values,
        "predicted": len(stated),
        "right": int(was_right.sum()),
        "bins": _bins(stated, was_right, numbers, limits),
        "thresholds": _thresholds(stated, was_right),
        "reached": [{"precision": goal, **reach(stated, was_right, goal)} for goal in PRECISIONS],
        "intervals": {name: bounds for name, bounds in intervals.items() if values[name] is not None},
        "signature": signature(
            "reliability",
            units=unit_count,
            unit="pair" if documents is None else "document",
            resamples=resamples,
            seed=seed,
            bins=_bins_in_words(limits),
            clip=f"{scores.LOG_LOSS_CLIP:g}",
        ),
    }


def reach(probability: FloatArray, right: BoolArray, precision: float) -> dict[str, float | int | None]:
    """Return the smallest threshold with a precision, which no higher threshold may miss, and the pairs it keeps.

    Thresholds that keep fewer than 1 / (1 - precision) pairs may miss it: there one wrong pair alone decides.

    Args:
        probability: stated probabilities, shape (n,).
        right: whether each pair is right, shape (n,).
        precision: the precision asked for, above 0 and below 1.

    Returns:
        `threshold` (one of the stated probabilities; keep all that are not below it) and `kept`, None and 0 when there
        is none.

    Raises:
        OptionError: `precision` is out of range.

    >>> reach(np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, False, True, False]), 0.5)
    {'threshold': 0.6, 'kept': 4}
    >>> reach(np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, True, True, False]), 0.9)
    {'threshold': 0.7, 'kept': 3}
    """
    if not 0 < precision < 1:
        raise OptionError("precision", precision, "above 0 and below 1")
    order = np.argsort(-probability, kind="stable")
    falling, rights = probability[order], np.cumsum(right[order])
    # Equal probabilities are kept together or not at all.
    kept = np.flatnonzero(np.append(falling[1:] < falling[:-1], True)) + 1
    # Whole numbers compare without the rounding of a division: 19 of 20 have the precision .95.
    enough = rights[kept - 1] >= np.round(precision * kept, 9)
    missed = np.flatnonzero(~enough & (kept >= math.ceil(round(1 / (1 - precision), 9))))
    candidates = np.flatnonzero(enough[: missed[0]] if len(missed) else enough)
    if not len(candidates):
        return {"threshold": None, "kept": 0}
    count = int(kept[candidates[-1]])
    return {"threshold": float(falling[count - 1]), "kept": count}


def _checked(
    probability: npt.ArrayLike, right: npt.ArrayLike, units: Sequence[Hashable] | None
) -> tuple[FloatArray, BoolArray, IndexArray | None]:
    stated: FloatArray = np.asarray(probability, dtype=np.float64)
    if stated.ndim != 1 or not len(stated):
        raise OptionError("probability", f"an array of shape {stated.shape}", "shape (n,), at least one pair")
    outside = np.flatnonzero(~((stated >= 0) & (stated <= 1)))
    if len(outside):
        raise OptionError(f"probability of pair {outside[0]}", float(stated[outside[0]]), "0 to 1")
    given = np.asarray(right)
    if given.shape != stated.shape:
        raise OptionError("right", f"an array of shape {given.shape}", f"the shape of probability, {stated.shape}")
    if given.dtype != np.bool_ and not (np.issubdtype(given.dtype, np.number) and np.isin(given, (0, 1)).all()):
        raise OptionError("right", f"an array of {given.dtype}", "bools, or the numbers 0 and 1")
    if units is None:
        return stated, given.astype(np.bool_), None
    if len(units) != len(stated):
        raise OptionError("units", f"{len(units)} values", f"one for each of the {len(stated)} pairs")
    seen: dict[Hashable, int] = {}
    documents = np.array([seen.setdefault(unit, len(seen)) for unit in units], dtype=np.int64)
    return stated, given.astype(np.bool_), documents if len(seen) > 1 else None


def _sorted(
    stated: FloatArray, right: BoolArray, documents: IndexArray | None
) -> tuple[FloatArray, BoolArray, IndexArray | None]:
    """Sort by probability: sums of floats then do not depend on the order in which pairs were given."""
    order = np.lexsort((right, stated))
    return stated[order], right[order], None if documents is None else documents[order]


def _scores(stated: FloatArray, right: BoolArray, numbers: IndexArray, bins: int) -> dict[str, float | None]:
    sums = scores.bin_sums(numbers, stated, right, bins)
    equal_mass = scores.bin_sums(scores.equal_mass_numbers(stated, bins), stated, right, bins)
    kept = stated >= BOOTSTRAP_THRESHOLD
    return {
        "expected_calibration_error": scores.expected_calibration_error(sums),
        "adaptive_calibration_error": scores.expected_calibration_error(equal_mass),
        "maximum_calibration_error": scores.maximum_calibration_error(sums, LEAST_ITEMS),
        "calibration_error_by_chance": scores.calibration_error_by_chance(numbers, stated, bins),
        "brier_score": scores.brier_score(stated, right),
        "log_loss": scores.log_loss(stated, right),
        "auc": scores.area_under_curve(stated, right),
        "mean_stated": float(stated.mean()),
        "share_right": float(right.mean()),
        "precision_at_0.95": float(right[kept].mean()) if kept.any() else None,
    }


def _bins(stated: FloatArray, right: BoolArray, numbers: IndexArray, limits: FloatArray) -> list[dict[str, Any]]:
    sums = scores.bin_sums(numbers, stated, right, len(limits) - 1)
    bounds = scores.wilson_interval(sums[:, 2], sums[:, 0])
    rows = []
    for at, (count, stated_sum, right_sum) in enumerate(sums.tolist()):
        rows.append(
            {
                "low": float(limits[at]),
                "high": float(limits[at + 1]),
                "count": int(count),
                "stated": stated_sum / count if count else None,
                "right": right_sum / count if count else None,
                "interval": bounds[at].tolist() if count else None,
            }
        )
    return rows


def _bins_in_words(limits: FloatArray) -> str:
    bins = len(limits) - 1
    equal = bins <= scores.MAX_BINS and tuple(limits.tolist()) == scores.equal_width_edges(bins)
    return str(bins) if equal else ",".join(f"{edge:g}" for edge in limits.tolist())


def _thresholds(stated: FloatArray, right: BoolArray) -> list[dict[str, Any]]:
    rows = []
    for threshold in THRESHOLDS:
        kept = stated >= threshold
        count = int(kept.sum())
        rows.append(
            {
                "threshold": threshold,
                "kept": count,
                "precision": float(right[kept].mean()) if count else None,
                "stated": float(stated[kept].mean()) if count else None,
            }
        )
    return rows
