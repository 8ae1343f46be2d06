"""Out-of-order matching: translations between two pools of sentences, by margins.

The score of a pair is a log-odds, weighted from two difference margins (Artetxe & Schwenk 2019, section 3: cosine minus
the mean cosine with the k nearest neighbours of both sides), one of the raw vectors and one of the vectors centred by
pool, and from the lengths. Pairs that are each other's best are kept; what score is good enough is found from the
collection itself (`align.matching.mixture`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from align.matching.calibration import Calibration, LengthModel, MiningWeights
from align.matching.mixture import Mixture, fit_mixture
from align.matching.neighbours import BLOCK, Neighbourhood, neighbourhood
from align.matching.scoring import length_deviation
from align.matching.sides import Side
from align.matching.spans import Floats, Ints, centre_of, unit_rows

Doubles = NDArray[np.float64]


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


class Pool:
    """Two sides of a collection with their neighbourhoods: scores any pair of sentences."""

    def __init__(
        self,
        vi: Floats,
        en: Floats,
        vi_lengths: Doubles,
        en_lengths: Doubles,
        calibration: Calibration,
        *,
        k: int = 4,
        priors: tuple[Floats | None, Floats | None] = (None, None),
        pooling: str = "mean",
    ) -> None:
        """Take unit rows, float32 (n, dim) and (m, dim), and lengths in characters; find all neighbourhoods."""
        self.pooling = pooling
        weight = calibration.centre_sentences
        self.vi, self.en = vi, en
        self.vi_centre, self.en_centre = centre_of(vi, priors[0], weight), centre_of(en, priors[1], weight)
        self.vi_centred, self.en_centred = unit_rows(vi - self.vi_centre), unit_rows(en - self.en_centre)
        self.vi_lengths, self.en_lengths = vi_lengths, en_lengths
        self.weights: MiningWeights = calibration.mining
        self.length: LengthModel = calibration.length
        self.near: Neighbourhood = neighbourhood(vi, en, k, self.weights.background)
        self.near_centred = neighbourhood(self.vi_centred, self.en_centred, k, self.weights.centred_background)

    def features(self, rows: slice | Ints, columns: slice | Ints) -> tuple[Doubles, ...]:
        """Return the five features, each float64 (rows, columns), of every pair of two sets of sentences.

        They are the difference margin of the raw and of the centred vectors, the deviation of the log length ratio
        (at most 1), Gale and Church's delta, and a sixth of its square.
        """
        near = (self.near.vi[rows, None] + self.near.en[columns]) / 2
        centred_near = (self.near_centred.vi[rows, None] + self.near_centred.en[columns]) / 2
        vi_lengths, en_lengths = self.vi_lengths[rows, None], self.en_lengths[None, columns]
        ratio = np.minimum(np.abs(np.log(en_lengths / vi_lengths) - np.log(self.length.ratio)), 1.0)
        delta = length_deviation(vi_lengths, en_lengths, self.length.ratio, self.length.variance)
        return (
            self.vi[rows] @ self.en[columns].T - near,
            self.vi_centred[rows] @ self.en_centred[columns].T - centred_near,
            ratio,
            delta,
            delta * delta / 6,
        )

    def score_block(self, rows: slice | Ints, columns: slice | Ints) -> Doubles:
        """Return the log-odds, float64 (rows, columns), of every pair of two sets of sentences."""
        w = self.weights
        linear = (w.margin, w.centred_margin, w.ratio, w.delta, w.delta_square)
        parts = (weight * values for weight, values in zip(linear, self.features(rows, columns), strict=True))
        return np.asarray(sum(parts) + w.constant)

    def cosines(self, vi: Ints, en: Ints) -> Doubles:
        """Return the raw cosine, float64 (n,), of single pairs."""
        return np.asarray(np.einsum("nd,nd->n", self.vi[vi], self.en[en]), dtype=np.float64)

    def ratio_margins(self, vi: Ints, en: Ints) -> Doubles:
        """Return the ratio margin, float64 (n,), of single pairs (Artetxe & Schwenk 2019, equation 2)."""
        near = (self.near.vi[vi] + self.near.en[en]) / 2
        return np.asarray(self.cosines(vi, en) / np.where(np.abs(near) > 1e-6, near, 1e-6))


def pool_of(vi: Side, en: Side, calibration: Calibration, k: int = 4) -> Pool:
    """Return the pool of two prepared sides."""
    priors = vi.prior_centre, en.prior_centre
    return Pool(vi.vectors, en.vectors, vi.lengths, en.lengths, calibration, k=k, priors=priors, pooling=vi.pooling)


def mutual_best(pool: Pool) -> tuple[Ints, Ints, Doubles]:
    """Return the pairs that are each other's best: indices (n,), (n,) and log-odds (n,); ties go to the first."""
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


def mine(pool: Pool, calibration: Calibration) -> Mined:
    """Return all mutual-best pairs with the probability that their own collection gives them."""
    if not len(pool.vi) or not len(pool.en):
        none, zero = np.zeros(0, dtype=np.int64), np.zeros(0)
        return Mined(none, none, zero, zero, zero, zero)
    vi, en, score = mutual_best(pool)
    mixture: Mixture = fit_mixture(score, calibration.mixture)
    return Mined(vi, en, score, mixture.probability(score), pool.cosines(vi, en), pool.ratio_margins(vi, en))


def _blocks(pool: Pool) -> Iterator[tuple[slice, Doubles]]:
    for first in range(0, len(pool.vi), BLOCK):
        rows = slice(first, min(first + BLOCK, len(pool.vi)))
        yield rows, pool.score_block(rows, slice(None))
