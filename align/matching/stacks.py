"""Grids side by side: a call of numpy costs as much for a row of one short grid as for those of thirty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from align.matching.grids import Doubles, Floats, Grid, Ints

CELLS_AT_ONCE = 40_000  # of a row of all grids that are searched side by side: what stays in a core's cache


def side_by_side(grids: Sequence[Grid]) -> Iterator[list[int]]:
    """Yield the numbers of grids to search together: of like size, and few enough."""
    order = sorted(range(len(grids)), key=lambda number: (grids[number].width, grids[number].rows))
    group: list[int] = []
    for number in order:
        grid = grids[number]
        if group and (len(group) + 1) * grid.width * len(grid.shapes) > CELLS_AT_ONCE:
            yield group
            group = []
        group.append(number)
    if group:
        yield group


class Stack:
    """Grids of the same shapes one upon another, the smaller ones filled up with what no path can enter.

    Scores here are relative to those of leaving a bead's sentences unaligned: gaps then score nothing, and a run of
    them is a plain sum. It takes the same number off every path of a document.

    Attributes:
        table: float32 (grids, rows + 1, shapes, width), -inf outside a grid.
        starts: int64 (grids, rows + 1).
        ends: int64 (grids,), last row of each grid.
        last: int64 (grids, rows + 1), last column of the band that is in the document.
        gap_run, plain_gap_run: float64 (grids, 1), what a run of gaps scores, and its exponential.
        down, across: int64 (shapes + 1,): sentences of each shape, the last being the Vietnamese gap (1, 0).
    """

    def __init__(self, grids: Sequence[Grid]) -> None:
        """Put grids together."""
        self.grids = grids
        first = grids[0]
        self.rows = max(grid.rows for grid in grids)
        self.width = max(grid.width for grid in grids)
        shape = (len(grids), self.rows + 1, len(first.shapes), self.width)
        self.table: Floats = np.full(shape, -np.inf, dtype=np.float32)
        self.starts: Ints = np.zeros(shape[:2], dtype=np.int64)
        for place, grid in enumerate(grids):
            apart = np.array([a * grid.vi_gap + b * grid.en_gap for a, b in first.shapes], dtype=np.float32)
            np.subtract(grid.table, apart[:, None], out=self.table[place, : grid.rows + 1, :, : grid.width])
            self.starts[place, : grid.rows + 1] = grid.start
            self.starts[place, grid.rows + 1 :] = grid.start[-1]
        self.ends = np.array([grid.rows for grid in grids])
        self.last = np.array([grid.columns for grid in grids])[:, None] - self.starts
        self.last = np.minimum(self.last, np.array([grid.width - 1 for grid in grids])[:, None])
        self.down, self.across = np.array([*first.shapes, (1, 0)], dtype=np.int64).T
        self.depth = int(self.down.max()) + 1
        self.columns = np.arange(self.width)
        self.gap_run = np.array([grid.gap_run for grid in grids])[:, None]
        self.plain_gap_run = np.exp(self.gap_run)

    def first_row(self) -> Doubles:
        """Return float64 (grids, 2, width): 0 where paths begin, -inf elsewhere and for a gap before that."""
        row = np.where(self.columns <= self.last[:, :1], 0.0, -np.inf)
        row[[not grid.open_top for grid in self.grids], 1:] = -np.inf
        return np.stack([row, np.full_like(row, -np.inf)], axis=1)

    def last_row(self) -> Doubles:
        """Return float64 (grids, width): 0 where paths end, -inf elsewhere."""
        last = self.last[np.arange(len(self.grids)), self.ends][:, None]
        opened = np.array([grid.open_bottom for grid in self.grids])[:, None]
        return np.where((self.columns == last) | (opened & (self.columns < last)), 0.0, -np.inf)


class Ring:
    """The last rows of all grids, with so much beside them that what lies outside the band is found to be nothing."""

    def __init__(self, stack: Stack, offsets: Ints, layers: Ints) -> None:
        """Prepare rows that hold nothing.

        Args:
            stack: the grids.
            offsets: int64 (grids, rows + 1, shapes), where in another row a band's first column is looked up.
            layers: int64 (shapes,), and in which of its layers.
        """
        width = stack.width
        self._offsets = np.clip(offsets, -width, width)
        before, after = max(0, -int(self._offsets.min())), max(0, int(self._offsets.max()))
        self._offsets = self._offsets + before
        self._kept = np.full((len(stack.grids), stack.depth, int(layers.max()) + 1, before + width + after), -np.inf)
        self._own = slice(before, before + width)
        self._views = sliding_window_view(self._kept, width, axis=-1)
        self._depth, self._down = stack.depth, stack.down[None, :]
        self._grids = np.arange(len(stack.grids))[:, None]
        self._layers = layers[None, :]

    def row(self, number: int) -> Doubles:
        """Return the place of a row, float64 (grids, layers, width), to be written."""
        return self._kept[:, number % self._depth, :, self._own]

    def look_up(self, number: int, at: int | Ints) -> Doubles:
        """Return float64 (grids, shapes, width): what is in the earlier rows where the shapes lead.

        Args:
            number: of the row in the order of writing.
            at: its number in the grids, int64 (grids,) where they differ.
        """
        offsets = self._offsets[self._grids[:, 0], at]
        rows = (number - self._down) % self._depth
        return np.asarray(self._views[self._grids, rows, self._layers, offsets])
