"""Out of order inside an article pair: sentence pairs first, then the neighbours that belong to them.

The first step pairs one sentence with one. Where a translator merged or split sentences, the pair's neighbour belongs
to it too: it is taken in when the in-order model (`align.matching.scoring`) scores the longer bead above the pair and
the neighbour left unaligned. The model's terms for length, lost and gained cosine decide, not a threshold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from align.matching.beads import Bead
from align.matching.calibration import SHAPES, Calibration, Shape
from align.matching.context import pair_log_odds
from align.matching.mining import pool_of
from align.matching.monotonic import gap_reward
from align.matching.scoring import Window, bead_scores
from align.matching.sides import Side

ScoredPair = tuple[int, int, float]
"""Vietnamese index, English index, probability."""

GAP_RATE = 0.5  # share of sentences without a counterpart that is expected of comparable articles


def match_pairs(vi: Side, en: Side, calibration: Calibration) -> list[ScoredPair]:
    """Return the sentence pairs of two articles that are each other's best, with their probabilities, by vi index."""
    if not len(vi.vectors) or not len(en.vectors):
        return []
    scores = pair_log_odds(pool_of(vi, en, calibration), vi.proof(), en.proof(), calibration.comparable)
    best_en, best_vi = scores.argmax(axis=1), scores.argmax(axis=0)
    mutual = np.flatnonzero(best_vi[best_en] == np.arange(len(best_en)))
    chances = 1 / (1 + np.exp(-np.clip(scores[mutual, best_en[mutual]], -700, 700)))
    return [(int(i), int(best_en[i]), float(p)) for i, p in zip(mutual, chances, strict=True)]


def extend_pairs(
    vi: Side,
    en: Side,
    pairs: Iterable[ScoredPair],
    calibration: Calibration,
    vi_taken: AbstractSet[int] = frozenset(),
    en_taken: AbstractSet[int] = frozenset(),
) -> list[Bead]:
    """Return disjoint beads, sorted by their Vietnamese sentences: one for each pair, longer where that wins.

    Args:
        vi, en: the two articles.
        pairs: (vi index, en index, probability), each index once.
        calibration: of the encoder that made the vectors.
        vi_taken, en_taken: sentences that serve in other beads and must not be taken in.
    """
    ranked = sorted(pairs, key=lambda pair: (-pair[2], pair[0]))
    if not ranked:
        return []
    weight = calibration.centre_sentences
    window = Window(0, len(vi.vectors), 0, len(en.vectors))
    scores = bead_scores(
        vi.spans(weight),
        en.spans(weight),
        window,
        SHAPES,
        calibration.pooled,
        calibration.length.ratio,
        calibration.length.variance,
    )
    gap = gap_reward(calibration.pooled, GAP_RATE)
    vi_used = {i for i, _, _ in ranked} | vi_taken
    en_used = {j for _, j, _ in ranked} | en_taken
    beads = []
    for i, j, probability in ranked:
        top, left, (a, b) = _best_extension(scores, i, j, gap, vi_used - {i}, en_used - {j})
        bead = Bead(tuple(range(top, top + a)), tuple(range(left, left + b)), probability)
        vi_used.update(bead.vi)
        en_used.update(bead.en)
        beads.append(bead)
    return sorted(beads, key=lambda bead: bead.vi)


def _best_extension(
    scores: dict[Shape, NDArray[np.float32]], i: int, j: int, gap: float, vi_taken: set[int], en_taken: set[int]
) -> tuple[int, int, Shape]:
    best, value = (i, j, (1, 1)), float(scores[1, 1][i, j])
    for top, left, (a, b) in _beads_around(scores, i, j):
        if vi_taken.isdisjoint(range(top, top + a)) and en_taken.isdisjoint(range(left, left + b)):
            total = float(scores[a, b][top, left]) - gap * (a + b - 2)
            if total > value:
                best, value = (top, left, (a, b)), total
    return best


def _beads_around(scores: dict[Shape, NDArray[np.float32]], i: int, j: int) -> Iterator[tuple[int, int, Shape]]:
    for a, b in SHAPES:
        for top in range(max(i - a + 1, 0), i + 1):
            for left in range(max(j - b + 1, 0), j + 1):
                if np.isfinite(scores[a, b][top, left]):
                    yield top, left, (a, b)
