"""Two pools of sentences with what scores any pair of them: vectors, neighbourhoods and lengths.

Up to `WHOLE_CELLS` pairs of sentences can all be scored (`Pool`); of larger pools, those that are among the nearest of
either sentence (`ListedPool`).
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from align.matching.approximate import Search, check_search, chosen_search, search_both, warning_of
from align.matching.calibration import Calibration, LengthModel, MiningWeights
from align.matching.neighbours import Neighbourhood, neighbourhood
from align.matching.rows import LazyRows, Rows, mean_of_rows, row_products, whole
from align.matching.scoring import length_deviation
from align.matching.sides import Side
from align.matching.spans import Floats, Ints, centre_of, unit_rows

Doubles = NDArray[np.float64]
Priors = tuple[Floats | None, Floats | None]
"""Mean vectors of the two languages, float32 (dim,), or None."""

WHOLE_CELLS = 20_000 * 20_000  # pairs of sentences that are all scored: about a minute on one core
WHOLE_ROWS = 100_000  # of either side that are held as float32, twice
LISTED = 8  # neighbours of each sentence in a larger pool, raw and centred, that are scored


class _Scores:
    """What two sides of a collection need to score single pairs of sentences."""

    vi: Rows
    en: Rows
    vi_centred: Rows
    en_centred: Rows
    near: Neighbourhood
    near_centred: Neighbourhood

    def __init__(self, vi_lengths: Doubles, en_lengths: Doubles, calibration: Calibration) -> None:
        self.vi_lengths, self.en_lengths = vi_lengths, en_lengths
        self.weights: MiningWeights = calibration.mining
        self.length: LengthModel = calibration.length

    def pair_features(self, vi: Ints, en: Ints) -> tuple[Doubles, ...]:
        """Return the features of `Pool.features`, each float64 (n,), of single pairs."""
        return self._features(
            (row_products(self.vi, self.en, vi, en), self.near.vi[vi], self.near.en[en]),
            (
                row_products(self.vi_centred, self.en_centred, vi, en),
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
        return row_products(self.vi, self.en, vi, en)

    def ratio_margins(self, vi: Ints, en: Ints) -> Doubles:
        """Return the ratio margin, float64 (n,), of single pairs (Artetxe & Schwenk 2019, equation 2)."""
        near = (self.near.vi[vi] + self.near.en[en]) / 2
        return np.asarray(self.cosines(vi, en) / np.where(np.abs(near) > 1e-6, near, 1e-6))


class Pool(_Scores):
    """Two sides of a collection with their neighbourhoods: scores any pair of sentences."""

    vi: Floats
    en: Floats
    vi_centred: Floats
    en_centred: Floats

    def __init__(
        self,
        vi: Floats,
        en: Floats,
        vi_lengths: Doubles,
        en_lengths: Doubles,
        calibration: Calibration,
        *,
        k: int = 4,
        priors: Priors = (None, None),
        pooling: str = "mean",
    ) -> None:
        """Take unit rows, float32 (n, dim) and (m, dim), and lengths in characters; find all neighbourhoods."""
        super().__init__(vi_lengths, en_lengths, calibration)
        self.pooling = pooling
        weight = calibration.centre_sentences
        self.vi, self.en = vi, en
        self.vi_centre, self.en_centre = centre_of(vi, priors[0], weight), centre_of(en, priors[1], weight)
        self.vi_centred, self.en_centred = unit_rows(vi - self.vi_centre), unit_rows(en - self.en_centre)
        self.near = neighbourhood(vi, en, k, self.weights.background)
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

    def score_block(self, rows: slice | Ints, columns: slice | Ints) -> Doubles:
        """Return the log-odds, float64 (rows, columns), of every pair of two sets of sentences."""
        return self._score(self.features(rows, columns))


class ListedPool(_Scores):
    """Two sides too large to score every pair of sentences: those that are near one another are listed.

    Vectors stay what and where they are (see `align.matching.rows`), and centred ones are made when needed: besides
    them the pool holds some 500 bytes for each sentence.

    Attributes:
        pairs: int64 (n,), (n,), indices of the listed pairs, sorted, each once.
        recall: share of the exact neighbours that were found, on a sample; 1 of an exact search.
    """

    def __init__(
        self,
        vi: Rows,
        en: Rows,
        vi_lengths: Doubles,
        en_lengths: Doubles,
        calibration: Calibration,
        *,
        k: int = 4,
        priors: Priors = (None, None),
        search: Search = "auto",
    ) -> None:
        """Take unit rows (n, dim) and (m, dim) and lengths in characters; find the nearest of every sentence.

        Warns:
            ApproximateSearchWarning: the search is not exact.
        """
        super().__init__(vi_lengths, en_lengths, calibration)
        weight = calibration.centre_sentences
        self.vi, self.en = vi, en
        self.vi_centred = LazyRows(vi, mean_of_rows(vi, priors[0], weight))
        self.en_centred = LazyRows(en, mean_of_rows(en, priors[1], weight))
        count, keys, recalls = max(k, LISTED), [], []
        for sides, background, centred in (
            ((self.vi, self.en), self.weights.background, False),
            ((self.vi_centred, self.en_centred), self.weights.centred_background, True),
        ):
            vi_nearest, en_nearest, recall = search_both(*sides, count, search)
            near = Neighbourhood(vi_nearest.mean(k, background), en_nearest.mean(k, background))
            self.near, self.near_centred = (self.near, near) if centred else (near, near)
            keys += [_keys(vi_nearest.places, len(en)), _keys(en_nearest.places, len(en), flipped=True)]
            recalls.append(recall)
        self.pairs: tuple[Ints, Ints] = np.divmod(np.unique(np.concatenate(keys)), max(len(en), 1))
        self.recall = min(recalls)
        if len(self.pairs[0]) and chosen_search(len(vi), len(en), search) == "faiss":
            warnings.warn(warning_of(self.recall, count), stacklevel=2)


def _keys(places: Ints, columns: int, *, flipped: bool = False) -> Ints:
    """Return row * columns + column, int64, of the neighbours that are there."""
    owner = np.repeat(np.arange(len(places)), places.shape[1])
    place = places.ravel()
    owner, place = owner[place >= 0], place[place >= 0]
    return place * columns + owner if flipped else owner * columns + place


def pool_of(vi: Side, en: Side, calibration: Calibration, k: int = 4) -> Pool:
    """Return the pool of two prepared sides."""
    priors = vi.prior_centre, en.prior_centre
    return Pool(vi.vectors, en.vectors, vi.lengths, en.lengths, calibration, k=k, priors=priors, pooling=vi.pooling)


def mining_pool(
    vi: Rows,
    en: Rows,
    vi_lengths: Doubles,
    en_lengths: Doubles,
    calibration: Calibration,
    *,
    k: int = 4,
    priors: Priors = (None, None),
    search: Search = "auto",
) -> Pool | ListedPool:
    """Return a pool to be mined, with every pair of its sentences or with those that are near one another.

    Args:
        vi, en: unit rows (n, dim) and (m, dim); see `align.matching.rows.check_rows`.
        vi_lengths, en_lengths: float64 (n,) and (m,), characters.
        calibration: of the encoder that made the vectors.
        k: nearest neighbours in the margin.
        priors: mean vectors of the languages.
        search: "faiss" lists the neighbours of small pools, too, and finds nearly all; "exact" finds all.

    Raises:
        OptionError: `search` is unknown.
        MissingExtraError: `search` is "faiss", which is not installed.

    Warns:
        ApproximateSearchWarning: the search is not exact.
    """
    check_search(search)
    sides = vi, en, vi_lengths, en_lengths, calibration
    if search == "faiss" or len(vi) * len(en) > WHOLE_CELLS or max(len(vi), len(en)) > WHOLE_ROWS:
        return ListedPool(*sides, k=k, priors=priors, search=search)
    return Pool(whole(vi), whole(en), *sides[2:], k=k, priors=priors)
