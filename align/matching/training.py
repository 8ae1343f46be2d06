"""Fit the weights of the in-order model by maximum likelihood of whole gold alignments.

A semi-Markov conditional random field (Sarawagi & Cohen 2004, section 2.3): the gradient of a document's
log-likelihood is its gold feature counts minus the counts expected under the model, both exact.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from align.errors import InputError, MissingExtraError
from align.matching.beads import Bead
from align.matching.calibration import SHAPES, BeadWeights, Shape, prior_name
from align.matching.grids import Grid, grid_of
from align.matching.posteriors import posteriors
from align.matching.scoring import FEATURES, Window, bead_features
from align.matching.spans import Floats, Spans

Doubles = NDArray[np.float64]
PRIORS = tuple(dict.fromkeys(map(prior_name, SHAPES)))
GAP_NAMES = ("gap", "gap_rate", "gap_run")
NAMES = (*PRIORS, *FEATURES, *GAP_NAMES)
VECTOR_PART = slice(len(PRIORS), len(PRIORS) + len(FEATURES))
"""The parameters, in the order of the vector that is optimised."""
EXAMPLES_AT_ONCE = 32  # whose grids are in memory


@dataclass(frozen=True)
class Example:
    """One document pair with its gold path.

    Attributes:
        features: for each shape, does the bead exist, bool (rows + 1, columns + 1), and float32 (5, rows + 1,
            columns + 1).
        gold: (vi, en, shape) of each bead with text on both sides.
        gold_gaps: unaligned sentences of the gold, Vietnamese and English.
        gold_runs: runs of unaligned sentences of one side.
        logits: logit of the share of unaligned sentences of either side.
    """

    features: dict[Shape, tuple[NDArray[np.bool_], Floats]]
    gold: list[tuple[int, int, Shape]]
    gold_gaps: tuple[float, float]
    gold_runs: float
    logits: tuple[float, float]

    @property
    def size(self) -> tuple[int, int]:
        """Number of Vietnamese and English sentences."""
        rows, columns = self.features[1, 1][0].shape
        return rows - 1, columns - 1


def make_example(
    vi: Spans,
    en: Spans,
    gold: Sequence[Bead],
    ratio: float,
    variance: float,
    rates: tuple[float, float],
    add_floor: float,
) -> Example:
    """Compute the features of every bead of a document pair.

    Args:
        gold: beads in order that cover each index once; those of a shape outside `SHAPES` are an error.
        ratio, variance: the length model for this document.
        rates: share of unaligned sentences of either side, strictly between 0 and 1.
        add_floor: least of the feature `add`.

    Raises:
        InputError: a gold bead has a shape that the model does not know.
    """
    beads = [(bead.vi[0], bead.en[0], (len(bead.vi), len(bead.en))) for bead in gold if bead.vi and bead.en]
    unknown = [shape for _, _, shape in beads if shape not in SHAPES]
    if unknown:
        raise InputError(f"gold holds a bead of the shape {unknown[0]}; known: {', '.join(map(str, SHAPES))}")
    gaps = (float(sum(len(b.vi) for b in gold if not b.en)), float(sum(len(b.en) for b in gold if not b.vi)))
    window = Window(0, len(vi), 0, len(en))
    found = bead_features(vi, en, window, SHAPES, ratio, variance, add_floor)
    padded = {
        shape: (np.pad(exists, ((0, 1), (0, 1))), np.pad(values, ((0, 0), (0, 1), (0, 1))))
        for shape, (exists, values) in found.items()
    }
    logits = (float(np.log(rates[0] / (1 - rates[0]))), float(np.log(rates[1] / (1 - rates[1]))))
    return Example(padded, beads, gaps, float(_runs(gold)), logits)


def _runs(gold: Sequence[Bead]) -> int:
    """Return the number of runs of unaligned sentences: between two beads there can be one of either side."""
    runs = 0
    for aligned, between in itertools.groupby(gold, lambda bead: bool(bead.vi and bead.en)):
        if not aligned:
            sides = {bool(bead.vi) for bead in between if bead.vi or bead.en}
            runs += len(sides)
    return runs


def loss_and_gradient(theta: Doubles, examples: Sequence[Example]) -> tuple[float, Doubles]:
    """Return the negative log-likelihood of the gold paths, in nats, and its gradient, float64 (len(NAMES),)."""
    loss, gradient = 0.0, np.zeros(len(NAMES))
    for part in _parts(examples):
        grids = [_grid(theta, example) for example in part]
        for example, grid, chances in zip(part, grids, posteriors(grids), strict=True):
            dense = chances.dense(grid)
            beads = {shape: dense[:, place] for place, shape in enumerate(grid.shapes)}
            expected = _counts(example, beads, (chances.vi_gaps.sum(), chances.en_gaps.sum()), chances.gap_runs)
            gold = _gold_counts(example)
            loss += chances.log_total - float(theta @ gold)
            gradient += expected - gold
    return loss, gradient


def _parts(examples: Sequence[Example]) -> Iterator[Sequence[Example]]:
    """Yield some examples at a time, those of like size together: their grids are searched side by side."""
    ordered = sorted(examples, key=lambda example: example.size)
    for first in range(0, len(ordered), EXAMPLES_AT_ONCE):
        yield ordered[first : first + EXAMPLES_AT_ONCE]


def fit_weights(examples: Sequence[Example], start: BeadWeights, *, l2: float = 0.02, rounds: int = 40) -> BeadWeights:
    """Return the weights of highest likelihood by L-BFGS, with an L2 penalty on the features' standardised weights.

    Raises:
        MissingExtraError: scipy is not installed.
    """
    try:
        from scipy.optimize import minimize
    except ImportError as error:
        raise MissingExtraError("fitting weights", "fit") from error
    scale = _scales(examples)

    def objective(standard: Doubles) -> tuple[float, Doubles]:
        loss, gradient = loss_and_gradient(standard / scale, examples)
        return loss + l2 * float(standard @ standard), gradient / scale + 2 * l2 * standard

    found = minimize(
        objective, to_vector(start) * scale, jac=True, method="L-BFGS-B", options={"maxiter": rounds, "ftol": 1e-7}
    )
    return from_vector(found.x / scale)


def to_vector(weights: BeadWeights) -> Doubles:
    """Return the weights in the order of `NAMES`, float64 (len(NAMES),)."""
    priors = [weights.prior[name] for name in PRIORS]
    return np.array([*priors, *(getattr(weights, name) for name in (*FEATURES, *GAP_NAMES))])


def from_vector(theta: Doubles) -> BeadWeights:
    """Return the weights that `to_vector` would turn into `theta`."""
    values = dict(zip(NAMES, map(float, theta), strict=True))
    return BeadWeights(prior={name: values.pop(name) for name in PRIORS}, **values)


def _grid(theta: Doubles, example: Example) -> Grid:
    weights = from_vector(theta)
    linear = np.array([getattr(weights, name) for name in FEATURES], dtype=np.float32)
    scores = {}
    for shape, (exists, features) in example.features.items():
        total = np.tensordot(linear, features, axes=1) + np.float32(weights.prior_of(shape))
        scores[shape] = np.where(exists, total, np.float32(-np.inf))
    rows, columns = example.size
    vi_gap, en_gap = (weights.gap + weights.gap_rate * logit for logit in example.logits)
    return grid_of(rows, columns, np.zeros(rows + 1, dtype=np.int64), scores, vi_gap, en_gap, weights.gap_run)


def _counts(example: Example, chances: dict[Shape, Doubles], gaps: tuple[float, float], runs: float) -> Doubles:
    """Sum the features over beads, each as often as `chances` says; `gaps` and `runs` of them are numbers."""
    counts = np.zeros(len(NAMES))
    for shape, values in chances.items():
        counts[PRIORS.index(prior_name(shape))] += values.sum()
        counts[VECTOR_PART] += np.tensordot(example.features[shape][1], values, axes=2)
    counts[-3:] = sum(gaps), gaps[0] * example.logits[0] + gaps[1] * example.logits[1], runs
    return counts


def _gold_counts(example: Example) -> Doubles:
    ones: dict[Shape, Doubles] = {}
    for vi, en, shape in example.gold:
        ones.setdefault(shape, np.zeros(example.features[shape][0].shape))[vi, en] = 1.0
    return _counts(example, ones, example.gold_gaps, example.gold_runs)


def _scales(examples: Sequence[Example]) -> Doubles:
    """Return the standard deviation of each feature over the gold beads; 1 for the constants."""
    scale = np.ones(len(NAMES))
    rows = [example.features[shape][1][:, vi, en] for example in examples for vi, en, shape in example.gold]
    deviations = np.std(np.array(rows, dtype=np.float64), axis=0)
    scale[VECTOR_PART] = np.where(deviations > 0, deviations, 1.0)
    return scale
