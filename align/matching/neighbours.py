"""Exact nearest neighbours by blocks, and the margins that rest on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from align.matching.rows import Rows, blocks
from align.matching.spans import Floats, Ints

BLOCK = 1024  # rows multiplied at once
TILE = 16384  # columns multiplied at once: with 1,024 rows, 64 MB of cosines


@dataclass(frozen=True)
class Neighbourhood:
    """How close each sentence is to its k nearest neighbours on the other side.

    Attributes:
        vi: float64 (n,), mean cosine of each Vietnamese sentence with its k nearest English ones.
        en: float64 (m,), the same the other way.
    """

    vi: NDArray[np.float64]
    en: NDArray[np.float64]


@dataclass(frozen=True)
class Nearest:
    """The k nearest rows of a pool for each query, the nearest first; of equally near ones the first in the pool.

    Attributes:
        places: int64 (n, k), rows of the pool; -1 where it has fewer than k.
        cosines: float32 (n, k), -inf where it has fewer.
    """

    places: Ints
    cosines: Floats

    def mean(self, k: int, background: float) -> NDArray[np.float64]:
        """Return float64 (n,): the mean cosine with the k nearest; `background` stands for each that is missing."""
        return _mean_of(self.cosines[:, :k], background)


def neighbourhood(vi: Floats, en: Floats, k: int, background: float) -> Neighbourhood:
    """Return the mean cosine with the k nearest neighbours of the other side.

    Where the other side has fewer than k sentences, `background` (the cosine of unrelated sentences) stands for each
    that is missing: without it the only candidate would be its own neighbourhood, and its margin always the same.
    """
    if len(en) > TILE:  # all columns at once would fill the memory
        vi_nearest, en_nearest = nearest_both(vi, en, k)
        return Neighbourhood(vi_nearest.mean(k, background), en_nearest.mean(k, background))
    vi_top = np.full((len(vi), k), -np.inf, dtype=np.float32)
    en_top: Floats = np.full((len(en), k), -np.inf, dtype=np.float32)
    for rows in blocks(len(vi), BLOCK):
        block = vi[rows] @ en.T
        vi_top[rows] = _largest(block, k)
        en_top = _largest(np.concatenate([en_top, block.T], axis=1), k)
    return Neighbourhood(_mean_of(vi_top, background), _mean_of(en_top, background))


def nearest_mean(queries: Floats, pool: Floats, k: int, background: float) -> NDArray[np.float64]:
    """Return float64 (n,): the mean cosine of each query with its k nearest rows of `pool`."""
    top = np.full((len(queries), k), -np.inf, dtype=np.float32)
    for rows in blocks(len(queries), BLOCK):
        for columns in blocks(len(pool), TILE):
            values = queries[rows] @ pool[columns].T
            known = values if columns.start == 0 else np.concatenate([top[rows], values], axis=1)
            top[rows] = _largest(known, k)
    return _mean_of(top, background)


def nearest(queries: Rows, pool: Rows, k: int) -> Nearest:
    """Return the k nearest rows of `pool` for each query, by cosine."""
    found = _Top(len(queries), k)
    for rows in blocks(len(queries), BLOCK):
        own = queries[rows]
        for columns in blocks(len(pool), TILE):
            found.offer(rows.start, columns.start, own @ pool[columns].T)
    return found.nearest()


def nearest_both(vi: Rows, en: Rows, k: int) -> tuple[Nearest, Nearest]:
    """Return the k nearest rows of the other side for every row of either side; each two are multiplied once.

    Takes 16 bytes for each neighbour, and some 300 MB besides however many rows there are; half as many are enough for
    rows that differ, twice as many if all are equal.

    >>> import numpy as np
    >>> rows = np.eye(2, dtype=np.float32)
    >>> nearest_both(rows, rows[::-1], 1)[0].places.tolist()
    [[1], [0]]
    """
    vi_found, en_found = _Top(len(vi), k), _Top(len(en), k)
    # An array is sliced in no time, other rows are read and scaled anew for each block of the outer loop.
    for columns in blocks(len(en), TILE):
        own = en[columns]
        for rows in blocks(len(vi), BLOCK):
            cosines = vi[rows] @ own.T
            vi_found.offer(rows.start, columns.start, cosines)
            en_found.offer(columns.start, rows.start, cosines.T)
    return vi_found.nearest(), en_found.nearest()


class _Top:
    """The k best so far of each of n queries, the best first."""

    def __init__(self, count: int, k: int) -> None:
        self._k = k
        self._places = np.full((count, k), -1, dtype=np.int64)
        self._values: Floats = np.full((count, k), -np.inf, dtype=np.float32)

    def nearest(self) -> Nearest:
        return Nearest(self._places, self._values)

    def offer(self, first_query: int, first_place: int, values: Floats) -> None:
        """Take the values (queries, places) of a stretch of either; places come in rising order, so equals lose."""
        queries = slice(first_query, first_query + len(values))
        least = self._values[queries, -1]
        fresh = np.isneginf(least)
        if fresh.any():  # what the block alone would keep; else every value would be sorted
            least = least.copy()
            least[fresh] = np.nextafter(_largest(values[fresh], self._k).min(axis=1), np.float32(-np.inf))
        query, place = _above(values, least)
        if len(query):
            self._merge(query + first_query, place + first_place, values[query, place])

    def _merge(self, query: Ints, place: Ints, value: Floats) -> None:
        """Sort what is new and what is known of the same queries, and keep the best k."""
        touched = np.unique(query)
        query = np.concatenate([np.repeat(touched, self._k), query])
        place = np.concatenate([self._places[touched].ravel(), place])
        value = np.concatenate([self._values[touched].ravel(), value])
        order = best_first(query, value, place)
        starts = np.searchsorted(query[order], touched)
        kept = order[starts[:, None] + np.arange(self._k)]
        self._places[touched], self._values[touched] = place[kept], value[kept]


def best_first(owner: Ints, value: NDArray[np.floating], place: Ints) -> Ints:
    """Return the order by owner, then falling value, then place."""
    return np.asarray(np.lexsort((place, -value, owner)), dtype=np.int64)


def _above(values: Floats, least: Floats) -> tuple[Ints, Ints]:
    """Return the rows and columns of all values above the least of their row, whichever way they lie in memory."""
    if values.flags.c_contiguous:
        rows, columns = np.divmod(np.flatnonzero(values > least[:, None]), values.shape[1])
    else:
        columns, rows = np.divmod(np.flatnonzero(least[None, :] < values.T), values.shape[0])
    return rows, columns


def _largest(values: Floats, k: int) -> Floats:
    """Return the k largest values of each row, -inf where there are fewer, in no order."""
    if values.shape[1] < k:
        missing = np.full((len(values), k - values.shape[1]), -np.inf, dtype=np.float32)
        return np.concatenate([values, missing], axis=1)
    return np.partition(values, values.shape[1] - k, axis=1)[:, values.shape[1] - k :]


def _mean_of(top: Floats, background: float) -> NDArray[np.float64]:
    return np.asarray(np.where(np.isfinite(top), top, background).mean(axis=1, dtype=np.float64))
