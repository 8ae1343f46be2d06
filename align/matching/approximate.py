"""Nearest neighbours in pools too large to compare every two sentences: an inverted file of faiss.

The rows of a pool are put into cells around k-means centres, in half precision, and a query is compared with those of
the nearest cells only (Jégou, Douze & Schmid 2011, section 4, with scalar quantisation in the place of product
quantisation). What is found gets its exact cosine afterwards. Which neighbours are missed is measured on a sample.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from align.errors import ApproximateSearchWarning, MissingExtraError, OptionError
from align.matching.neighbours import Nearest, best_first, nearest, nearest_both
from align.matching.rows import Rows, blocks, row_products
from align.matching.spans import Floats, Ints

Search = Literal["auto", "exact", "faiss"]
SEARCHES: tuple[Search, ...] = ("auto", "exact", "faiss")

EXACT_CELLS = 200_000 * 200_000  # pairs of sentences that are all compared: some 20 minutes on two cores
CELLS = 4.0  # of the index, for the square root of its rows
ROWS_PER_CELL = 64  # that the centres are trained on
PROBES = 16  # cells that a query is compared with, at first
TARGET = 0.98  # recall for which their number is doubled again
MOST_PROBES = 0.25  # of all cells: beyond, exact search takes no longer
SAMPLE = 500  # queries whose neighbours are searched exactly, too
SEED = 20_111  # of the centres
QUERIES = 8192  # at once


def check_search(search: str) -> None:
    """Refuse what is no search.

    Raises:
        OptionError: `search` is not one of `SEARCHES`.
        MissingExtraError: it is "faiss", which is not installed.
    """
    if search not in SEARCHES:
        raise OptionError("search", search, ", ".join(SEARCHES))
    if search == "faiss" and not has_faiss():
        raise MissingExtraError("approximate search", "faiss")


def has_faiss() -> bool:
    """Say whether faiss is installed."""
    from importlib.util import find_spec

    return find_spec("faiss") is not None


def chosen_search(rows: int, columns: int, search: Search = "auto") -> Literal["exact", "faiss"]:
    """Return how the neighbours of two pools are found: exactly up to `EXACT_CELLS` pairs, or without faiss."""
    if search == "auto":
        return "faiss" if rows * columns > EXACT_CELLS and has_faiss() else "exact"
    return search


def search_both(vi: Rows, en: Rows, k: int, search: Search = "auto") -> tuple[Nearest, Nearest, float]:
    """Return the k nearest rows of the other side for every row of either side, and the recall.

    Returns:
        Neighbours of the Vietnamese and of the English rows, and the share of the exact neighbours among them: 1 of
        an exact search, else measured on up to `SAMPLE` rows of either side.

    Raises:
        OptionError: `search` is not one of `SEARCHES`.
        MissingExtraError: it is "faiss", which is not installed.
    """
    check_search(search)
    if chosen_search(len(vi), len(en), search) == "exact" or not len(vi) or not len(en):
        return (*nearest_both(vi, en, k), 1.0)
    (vi_found, vi_recall), (en_found, en_recall) = approximate_nearest(vi, en, k), approximate_nearest(en, vi, k)
    return vi_found, en_found, min(vi_recall, en_recall)


def warning_of(recall_found: float, k: int) -> ApproximateSearchWarning:
    """Return what tells of a search whose recall is not 1 by design."""
    return ApproximateSearchWarning(recall_found, k, SAMPLE)


def approximate_nearest(queries: Rows, pool: Rows, k: int) -> tuple[Nearest, float]:
    """Return nearly always the k nearest rows of `pool` for each query, the same ones in every run; and the recall.

    As many cells are searched as find `TARGET` of the exact neighbours of a sample, or `MOST_PROBES` of all cells.

    Raises:
        MissingExtraError: faiss is not installed.
    """
    index, cells = _index_of(pool)
    sample = queries[_evenly(len(queries), SAMPLE)]
    exact = nearest(sample, pool, min(k, len(pool)))
    most = max(PROBES, math.ceil(MOST_PROBES * cells))
    probes = [min(PROBES << doubling, most) for doubling in range(32)]
    for index.nprobe in dict.fromkeys(probes):
        reached = _recall(_searched(index, sample, pool, k), exact)
        if reached >= TARGET:
            break
    return _searched(index, queries, pool, k), reached


def _index_of(pool: Rows) -> tuple[Any, int]:
    """Return a trained and filled index of a pool, and how many cells it has."""
    try:
        import faiss
    except ImportError as error:
        raise MissingExtraError("approximate search", "faiss") from error
    cells = max(1, min(round(CELLS * math.sqrt(len(pool))), len(pool) // ROWS_PER_CELL))
    index: Any = faiss.index_factory(pool.shape[1], f"IVF{cells},SQfp16", faiss.METRIC_INNER_PRODUCT)
    index.cp.seed, index.cp.min_points_per_centroid = SEED, 1  # faiss prints a warning about small pools
    index.train(pool[_evenly(len(pool), cells * ROWS_PER_CELL)])
    for rows in blocks(len(pool)):
        index.add(pool[rows])
    return index, cells


def _searched(index: Any, queries: Rows, pool: Rows, k: int) -> Nearest:
    places = np.full((len(queries), k), -1, dtype=np.int64)
    values: Floats = np.full((len(queries), k), -np.inf, dtype=np.float32)
    for rows in blocks(len(queries), QUERIES):
        own = queries[rows]
        _, found = index.search(own, k)
        places[rows], values[rows] = _exactly(own, pool, found)
    return Nearest(places, values)


def _exactly(queries: Floats, pool: Rows, found: Ints) -> tuple[Ints, Floats]:
    """Return the places (n, k) that were found with their own cosines, the best first; -1 stays last."""
    count, k = found.shape
    owner = np.repeat(np.arange(count), k)
    place = found.ravel()
    value: Floats = np.full(len(place), -np.inf, dtype=np.float32)
    there = np.flatnonzero(place >= 0)
    value[there] = row_products(queries, pool, owner[there], place[there])
    order = best_first(owner, value, place)
    return place[order].reshape(count, k), value[order].reshape(count, k)


def _recall(found: Nearest, exact: Nearest) -> float:
    """Return the share of the exact neighbours that were found.

    What was found is right when it is as near as the farthest of the exact ones: equally near ones are equally good.
    """
    held = found.cosines >= exact.cosines[:, -1:] - 1e-6  # the two are multiplied in different orders
    return min(float(held.sum() / max(exact.cosines.size, 1)), 1.0)


def _evenly(count: int, wanted: int) -> Ints:
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).round().astype(np.int64))
