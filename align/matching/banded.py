"""The scores of all beads of a piece: what the vectors say is computed once, the lengths for each length ratio."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from align.matching.calibration import BeadWeights, Shape
from align.matching.grids import Grid
from align.matching.pieces import Piece
from align.matching.scoring import Window, length_deviation, length_score, vector_score, vector_terms
from align.matching.spans import Ints, Spans

# Rows whose cosines are computed at once: a block is a rectangle around a slanted strip, so that a tall one computes
# much that is outside the band, and a flat one asks for too many small products.
LEAST_BLOCK, MOST_BLOCK = 48, 256


class PieceScores:
    """The scores of a piece of a document pair, for one set of weights."""

    def __init__(
        self,
        vi: Spans,
        en: Spans,
        piece: Piece,
        shapes: tuple[Shape, ...],
        weights: BeadWeights,
        *,
        variance: float,
        add_floor: float,
    ) -> None:
        """Compute what the vectors say.

        Args:
            vi, en: the two sides of the document pair.
            piece: what to score.
            shapes: the beads to score.
            weights: of the features.
            variance: of the length model.
            add_floor: least of the feature `add`.
        """
        self.piece, self._shapes = piece, shapes
        self._vi, self._en = vi, en
        self._weights, self._variance = weights, variance
        self._fixed = np.full((piece.rows + 1, len(shapes), piece.width), -np.inf, dtype=np.float32)
        for window, columns in self._blocks():
            # A band reaches beyond the last column: the column before it stands in, and counts for nothing.
            inside = columns < window.right
            places = np.minimum(columns, window.right - 1) - window.left
            rows = slice(window.top - piece.top, window.bottom - piece.top)
            for shape, terms in vector_terms(vi, en, window, shapes, add_floor).items():
                values = np.take_along_axis(vector_score(terms, shape, weights), places, axis=1)
                self._fixed[rows, shapes.index(shape)] = np.where(inside, values, -np.inf)

    def grid(self, ratio: float, vi_gap: float, en_gap: float, gap_run: float) -> Grid:
        """Return the grid for a length ratio and the scores of unaligned sentences and of runs of them."""
        piece, table = self.piece, self._fixed.copy()
        rows = slice(piece.top, piece.top + piece.rows)
        columns = piece.left + piece.start[:-1, None] + np.arange(piece.width)
        columns = np.minimum(columns, len(self._en) - 1)
        # In single precision, as the scores that they go into.
        vi_lengths = {a: self._vi.span_lengths(a)[rows, None].astype(np.float32) for a, _ in self._shapes}
        en_lengths = {b: self._en.span_lengths(b).astype(np.float32)[columns] for _, b in self._shapes}
        for place, (a, b) in enumerate(self._shapes):
            delta = length_deviation(vi_lengths[a], en_lengths[b], ratio, self._variance)
            table[:-1, place] += length_score(delta, self._weights)
        ends = piece.open_top, piece.open_bottom, piece.core
        gaps = vi_gap, en_gap, gap_run
        return Grid(piece.rows, piece.columns, piece.start, self._shapes, table, *gaps, *ends)

    def keep_only(self, beads: Ints) -> None:
        """Take out the beads of several sentences that are not among `beads`, int64 (n, 4) as `Found.beads`."""
        piece = self.piece
        allowed: NDArray[np.bool_] = np.zeros(self._fixed.shape, dtype=bool)
        allowed[:, [place for place, shape in enumerate(self._shapes) if shape == (1, 1)]] = True
        number = {shape: place for place, shape in enumerate(self._shapes)}
        rows = beads[:, 0] - piece.top
        own = (rows >= 0) & (rows < piece.rows)
        rows, shapes = rows[own], np.array([number[a, b] for a, b in beads[own, 2:].tolist()], dtype=np.int64)
        columns = beads[own, 1] - piece.left - piece.start[rows]
        inside = (columns >= 0) & (columns < piece.width)
        allowed[rows[inside], shapes[inside], columns[inside]] = True
        self._fixed[~allowed] = -np.inf

    def _blocks(self) -> Iterator[tuple[Window, Ints]]:
        """Yield blocks of rows: the rectangle that holds their part of the band, and its columns (rows, width)."""
        piece = self.piece
        height = min(max(LEAST_BLOCK, piece.width), MOST_BLOCK)
        for top in range(0, piece.rows, height):
            bottom = min(top + height, piece.rows)
            columns: Ints = piece.left + piece.start[top:bottom, None] + np.arange(piece.width)
            left, right = int(columns[0, 0]), min(int(columns[-1, -1]) + 1, piece.left + piece.columns)
            if left < right:
                yield Window(piece.top + top, piece.top + bottom, left, right), columns
