"""In-order matching: the best sequence of beads for two articles that translate each other.

The model is a semi-Markov conditional random field over beads (features in `align.matching.scoring`, weights fitted by
`align fit`). Two of its parameters belong to the document pair and not to the language pair, and are
found from the pair itself by expectation-maximisation with the calibration as prior: the share of unaligned sentences
on either side, and the length ratio.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from align.matching.band import band_of, near_path
from align.matching.beads import Bead
from align.matching.calibration import SHAPES, SHORT_SHAPES, BeadWeights, Calibration, Shape
from align.matching.grids import Doubles, Step
from align.matching.pieces import Band, Stretch
from align.matching.search import Found, Gaps, Search
from align.matching.sides import EncodeSpans, Side
from align.matching.spans import Ints, Spans
from align.matching.threads import one_blas_thread

ADAPTATION_ROUNDS = 2
FIRST_ROUNDS = 1  # the same where short beads are looked for, to adapt anew afterwards
HIGHEST_RATE = 0.7  # share of unaligned sentences that fitting has seen; one sentence against a thousand is beyond it
LEAST_PROBABILITY = 0.05  # of a bead in the answer
AT_ONCE = 2_500  # pairs of sentences of a document up to which beads of all lengths are looked for at once
CERTAIN = 0.9  # probability of a bead from which a longer one is not looked for in its place
NEIGHBOURS = 10  # beads before and behind what is in doubt that are searched with it
SURE = 0.95  # probability of a bead from which pooled vectors are enough
JOINED_NEIGHBOURS = 2
REENCODE_ABOVE = 0.05  # posterior from which a bead of several sentences is worth encoding as joined text


@dataclass
class Pair:
    """What adapts to one document pair: the gap rewards (through the rates) and the length ratio."""

    vi_rate: float
    en_rate: float
    ratio: float


def align_in_order(vi: Side, en: Side, calibration: Calibration) -> list[Bead]:
    """Return beads in order that cover every sentence once; the score is the bead's posterior probability."""
    if not len(vi.vectors) or not len(en.vectors):
        return _all_unaligned(len(vi.vectors), len(en.vectors))
    spans = vi.spans(calibration.centre_sentences), en.spans(calibration.centre_sentences)
    document = _Document(vi, en, *spans, calibration)
    with one_blas_thread():
        document.search()
    if vi.encode_spans and en.encode_spans:
        document.search_joined()
    return _beads(document.path, document.found)


class _Document:
    """A document pair that is matched look by look, each at less of it than the one before.

    Attributes:
        path: the best path.
        found: the beads that could be in the answer.
    """

    def __init__(self, vi: Side, en: Side, vi_spans: Spans, en_spans: Spans, calibration: Calibration) -> None:
        self._sides, self._spans, self._calibration = (vi, en), (vi_spans, en_spans), calibration
        self._pair = Pair(calibration.gaps.rate, calibration.gaps.rate, calibration.length.ratio)
        nobody = np.zeros(len(vi_spans)), np.zeros(len(en_spans))
        self.path: list[Step] = []
        self.found = Found(np.zeros((0, 4), dtype=np.int64), np.zeros(0), *nobody)

    def search(self) -> None:
        """Find beads by pooled vectors: short ones, and then longer ones where these leave doubt."""
        rows, columns = map(len, self._spans)
        whole = Stretch(0, rows, 0, columns)
        everything = [(whole, band_of(*self._spans))]
        if rows * columns <= AT_ONCE:
            self._look(everything, SHAPES)
            return
        self._look(everything, SHORT_SHAPES, FIRST_ROUNDS)
        # What is left beside a short bead may belong to a longer one. What adapts has to adapt anew: to the short
        # beads all of a long one's sentences look unaligned.
        doubtful = self._near(_could_be_longer(self.path, _chances(self.path, self.found)), NEIGHBOURS)
        if doubtful:
            self._look([(stretch, near_path(path, stretch)) for stretch, path in doubtful], SHAPES)

    def search_joined(self) -> None:
        """Look again, by vectors of joined texts, where pooled ones leave doubt."""
        doubtful = self._near(_chances(self.path, self.found) < SURE, JOINED_NEIGHBOURS)
        several = np.sort(self.found.beads[(self.found.beads[:, 2:] != 1).any(axis=1), 0])
        doubtful = [own for own in doubtful if np.ptp(np.searchsorted(several, own[0][:2]))]  # a bead starts in it
        if not doubtful:
            return
        stretches = [stretch for stretch, _ in doubtful]
        likely = likely_beads(self.found, stretches)
        for axis, side in enumerate(self._sides):
            assert side.encode_spans is not None  # the caller has looked
            reencode(self._spans[axis], side.encode_spans, likely, axis)
        bands = [(stretch, near_path(path, stretch)) for stretch, path in doubtful]
        weights = self._calibration.joined
        with one_blas_thread():
            search = Search(*self._spans, bands, SHAPES, weights, self._calibration)
            search.keep_only(likely)
            self._update(stretches, *search.answer(_gaps(self._pair, weights), LEAST_PROBABILITY))

    def _look(
        self, stretches: list[tuple[Stretch, Band]], shapes: tuple[Shape, ...], rounds: int = ADAPTATION_ROUNDS
    ) -> None:
        """Search some stretches, adapting to the document pair."""
        calibration, known = self._calibration, self.found
        own = [stretch for stretch, _ in stretches]
        search = Search(*self._spans, stretches, shapes, calibration.pooled, calibration)
        self._pair = Pair(calibration.gaps.rate, calibration.gaps.rate, calibration.length.ratio)
        for _ in range(rounds):
            found = known.updated(own, search.found(_gaps(self._pair, calibration.pooled), REENCODE_ABOVE))
            self._pair = adapt(self._pair, found, *self._sides, calibration)
        self._update(own, *search.answer(_gaps(self._pair, calibration.pooled), REENCODE_ABOVE))

    def _update(self, stretches: list[Stretch], found: Found, paths: list[list[Step]]) -> None:
        self.found = self.found.updated(stretches, found)
        self.path = _replaced(self.path, stretches, paths)

    def _near(self, steps: NDArray[np.bool_], neighbours: int) -> list[tuple[Stretch, list[Step]]]:
        """Return the parts of the path, with sentences of both sides, that are so near to some steps, bool (n,)."""
        near: NDArray[np.bool_] = np.convolve(steps, np.ones(2 * neighbours + 1), "full") > 0.5
        near = near[neighbours : neighbours + len(steps)]
        ends = np.flatnonzero(np.diff(np.concatenate([[0], near, [0]])))
        rows, columns = map(len, self._spans)
        places = [*((step.vi, step.en) for step in self.path), (rows, columns)]
        parts = []
        for first, last in ends.reshape(-1, 2).tolist():
            stretch = Stretch(places[first][0], places[last][0], places[first][1], places[last][1])
            if stretch.top < stretch.bottom and stretch.left < stretch.right:
                parts.append((stretch, self.path[first:last]))
        return parts


def _could_be_longer(path: list[Step], chances: Doubles) -> NDArray[np.bool_]:
    """Say of each step of a path of short beads, bool (steps,), whether it may be part of a longer one.

    That are improbable beads, unaligned sentences and beads of three sentences a side, unless one such stands alone
    between probable beads of fewer: a longer bead would hold some of these, too.
    """
    open_ended = np.array([0 in step.shape or max(step.shape) > 2 for step in path])
    doubt = open_ended | (chances < CERTAIN)
    beside = np.concatenate([[False], doubt[:-1]]) | np.concatenate([doubt[1:], [False]])
    return np.asarray(doubt & beside)


def _replaced(path: list[Step], stretches: list[Stretch], newer: list[list[Step]]) -> list[Step]:
    """Return the path with its parts in some stretches replaced."""
    whole: list[Step] = []
    rest = 0
    places = {(step.vi, step.en): place for place, step in enumerate(path)}
    for stretch, part in zip(stretches, newer, strict=True):
        whole += path[rest : places.get((stretch.top, stretch.left), 0)]
        whole += part
        rest = places.get((stretch.bottom, stretch.right), len(path))
    return whole + path[rest:]


def _chances(path: list[Step], found: Found) -> Doubles:
    """Return the probability of each step, float64 (steps,)."""
    known = dict(zip(map(tuple, found.beads.tolist()), found.chances.tolist(), strict=True))
    single = {(1, 0): lambda step: found.vi_gaps[step.vi], (0, 1): lambda step: found.en_gaps[step.en]}
    return np.array([single[s.shape](s) if s.shape in single else known.get((s.vi, s.en, *s.shape), 0.0) for s in path])


def _gaps(pair: Pair, weights: BeadWeights) -> Gaps:
    return Gaps(pair.ratio, gap_reward(weights, pair.vi_rate), gap_reward(weights, pair.en_rate), weights.gap_run)


def gap_reward(weights: BeadWeights, rate: float) -> float:
    """Return the score of one unaligned sentence on a side that leaves the share `rate` unaligned."""
    known = min(rate, HIGHEST_RATE)
    return weights.gap + weights.gap_rate * math.log(known / (1 - known))


def adapt(pair: Pair, chances: Found, vi: Side, en: Side, calibration: Calibration) -> Pair:
    """Re-estimate what belongs to the document pair from expected counts (one step of MAP-EM)."""
    prior = calibration.gaps
    evidence = prior.rate * prior.sentences
    vi_rate = (evidence + chances.vi_gaps.sum()) / (prior.sentences + len(chances.vi_gaps))
    en_rate = (evidence + chances.en_gaps.sum()) / (prior.sentences + len(chances.en_gaps))
    vi_aligned = (1 - chances.vi_gaps).clip(0)
    en_aligned = (1 - chances.en_gaps).clip(0)
    own = math.log(max(en.lengths @ en_aligned, 1.0) / max(vi.lengths @ vi_aligned, 1.0))
    count = (vi_aligned.sum() + en_aligned.sum()) / 2
    weight = calibration.length.ratio_sentences
    log_ratio = (weight * math.log(calibration.length.ratio) + count * own) / (weight + count)
    return Pair(float(vi_rate), float(en_rate), math.exp(log_ratio))


def first_look(vi: Spans, en: Spans, pair: Pair, calibration: Calibration) -> Ints:
    """Return the beads other than 1-1 that pooled vectors find possible, as `Found.beads`, when `pair` is known."""
    stretch = Stretch(0, len(vi), 0, len(en))
    search = Search(vi, en, [(stretch, band_of(vi, en))], SHAPES, calibration.pooled, calibration)
    return likely_beads(search.found(_gaps(pair, calibration.pooled), REENCODE_ABOVE), [stretch])


def likely_beads(found: Found, stretches: Sequence[Stretch]) -> Ints:
    """Return the beads other than 1-1, as `Found.beads`, that could be in the answer in some stretches."""
    inside: NDArray[np.bool_] = np.zeros(len(found.vi_gaps), dtype=bool)
    for stretch in stretches:
        inside[stretch.top : stretch.bottom] = True
    several = (found.beads[:, 2:] != 1).any(axis=1)
    return np.asarray(found.beads[several & inside[found.beads[:, 0]]])


def reencode(side: Spans, encode: EncodeSpans, likely: Ints, axis: int) -> None:
    """Give every span of several sentences in a likely bead the vector of its joined text."""
    spans = np.unique(likely[:, [axis, axis + 2]][likely[:, axis + 2] > 1], axis=0)
    if not len(spans):
        return
    vectors = encode([(start, start + size) for start, size in spans.tolist()])
    for size in np.unique(spans[:, 1]):
        own = spans[:, 1] == size
        side.replace(int(size), spans[own, 0], vectors[own])


def _beads(path: list[Step], found: Found) -> list[Bead]:
    """Return the beads of a path; one that is improbable, or less probable than its parts' being unaligned, is undone.

    The best of very many paths can be improbable itself: one sentence against a thousand has a thousand partners.
    """
    beads: list[Bead] = []
    for (vi, en, (a, b)), chance in zip(path, _chances(path, found).tolist(), strict=True):
        rows, columns = range(vi, vi + a), range(en, en + b)
        alone = [Bead((i,), (), _chance(found.vi_gaps[i])) for i in rows]
        alone += [Bead((), (j,), _chance(found.en_gaps[j])) for j in columns]
        if not (a and b) or chance < max(LEAST_PROBABILITY, min(bead.score for bead in alone)):
            beads += alone
        else:
            beads.append(Bead(tuple(rows), tuple(columns), min(chance, 1.0)))
    return beads


def _chance(value: np.floating) -> float:
    """Return a probability; sums of exponentials go over 1 by rounding."""
    return min(float(value), 1.0)


def _all_unaligned(rows: int, columns: int) -> list[Bead]:
    return [Bead((i,), (), 1.0) for i in range(rows)] + [Bead((), (j,), 1.0) for j in range(columns)]
