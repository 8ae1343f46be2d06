"""What the facts of two texts say about a match: the probability revised by numbers, dates and names.

Matching looks at vectors, and vectors hardly tell 47 seats from 51, or Tuesday from Friday. A logistic model adds what
the facts of the two texts say (`align.quality.facts`) to the log-odds that matching gives: one set of weights for each
kind of matching, since each has looked at something else before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from align.matching.beads import Bead
from align.matching.calibration import FactWeights
from align.matching.comparable import ScoredPair
from align.matching.mining import Revise
from align.matching.sides import Side
from align.matching.spans import Ints
from align.quality.facts import FACT_FEATURES, fact_features

Doubles = NDArray[np.float64]
HIGHEST = 1 - 1e-6  # a probability of 1 has no log-odds


def revised_log_odds(log_odds: Doubles, vi: Sequence[str], en: Sequence[str], weights: FactWeights) -> Doubles:
    """Return the log-odds, float64 (n,), of pairs of texts when their facts are weighed in.

    Args:
        log_odds: float64 (n,), what matching says.
        vi, en: the n texts of either side.
        weights: for the kind of matching that gave the log-odds.
    """
    facts = fact_features(vi, en) @ np.array([weights.facts[name] for name in FACT_FEATURES])
    return np.asarray(weights.log_odds * log_odds + facts + weights.constant)


def revise_beads(vi: Side, en: Side, beads: Sequence[Bead], weights: FactWeights) -> list[Bead]:
    """Return the beads with their probabilities revised; those with an empty side, and sides without texts, stay."""
    if vi.texts is None or en.texts is None:
        return list(beads)
    both = [place for place, bead in enumerate(beads) if bead.vi and bead.en]
    known = logit(np.array([beads[place].score for place in both], dtype=np.float64))
    texts = [vi.joined(beads[place].vi) for place in both], [en.joined(beads[place].en) for place in both]
    revised = list(beads)
    for place, score in zip(both, sigmoid(revised_log_odds(known, *texts, weights)), strict=True):
        revised[place] = replace(beads[place], score=float(score))
    return revised


def revise_pairs(vi: Side, en: Side, pairs: Sequence[ScoredPair], weights: FactWeights) -> list[ScoredPair]:
    """Return sentence pairs with their probabilities revised, in their order; see `revise_beads`."""
    beads = revise_beads(vi, en, [Bead((i,), (j,), p) for i, j, p in pairs], weights)
    return [(bead.vi[0], bead.en[0], bead.score) for bead in beads]


def revise_by_facts(vi: Side, en: Side, weights: FactWeights) -> Revise | None:
    """Return what revises the log-odds of sentence pairs of two sides, or None where only vectors are at hand."""
    if vi.texts is None or en.texts is None:
        return None
    vi_texts, en_texts = vi.texts, en.texts

    def revise(rows: Ints, columns: Ints, log_odds: Doubles) -> Doubles:
        left, right = [vi_texts[row] for row in rows.tolist()], [en_texts[column] for column in columns.tolist()]
        return revised_log_odds(log_odds, left, right, weights)

    return revise


def logit(probability: Doubles) -> Doubles:
    """Return the log-odds of probabilities; 0 and 1 count as a millionth less extreme."""
    inside = np.clip(probability, 1 - HIGHEST, HIGHEST)
    return np.asarray(np.log(inside / (1 - inside)))


def sigmoid(log_odds: Doubles) -> Doubles:
    """Return the probability of log-odds."""
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -700, 700))))
