"""Sums over paths, row by row: forward and backward, as logarithms that stay exact at any distance from each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from align.matching.grids import Doubles
from align.matching.stacks import Ring, Stack

RANGE = 600.0  # logs of numbers that far apart can be added as plain numbers, with all their digits
NOTHING = -1e300  # stands for -inf where one is subtracted


class Row(NamedTuple):
    """Sums of paths, or their maxima, float64 (grids, width), into each cell of a row, by the last step.

    Attributes:
        bead: it is a bead.
        vi: it is a bead or a Vietnamese gap.
        en: it is an English gap.
        any: it is anything.
        leaving: it is a bead or a Vietnamese gap, and a Vietnamese gap follows.
    """

    bead: Doubles
    vi: Doubles
    en: Doubles
    any: Doubles
    leaving: Doubles


def forward(stack: Stack, together: Callable[[Doubles, Stack], Row]) -> Row:
    """Return the sums over paths into each cell, or their maxima, float64 (grids, rows + 1, width) each.

    Args:
        stack: the grids.
        together: takes what comes into the cells of a row by each shape, (grids, shapes, width), the last being the
            Vietnamese gap.
    """
    known = np.empty((len(Row._fields), len(stack.grids), stack.rows + 1, stack.width))
    sources = np.maximum(np.arange(stack.rows + 1)[:, None] - stack.down, 0)
    offsets = stack.starts[:, :, None] - stack.starts[:, sources] - stack.across
    ring = Ring(stack, offsets, np.arange(len(stack.down)))
    outside = stack.columns > stack.last[:, :, None] if (stack.last < stack.width - 1).any() else None
    for i in range(stack.rows + 1):
        row = together(ring.look_up(i, i) if i else stack.first_row(), stack)
        if outside is not None:
            row.en[outside[:, i]] = -np.inf
            row.any[outside[:, i]] = -np.inf
        known[:, :, i] = row
        leaving = ring.row(i)
        np.add(row.any[:, None], stack.table[:, i], out=leaving[:, :-1])
        leaving[:, -1] = row.leaving
    return Row(*known)


def path_sums(coming: Doubles, stack: Stack) -> Row:
    """Sum over paths: logarithms of sums of exponentials."""
    plain, shift = _plain(coming)
    if plain is None:
        bead, gap = log_sum(coming[:, :-1]), coming[:, -1]
        vi = np.logaddexp(bead, gap)
        en = after(np.logaddexp.accumulate(vi, axis=1) + stack.gap_run, -np.inf)
        return Row(bead, vi, en, np.logaddexp(vi, en), np.logaddexp(bead + stack.gap_run, gap))
    bead, gap, opening = plain[:, :-1].sum(axis=1), plain[:, -1], stack.plain_gap_run
    vi = bead + gap
    en = after(vi.cumsum(axis=1) * opening, 0.0)
    return Row(*(np.log(np.stack((bead, vi, en, vi + en, bead * opening + gap))) + shift))


def _plain(logs: Doubles) -> tuple[Doubles | None, Doubles]:
    """Return exp(logs - shift) and the shift, (grids, 1); None if numbers of a row, by columns, are too far apart."""
    highest = logs.max(axis=1)
    shift = np.maximum(highest.max(axis=1), NOTHING)[:, None]
    if ((highest > -np.inf) & (highest < shift - RANGE)).any():
        return None, shift
    return np.exp(logs - shift[:, None]), shift


def log_sum(logs: Doubles) -> Doubles:
    """Return the logarithms of the sums of exponentials over the second axis."""
    shift = np.maximum(logs.max(axis=1), NOTHING)
    return np.asarray(shift + np.log(np.exp(logs - shift[:, None]).sum(axis=1)))


def after(row: Doubles, first: float) -> Doubles:
    """Return the row one column further to the right, `first` in the first."""
    moved = np.empty_like(row)
    moved[:, 0], moved[:, 1:] = first, row[:, :-1]
    return moved


def sums_back(ahead: Doubles, stack: Stack) -> tuple[Doubles, Doubles, Doubles]:
    """Sum over what may come after each cell of a row.

    Args:
        ahead: float64 (grids, shapes, width), by the next step, the last being the Vietnamese gap.
        stack: the grids.

    Returns:
        Float64 (grids, width): a bead comes next; an English gap was the last step. And (grids, 2, width): a bead was
        the last step; a Vietnamese gap was.
    """
    plain, shift = _plain(ahead)
    if plain is None:
        by_bead, gap, opening = log_sum(ahead[:, :-1]), ahead[:, -1], stack.gap_run
        after_en = np.logaddexp.accumulate(by_bead[:, ::-1], axis=1)[:, ::-1]
        either = np.logaddexp(by_bead, after(after_en[:, ::-1] + opening, -np.inf)[:, ::-1])
        return by_bead, after_en, np.stack([np.logaddexp(either, gap + opening), np.logaddexp(either, gap)], axis=1)
    by_bead, gap, opening = plain[:, :-1].sum(axis=1), plain[:, -1], stack.plain_gap_run
    after_en = by_bead[:, ::-1].cumsum(axis=1)[:, ::-1]
    either = by_bead + after(after_en[:, ::-1] * opening, 0.0)[:, ::-1]
    logs = np.log(np.stack([by_bead, after_en, either + gap * opening, either + gap], axis=1)) + shift[:, None]
    return logs[:, 0], logs[:, 1], logs[:, 2:]
