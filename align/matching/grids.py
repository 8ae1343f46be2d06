"""What in-order matching searches, and what it finds there: grids of bead scores, steps and probabilities.

A document pair is a grid of positions (i, j): i Vietnamese and j English sentences are behind. A bead of the shape
(a, b) leads from (i, j) to (i + a, j + b); one unaligned sentence leads one step down or right. In a run of unaligned
sentences the Vietnamese ones come first, so that each alignment has one path and none is counted twice.

Only the columns [start[i], start[i] + width) of row i are kept: the whole grid for short documents, a band around a
coarse path for long ones.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from align.matching.calibration import Shape

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


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
        gap_run: score of a run of unaligned sentences of one side, besides those of its sentences.
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
    gap_run: float = 0.0
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


def grid_of(
    rows: int,
    columns: int,
    start: Ints,
    scores: Mapping[Shape, Floats],
    vi_gap: float,
    en_gap: float,
    gap_run: float = 0.0,
) -> Grid:
    """Return the grid of scores that stand in one array, float32 (rows + 1, width), for each shape."""
    table = np.stack(list(scores.values()), axis=1)
    return Grid(rows, columns, start, tuple(scores), table, vi_gap, en_gap, gap_run)


@dataclass(frozen=True)
class Posterior:
    """Probabilities of the beads that start in the core of a grid.

    Attributes:
        places: int64 (n, 3): row, place in `Grid.shapes` and column of the band of each bead that is probable enough
            to be kept; in no order.
        chances: float64 (n,), their probabilities.
        vi_gaps: float64 (rows,), probability that each Vietnamese sentence is unaligned.
        en_gaps: float64 (columns,), the same for English.
        gap_runs: expected number of runs of unaligned sentences of one side.
        log_total: log of the sum of all paths' weights.
    """

    places: Ints
    chances: Doubles
    vi_gaps: Doubles
    en_gaps: Doubles
    gap_runs: float
    log_total: float

    def dense(self, grid: Grid) -> Doubles:
        """Return the probabilities laid out as `Grid.table`, float64, 0 for beads that were not kept."""
        table = np.zeros(grid.table.shape)
        table[tuple(self.places.T)] = self.chances
        return table
