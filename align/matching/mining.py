"""Out-of-order matching: translations between two pools of sentences, by margins.

The score of a pair is a log-odds, weighted from two difference margins (Artetxe & Schwenk 2019, section 3: cosine minus
the mean cosine with the k nearest neighbours of both sides), one of the raw vectors and one of the vectors centred by
pool, and from the lengths. Pairs that are each other's best are kept; what score is good enough is found from the
collection itself (`align.matching.mixture`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from align.matching.calibration import Calibration, MixtureModel
from align.matching.mixture import Mixture, fit_mixture
from align.matching.neighbours import BLOCK, best_first
from align.matching.pools import ListedPool, Pool, mining_pool, pool_of
from align.matching.rows import blocks
from align.matching.spans import Ints

__all__ = ["ListedPool", "Mined", "Pool", "Revise", "candidates", "mine", "mining_pool", "mutual_best", "pool_of"]

Doubles = NDArray[np.float64]
Revise = Callable[[Ints, Ints, Doubles], Doubles]
"""Takes indices (n,), (n,) of sentence pairs and their log-odds (n,), returns log-odds that know more than vectors."""

CANDIDATES = 4  # of each sentence, whose log-odds are revised
BLOCK_CELLS = 1 << 24  # pairs that are scored at once: 128 MB for each feature


@dataclass(frozen=True)
class Mined:
    """Mutual-best pairs of two pools, sorted by Vietnamese index.

    Attributes:
        vi, en: int64 (n,), indices into the pools.
        score: float64 (n,), log-odds.
        probability: float64 (n,), chance that the pair is a translation.
        cosine: float64 (n,), of the raw vectors.
        margin: float64 (n,), ratio margin of the raw vectors.
    """

    vi: Ints
    en: Ints
    score: Doubles
    probability: Doubles
    cosine: Doubles
    margin: Doubles


def mutual_best(pool: Pool | ListedPool) -> tuple[Ints, Ints, Doubles]:
    """Return the pairs that are each other's best: indices (n,), (n,) and log-odds (n,); ties go to the first."""
    if isinstance(pool, ListedPool):
        return _mutual(*pool.pairs, pool.score_pairs(*pool.pairs))
    best_en = np.zeros(len(pool.vi), dtype=np.int64)
    en_score = np.full(len(pool.en), -np.inf)
    best_vi = np.zeros(len(pool.en), dtype=np.int64)
    vi_score = np.full(len(pool.vi), -np.inf)
    for rows, scores in _blocks(pool):
        best_en[rows] = scores.argmax(axis=1)
        vi_score[rows] = scores.max(axis=1)
        best = scores.argmax(axis=0)
        value = scores[best, np.arange(scores.shape[1])]
        better = value > en_score
        en_score[better] = value[better]
        best_vi[better] = best[better] + rows.start
    mutual = np.flatnonzero(best_vi[best_en] == np.arange(len(best_en)))
    return mutual, best_en[mutual], vi_score[mutual]


def mine(
    pool: Pool | ListedPool,
    calibration: Calibration,
    *,
    revise: Revise | None = None,
    prior: MixtureModel | None = None,
) -> Mined:
    """Return all mutual-best pairs with the probability that their own collection gives them.

    Args:
        pool: the two sides.
        calibration: of the encoder that made the vectors.
        revise: gives the best candidates of each sentence new log-odds, from which the best are chosen.
        prior: of the mixture of log-odds; None is the calibration's.
    """
    if not len(pool.vi) or not len(pool.en):
        none, zero = np.zeros(0, dtype=np.int64), np.zeros(0)
        return Mined(none, none, zero, zero, zero, zero)
    vi, en, score = mutual_best(pool) if revise is None else _best_of_candidates(pool, revise)
    mixture: Mixture = fit_mixture(score, prior or calibration.mixture)
    return Mined(vi, en, score, mixture.probability(score), pool.cosines(vi, en), pool.ratio_margins(vi, en))


def candidates(pool: Pool | ListedPool, count: int = CANDIDATES) -> tuple[Ints, Ints, Doubles]:
    """Return the `count` best partners of every sentence of either side, each pair once, sorted by indices.

    Returns:
        Indices int64 (n,), (n,) and log-odds float64 (n,); among equal scores the first is the better.
    """
    if isinstance(pool, ListedPool):
        vi, en = pool.pairs
        score = pool.score_pairs(vi, en)
        among = _among_best(vi, score, en, count) | _among_best(en, score, vi, count)
        return vi[among], en[among], score[among]
    columns = len(pool.en)
    found = []
    rows_of: Ints = np.zeros((0, columns), dtype=np.int64)  # the best rows of each column so far, and their scores
    scores_of = np.zeros((0, columns))
    for block, scores in _blocks(pool):
        best = _largest_places(scores, count)
        found.append((np.arange(block.start, block.stop)[:, None] * columns + best).ravel())
        best = _largest_places(scores.T, count).T
        # Earlier rows come first, so that they win ties.
        rows_of = np.concatenate([rows_of, best + block.start])
        scores_of = np.concatenate([scores_of, np.take_along_axis(scores, best, axis=0)])
        best = _largest_places(scores_of.T, count).T
        rows_of = np.take_along_axis(rows_of, best, axis=0)
        scores_of = np.take_along_axis(scores_of, best, axis=0)
    found.append((rows_of * columns + np.arange(columns)).ravel())
    vi, en = np.divmod(np.unique(np.concatenate(found)), columns)
    return vi, en, pool.score_pairs(vi, en)


def _largest_places(values: Doubles, count: int) -> Ints:
    """Return the places of the `count` largest values of each row (all, where there are fewer); ties: the first."""
    left = np.array(values)
    places = np.zeros((len(left), min(count, left.shape[1])), dtype=np.int64)
    for rank in range(places.shape[1]):  # a few passes are many times faster than sorting
        places[:, rank] = left.argmax(axis=1)
        np.put_along_axis(left, places[:, rank, None], -np.inf, axis=1)
    return places


def _best_of_candidates(pool: Pool | ListedPool, revise: Revise) -> tuple[Ints, Ints, Doubles]:
    """Return the candidates that are each other's best by their revised log-odds; ties go to the first."""
    vi, en, score = candidates(pool)
    return _mutual(vi, en, revise(vi, en, score))


def _mutual(vi: Ints, en: Ints, score: Doubles) -> tuple[Ints, Ints, Doubles]:
    """Return those of some pairs, sorted by indices, that are each other's best; ties go to the first."""
    best = _among_best(vi, score, en, 1) & _among_best(en, score, vi, 1)
    return vi[best], en[best], score[best]


def _among_best(owner: Ints, score: Doubles, other: Ints, count: int) -> NDArray[np.bool_]:
    """Say of each pair whether it is one of the `count` best of its owner; ties go to the first of the others."""
    order = best_first(owner, score, other)
    ordered = owner[order]
    rank = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    chosen = np.zeros(len(order), dtype=bool)
    chosen[order[rank < count]] = True
    return chosen


def _blocks(pool: Pool) -> Iterator[tuple[slice, Doubles]]:
    height = max(1, min(BLOCK, BLOCK_CELLS // max(len(pool.en), 1)))
    for rows in blocks(len(pool.vi), height):
        yield rows, pool.score_block(rows, slice(None))
