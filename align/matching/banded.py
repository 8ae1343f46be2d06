"""The scores of all beads inside a band: what the vectors say is computed once, the lengths for each length ratio."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from align.matching.band import Band
from align.matching.calibration import BeadWeights, Shape
from align.matching.dynamic import Grid
from align.matching.scoring import Window, length_deviation, length_score, vector_score, vector_terms
from align.matching.spans import Floats, Ints, Spans

# Rows whose cosines are computed at once: a block is a rectangle around a slanted strip, so that a tall one computes
# much that is outside the band, and a flat one asks for too many small products.
LEAST_BLOCK, MOST_BLOCK = 48, 256


class BandScores:
    """The scores of a document pair inside a band, for one set of weights."""

    def __init__(
        self,
        vi: Spans,
        en: Spans,
        band: Band,
        shapes: tuple[Shape, ...],
        weights: BeadWeights,
        *,
        variance: float,
        add_floor: float,
    ) -> None:
        """Compute what the vectors say.

        Args:
            vi, en: the two sides.
            band: which columns of each row to score.
            shapes: the beads to score; those longer than a side are left out.
            weights: of the features.
            variance: of the length model.
            add_floor: least of the feature `add`.
        """
        self.shapes = tuple((a, b) for a, b in shapes if a <= len(vi) and b <= len(en))
        self.band = band
        self._vi, self._en = vi, en
        self._weights, self._variance = weights, variance
        self._fixed = np.full((len(vi) + 1, len(self.shapes), band.width), -np.inf, dtype=np.float32)
        for window, columns in self._blocks():
            # A band reaches beyond the last column: the column before it stands in, and counts for nothing.
            inside = columns < window.right
            places = np.minimum(columns, window.right - 1) - window.left
            for shape, terms in vector_terms(vi, en, window, self.shapes, add_floor).items():
                values = np.take_along_axis(vector_score(terms, shape, weights), places, axis=1)
                self._fixed[window.top : window.bottom, self.shapes.index(shape)] = np.where(inside, values, -np.inf)

    def grid(self, ratio: float, vi_gap: float, en_gap: float) -> Grid:
        """Return the grid for a length ratio and the scores of unaligned sentences."""
        table = self._fixed.copy()
        vi_lengths = {a: self._vi.span_lengths(a) for a, _ in self.shapes}
        en_lengths = {b: self._en.span_lengths(b) for _, b in self.shapes}
        for window, columns in self._blocks():
            known = np.minimum(columns, len(self._en) - 1)
            rows = slice(window.top, window.bottom)
            for place, (a, b) in enumerate(self.shapes):
                delta = length_deviation(vi_lengths[a][rows, None], en_lengths[b][known], ratio, self._variance)
                table[rows, place] += length_score(delta, self._weights)
        return Grid(len(self._vi), len(self._en), self.band.start, self.shapes, table, vi_gap, en_gap)

    def _blocks(self) -> Iterator[tuple[Window, Ints]]:
        """Yield blocks of rows: the rectangle that holds their part of the band, and its columns (rows, width)."""
        rows, columns, band = len(self._vi), len(self._en), self.band
        height = min(max(LEAST_BLOCK, band.width), MOST_BLOCK)
        for top in range(0, rows, height):
            bottom = min(top + height, rows)
            left, right = int(band.start[top]), min(int(band.start[bottom - 1]) + band.width, columns)
            if left < right:
                own: NDArray[np.int64] = band.start[top:bottom, None] + np.arange(band.width)[None, :]
                yield Window(top, bottom, left, right), own


def only(grid: Grid, places: Ints) -> Grid:
    """Return the grid without the beads of several sentences that are not at `places` (as `Posterior.places`)."""
    table: Floats = np.full_like(grid.table, -np.inf)
    simple = [place for place, shape in enumerate(grid.shapes) if shape == (1, 1)]
    table[:, simple] = grid.table[:, simple]
    rows, shapes, columns = places.T
    table[rows, shapes, columns] = grid.table[rows, shapes, columns]
    return Grid(grid.rows, grid.columns, grid.start, grid.shapes, table, grid.vi_gap, grid.en_gap)
