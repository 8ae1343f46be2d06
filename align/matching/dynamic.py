"""Exact dynamic programming over beads inside bands: best paths, and the probability of every bead.

A document pair is a grid of positions (i, j): i Vietnamese and j English sentences are behind. A bead of the shape
(a, b) leads from (i, j) to (i + a, j + b); one unaligned sentence leads one step down or right. In a run of unaligned
sentences the Vietnamese ones come first, so that each alignment has one path and none is counted twice.

Only the columns [start[i], start[i] + width) of row i are kept: the whole grid for short documents, a band around a
coarse path for long ones. The forward and backward sums are those of a semi-Markov model (Sarawagi & Cohen 2004,
section 2.2): a path's log-weight is the sum of its beads' scores. Grids are searched side by side, a row of each at a
time and all shapes of it together: a call of numpy costs as much for one short row as for thirty.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from align.matching.calibration import Shape

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

LEAST_LOG = -745.0  # of a positive number in double precision
RANGE = 600.0  # logs of numbers that far apart can be added as plain numbers, with all their digits
NOTHING = -1e300  # stands for -inf where one is subtracted
CELLS_AT_ONCE = 40_000  # of a row of all grids that are searched side by side: what stays in a core's cache


class Step(NamedTuple):
    """One step of a path: from (vi, en) over `shape`, of which (1, 0) and (0, 1) are unaligned sentences."""

    vi: int
    en: int
    shape: Shape


@dataclass(frozen=True)
class Grid:
    """The scores of a document pair, or of a piece of one, inside its band.

    Attributes:
        rows, columns: number of Vietnamese and English sentences.
        start: int64 (rows + 1,), first column of the band in each row, not decreasing.
        shapes: the beads that the model knows.
        table: float32 (rows + 1, shapes, width): score of the bead that starts at (i, start[i] + c), -inf where it does
            not exist.
        vi_gap, en_gap: score of an unaligned sentence of either side.
        open_top, open_bottom: paths may begin in any column of the first row, and end in any of the last one; without,
            they go from (0, 0) to (rows, columns).
        core: rows whose beads and unaligned sentences are wanted, [first, last); the others are there so that these
            have the neighbours that they have in the document.
    """

    rows: int
    columns: int
    start: Ints
    shapes: tuple[Shape, ...]
    table: Floats
    vi_gap: float
    en_gap: float
    open_top: bool = False
    open_bottom: bool = False
    core: tuple[int, int] = (0, sys.maxsize)

    @property
    def width(self) -> int:
        """Columns of the band."""
        return int(self.table.shape[2])

    @property
    def scores(self) -> dict[Shape, Floats]:
        """Return float32 (rows + 1, width) for each shape: views of `table`."""
        return {shape: self.table[:, place] for place, shape in enumerate(self.shapes)}


def grid_of(rows: int, columns: int, start: Ints, scores: Mapping[Shape, Floats], vi_gap: float, en_gap: float) -> Grid:
    """Return the grid of scores that stand in one array, float32 (rows + 1, width), for each shape."""
    return Grid(rows, columns, start, tuple(scores), np.stack(list(scores.values()), axis=1), vi_gap, en_gap)


@dataclass(frozen=True)
class Posterior:
    """Probabilities of the beads that start in the core of a grid.

    Attributes:
        places: int64 (n, 3): row, place in `Grid.shapes` and column of the band of each bead that is probable enough
            to be kept; in no order.
        chances: float64 (n,), their probabilities.
        vi_gaps: float64 (rows,), probability that each Vietnamese sentence is unaligned.
        en_gaps: float64 (columns,), the same for English.
        log_total: log of the sum of all paths' weights.
    """

    places: Ints
    chances: Doubles
    vi_gaps: Doubles
    en_gaps: Doubles
    log_total: float

    def dense(self, grid: Grid) -> Doubles:
        """Return the probabilities laid out as `Grid.table`, float64, 0 for beads that were not kept."""
        table = np.zeros(grid.table.shape)
        table[tuple(self.places.T)] = self.chances
        return table


def best_paths(grids: Sequence[Grid]) -> list[list[Step]]:
    """Return for each grid the steps of the path with the highest sum of scores, first to last."""
    paths: list[list[Step]] = [[] for _ in grids]
    for numbers in _side_by_side(grids):
        own = [grids[number] for number in numbers]
        choices = _Choices()
        forward = _Forward(_Stack(own), choices)
        ways = np.stack(choices.rows, axis=1)
        for place, (number, grid) in enumerate(zip(numbers, own, strict=True)):
            paths[number] = _trace(grid, ways[place], forward.after_bead[place], forward.after_any[place])
    return paths


def posteriors(grids: Sequence[Grid], least: float = 0.0) -> list[Posterior]:
    """Return for each grid the probability of every bead and every unaligned sentence under the model.

    Args:
        grids: the scores.
        least: beads of at most this probability are not kept.
    """
    found: dict[int, Posterior] = {}
    for numbers in _side_by_side(grids):
        stack = _Stack([grids[number] for number in numbers])
        with np.errstate(divide="ignore"):  # the logarithm of 0: no path leads there
            forward = _Forward(stack, _sums)
            own = _Backward(stack, forward, math.log(least) if least > 0 else LEAST_LOG).posteriors()
        found.update(zip(numbers, own, strict=True))
    return [found[number] for number in range(len(grids))]


def _side_by_side(grids: Sequence[Grid]) -> Iterator[list[int]]:
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


class _Stack:
    """Grids of the same shapes one upon another, the smaller ones filled up with what no path can enter.

    Scores here are relative to those of leaving a bead's sentences unaligned: gaps then score nothing, and a run of
    them is a plain sum. It takes the same number off every path of a document.

    Attributes:
        table: float32 (grids, rows + 1, shapes, width), -inf outside a grid.
        starts: int64 (grids, rows + 1).
        ends: int64 (grids,), last row of each grid.
        last: int64 (grids, rows + 1), last column of the band that is in the document.
        down, across: int64 (shapes + 1,): sentences of each shape, the last being the Vietnamese gap (1, 0).
    """

    def __init__(self, grids: Sequence[Grid]) -> None:
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

    def first_row(self) -> Doubles:
        """Return float64 (grids, width): 0 where paths begin, -inf elsewhere."""
        row = np.where(self.columns <= self.last[:, :1], 0.0, -np.inf)
        row[[not grid.open_top for grid in self.grids], 1:] = -np.inf
        return row

    def last_row(self) -> Doubles:
        """Return float64 (grids, width): 0 where paths end, -inf elsewhere."""
        last = self.last[np.arange(len(self.grids)), self.ends][:, None]
        opened = np.array([grid.open_bottom for grid in self.grids])[:, None]
        return np.where((self.columns == last) | (opened & (self.columns < last)), 0.0, -np.inf)


class _Ring:
    """The last rows of all grids, with so much beside them that what lies outside the band is found to be nothing."""

    def __init__(self, stack: _Stack, offsets: Ints, layers: int) -> None:
        """Take `offsets`, int64 (grids, rows + 1, shapes): where in another row a band's first column is looked up."""
        width = stack.width
        self._offsets = np.clip(offsets, -width, width)
        before, after = max(0, -int(self._offsets.min())), max(0, int(self._offsets.max()))
        self._offsets = self._offsets + before
        self._kept = np.full((len(stack.grids), stack.depth, layers, before + width + after), -np.inf)
        self._own = slice(before, before + width)
        self._views = sliding_window_view(self._kept, width, axis=-1)
        self._depth, self._down = stack.depth, stack.down[None, :]
        self._grids = np.arange(len(stack.grids))[:, None]
        self._layers = np.arange(offsets.shape[2])[None, :] if layers > 1 else 0

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


class _Forward:
    """The sums over paths into each cell, or their maxima.

    Attributes:
        after_bead, after_any: float64 (grids, rows + 1, width): of the paths whose last step is no English gap, and of
            all of them.
    """

    def __init__(self, stack: _Stack, together: Callable[[Doubles], tuple[Doubles, Doubles]]) -> None:
        """Compute the sums.

        Args:
            stack: the grids.
            together: takes what comes into the cells of a row by each shape, (grids, shapes, width), and returns the
                sums over the shapes, and these summed over the cells up to each: a run of gaps may follow.
        """
        self.after_bead = np.empty((len(stack.grids), stack.rows + 1, stack.width))
        self.after_any = np.empty_like(self.after_bead)
        sources = np.maximum(np.arange(stack.rows + 1)[:, None] - stack.down, 0)
        ring = _Ring(stack, stack.starts[:, :, None] - stack.starts[:, sources] - stack.across, len(stack.down))
        outside = stack.columns > stack.last[:, :, None] if (stack.last < stack.width - 1).any() else None
        for i in range(stack.rows + 1):
            bead, total = together(ring.look_up(i, i) if i else stack.first_row()[:, None])
            if outside is not None:
                total[outside[:, i]] = -np.inf
            self.after_bead[:, i], self.after_any[:, i] = bead, total
            leaving = ring.row(i)
            np.add(total[:, None], stack.table[:, i], out=leaving[:, :-1])
            leaving[:, -1] = bead


def _sums(coming: Doubles) -> tuple[Doubles, Doubles]:
    """Return the logarithms of the sums of exponentials over the shapes, and of those summed over the columns."""
    highest = coming.max(axis=1)
    shift = np.maximum(highest.max(axis=1), NOTHING)[:, None]
    if ((highest > -np.inf) & (highest < shift - RANGE)).any():
        shift = np.maximum(highest, NOTHING)
        each = shift + np.log(np.exp(coming - shift[:, None]).sum(axis=1))
        return each, np.logaddexp.accumulate(each, axis=1)
    plain = np.exp(coming - shift[:, None]).sum(axis=1)
    return np.log(plain) + shift, np.log(plain.cumsum(axis=1)) + shift


class _Choices:
    """Takes the best way into each cell, and remembers which it was."""

    def __init__(self) -> None:
        self.rows: list[NDArray[np.uint8]] = []

    def __call__(self, coming: Doubles) -> tuple[Doubles, Doubles]:
        """Return the maximum over the shapes, of equal ones the first, and the highest of these up to each column."""
        choice = coming.argmax(axis=1)
        self.rows.append(choice.astype(np.uint8))
        best = np.take_along_axis(coming, choice[:, None], axis=1)[:, 0]
        return best, np.maximum.accumulate(best, axis=1)


def _trace(grid: Grid, choices: NDArray[np.uint8], after_bead: Doubles, after_any: Doubles) -> list[Step]:
    """Walk the best path from the end to the start."""
    ways = (*grid.shapes, (1, 0))
    by_gap: NDArray[np.bool_] = np.zeros(after_bead.shape, dtype=bool)
    by_gap[:, 1:] = after_any[:, :-1] > after_bead[:, 1:]
    i, j = grid.rows, grid.columns
    if grid.open_bottom:
        j = int(grid.start[i] + after_any[i, : grid.columns - grid.start[i] + 1].argmax())
    steps: list[Step] = []
    gap_only = True  # an English gap may be the last step
    while i or (j and not grid.open_top):
        column = j - int(grid.start[i])
        if gap_only and by_gap[i, column]:
            j -= 1
            steps.append(Step(i, j, (0, 1)))
            continue
        a, b = ways[choices[i, column]]
        i, j = i - a, j - b
        gap_only = (a, b) != (1, 0)
        steps.append(Step(i, j, (a, b)))
    return steps[::-1]


class _Backward:
    """The sums over paths from each cell to the end, row by row from the last, and what follows from them."""

    def __init__(self, stack: _Stack, forward: _Forward, log_least: float) -> None:
        self._stack, self._forward, self._log_least = stack, forward, log_least
        self._grids = np.arange(len(stack.grids))
        ends = forward.after_any[self._grids, stack.ends] + stack.last_row()
        self._log_total = _sums(ends[:, :, None])[0][:, 0]
        self._wanted = np.zeros(forward.after_any.shape[:2], dtype=bool)
        for place, grid in enumerate(stack.grids):
            self._wanted[place, grid.core[0] : min(grid.core[1], grid.rows + 1)] = True
        self._kept: list[tuple[Ints, Ints, Ints, Ints, Doubles]] = []
        # Sums from each cell when the next step is the Vietnamese gap, and when it is anything else.
        self._gap = np.full_like(forward.after_any, -np.inf)
        self._from_any = np.full_like(forward.after_any, -np.inf)
        self._run()

    def posteriors(self) -> list[Posterior]:
        """Return the result for each grid."""
        owner, rows, shapes, columns, chances = map(np.concatenate, zip(*self._kept, strict=True))
        order = np.argsort(owner, kind="stable")
        places, chances = np.column_stack([rows, shapes, columns])[order], chances[order]
        bounds = np.searchsorted(owner[order], np.arange(len(self._stack.grids) + 1))
        vi_gaps, en_gaps = self._gaps()
        return [
            Posterior(
                places[bounds[number] : bounds[number + 1]],
                chances[bounds[number] : bounds[number + 1]],
                vi_gaps[number, : grid.rows],
                en_gaps[number, : grid.columns],
                float(self._log_total[number]) + grid.rows * grid.vi_gap + grid.columns * grid.en_gap,
            )
            for number, grid in enumerate(self._stack.grids)
        ]

    def _run(self) -> None:
        stack = self._stack
        targets = np.minimum(np.arange(stack.rows + 1)[:, None] + stack.down, stack.rows)
        ring = _Ring(stack, stack.starts[:, :, None] - stack.starts[:, targets] + stack.across, 1)
        for k in range(stack.rows + 1):  # rows from the last of each grid
            at = np.maximum(stack.ends - k, 0)
            ahead = ring.look_up(k, at)  # what each shape leads to
            ahead[:, :-1] += stack.table[self._grids, at]
            row, from_any = _sums(ahead[:, :-1, ::-1] if k else stack.last_row()[:, None, ::-1])
            row, from_any = row[:, ::-1], from_any[:, ::-1]
            np.logaddexp(from_any, ahead[:, -1], out=ring.row(k)[:, 0])
            there = stack.ends >= k
            self._gap[self._grids[there], at[there]] = ahead[there, -1]
            self._from_any[self._grids[there], at[there]] = from_any[there]
            self._keep_beads(at, there & self._wanted[self._grids, at], ahead, row)

    def _keep_beads(self, at: Ints, wanted: NDArray[np.bool_], ahead: Doubles, from_bead: Doubles) -> None:
        """Keep the probable beads of the rows `at` (grids,) of the grids that are `wanted`, bool (grids,)."""
        before = self._forward.after_any[self._grids, at] - self._log_total[:, None]
        owner, column = np.nonzero((before + from_bead > self._log_least) & wanted[:, None])
        logs = ahead[owner, :-1, column] + before[owner, column, None]
        cell, shape = np.nonzero(logs > self._log_least)
        owner, column = owner[cell], column[cell]
        self._kept.append((owner, at[owner], shape, column, np.exp(logs[cell, shape])))

    def _gaps(self) -> tuple[Doubles, Doubles]:
        """Return the probabilities that sentences are unaligned, float64 (grids, rows + 1) and (grids, columns)."""
        stack, total = self._stack, self._log_total[:, None, None]
        vi_gaps = np.where(self._wanted, np.exp(self._forward.after_bead + self._gap - total).sum(axis=2), 0.0)
        chances = np.exp(self._forward.after_any[:, :, :-1] + self._from_any[:, :, 1:] - total)
        chances[~self._wanted] = 0.0
        columns = stack.starts[:, :, None] + stack.columns[:-1]
        most = int(columns.max(initial=0)) + 1
        places = (self._grids[:, None, None] * most + columns).ravel()
        sums = np.bincount(places, chances.ravel(), minlength=len(self._grids) * most).reshape(-1, most)
        longest = max(grid.columns for grid in stack.grids)
        return vi_gaps, np.pad(sums, ((0, 0), (0, max(0, longest - most))))
