"""What fitted constants are worth on gold: F1, what probabilities are worth, collections left out one by one."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from align.encoders import Encoder
from align.evaluation import evaluate_reliability
from align.fitting.documents import Document
from align.fitting.encoding import sides_of
from align.fitting.logistic import Doubles
from align.fitting.trust import NO_TRUST, Outcomes, file_pairs, mined_pairs, pool_candidates, together
from align.matching.api import align_sides
from align.matching.calibration import Calibration
from align.matching.routing import Mode

Outcome = list[tuple[float, bool]]
"""Probability of each proposed bead, and whether the gold has it."""

EDGES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.01)
BEAD_THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)
PAIR_THRESHOLDS = (0.4, 0.5, 0.6)
SURE = 0.95


def strict_counts(
    documents: Iterable[Document], encoder: Encoder, calibration: Calibration, mode: Mode, *, joined: bool
) -> tuple[Doubles, Outcome]:
    """Return (right, proposed, gold) beads with text on both sides, and each proposed bead's outcome.

    Args:
        documents: with gold.
        encoder: that the calibration is for.
        calibration: constants.
        mode: "parallel" or "comparable".
        joined: whether joined texts may be encoded.
    """
    total, outcome = np.zeros(3), []
    for document in documents:
        beads = align_sides(*sides_of(document, encoder, joined=joined), calibration, mode)
        found = [bead for bead in beads if bead.vi and bead.en]
        gold = {(bead.vi, bead.en) for bead in document.gold if bead.vi and bead.en}
        right = [(bead.vi, bead.en) in gold for bead in found]
        outcome += [(bead.score, ok) for bead, ok in zip(found, right, strict=True)]
        total += sum(right), len(found), len(gold)
    return total, outcome


def f1(counts: Doubles | Sequence[float]) -> float:
    """Return F1 of (right, proposed, gold); 1 where there is nothing to find and nothing found.

    >>> f1((8, 10, 10))
    0.8
    """
    right, proposed, gold = counts
    return float(2 * right / (proposed + gold)) if proposed + gold else 1.0


def reliability_lines(outcome: Outcome) -> list[str]:
    """Return a table of stated probability against measured share of right beads, and the expected error."""
    stated, right = np.array([p for p, _ in outcome]), np.array([ok for _, ok in outcome])
    lines, error = [], 0.0
    for low, high in itertools.pairwise(EDGES):
        inside = (stated >= low) & (stated < high)
        if inside.any():
            said, held = stated[inside].mean(), right[inside].mean()
            error += abs(said - held) * inside.sum() / (stated >= EDGES[0]).sum()
            lines.append(f"  {low:.2f}: {inside.sum():5d} beads, stated {said:.3f}, right {held:.3f}")
    return [*lines, f"  expected calibration error {error:.4f}"]


def threshold_lines(outcome: Outcome, gold: float) -> list[str]:
    """Return F1 of the beads of at least each probability: how much the default of `--min-probability` matters."""
    lines = []
    for least in BEAD_THRESHOLDS:
        kept = [right for stated, right in outcome if stated >= least]
        lines.append(f"  {least:.2f}: {f1((sum(kept), len(kept), gold)):.4f}")
    return lines


def pool_lines(pools: Mapping[str, Document], encoder: Encoder, calibration: Calibration) -> list[str]:
    """Return figures of mining in each pool, its facts weighed by what was fitted on the others."""
    blank = replace(calibration, trust=NO_TRUST)
    known = {name: pool_candidates(pool, encoder, blank) for name, pool in pools.items()}
    lines = []
    for name, pool in pools.items():
        others = _others(known, name)
        if others.can_be_fitted:
            trust = replace(calibration.trust, mining=others.fit())
            probability, _, right = mined_pairs(pool, encoder, replace(blank, trust=trust))
            lines.append(_line(name, probability, right, len(pool.gold)))
    return lines


def file_lines(files: Mapping[str, Document], encoder: Encoder, calibration: Calibration) -> list[str]:
    """Return figures of pairs made elsewhere, half of them spoilt, by weights from the other collections."""
    blank = replace(calibration, trust=NO_TRUST)
    known = {name: file_pairs(one, encoder, blank, seed) for seed, (name, one) in enumerate(files.items())}
    lines = []
    for name, outcomes in known.items():
        others = _others(known, name)
        if others.can_be_fitted:
            right = np.array(outcomes.right, dtype=bool)
            lines.append(_line(name, outcomes.stated(others.fit()), right, int(right.sum())))
    return lines


def _others(known: Mapping[str, Outcomes], name: str) -> Outcomes:
    return together(outcomes for other, outcomes in known.items() if other != name)


def _line(name: str, probability: Doubles, right: NDArray[np.bool_], gold: int) -> str:
    scores = [
        f1(((right & (probability >= least)).sum(), (probability >= least).sum(), gold)) for least in PAIR_THRESHOLDS
    ]
    return f"{name:24} F1 {' '.join(f'{score:.4f}' for score in scores)}, {_worth(probability, right)}"


def _worth(probability: Doubles, right: NDArray[np.bool_]) -> str:
    """Say what probabilities of at least a half are worth: calibration error, and precision from .95 on."""
    half = probability >= 0.5
    if not half.any():
        return "none of .5 or more"
    error = evaluate_reliability(probability[half], right[half], resamples=0)["expected_calibration_error"]
    sure = right[probability >= SURE]
    held = f"{sure.mean():.3f} right of {len(sure)}" if len(sure) else "none"
    return f"calibration error {error:.3f}, from {SURE} on {held}"
