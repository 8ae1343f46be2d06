"""Where the path can be: the whole grid of a short document pair, a band around a coarse path for a long one.

Coarse to fine: neighbouring sentences are merged by twos until the grid is small, a path is found there, and at each
finer level only the cells near the coarser path are searched (as vecalign does; Thompson & Koehn 2019, section 3.3).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from align.matching.grids import Grid, Step
from align.matching.paths import best_paths
from align.matching.pieces import Band, Piece, Stretch, cut, together
from align.matching.spans import Floats, Spans, unit_rows

WHOLE_GRID_CELLS = 40_000
COARSEST_ROWS = 150
SEARCH_RADIUS = 8  # cells either side of the coarser path that a finer level searches
BAND_RADIUS = 12
BLOCK = 64  # rows whose cosines are computed at once

Bounds = tuple[NDArray[np.int64], NDArray[np.int64]]


def band_of(vi: Spans, en: Spans) -> Band:
    """Return the band of a document pair."""
    if len(vi) * len(en) <= WHOLE_GRID_CELLS:
        return whole_band(len(vi), len(en))
    return _around(*_twice(_coarse_path(_halved(vi.vectors(1)), _halved(en.vectors(1))), len(vi), len(en)), BAND_RADIUS)


def near_path(path: Iterable[Step], stretch: Stretch) -> Band:
    """Return the band around a path through a stretch; the whole grid if that is small."""
    rows, columns = stretch.bottom - stretch.top, stretch.right - stretch.left
    if rows * columns <= WHOLE_GRID_CELLS // 10:
        return whole_band(rows, columns)
    moved = [Step(vi - stretch.top, en - stretch.left, shape) for vi, en, shape in path]
    return _around(*_visited(moved, rows, columns), columns, BAND_RADIUS)


def whole_band(rows: int, columns: int) -> Band:
    """Return the band that holds everything."""
    return Band(np.zeros(rows + 1, dtype=np.int64), np.full(rows + 1, columns, dtype=np.int64))


def _coarse_path(vi: Floats, en: Floats) -> Bounds:
    """Return the lowest and highest column, each int64 (rows + 1,), that the path of 1-1 steps visits in a row."""
    rows, columns = len(vi), len(en)
    if max(rows, columns) <= COARSEST_ROWS:
        band = whole_band(rows, columns)
    else:
        band = _around(*_twice(_coarse_path(_halved(vi), _halved(en)), rows, columns), SEARCH_RADIUS)
    return _visited(_path(vi, en, band), rows, columns)


def _twice(coarse: Bounds, rows: int, columns: int) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Return the bounds of a path through twice as many sentences, and `columns`."""
    low, high = coarse
    places = np.minimum((np.arange(rows + 1) + 1) // 2, len(low) - 1)
    return 2 * low[np.maximum(places - 1, 0)], np.minimum(2 * high[places] + 1, columns), columns


def _halved(vectors: Floats) -> Floats:
    """Merge sentences by twos: the sum of their unit vectors, scaled to length 1."""
    even = np.zeros(((len(vectors) + 1) // 2, vectors.shape[1]), dtype=np.float32)
    even += vectors[::2]
    even[: len(vectors) // 2] += vectors[1::2]
    return unit_rows(even)


def _path(vi: Floats, en: Floats, band: Band) -> list[Step]:
    """Return the best path of 1-1 steps, scored by cosine, with gaps for nothing."""
    stretch = Stretch(0, len(vi), 0, len(en))
    pieces = cut(stretch, band)
    path = together(pieces, best_paths([_one_to_one(vi, en, piece) for piece in pieces]))
    if path is not None:
        return path
    return best_paths([_one_to_one(vi, en, piece) for piece in cut(stretch, band, whole=True)])[0]


def _one_to_one(vi: Floats, en: Floats, piece: Piece) -> Grid:
    table = np.full((piece.rows + 1, 1, piece.width), -np.inf, dtype=np.float32)
    for top in range(0, piece.rows, BLOCK):
        rows = slice(top, min(top + BLOCK, piece.rows))
        columns = piece.start[rows, None] + np.arange(piece.width)
        left, right = int(columns[0, 0]), min(int(columns[-1, -1]) + 1, piece.columns)
        if left < right:
            own = vi[piece.top + rows.start : piece.top + rows.stop]
            cosines = own @ en[piece.left + left : piece.left + right].T
            values = np.take_along_axis(cosines, np.minimum(columns, right - 1) - left, axis=1)
            table[rows, 0] = np.where(columns < right, values, -np.inf)
    ends = piece.open_top, piece.open_bottom
    return Grid(piece.rows, piece.columns, piece.start, ((1, 1),), table, 0.0, 0.0, 0.0, *ends)


def _visited(path: Iterable[Step], rows: int, columns: int) -> Bounds:
    places = np.array([(step.vi, step.en) for step in path] + [(rows, columns)], dtype=np.int64)
    low: NDArray[np.int64] = np.full(rows + 1, columns, dtype=np.int64)
    high: NDArray[np.int64] = np.zeros(rows + 1, dtype=np.int64)
    np.minimum.at(low, places[:, 0], places[:, 1])
    np.maximum.at(high, places[:, 0], places[:, 1])
    return low, high


def _around(low: NDArray[np.int64], high: NDArray[np.int64], columns: int, radius: int) -> Band:
    """Widen [low, high] by `radius` columns and as many rows."""
    window = np.arange(-radius, radius + 1)
    near = np.clip(np.arange(len(low))[:, None] + window, 0, len(low) - 1)
    first = np.maximum(low[near].min(axis=1) - radius, 0)
    last = np.minimum(high[near].max(axis=1) + radius, columns)
    first = np.minimum.accumulate(first[::-1])[::-1]  # not decreasing
    first[0] = 0
    return Band(first, last)
