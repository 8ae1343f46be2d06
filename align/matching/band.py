"""Where the path can be: the whole grid of a short document pair, a band around a coarse path for a long one.

Coarse to fine: neighbouring sentences are merged by twos until the grid is small, a path is found there, and at each
finer level only the cells near the coarser path are searched (as vecalign does; Thompson & Koehn 2019, section 3.3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from align.matching.dynamic import Grid, Step, best_path, grid_of
from align.matching.spans import Floats, Spans, unit_rows

WHOLE_GRID_CELLS = 400_000
COARSEST_ROWS = 150
SEARCH_RADIUS = 8  # cells either side of the coarser path that a finer level searches
BAND_RADIUS = 12  # the same for the band of the model itself


@dataclass(frozen=True)
class Band:
    """Columns kept of each row.

    Attributes:
        start: int64 (rows + 1,), first column of each row, not decreasing, start[0] == 0.
        width: columns of every row.
    """

    start: NDArray[np.int64]
    width: int


def band_of(vi: Spans, en: Spans) -> Band:
    """Return the band of a document pair."""
    if len(vi) * len(en) <= WHOLE_GRID_CELLS:
        return _whole(len(vi), len(en))
    low, high = _coarse_path(vi.vectors(1), en.vectors(1))
    return _around(low, high, len(en), BAND_RADIUS)


def near_path(path: list[Step], rows: int, columns: int) -> Band:
    """Return the band around a path through so many sentences; the whole grid if that is no wider."""
    low, high = _visited(path, rows, columns)
    band = _around(low, high, columns, BAND_RADIUS)
    return band if band.width <= columns else _whole(rows, columns)


def _whole(rows: int, columns: int) -> Band:
    return Band(np.zeros(rows + 1, dtype=np.int64), columns + 1)


def _coarse_path(vi: Floats, en: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the lowest and highest column, each int64 (rows + 1,), that the path of 1-1 steps visits in a row."""
    if max(len(vi), len(en)) <= COARSEST_ROWS:
        band = _whole(len(vi), len(en))
    else:
        low, high = _coarse_path(_halved(vi), _halved(en))
        rows = np.minimum((np.arange(len(vi) + 1) + 1) // 2, len(low) - 1)
        fine_low = 2 * low[np.maximum(rows - 1, 0)]
        band = _around(fine_low, np.minimum(2 * high[rows] + 1, len(en)), len(en), SEARCH_RADIUS)
    return _visited(best_path(_one_to_one(vi, en, band)), len(vi), len(en))


def _halved(vectors: Floats) -> Floats:
    """Merge sentences by twos: the sum of their unit vectors, scaled to length 1."""
    even = np.zeros(((len(vectors) + 1) // 2, vectors.shape[1]), dtype=np.float32)
    even += vectors[::2]
    even[: len(vectors) // 2] += vectors[1::2]
    return unit_rows(even)


def _one_to_one(vi: Floats, en: Floats, band: Band) -> Grid:
    """Score 1-1 steps by cosine and let gaps be free."""
    scores = np.full((len(vi) + 1, band.width), -np.inf, dtype=np.float32)
    for row in range(len(vi)):
        first = int(band.start[row])
        values = en[first : first + band.width] @ vi[row]
        scores[row, : len(values)] = values
    return grid_of(len(vi), len(en), band.start, {(1, 1): scores}, 0.0, 0.0)


def _visited(path: list[Step], rows: int, columns: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    low = np.full(rows + 1, columns, dtype=np.int64)
    high = np.zeros(rows + 1, dtype=np.int64)
    for i, j in [(step.vi, step.en) for step in path] + [(rows, columns)]:
        low[i], high[i] = min(low[i], j), max(high[i], j)
    return low, high


def _around(low: NDArray[np.int64], high: NDArray[np.int64], columns: int, radius: int) -> Band:
    """Widen [low, high] by `radius` columns and as many rows, and give every row the same width."""
    window = np.arange(-radius, radius + 1)
    rows = np.arange(len(low))
    near = np.clip(rows[:, None] + window[None, :], 0, len(low) - 1)
    first = np.maximum(low[near].min(axis=1) - radius, 0)
    last = np.minimum(high[near].max(axis=1) + radius, columns)
    first = np.minimum.accumulate(first[::-1])[::-1]  # not decreasing
    first[0] = 0
    return Band(first.astype(np.int64), int((last - first).max()) + 1)
