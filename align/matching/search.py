"""Searching stretches of a document pair: the probabilities of their beads, and the best path through each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from align.matching.banded import PieceScores
from align.matching.calibration import BeadWeights, Calibration, Shape
from align.matching.grids import Doubles, Grid, Posterior, Step
from align.matching.paths import best_paths
from align.matching.pieces import Band, Piece, Stretch, cut, together
from align.matching.posteriors import posteriors
from align.matching.spans import Ints, Spans

GRIDS_AT_ONCE = 64  # pieces whose scores are in memory twice


@dataclass(frozen=True)
class Found:
    """What is known of the beads of a document pair.

    Attributes:
        beads: int64 (n, 4): first Vietnamese sentence, first English one, and how many of either, of each bead that is
            probable enough to be kept.
        chances: float64 (n,), their probabilities.
        vi_gaps, en_gaps: float64 (sentences,), probability that each sentence is unaligned.
    """

    beads: Ints
    chances: Doubles
    vi_gaps: Doubles
    en_gaps: Doubles

    def updated(self, stretches: Sequence[Stretch], newer: Found) -> Found:
        """Return what is known when `newer` says all of the sentences of some stretches."""
        vi_new: NDArray[np.bool_] = np.zeros(len(self.vi_gaps), dtype=bool)
        en_new: NDArray[np.bool_] = np.zeros(len(self.en_gaps), dtype=bool)
        for top, bottom, left, right in stretches:
            vi_new[top:bottom], en_new[left:right] = True, True
        old = ~(vi_new[self.beads[:, 0]] | en_new[self.beads[:, 1]])
        return Found(
            np.concatenate([self.beads[old], newer.beads]),
            np.concatenate([self.chances[old], newer.chances]),
            np.where(vi_new, newer.vi_gaps, self.vi_gaps),
            np.where(en_new, newer.en_gaps, self.en_gaps),
        )


@dataclass(frozen=True)
class Gaps:
    """The length ratio, and the scores of an unaligned sentence of either side and of a run of them."""

    ratio: float
    vi: float
    en: float
    run: float


class Search:
    """The scores of all beads of some stretches of a document pair, for one set of weights."""

    def __init__(
        self,
        vi: Spans,
        en: Spans,
        stretches: Sequence[tuple[Stretch, Band]],
        shapes: tuple[Shape, ...],
        weights: BeadWeights,
        calibration: Calibration,
    ) -> None:
        """Compute what the vectors say of them; shapes longer than a side are left out."""
        self._shapes = tuple((a, b) for a, b in shapes if a <= len(vi) and b <= len(en))
        self._vi, self._en, self._weights, self._calibration = vi, en, weights, calibration
        pieces = [cut(stretch, band) for stretch, band in stretches]
        self._stretches = [(*own, len(parts)) for own, parts in zip(stretches, pieces, strict=True)]
        self._only: Ints | None = None
        self._scores = [self._of(piece) for parts in pieces for piece in parts]

    def found(self, gaps: Gaps, least: float) -> Found:
        """Return the beads of more than the probability `least`."""
        return self._joined(posteriors(grids, least) for grids in self._grids(gaps))

    def answer(self, gaps: Gaps, least: float) -> tuple[Found, list[list[Step]]]:
        """Return these beads and the best path of each stretch, in the numbers of the document pair."""
        found: list[list[Posterior]] = []
        paths: list[list[Step]] = []
        for grids in self._grids(gaps):
            found.append(posteriors(grids, least))
            paths += best_paths(grids)
        return self._joined(found), self._whole(paths, gaps)

    def keep_only(self, beads: Ints) -> None:
        """Take out the beads of several sentences that are not among `beads`, int64 (n, 4) as `Found.beads`."""
        self._only = beads
        for scores in self._scores:
            scores.keep_only(beads)

    def _of(self, piece: Piece) -> PieceScores:
        variance, add_floor = self._calibration.length.variance, self._calibration.limits.add_floor
        scores = PieceScores(
            self._vi, self._en, piece, self._shapes, self._weights, variance=variance, add_floor=add_floor
        )
        if self._only is not None:
            scores.keep_only(self._only)
        return scores

    def _grids(self, gaps: Gaps) -> Iterator[list[Grid]]:
        """Yield the grids of some pieces at a time: whole tables would fill the memory."""
        for first in range(0, len(self._scores), GRIDS_AT_ONCE):
            yield [_grid(scores, gaps) for scores in self._scores[first : first + GRIDS_AT_ONCE]]

    def _joined(self, found: Iterable[Sequence[Posterior]]) -> Found:
        """Put together what was found in the pieces."""
        sizes = np.array(self._shapes)
        beads, chances = [np.zeros((0, 4), dtype=np.int64)], [np.zeros(0)]
        vi_gaps, en_gaps = np.zeros(len(self._vi)), np.zeros(len(self._en))
        for scores, own in zip(self._scores, chain.from_iterable(found), strict=True):
            piece, (rows, shapes, columns) = scores.piece, own.places.T
            starts = piece.top + rows, piece.left + piece.start[rows] + columns
            beads.append(np.column_stack([*starts, sizes[shapes]]))
            chances.append(own.chances)
            vi_gaps[piece.top : piece.top + piece.rows] += own.vi_gaps
            en_gaps[piece.left : piece.left + piece.columns] += own.en_gaps
        return Found(np.concatenate(beads), np.concatenate(chances), vi_gaps, en_gaps)

    def _whole(self, paths: Sequence[list[Step]], gaps: Gaps) -> list[list[Step]]:
        """Put the paths of the pieces together."""
        whole, rest = [], iter(zip(self._scores, paths, strict=True))
        for stretch, band, count in self._stretches:
            own = list(islice(rest, count))
            path = together([scores.piece for scores, _ in own], [path for _, path in own])
            if path is None:
                (piece,) = cut(stretch, band, whole=True)
                path = together([piece], best_paths([_grid(self._of(piece), gaps)]))
            whole.append(path or [])
        return whole


def _grid(scores: PieceScores, gaps: Gaps) -> Grid:
    return scores.grid(gaps.ratio, gaps.vi, gaps.en, gaps.run)
