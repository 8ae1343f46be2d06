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

from align.matching.calibration import Calibration, LengthModel, MiningWeights, MixtureModel
from align.matching.mixture import Mixture, fit_mixture
from align.matching.neighbours import BLOCK, Neighbourhood, neighbourhood
from align.matching.scoring import length_deviation
from align.matching.sides import Side
from align.matching.spans import Floats, Ints, centre_of, unit_rows

Doubles = NDArray[np.float64]
Revise = Callable[[Ints, Ints, Doubles], Doubles]
"""Takes indices (n,), (n,) of sentence pairs and their log-odds (n,), returns log-odds that know more than vectors."""

CANDIDATES = 4  # of each sentence, whose log-odds are revised


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
        return self._features(
            (self.vi[rows] @ self.en[columns].T, self.near.vi[rows, None], self.near.en[columns]),
            (
                self.vi_centred[rows] @ self.en_centred[columns].T,
                self.near_centred.vi[rows, None],
                self.near_centred.en[columns],
            ),
            self.vi_lengths[rows, None],
            self.en_lengths[None, columns],
        )

    def pair_features(self, vi: Ints, en: Ints) -> tuple[Doubles, ...]:
        """Return the same features, each float64 (n,), of single pairs."""
        return self._features(
            (_row_products(self.vi[vi], self.en[en]), self.near.vi[vi], self.near.en[en]),
            (
                _row_products(self.vi_centred[vi], self.en_centred[en]),
                self.near_centred.vi[vi],
                self.near_centred.en[en],
            ),
            self.vi_lengths[vi],
            self.en_lengths[en],
        )

    def _features(
        self,
        raw: tuple[Floats | Doubles, Doubles, Doubles],
        centred: tuple[Floats | Doubles, Doubles, Doubles],
        vi_lengths: Doubles,
        en_lengths: Doubles,
    ) -> tuple[Doubles, ...]:
        """Compute the features from cosines and mean cosines of both neighbourhoods, raw and centred, and lengths."""
        ratio = np.minimum(np.abs(np.log(en_lengths / vi_lengths) - np.log(self.length.ratio)), 1.0)
        delta = length_deviation(vi_lengths, en_lengths, self.length.ratio, self.length.variance)
        margins = (cosine - (vi_near + en_near) / 2 for cosine, vi_near, en_near in (raw, centred))
        return (*margins, ratio, delta, delta * delta / 6)

    def score_block(self, rows: slice | Ints, columns: slice | Ints) -> Doubles:
        """Return the log-odds, float64 (rows, columns), of every pair of two sets of sentences."""
        return self._score(self.features(rows, columns))

    def score_pairs(self, vi: Ints, en: Ints) -> Doubles:
        """Return the log-odds, float64 (n,), of single pairs."""
        return self._score(self.pair_features(vi, en))

    def _score(self, features: tuple[Doubles, ...]) -> Doubles:
        w = self.weights
        linear = (w.margin, w.centred_margin, w.ratio, w.delta, w.delta_square)
        parts = (weight * values for weight, values in zip(linear, features, strict=True))
        return np.asarray(sum(parts) + w.constant)

    def cosines(self, vi: Ints, en: Ints) -> Doubles:
        """Return the raw cosine, float64 (n,), of single pairs."""
        return _row_products(self.vi[vi], self.en[en])

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


def mine(
    pool: Pool, calibration: Calibration, *, revise: Revise | None = None, prior: MixtureModel | None = None
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


def candidates(pool: Pool, count: int = CANDIDATES) -> tuple[Ints, Ints, Doubles]:
    """Return the `count` best partners of every sentence of either side, each pair once, sorted by indices.

    Returns:
        Indices int64 (n,), (n,) and log-odds float64 (n,); among equal scores the first is the better.
    """
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


def _best_of_candidates(pool: Pool, revise: Revise) -> tuple[Ints, Ints, Doubles]:
    """Return the candidates that are each other's best by their revised log-odds; ties go to the first."""
    vi, en, score = candidates(pool)
    revised = revise(vi, en, score)
    order = np.lexsort((en, vi, -revised))
    best_en, best_vi = np.full(len(pool.vi), -1), np.full(len(pool.en), -1)
    for place in order[::-1]:  # the best comes last and stays
        best_en[vi[place]], best_vi[en[place]] = place, place
    mutual = np.flatnonzero((best_en[vi] == np.arange(len(vi))) & (best_vi[en] == np.arange(len(vi))))
    return vi[mutual], en[mutual], revised[mutual]


def _blocks(pool: Pool) -> Iterator[tuple[slice, Doubles]]:
    for first in range(0, len(pool.vi), BLOCK):
        rows = slice(first, min(first + BLOCK, len(pool.vi)))
        yield rows, pool.score_block(rows, slice(None))


def _row_products(vi: Floats, en: Floats) -> Doubles:
    return np.asarray(np.einsum("nd,nd->n", vi, en), dtype=np.float64)
