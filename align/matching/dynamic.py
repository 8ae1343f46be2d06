"""Exact dynamic programming over beads inside a band: best path, and the probability of every bead.

A document pair is a grid of positions (i, j): i Vietnamese and j English sentences are behind. A bead of the shape
(a, b) leads from (i, j) to (i + a, j + b); one unaligned sentence leads one step down or right. In a run of unaligned
sentences the Vietnamese ones come first, so that each alignment has one path and none is counted twice.

Only the columns [start[i], start[i] + width) of row i are kept: the whole grid for short documents, a band around a
coarse path for long ones. The forward and backward sums are those of a semi-Markov model (Sarawagi & Cohen 2004,
section 2.2): a path's log-weight is the sum of its beads' scores.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from align.matching.calibration import Shape

Doubles = NDArray[np.float64]


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
        scores: for each shape float32 (rows + 1, width): score of the bead that starts at (i, start[i] + c), -inf
            where it does not exist.
        vi_gap, en_gap: score of an unaligned sentence of either side.
    """

    rows: int
    columns: int
    start: NDArray[np.int64]
    scores: Mapping[Shape, NDArray[np.float32]]
    vi_gap: float
    en_gap: float

    @property
    def width(self) -> int:
        """Columns of the band."""
        return int(next(iter(self.scores.values())).shape[1])


@dataclass(frozen=True)
class Posterior:
    """Probabilities of all beads of a grid.

    Attributes:
        beads: for each shape float64 (rows + 1, width), laid out as `Grid.scores`.
        vi_gaps: float64 (rows,), probability that each Vietnamese sentence is unaligned.
        en_gaps: float64 (columns,), the same for English.
        log_total: log of the sum of all paths' weights.
    """

    beads: dict[Shape, Doubles]
    vi_gaps: Doubles
    en_gaps: Doubles
    log_total: float


def best_path(grid: Grid) -> list[Step]:
    """Return the steps of the path with the highest sum of scores, first to last."""
    after_bead, after_any = _forward(grid, np.maximum)
    return list(_trace(grid, after_bead, after_any))[::-1]


def posterior(grid: Grid) -> Posterior:
    """Return the probability of every bead and every unaligned sentence under the model."""
    after_bead, after_any = _forward(grid, np.logaddexp)
    from_bead, from_any = _backward(grid)
    log_total = float(after_any[grid.rows, grid.columns - grid.start[grid.rows]])
    beads = {}
    for shape, scores in grid.scores.items():
        ahead = _shifted_rows(grid, from_bead, shape)
        beads[shape] = np.exp(after_any + scores + ahead - log_total)
    vi_ahead = _shifted_rows(grid, from_bead, (1, 0))
    vi_gaps = np.exp(after_bead + grid.vi_gap + vi_ahead - log_total).sum(axis=1)[: grid.rows]
    en_ahead = np.full_like(from_any, -np.inf)
    en_ahead[:, :-1] = from_any[:, 1:]
    en_cells = np.exp(after_any + grid.en_gap + en_ahead - log_total)
    columns = grid.start[:, None] + np.arange(grid.width)[None, :]
    en_gaps = np.bincount(columns.ravel(), weights=en_cells.ravel(), minlength=grid.columns)[: grid.columns]
    return Posterior(beads, vi_gaps, en_gaps.astype(np.float64), log_total)


def _forward(grid: Grid, plus: np.ufunc) -> tuple[Doubles, Doubles]:
    """Return the sums over paths into each cell: those whose last step is no English gap, and all of them."""
    after_bead = np.full((grid.rows + 1, grid.width), -np.inf)
    after_any = np.full_like(after_bead, -np.inf)
    for i in range(grid.rows + 1):
        row = after_bead[i]
        if i == 0:
            row[0] = 0.0
        for (a, b), scores in grid.scores.items():
            if a <= i:
                _add_shifted(plus, row, after_any[i - a] + scores[i - a], int(grid.start[i - a] - grid.start[i]) + b)
        if i:
            _add_shifted(plus, row, after_bead[i - 1] + grid.vi_gap, int(grid.start[i - 1] - grid.start[i]))
        after_any[i] = _run_of_gaps(plus, row, grid.en_gap)
        after_any[i, grid.columns - grid.start[i] + 1 :] = -np.inf
    return after_bead, after_any


def _backward(grid: Grid) -> tuple[Doubles, Doubles]:
    """Return the sums over paths from each cell to the end, after a step that is no English gap, and after one."""
    from_bead = np.full((grid.rows + 1, grid.width), -np.inf)
    from_any = np.full_like(from_bead, -np.inf)
    for i in range(grid.rows, -1, -1):
        row = np.full(grid.width, -np.inf)
        if i == grid.rows:
            row[grid.columns - grid.start[i]] = 0.0
        for (a, b), scores in grid.scores.items():
            if i + a <= grid.rows:
                ahead = np.full(grid.width, -np.inf)
                _add_shifted(np.maximum, ahead, from_bead[i + a], int(grid.start[i + a] - grid.start[i]) - b)
                np.logaddexp(row, ahead + scores[i], out=row)
        from_any[i] = _run_of_gaps(np.logaddexp, row[::-1], grid.en_gap)[::-1]
        from_bead[i] = from_any[i]
        if i < grid.rows:
            gap_ahead = from_bead[i + 1] + grid.vi_gap
            _add_shifted(np.logaddexp, from_bead[i], gap_ahead, int(grid.start[i + 1] - grid.start[i]))
    return from_bead, from_any


def _run_of_gaps(plus: np.ufunc, row: Doubles, gap: float) -> Doubles:
    """Solve out[c] = row[c] (+) (out[c - 1] + gap) for a whole row at once."""
    slope = gap * np.arange(len(row))
    return np.asarray(plus.accumulate(row - slope) + slope)


def _add_shifted(plus: np.ufunc, target: Doubles, values: Doubles, shift: int) -> None:
    """Do target[c + shift] = target[c + shift] (+) values[c] for all c that stay inside."""
    if abs(shift) >= len(target):
        return
    if shift >= 0:
        part, source = target[shift:], values[: len(values) - shift]
    else:
        part, source = target[:shift], values[-shift:]
    plus(part, source, out=part)


def _shifted_rows(grid: Grid, cells: Doubles, shape: Shape) -> Doubles:
    """Return, for each cell, the value of the cell that a step of `shape` leads to; -inf outside."""
    a, b = shape
    out = np.full_like(cells, -np.inf)
    for i in range(grid.rows + 1 - a):
        _add_shifted(np.maximum, out[i], cells[i + a], int(grid.start[i + a] - grid.start[i]) - b)
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
    for shape, scores in grid.scores.items():
        a, b = shape
        column = j - b - int(grid.start[i - a]) if a <= i else -1
        if 0 <= column < grid.width:
            total = after_any[i - a, column] + scores[i - a, column]
            if total > value:
                best, value = Step(i - a, j - b, shape), total
    column = j - int(grid.start[i - 1]) if i else -1
    if 0 <= column < grid.width and after_bead[i - 1, column] + grid.vi_gap > value:
        best = Step(i - 1, j, (1, 0))
    return best
