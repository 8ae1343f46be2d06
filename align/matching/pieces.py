"""Long document pairs in pieces: where to cut, and how to put the parts of a path together.

A piece is searched with some rows of its neighbours on either side and open ends, so that its core has the beads that
it would have in the whole. That holds as far as what is right in a row hardly depends on rows far away. Where it does,
in and near a long run of unaligned sentences of one side, no cut is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from align.matching.grids import Step

Ints = NDArray[np.int64]

LONGEST = 384  # rows of what is not cut
CORE = 192  # rows between two cuts, about
HALO = 48  # rows of the neighbours that a piece is searched with
SEARCH = 48  # rows either side of where a cut is due that it may be made in
WIDEST = 96  # columns of the band in a row where a cut may be made


class Stretch(NamedTuple):
    """Sentences of a document pair that go with one another: [top, bottom) with [left, right)."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True)
class Band:
    """Columns kept of each row of a stretch, counted from its first sentences.

    Attributes:
        first, last: int64 (rows + 1,), columns [first, last] of each row; `first` does not decrease, and the first and
            the last row hold the ends of the stretch.
    """

    first: Ints
    last: Ints


@dataclass(frozen=True)
class Piece:
    """A part of a stretch that is searched as a grid of its own.

    Attributes:
        top, left: sentences of the document pair before it.
        rows, columns: its sentences.
        start: int64 (rows + 1,), first column of the band in each row, counted from `left`.
        width: columns of the band.
        open_top, open_bottom, core: as in `align.matching.grids.Grid`.
    """

    top: int
    left: int
    rows: int
    columns: int
    start: Ints
    width: int
    open_top: bool
    open_bottom: bool
    core: tuple[int, int]


def cut(stretch: Stretch, band: Band, *, whole: bool = False) -> list[Piece]:
    """Cut a stretch into pieces whose cores cover every row once; into one if it is short, or if that is asked for."""
    rows = stretch.bottom - stretch.top
    bounds = [0, *([] if whole else _cuts(band)), rows + 1]
    return [_piece(stretch, band, first, last) for first, last in pairwise(bounds)]


def _cuts(band: Band) -> Iterator[int]:
    """Yield the rows where a new piece begins: the calmest near where one is due."""
    rows = len(band.first) - 1
    if rows <= LONGEST:
        return
    widths = np.where(_steady(band), band.last - band.first, WIDEST + 1)
    before = 0
    while rows - before > LONGEST:
        due, found = before + CORE, None
        while found is None and due + SEARCH < rows - CORE // 2:
            near = widths[due - SEARCH : due + SEARCH]
            calmest = int(near.argmin())
            found = due - SEARCH + calmest if near[calmest] <= WIDEST else None
            due += SEARCH
        if found is None:
            return
        yield found
        before = found


def _steady(band: Band) -> NDArray[np.bool_]:
    """Say for each row whether the band goes on to the right about as it does in the mean, before and behind it."""
    least = HALO / 2 * band.last[-1] / (len(band.first) - 1)
    forward = np.minimum(band.first[HALO:] - band.first[:-HALO], band.last[HALO:] - band.last[:-HALO]) >= least
    nowhere: NDArray[np.bool_] = np.zeros(HALO, dtype=bool)
    return np.asarray(np.concatenate([forward, nowhere]) & np.concatenate([nowhere, forward]))


def _piece(stretch: Stretch, band: Band, first: int, last: int) -> Piece:
    """Return the piece whose core are the rows [first, last) of a stretch."""
    rows = stretch.bottom - stretch.top
    top, bottom = max(first - HALO, 0), min(last - 1 + HALO, rows)
    columns = slice(top, bottom + 1)
    left = int(band.first[top])
    right = int(band.last[columns].max())
    return Piece(
        stretch.top + top,
        stretch.left + left,
        bottom - top,
        right - left,
        band.first[columns] - left,
        int((band.last[columns] - band.first[columns]).max()) + 1,
        first > 0,
        last <= rows,
        (first - top, last - top),
    )


def together(pieces: Sequence[Piece], paths: Sequence[Sequence[Step]]) -> list[Step] | None:
    """Return the path of a stretch in the document pair's numbers; None if those of two pieces do not meet."""
    whole: list[Step] = []
    for number, (piece, path) in enumerate(zip(pieces, paths, strict=True)):
        own = [Step(piece.top + vi, piece.left + en, shape) for vi, en, shape in path]
        if number:
            border = piece.top + piece.core[0]
            places = {(step.vi, step.en): place for place, step in enumerate(own)}
            meeting = [place for place, step in enumerate(whole) if (step.vi, step.en) in places]
            if not meeting:
                return None
            place = min(meeting, key=lambda place: abs(whole[place].vi - border))
            own = own[places[whole[place].vi, whole[place].en] :]
            del whole[place:]
        whole += own
    return whole
