"""In-order matching: the best sequence of beads for two articles that translate each other.

The model is a semi-Markov conditional random field over beads (features in `align.matching.scoring`, weights fitted by
`benchmarks/fit_matching.py`). Two of its parameters belong to the document pair and not to the language pair, and are
found from the pair itself by expectation-maximisation with the calibration as prior: the share of unaligned sentences
on either side, and the length ratio.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from align.matching.band import Band, band_of
from align.matching.beads import Bead
from align.matching.calibration import SHAPES, BeadWeights, Calibration, Shape
from align.matching.dynamic import Grid, Posterior, Step, best_path, posterior
from align.matching.scoring import Window, bead_scores
from align.matching.sides import EncodeSpans, Side
from align.matching.spans import Floats, Spans

ADAPTATION_ROUNDS = 2
BLOCK_ROWS = 256  # rows scored at once: bounds the memory of the features
HIGHEST_RATE = 0.7  # share of unaligned sentences that fitting has seen; one sentence against a thousand is beyond it
LEAST_PROBABILITY = 0.05  # of a bead in the answer
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
    pair = Pair(calibration.gaps.rate, calibration.gaps.rate, calibration.length.ratio)
    band = band_of(vi_spans, en_spans)
    for _ in range(ADAPTATION_ROUNDS):
        grid = build_grid(vi_spans, en_spans, band, calibration.pooled, pair, calibration)
        chances = posterior(grid)
        pair = adapt(pair, grid, chances, vi, en, calibration)
    if vi.encode_spans and en.encode_spans:
        grid = build_grid(vi_spans, en_spans, band, calibration.pooled, pair, calibration)
        likely = likely_beads(grid, posterior(grid))
        reencode(vi_spans, vi.encode_spans, grid, likely, 0)
        reencode(en_spans, en.encode_spans, grid, likely, 1)
        grid = _only(build_grid(vi_spans, en_spans, band, calibration.joined, pair, calibration), likely)
    else:
        grid = build_grid(vi_spans, en_spans, band, calibration.pooled, pair, calibration)
    return _beads(best_path(grid), grid, posterior(grid))


def gap_reward(weights: BeadWeights, rate: float) -> float:
    """Return the score of one unaligned sentence on a side that leaves the share `rate` unaligned."""
    known = min(rate, HIGHEST_RATE)
    return weights.gap + weights.gap_rate * math.log(known / (1 - known))


def build_grid(vi: Spans, en: Spans, band: Band, weights: BeadWeights, pair: Pair, calibration: Calibration) -> Grid:
    """Score all beads inside the band."""
    scores = {
        shape: np.full((len(vi) + 1, band.width), -np.inf, dtype=np.float32)
        for shape in SHAPES
        if shape[0] <= len(vi) and shape[1] <= len(en)
    }
    constants = (weights, pair.ratio, calibration.length.variance, calibration.limits.add_floor)
    for top in range(0, len(vi), BLOCK_ROWS):
        bottom = min(top + BLOCK_ROWS, len(vi))
        left, right = int(band.start[top]), min(int(band.start[bottom - 1]) + band.width, len(en))
        window = Window(top, bottom, left, right)
        block = bead_scores(vi, en, window, tuple(scores), *constants)
        for shape, values in block.items():
            _copy_into_band(scores[shape], values, band, window)
    return Grid(
        len(vi),
        len(en),
        band.start,
        scores,
        gap_reward(weights, pair.vi_rate),
        gap_reward(weights, pair.en_rate),
    )


def _copy_into_band(target: Floats, values: Floats, band: Band, window: Window) -> None:
    for row in range(window.top, window.bottom):
        first = int(band.start[row])
        last = min(first + band.width, window.right)
        target[row, : last - first] = values[row - window.top, first - window.left : last - window.left]


def adapt(pair: Pair, grid: Grid, chances: Posterior, vi: Side, en: Side, calibration: Calibration) -> Pair:
    """Re-estimate what belongs to the document pair from expected counts (one step of MAP-EM)."""
    prior = calibration.gaps
    evidence = prior.rate * prior.sentences
    vi_rate = (evidence + chances.vi_gaps.sum()) / (prior.sentences + grid.rows)
    en_rate = (evidence + chances.en_gaps.sum()) / (prior.sentences + grid.columns)
    vi_aligned = (1 - chances.vi_gaps).clip(0)
    en_aligned = (1 - chances.en_gaps).clip(0)
    own = math.log(max(en.lengths @ en_aligned, 1.0) / max(vi.lengths @ vi_aligned, 1.0))
    count = (vi_aligned.sum() + en_aligned.sum()) / 2
    weight = calibration.length.ratio_sentences
    log_ratio = (weight * math.log(calibration.length.ratio) + count * own) / (weight + count)
    return Pair(float(vi_rate), float(en_rate), math.exp(log_ratio))


def likely_beads(grid: Grid, chances: Posterior) -> dict[Shape, NDArray[np.bool_]]:
    """Say which beads of more than one sentence a side could be in the answer; 1-1 always can."""
    return {
        shape: values > REENCODE_ABOVE if shape != (1, 1) else np.isfinite(grid.scores[shape])
        for shape, values in chances.beads.items()
    }


def reencode(side: Spans, encode: EncodeSpans, grid: Grid, likely: dict[Shape, NDArray[np.bool_]], axis: int) -> None:
    """Give every span of several sentences in a likely bead the vector of its joined text."""
    ranges = sorted(_likely_ranges(grid, likely, axis))
    if not ranges:
        return
    vectors = encode(ranges)
    sizes = np.array([end - start for start, end in ranges])
    starts = np.array([start for start, _ in ranges])
    for size in np.unique(sizes):
        side.replace(int(size), starts[sizes == size], vectors[sizes == size])


def _likely_ranges(grid: Grid, likely: dict[Shape, NDArray[np.bool_]], axis: int) -> set[tuple[int, int]]:
    ranges: set[tuple[int, int]] = set()
    for shape, cells in likely.items():
        size = shape[axis]
        if size > 1:
            rows, columns = np.nonzero(cells)
            starts = rows if axis == 0 else columns + grid.start[rows]
            ranges.update((int(start), int(start) + size) for start in np.unique(starts))
    return ranges


def _only(grid: Grid, likely: dict[Shape, NDArray[np.bool_]]) -> Grid:
    scores = {shape: np.where(likely[shape], values, np.float32(-np.inf)) for shape, values in grid.scores.items()}
    return Grid(grid.rows, grid.columns, grid.start, scores, grid.vi_gap, grid.en_gap)


def _beads(path: list[Step], grid: Grid, chances: Posterior) -> list[Bead]:
    """Return the beads of a path; one that is improbable, or less probable than its parts' being unaligned, is undone.

    The best of very many paths can be improbable itself: one sentence against a thousand has a thousand partners.
    """
    beads: list[Bead] = []
    for vi, en, (a, b) in path:
        rows, columns = range(vi, vi + a), range(en, en + b)
        alone = [Bead((i,), (), _chance(chances.vi_gaps[i])) for i in rows]
        alone += [Bead((), (j,), _chance(chances.en_gaps[j])) for j in columns]
        together = _chance(chances.beads[a, b][vi, en - grid.start[vi]]) if a and b else 0.0
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
