"""The best path through a grid: the steps with the highest sum of scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from align.matching.grids import Doubles, Grid, Step
from align.matching.stacks import Stack, side_by_side
from align.matching.sums import Row, after, forward


def best_paths(grids: Sequence[Grid]) -> list[list[Step]]:
    """Return for each grid the steps of the path with the highest sum of scores, first to last."""
    paths: list[list[Step]] = [[] for _ in grids]
    for numbers in side_by_side(grids):
        own = [grids[number] for number in numbers]
        choices = _Choices()
        sums = forward(Stack(own), choices)
        for place, (number, grid) in enumerate(zip(numbers, own, strict=True)):
            paths[number] = _trace(grid, choices.of(place), sums.any[place])
    return paths


class _Ways(NamedTuple):
    """How the best path into each cell came there: uint8 and bool, (rows, width) of a grid.

    Attributes:
        shape: by which bead, if by a bead.
        vi: the last step is rather a Vietnamese gap than a bead.
        vi_run: before a Vietnamese gap there is rather another one than a bead.
        en: the last step is rather an English gap than anything else.
        en_run: before an English gap there is rather another one than anything else.
    """

    shape: NDArray[np.uint8]
    vi: NDArray[np.bool_]
    vi_run: NDArray[np.bool_]
    en: NDArray[np.bool_]
    en_run: NDArray[np.bool_]


class _Choices:
    """Takes the best way into each cell, and remembers which it was."""

    def __init__(self) -> None:
        self._rows: list[_Ways] = []
        self._all: list[NDArray[Any]] = []

    def __call__(self, coming: Doubles, stack: Stack) -> Row:
        """Return the maxima; of equal ways the first shape wins, and a bead against a gap."""
        shape, gap_run = coming[:, :-1].argmax(axis=1), stack.gap_run
        bead = np.take_along_axis(coming, shape[:, None], axis=1)[:, 0]
        gap = coming[:, -1]
        vi = np.maximum(bead, gap)
        en = after(np.maximum.accumulate(vi, axis=1) + gap_run, -np.inf)
        self._rows.append(_Ways(shape.astype(np.uint8), gap > bead, gap > bead + gap_run, en > vi, en > vi + gap_run))
        return Row(bead, vi, en, np.maximum(vi, en), np.maximum(bead + gap_run, gap))

    def of(self, place: int) -> _Ways:
        """Return those of one grid."""
        self._all = self._all or [np.stack(part, axis=1) for part in zip(*self._rows, strict=True)]
        return _Ways(*(part[place] for part in self._all))


def _trace(grid: Grid, ways: _Ways, after_any: Doubles) -> list[Step]:
    """Walk the best path from the end to the start."""
    i, j = grid.rows, grid.columns
    if grid.open_bottom:
        j = int(grid.start[i] + after_any[i, : grid.columns - grid.start[i] + 1].argmax())
    steps: list[Step] = []
    column = j - int(grid.start[i])
    by_en, by_vi = bool(ways.en[i, column]), bool(ways.vi[i, column])
    while i or (j and not grid.open_top):
        if by_en:
            a, b = 0, 1
        else:
            a, b = (1, 0) if by_vi else grid.shapes[ways.shape[i, column]]
        i, j = i - a, j - b
        column = j - int(grid.start[i])
        steps.append(Step(i, j, (a, b)))
        if by_en:
            by_en, by_vi = bool(ways.en_run[i, column]), bool(ways.vi[i, column])
        elif by_vi:
            by_vi = bool(ways.vi_run[i, column])
        else:
            by_en, by_vi = bool(ways.en[i, column]), bool(ways.vi[i, column])
    return steps[::-1]
