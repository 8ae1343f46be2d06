"""Sentence vectors that come block by block: more of them than fit into memory as float32, twice and centred.

Whatever takes `Rows` asks for a slice or for some places at a time, and gets float32 unit rows: of an array what is
there, of a file in half precision what is read and scaled at that moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from align.errors import InputError
from align.matching.spans import Floats, Ints, centre_of, check_vectors, unit_rows

BLOCK = 8192  # rows that are read, scaled or summed at once


class LazyRows:
    """Unit rows made when asked for."""

    def __init__(self, source: Rows | NDArray[np.floating], centre: Floats | None = None) -> None:
        """Take what the rows are made of, (n, dim), and the mean to be taken off, float32 (dim,), or None."""
        self._source, self._centre = source, centre
        self.shape: tuple[int, int] = (source.shape[0], source.shape[1])

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.shape[0]

    def __getitem__(self, places: slice | Ints) -> Floats:
        """Return float32 (rows, dim), scaled to length 1."""
        rows = np.asarray(self._source[places], dtype=np.float32)
        return unit_rows(rows if self._centre is None else rows - self._centre)


Rows: TypeAlias = Floats | LazyRows
"""Unit rows (n, dim): an array, or what makes them when asked."""


def check_rows(name: str, vectors: ArrayLike) -> Rows:
    """Return `vectors` as unit rows; a memory-mapped or half-precision matrix stays where and what it is.

    >>> import numpy as np
    >>> rows = check_rows("vi_vectors", np.array([[3.0, 4.0]], dtype=np.float16))
    >>> rows[:]
    array([[0.6, 0.8]], dtype=float32)

    Raises:
        InputError: not a matrix of numbers, or a value is not finite; the message names the argument and the row.
    """
    kept = isinstance(vectors, np.memmap) or (isinstance(vectors, np.ndarray) and vectors.dtype == np.float16)
    if not kept or not isinstance(vectors, np.ndarray) or vectors.ndim != 2 or vectors.dtype.kind != "f":
        return check_vectors(name, vectors)
    for rows in blocks(len(vectors)):
        bad = np.flatnonzero(~np.isfinite(vectors[rows]).all(axis=1))
        if len(bad):
            place = rows.start + bad[0]
            raise InputError(f"{name}, row {place}: holds a value that is not finite; encode that sentence again")
    return LazyRows(vectors)


def whole(rows: Rows) -> Floats:
    """Return all rows as one array, float32 (n, dim)."""
    return rows[:] if isinstance(rows, LazyRows) else rows


def mean_of_rows(rows: Rows, prior: Floats | None, weight: float) -> Floats:
    """Return what `align.matching.spans.centre_of` does, block by block."""
    if not isinstance(rows, LazyRows):
        return centre_of(rows, prior, weight)
    total = np.zeros(rows.shape[1])
    for part in blocks(len(rows)):
        total += rows[part].sum(axis=0, dtype=np.float64)
    if prior is not None:
        total += weight * prior.astype(np.float64)
    return np.asarray(total / max(len(rows) + weight, 1.0), dtype=np.float32)


def row_products(vi: Rows, en: Rows, vi_places: Ints, en_places: Ints) -> NDArray[np.float64]:
    """Return the cosine, float64 (n,), of each two rows that the places name."""
    out = np.empty(len(vi_places))
    for part in blocks(len(vi_places)):
        out[part] = np.einsum("nd,nd->n", vi[vi_places[part]], en[en_places[part]])
    return out


def blocks(count: int, size: int | None = None) -> Iterator[slice]:
    """Yield the slices of `size` (None is `BLOCK`) that cover 0..count, the last one shorter.

    >>> list(blocks(5, 3))
    [slice(0, 3, None), slice(3, 5, None)]
    """
    step = BLOCK if size is None else size
    for first in range(0, count, step):
        yield slice(first, min(first + step, count))
