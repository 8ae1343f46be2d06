"""Vectors and lengths of spans of consecutive sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from align.errors import InputError, OptionError

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

POOLINGS = ("mean", "max")
"""How an encoder makes one vector of many: mean over tokens (e5, LaBSE's kind) or element-wise maximum (LASER)."""


def unit_rows(rows: NDArray[np.floating]) -> Floats:
    """Scale the rows of an (n, dim) matrix to length 1; rows of zeros stay zeros.

    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]], dtype=float32)
    """
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 0, norms, 1), dtype=np.float32)


def check_vectors(name: str, vectors: ArrayLike) -> Floats:
    """Return `vectors` as a float32 (n, dim) matrix of unit rows.

    Raises:
        InputError: not a matrix, or a value is not finite; the message names the argument and the row.
    """
    rows = np.asarray(vectors, dtype=np.float32)
    if rows.ndim != 2:
        raise InputError(f"{name} has the shape {rows.shape}; expected (sentences, dimensions)")
    bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if len(bad):
        raise InputError(f"{name}, row {bad[0]}: holds a value that is not finite; encode that sentence again")
    return unit_rows(rows)


def check_lengths(name: str, lengths: ArrayLike | None, count: int) -> NDArray[np.float64]:
    """Return `lengths` (characters of each sentence) as float64 (count,), at least 1 each.

    Raises:
        InputError: their number is not `count`, or one is negative or not finite.
    """
    values = np.asarray([] if lengths is None else lengths, dtype=np.float64)
    if values.shape != (count,):
        raise InputError(f"{name} has the shape {values.shape}; expected ({count},): one length a sentence")
    if count and not (np.isfinite(values).all() and values.min() >= 0):
        raise InputError(f"{name} holds a value that is negative or not finite; expected characters of each sentence")
    return np.maximum(values, 1.0)


def text_lengths(texts: Sequence[str]) -> NDArray[np.float64]:
    """Return the number of characters of each text, float64 (n,), at least 1."""
    return np.maximum(np.array([len(text) for text in texts], dtype=np.float64), 1.0)


def check_pooling(pooling: str) -> str:
    """Return `pooling`.

    Raises:
        OptionError: it is not one of `POOLINGS`.
    """
    if pooling not in POOLINGS:
        raise OptionError("pooling", pooling, ", ".join(POOLINGS))
    return pooling


class Spans:
    """One side of a document: vectors and lengths of every span of consecutive sentences.

    A span's vector is pooled from its sentences' vectors as the encoder pools tokens, by their mean weighted by length
    or by the maximum of each element, unless `replace` has given it the vector of the joined text. All vectors are
    centred: pooled and scaled to length 1 first, then the document's mean is taken off and the rest scaled to length 1
    (see `centre_of`). The order matters for the maximum, which is one of what the encoder gives, not of differences.
    Vectors are computed when they are asked for: a long document's spans would not fit into memory.
    """

    def __init__(
        self,
        vectors: Floats,
        lengths: NDArray[np.float64],
        *,
        prior_centre: Floats | None = None,
        prior_weight: float = 0.0,
        positions: Ints | None = None,
        pooling: str = "mean",
    ) -> None:
        """Find the centre.

        Args:
            vectors: float32 (n, dim), unit rows, one a sentence.
            lengths: float64 (n,), characters.
            prior_centre: float32 (dim,), the language's mean vector, or None.
            prior_weight: how many sentences the prior counts as.
            positions: int64 (n,), place of each sentence in its article, increasing; a span never jumps over a
                missing place, so that its text is one stretch of the article. None means 0..n-1.
            pooling: "mean" or "max".

        Raises:
            OptionError: `pooling` is neither.
        """
        check_pooling(pooling)
        self.lengths = lengths
        self.centre = centre_of(vectors, prior_centre, prior_weight)
        self._rows, self._pooling = vectors, pooling
        self._places = np.arange(len(vectors)) if positions is None else np.asarray(positions)
        self._joined: dict[int, tuple[Ints, Floats]] = {}  # size -> starts, increasing, and centred vectors
        self._exists: dict[int, NDArray[np.bool_]] = {}
        self._span_lengths: dict[int, NDArray[np.float64]] = {}

    def __len__(self) -> int:
        """Return the number of sentences."""
        return len(self.lengths)

    def vectors(self, size: int, first: int = 0, last: int | None = None) -> Floats:
        """Return float32 (last - first, dim): the centred vectors of the spans of `size` sentences that start there.

        A span that runs over the end has the vector of what is there. By default those of the whole side.
        """
        stop = len(self) if last is None else last
        if self._pooling == "mean":
            weights = self.lengths[first : stop + size - 1, None].astype(np.float32)
            pooled = _windows(self._rows[first : stop + size - 1] * weights, size, stop - first, np.add)
        else:
            pooled = _windows(self._rows[first : stop + size - 1], size, stop - first, np.maximum)
        centred = self._centred(pooled)
        if size in self._joined:
            starts, known = self._joined[size]
            low, high = np.searchsorted(starts, (first, stop))
            centred[starts[low:high] - first] = known[low:high]
        return centred

    def exists(self, size: int) -> NDArray[np.bool_]:
        """Say for each start, bool (n,), whether `size` sentences follow one another without a missing place."""
        if size not in self._exists:
            self._exists[size] = _consecutive(self._places, size)
        return self._exists[size]

    def span_lengths(self, size: int) -> NDArray[np.float64]:
        """Return float64 (n,): the characters of the spans of `size` sentences, a space between each two."""
        if size not in self._span_lengths:
            self._span_lengths[size] = _window_sums(self.lengths, size) + (size - 1)
        return self._span_lengths[size]

    def replace(self, size: int, starts: Sequence[int] | Ints, vectors: Floats) -> None:
        """Put the vectors of joined texts, float32 (len(starts), dim) unit rows, in the place of pooled ones."""
        if not len(starts):
            return
        known, rows = self._joined.get(size, (np.zeros(0, dtype=np.int64), vectors[:0]))
        joined = np.concatenate([np.asarray(starts, dtype=np.int64), known])
        unique, first = np.unique(joined, return_index=True)  # of two for one span the newer comes first
        self._joined[size] = unique, np.concatenate([self._centred(vectors), rows])[first]

    def _centred(self, rows: NDArray[np.floating]) -> Floats:
        return unit_rows(unit_rows(rows) - self.centre)


def centre_of(vectors: Floats, prior: Floats | None, weight: float) -> Floats:
    """Return the mean of the unit rows (float32, dim), shrunk towards the prior mean worth `weight` rows.

    A single sentence is its own mean, and centring would leave nothing of it: hence the prior, and with no prior
    the origin stands in for it.
    """
    total = vectors.sum(axis=0, dtype=np.float64)
    if prior is not None:
        total = total + weight * prior.astype(np.float64)
    return np.asarray(total / max(len(vectors) + weight, 1.0), dtype=np.float32)


def _window_sums(values: NDArray[np.floating], size: int) -> NDArray[np.float64]:
    """Sum every window of `size` rows; windows that run over the end hold what is there."""
    total = np.zeros(values.shape, dtype=np.float64)
    for shift in range(min(size, len(values))):
        total[: len(values) - shift] += values[shift:]
    return total


def _windows(values: Floats, size: int, count: int, together: np.ufunc) -> Floats:
    """Put `size` rows together from each of the first `count` on; windows that run over the end hold what is there."""
    out = values[:count].copy()
    for shift in range(1, size):
        there = min(count, len(values) - shift)
        if there > 0:
            together(out[:there], values[shift : shift + there], out=out[:there])
    return out


def _consecutive(places: Ints, size: int) -> NDArray[np.bool_]:
    """Say for each start whether `size` sentences follow one another without a missing place."""
    fits = np.zeros(len(places), dtype=bool)
    last = len(places) - size + 1
    if last > 0:
        fits[:last] = places[size - 1 :] - places[:last] == size - 1
    return fits
