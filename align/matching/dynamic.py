"""Exact dynamic programming over beads inside a band: best path, and the probability of every bead.

A document pair is a grid of positions (i, j): i Vietnamese and j English sentences are behind. A bead of the shape
(a, b) leads from (i, j) to (i + a, j + b); one unaligned sentence leads one step down or right. In a run of unaligned
sentences the Vietnamese ones come first, so that each alignment has one path and none is counted twice.

Only the columns [start[i], start[i] + width) of row i are kept: the whole grid for short documents, a band around a
coarse path for long ones. The forward and backward sums are those of a semi-Markov model (Sarawagi & Cohen 2004,
section 2.2): a path's log-weight is the sum of its beads' scores. A row is computed at once, all shapes together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from align.matching.calibration import Shape

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Plus = Callable[[Doubles], Doubles]
"""Sums the rows of a matrix over its first axis: the maximum, or the logarithm of the sum of exponentials."""


LEAST_LOG = -745.0  # of a positive number in double precision
MOST_KNOWN = 1000  # ways for a row of a band to lie, kept while a grid is searched


class Step(NamedTuple):
    """One step of a path: from (vi, en) over `shape`, of which (1, 0) and (0, 1) are unaligned sentences."""

    vi: int
    en: int
    shape: Shape


@dataclass(frozen=True)
class Grid:
    """The scores of a document pair inside its band.

    Attributes:
        rows, columns: number of Vietnamese and English sentences.
        start: int64 (rows + 1,), first column of the band in each row, not decreasing; start[0] is 0.
        shapes: the beads that the model knows.
        table: float32 (rows + 1, shapes, width): score of the bead that starts at (i, start[i] + c), -inf where it does
            not exist.
        vi_gap, en_gap: score of an unaligned sentence of either side.
    """

    rows: int
    columns: int
    start: Ints
    shapes: tuple[Shape, ...]
    table: Floats
    vi_gap: float
    en_gap: float

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
    """Probabilities of the beads of a grid.

    Attributes:
        places: int64 (n, 3): row, place in `Grid.shapes` and column of the band of each bead that is probable enough
            to be kept.
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


def best_path(grid: Grid) -> list[Step]:
    """Return the steps of the path with the highest sum of scores, first to last."""
    after_bead, after_any = _forward(grid, _maximum, np.maximum)
    return list(_trace(grid, after_bead, after_any))[::-1]


def posterior(grid: Grid, least: float = 0.0) -> Posterior:
    """Return the probability of every bead and every unaligned sentence under the model.

    Args:
        grid: the scores.
        least: beads of at most this probability are not kept.
    """
    after_bead, after_any = _forward(grid, _log_sum, np.logaddexp)
    log_total = float(after_any[grid.rows, grid.columns - grid.start[grid.rows]])
    sums = _Backward(grid, after_bead, after_any, log_total, least)
    sums.run()
    places = np.concatenate(sums.places[::-1]) if sums.places else np.zeros((0, 3), dtype=np.int64)
    chances = np.concatenate(sums.chances[::-1]) if sums.chances else np.zeros(0)
    return Posterior(places, chances, sums.vi_gaps, sums.en_gaps, log_total)


def _maximum(values: Doubles) -> Doubles:
    return np.asarray(values.max(axis=0))


def _log_sum(values: Doubles) -> Doubles:
    highest = values.max(axis=0)
    shift = np.where(np.isfinite(highest), highest, 0.0)
    with np.errstate(divide="ignore"):  # nothing leads here
        return np.asarray(shift + np.log(np.exp(values - shift).sum(axis=0)))


class _Reach:
    """Where the beads that end or begin in a row have their other end: places in rows that are kept in a ring.

    A row of the ring has a place before its first column and one behind its last, which stand for all that is outside
    the band; rows that do not exist have not been written yet when they are asked for. All of these hold -inf.
    """

    def __init__(self, grid: Grid) -> None:
        self.down = np.array([a for a, _ in grid.shapes], dtype=np.int64)
        self.depth = int(self.down.max()) + 1
        self._across = np.array([b for _, b in grid.shapes], dtype=np.int64)
        self._start, self._rows, self._width = grid.start, grid.rows, grid.width
        self._own = np.arange(1, grid.width + 1)[None, :]
        self._known: dict[bytes, Ints] = {}  # most rows of a band lie alike

    def before(self, row: int) -> Ints:
        """Return the places, int64 (shapes, width), in rows - a where beads that end in `row` start."""
        return self._places(self._start[row] - self._start[np.maximum(row - self.down, 0)] - self._across)

    def after(self, row: int) -> Ints:
        """Return the places, int64 (shapes, width), in rows + a where beads that start in `row` end."""
        return self._places(self._start[row] - self._start[np.minimum(row + self.down, self._rows)] + self._across)

    def _places(self, shift: Ints) -> Ints:
        key = shift.tobytes()
        found = self._known.get(key)
        if found is None:
            found = np.clip(self._own + shift[:, None], 0, self._width + 1)
            if len(self._known) < MOST_KNOWN:
                self._known[key] = found
        return found


def _forward(grid: Grid, plus: Plus, accumulate: np.ufunc) -> tuple[Doubles, Doubles]:
    """Return the sums over paths into each cell: those whose last step is no English gap, and all of them."""
    after_bead = np.full((grid.rows + 1, grid.width), -np.inf)
    after_any = np.full_like(after_bead, -np.inf)
    reach = _Reach(grid)
    shapes = np.arange(len(grid.shapes))[:, None]
    # What leaves the last rows by each shape.
    leaving = np.full((reach.depth, len(grid.shapes), grid.width + 2), -np.inf)
    coming = np.full((len(grid.shapes) + 1, grid.width), -np.inf)
    for i in range(grid.rows + 1):
        if i:
            coming[:-1] = leaving[(i - reach.down)[:, None] % reach.depth, shapes, reach.before(i)]
            coming[-1] = _shifted(after_bead[i - 1], int(grid.start[i] - grid.start[i - 1])) + grid.vi_gap
            after_bead[i] = plus(coming)
        else:
            after_bead[0, 0] = 0.0
        after_any[i] = _run_of_gaps(accumulate, after_bead[i], grid.en_gap)
        after_any[i, grid.columns - grid.start[i] + 1 :] = -np.inf
        leaving[i % reach.depth, :, 1:-1] = after_any[i] + grid.table[i]
    return after_bead, after_any


class _Backward:
    """The sums over paths from each cell to the end, row by row from the last, and what follows from them."""

    def __init__(self, grid: Grid, after_bead: Doubles, after_any: Doubles, log_total: float, least: float) -> None:
        self._grid, self._log_total = grid, log_total
        self._log_least = math.log(least) if least > 0 else LEAST_LOG
        self._after_bead, self._after_any = after_bead, after_any
        self.places: list[Ints] = []
        self.chances: list[Doubles] = []
        self.vi_gaps = np.zeros(grid.rows)
        self.en_gaps = np.zeros(grid.columns)

    def run(self) -> None:
        """Fill `places`, `chances`, `vi_gaps` and `en_gaps`, the rows of the first two from the last to the first."""
        grid, reach = self._grid, _Reach(self._grid)
        ring = np.full((reach.depth, grid.width + 2), -np.inf)  # sums from cells after a step that is no English gap
        ahead = np.full((len(grid.shapes), grid.width), -np.inf)
        for i in range(grid.rows, -1, -1):
            row = np.full(grid.width, -np.inf)
            if i == grid.rows:
                row[grid.columns - grid.start[i]] = 0.0
            else:
                ahead = ring[(i + reach.down)[:, None] % reach.depth, reach.after(i)] + grid.table[i]
                row = _log_sum(ahead)
                self._keep_beads(i, ahead)
            from_any = _run_of_gaps(np.logaddexp, row[::-1], grid.en_gap)[::-1]
            self._add_english_gaps(i, from_any)
            from_bead = from_any
            if i < grid.rows:
                step = int(grid.start[i + 1] - grid.start[i])
                gap = _shifted(ring[(i + 1) % reach.depth, 1:-1], -step) + grid.vi_gap
                from_bead = np.logaddexp(from_any, gap)
                self.vi_gaps[i] = np.exp(self._after_bead[i] + gap - self._log_total).sum()
            ring[i % reach.depth, 1:-1] = from_bead

    def _keep_beads(self, i: int, ahead: Doubles) -> None:
        logs = ahead + (self._after_any[i] - self._log_total)
        shape, column = np.nonzero(logs > self._log_least)
        self.places.append(np.column_stack([np.full(len(shape), i), shape, column]))
        self.chances.append(np.exp(logs[shape, column]))

    def _add_english_gaps(self, i: int, from_any: Doubles) -> None:
        first = int(self._grid.start[i])
        count = min(self._grid.width - 1, self._grid.columns - first)
        if count > 0:
            cells = self._after_any[i, :count] + self._grid.en_gap + from_any[1 : count + 1]
            self.en_gaps[first : first + count] += np.exp(cells - self._log_total)


def _run_of_gaps(accumulate: np.ufunc, row: Doubles, gap: float) -> Doubles:
    """Solve out[c] = row[c] (+) (out[c - 1] + gap) for a whole row at once."""
    slope = gap * np.arange(len(row))
    return np.asarray(accumulate.accumulate(row - slope) + slope)


def _shifted(values: Doubles, shift: int) -> Doubles:
    """Return values[c + shift] for every c, -inf outside."""
    out = np.full_like(values, -np.inf)
    if abs(shift) < len(values):
        if shift >= 0:
            out[: len(values) - shift] = values[shift:]
        else:
            out[-shift:] = values[:shift]
    return out


def _trace(grid: Grid, after_bead: Doubles, after_any: Doubles) -> Iterator[Step]:
    """Walk the best path from the end to the start."""
    i, j = grid.rows, grid.columns
    gap_only = True  # an English gap may be the last step
    while i or j:
        column = j - int(grid.start[i])
        if gap_only and column > 0 and after_any[i, column - 1] + grid.en_gap > after_bead[i, column]:
            j -= 1
            yield Step(i, j, (0, 1))
            continue
        step = _best_last_step(grid, after_bead, after_any, i, j)
        i, j = step.vi, step.en
        gap_only = step.shape != (1, 0)
        yield step


def _best_last_step(grid: Grid, after_bead: Doubles, after_any: Doubles, i: int, j: int) -> Step:
    """Return the last step of the best path into (i, j) that does not end with an English gap."""
    best, value = Step(i - 1, j, (1, 0)), -np.inf
    for place, (a, b) in enumerate(grid.shapes):
        column = j - b - int(grid.start[i - a]) if a <= i else -1
        if 0 <= column < grid.width:
            total = after_any[i - a, column] + grid.table[i - a, place, column]
            if total > value:
                best, value = Step(i - a, j - b, (a, b)), total
    column = j - int(grid.start[i - 1]) if i else -1
    if 0 <= column < grid.width and after_bead[i - 1, column] + grid.vi_gap > value:
        best = Step(i - 1, j, (1, 0))
    return best
