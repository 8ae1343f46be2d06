"""The probability of every bead: forward and backward sums of a semi-Markov model.

A path's log-weight is the sum of its beads' scores (Sarawagi & Cohen 2004, section 2.2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from align.matching.grids import Doubles, Grid, Ints, Posterior
from align.matching.stacks import Ring, Stack, side_by_side
from align.matching.sums import Row, forward, log_sum, path_sums, sums_back

LEAST_LOG = -745.0  # of a positive number in double precision


def posteriors(grids: Sequence[Grid], least: float = 0.0) -> list[Posterior]:
    """Return for each grid the probability of every bead and every unaligned sentence under the model.

    Args:
        grids: the scores.
        least: beads of at most this probability are not kept.
    """
    found: dict[int, Posterior] = {}
    for numbers in side_by_side(grids):
        stack = Stack([grids[number] for number in numbers])
        with np.errstate(divide="ignore"):  # the logarithm of 0: no path leads there
            sums = forward(stack, path_sums)
            own = _Backward(stack, sums, math.log(least) if least > 0 else LEAST_LOG).posteriors()
        found.update(zip(numbers, own, strict=True))
    return [found[number] for number in range(len(grids))]


class _Backward:
    """The sums over paths from each cell to the end, row by row from the last, and what follows from them."""

    def __init__(self, stack: Stack, sums: Row, log_least: float) -> None:
        self._stack, self._sums, self._log_least = stack, sums, log_least
        self._grids = np.arange(len(stack.grids))
        ends = sums.any[self._grids, stack.ends] + stack.last_row()
        self._log_total = log_sum(ends[:, :, None])[:, 0]
        self._wanted = np.zeros(sums.any.shape[:2], dtype=bool)
        for place, grid in enumerate(stack.grids):
            self._wanted[place, grid.core[0] : min(grid.core[1], grid.rows + 1)] = True
        self._kept: list[tuple[Ints, Ints, Ints, Ints, Doubles]] = []
        # Sums from each cell when a Vietnamese gap comes next, and when an English gap was the last step.
        self._gap, self._after_en = np.empty_like(sums.any), np.empty_like(sums.any)
        self._run()

    def posteriors(self) -> list[Posterior]:
        """Return the result for each grid."""
        owner, rows, shapes, columns, chances = map(np.concatenate, zip(*self._kept, strict=True))
        order = np.argsort(owner, kind="stable")
        places, chances = np.column_stack([rows, shapes, columns])[order], chances[order]
        bounds = np.searchsorted(owner[order], np.arange(len(self._stack.grids) + 1))
        vi_gaps, en_gaps, gap_runs = self._gaps()
        return [
            Posterior(
                places[bounds[number] : bounds[number + 1]],
                chances[bounds[number] : bounds[number + 1]],
                vi_gaps[number, : grid.rows],
                en_gaps[number, : grid.columns],
                float(gap_runs[number]),
                float(self._log_total[number]) + grid.rows * grid.vi_gap + grid.columns * grid.en_gap,
            )
            for number, grid in enumerate(self._stack.grids)
        ]

    def _run(self) -> None:
        stack = self._stack
        targets = np.minimum(np.arange(stack.rows + 1)[:, None] + stack.down, stack.rows)
        # Beads lead to where a gap would open a run, a Vietnamese gap to where another one would go on with it.
        layers = np.array([0] * (len(stack.down) - 1) + [1])
        ring = Ring(stack, stack.starts[:, :, None] - stack.starts[:, targets] + stack.across, layers)
        for k in range(stack.rows + 1):  # rows from the last of each grid
            at = np.maximum(stack.ends - k, 0)
            ahead = ring.look_up(k, at)
            ahead[:, :-1] += stack.table[self._grids, at]
            if not k:
                ahead[:, 0] = stack.last_row()
            by_bead, self._after_en[:, k], ring.row(k)[:] = sums_back(ahead, stack)
            self._gap[:, k] = ahead[:, -1]
            if k:
                wanted = (stack.ends >= k) & self._wanted[self._grids, at]
                self._keep_beads(at, wanted, ahead, by_bead)
        back = np.maximum(stack.ends[:, None] - np.arange(stack.rows + 1), 0)  # which step came to each row
        self._gap, self._after_en = (part[self._grids[:, None], back] for part in (self._gap, self._after_en))

    def _keep_beads(self, at: Ints, wanted: NDArray[np.bool_], ahead: Doubles, by_bead: Doubles) -> None:
        """Keep the probable beads of the rows `at` (grids,) of the grids that are `wanted`, bool (grids,)."""
        before = self._sums.any[self._grids, at] - self._log_total[:, None]
        owner, column = np.nonzero((before + by_bead > self._log_least) & wanted[:, None])
        logs = ahead[owner, :-1, column] + before[owner, column, None]
        cell, shape = np.nonzero(logs > self._log_least)
        owner, column = owner[cell], column[cell]
        self._kept.append((owner, at[owner], shape, column, np.exp(logs[cell, shape])))

    def _gaps(self) -> tuple[Doubles, Doubles, Doubles]:
        """Return the probabilities of gaps, (grids, rows + 1) and (grids, columns), and numbers of runs, (grids,)."""
        stack, sums = self._stack, self._sums
        total, opening = self._log_total[:, None, None], stack.gap_run[:, :, None]
        vi_gaps = np.exp(sums.leaving + self._gap - total).sum(axis=2) * self._wanted
        en_gaps = np.exp(sums.en[:, :, 1:] + self._after_en[:, :, 1:] - total) * self._wanted[:, :, None]
        runs = np.exp(sums.bead + opening + self._gap - total).sum(axis=2) * self._wanted
        en_runs = np.exp(sums.vi[:, :, :-1] + opening + self._after_en[:, :, 1:] - total).sum(axis=2) * self._wanted
        columns = stack.starts[:, :, None] + stack.columns[:-1]
        most = max(int(columns.max(initial=0)) + 1, *(grid.columns for grid in stack.grids))
        places = (self._grids[:, None, None] * most + columns).ravel()
        by_column = np.bincount(places, en_gaps.ravel(), minlength=len(self._grids) * most).reshape(-1, most)
        return vi_gaps, np.asarray(by_column, dtype=np.float64), (runs + en_runs).sum(axis=1)
