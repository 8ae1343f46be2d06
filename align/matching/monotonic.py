"""In-order matching: the best sequence of beads for two articles that translate each other.

The model is a semi-Markov conditional random field over beads (features in `align.matching.scoring`, weights fitted by
`align fit`). Two of its parameters belong to the document pair and not to the language pair, and are
found from the pair itself by expectation-maximisation with the calibration as prior: the share of unaligned sentences
on either side, and the length ratio.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from align.matching.band import Band, band_of, near_path
from align.matching.banded import BandScores, only
from align.matching.beads import Bead
from align.matching.calibration import SHAPES, SHORT_SHAPES, BeadWeights, Calibration, Shape
from align.matching.dynamic import Grid, Posterior, Step, best_path, posterior
from align.matching.sides import EncodeSpans, Side
from align.matching.spans import Ints, Spans

ADAPTATION_ROUNDS = 2
HIGHEST_RATE = 0.7  # share of unaligned sentences that fitting has seen; one sentence against a thousand is beyond it
LEAST_PROBABILITY = 0.05  # of a bead in the answer
CERTAIN = 0.9  # probability of every bead from which longer ones are not looked for
REENCODE_ABOVE = 0.03  # posterior from which a bead of several sentences is worth encoding as joined text


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
    vi_spans, en_spans = vi.spans(calibration.centre_sentences), en.spans(calibration.centre_sentences)
    band = band_of(vi_spans, en_spans)
    scores = _scores(vi_spans, en_spans, band, SHORT_SHAPES, calibration.pooled, calibration)
    pair, chances = _adapted(scores, vi, en, calibration)
    grid = _grid(scores, calibration.pooled, pair)
    path = best_path(grid)
    if not _all_certain(path, grid, chances):
        # What is left beside a short bead may belong to a longer one. What adapts has to adapt anew: to the short
        # beads all of a long one's sentences look unaligned.
        band = near_path(path, len(vi_spans), len(en_spans))
        scores = _scores(vi_spans, en_spans, band, SHAPES, calibration.pooled, calibration)
        pair, chances = _adapted(scores, vi, en, calibration)
        grid = _grid(scores, calibration.pooled, pair)
    if vi.encode_spans and en.encode_spans:
        likely = likely_beads(grid, posterior(grid, REENCODE_ABOVE))
        reencode(vi_spans, vi.encode_spans, grid, likely, 0)
        reencode(en_spans, en.encode_spans, grid, likely, 1)
        scores = _scores(vi_spans, en_spans, scores.band, scores.shapes, calibration.joined, calibration)
        grid = only(_grid(scores, calibration.joined, pair), likely)
    return _beads(best_path(grid), grid, posterior(grid, LEAST_PROBABILITY))


def _adapted(scores: BandScores, vi: Side, en: Side, calibration: Calibration) -> tuple[Pair, Posterior]:
    """Adapt to a document pair; the second is what was found in the last round."""
    pair = Pair(calibration.gaps.rate, calibration.gaps.rate, calibration.length.ratio)
    for _ in range(ADAPTATION_ROUNDS):
        chances = posterior(_grid(scores, calibration.pooled, pair), LEAST_PROBABILITY)
        pair = adapt(pair, chances, vi, en, calibration)
    return pair, chances


def _all_certain(path: list[Step], grid: Grid, chances: Posterior) -> bool:
    """Say whether every sentence is in a bead that is hardly in doubt."""
    certain = {tuple(place) for place in chances.places[chances.chances > CERTAIN].tolist()}
    return all(_place(step, grid) in certain for step in path)


def _place(step: Step, grid: Grid) -> tuple[int, ...]:
    """Return a step as `Posterior.places` has it; nothing for an unaligned sentence."""
    if step.shape not in grid.shapes:
        return ()
    return step.vi, grid.shapes.index(step.shape), step.en - int(grid.start[step.vi])


def first_grid(vi: Spans, en: Spans, pair: Pair, calibration: Calibration) -> Grid:
    """Return the grid of all beads by pooled vectors, for what is known of a document pair."""
    scores = _scores(vi, en, band_of(vi, en), SHAPES, calibration.pooled, calibration)
    return _grid(scores, calibration.pooled, pair)


def _scores(
    vi: Spans, en: Spans, band: Band, shapes: tuple[Shape, ...], weights: BeadWeights, calibration: Calibration
) -> BandScores:
    variance, add_floor = calibration.length.variance, calibration.limits.add_floor
    return BandScores(vi, en, band, shapes, weights, variance=variance, add_floor=add_floor)


def _grid(scores: BandScores, weights: BeadWeights, pair: Pair) -> Grid:
    return scores.grid(pair.ratio, gap_reward(weights, pair.vi_rate), gap_reward(weights, pair.en_rate))


def gap_reward(weights: BeadWeights, rate: float) -> float:
    """Return the score of one unaligned sentence on a side that leaves the share `rate` unaligned."""
    known = min(rate, HIGHEST_RATE)
    return weights.gap + weights.gap_rate * math.log(known / (1 - known))


def adapt(pair: Pair, chances: Posterior, vi: Side, en: Side, calibration: Calibration) -> Pair:
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


def likely_beads(grid: Grid, chances: Posterior) -> Ints:
    """Return the places, as `Posterior.places`, of the beads other than 1-1 that could be in the answer."""
    several = np.array([shape != (1, 1) for shape in grid.shapes])
    return np.asarray(chances.places[several[chances.places[:, 1]]])


def reencode(side: Spans, encode: EncodeSpans, grid: Grid, likely: Ints, axis: int) -> None:
    """Give every span of several sentences in a likely bead the vector of its joined text."""
    rows, shapes, columns = likely.T
    starts = rows if axis == 0 else columns + grid.start[rows]
    sizes = np.array([shape[axis] for shape in grid.shapes], dtype=np.int64)[shapes]
    spans = np.unique(np.column_stack([starts, sizes])[sizes > 1], axis=0)
    if not len(spans):
        return
    vectors = encode([(start, start + size) for start, size in spans.tolist()])
    for size in np.unique(spans[:, 1]):
        own = spans[:, 1] == size
        side.replace(int(size), spans[own, 0], vectors[own])


def _beads(path: list[Step], grid: Grid, chances: Posterior) -> list[Bead]:
    """Return the beads of a path; one that is improbable, or less probable than its parts' being unaligned, is undone.

    The best of very many paths can be improbable itself: one sentence against a thousand has a thousand partners.
    """
    beads: list[Bead] = []
    kept = dict(zip(map(tuple, chances.places.tolist()), chances.chances.tolist(), strict=True))
    for vi, en, (a, b) in path:
        rows, columns = range(vi, vi + a), range(en, en + b)
        alone = [Bead((i,), (), _chance(chances.vi_gaps[i])) for i in rows]
        alone += [Bead((), (j,), _chance(chances.en_gaps[j])) for j in columns]
        together = min(kept.get(_place(Step(vi, en, (a, b)), grid), 0.0), 1.0)
        if together < max(LEAST_PROBABILITY, min(bead.score for bead in alone)):
            beads += alone
        else:
            beads.append(Bead(tuple(rows), tuple(columns), together))
    return beads


def _chance(value: np.floating) -> float:
    """Return a probability; sums of exponentials go over 1 by rounding."""
    return min(float(value), 1.0)


def _all_unaligned(rows: int, columns: int) -> list[Bead]:
    return [Bead((i,), (), 1.0) for i in range(rows)] + [Bead((), (j,), 1.0) for j in range(columns)]
