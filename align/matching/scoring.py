"""How well two spans translate each other: the features of a bead and their weighted sum.

Features of a bead of `a` Vietnamese and `b` English sentences:

cosine        of the two centred span vectors
delta         |l_en / sqrt(c) - l_vi * sqrt(c)| / sqrt(s2 * (l_en / sqrt(c) + l_vi * sqrt(c)) / 2), at most 6, with l
              the characters, c the length ratio and s2 the variance (Gale & Church 1993, section 3, made symmetric)
delta_square  delta * delta / 6
drop          cosine minus the best cosine after taking the first or last sentence off a side that has more than one;
              0 for 1-1: positive when every sentence earns its place
add           the best cosine after adding the neighbouring sentence on either end of either side, minus cosine, at
              least `add_floor` of the calibration: positive when the bead misses a part
"""

from __future__ import annotations

import math
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from align.matching.calibration import BeadWeights, Shape
from align.matching.spans import Floats, Spans

Real = TypeVar("Real", np.float32, np.float64)
DELTA_LIMIT = 6.0
ABSENT = -2.0  # the cosine of a span that does not exist: below every real one
FEATURES = ("cosine", "delta", "delta_square", "drop", "add")


class Window(NamedTuple):
    """A rectangle of start positions: Vietnamese rows [top, bottom), English columns [left, right)."""

    top: int
    bottom: int
    left: int
    right: int


class Terms(NamedTuple):
    """What the vectors say of the beads of one shape: float32 (rows, columns) each.

    Attributes:
        exists: bool, does the bead exist.
        cosine, drop, add: the features (module docstring).
    """

    exists: NDArray[np.bool_]
    cosine: Floats
    drop: Floats
    add: Floats


def bead_scores(
    vi: Spans,
    en: Spans,
    window: Window,
    shapes: tuple[Shape, ...],
    weights: BeadWeights,
    ratio: float,
    variance: float,
    add_floor: float,
) -> dict[Shape, Floats]:
    """Score every bead that starts in the window.

    Returns:
        For each shape float32 (rows, columns): log-odds, -inf where the bead does not exist.
    """
    scores = {}
    for shape, terms in vector_terms(vi, en, window, shapes, add_floor).items():
        delta = _length_deviation(vi, en, window, shape, ratio, variance)
        scores[shape] = vector_score(terms, shape, weights) + length_score(delta, weights)
    return scores


def vector_score(terms: Terms, shape: Shape, weights: BeadWeights) -> Floats:
    """Return the part of the score that vectors and shape give: float32, -inf where the bead does not exist."""
    total = weights.cosine * terms.cosine + weights.drop * terms.drop + weights.add * terms.add
    return np.where(terms.exists, total + weights.prior_of(shape), -np.inf).astype(np.float32)


def length_score(delta: NDArray[np.floating], weights: BeadWeights) -> Floats:
    """Return the part of the score that the length deviation gives: float32."""
    return np.asarray(weights.delta * delta + weights.delta_square * delta * delta / 6, dtype=np.float32)


def bead_features(
    vi: Spans,
    en: Spans,
    window: Window,
    shapes: tuple[Shape, ...],
    ratio: float,
    variance: float,
    add_floor: float,
) -> dict[Shape, tuple[NDArray[np.bool_], Floats]]:
    """Compute the features of every bead that starts in the window.

    Returns:
        For each shape a bool (rows, columns), does the bead exist, and float32 (5, rows, columns), in the order of
        `FEATURES`.
    """
    found = {}
    for shape, terms in vector_terms(vi, en, window, shapes, add_floor).items():
        delta = _length_deviation(vi, en, window, shape, ratio, variance)
        features = np.stack([terms.cosine, delta, delta * delta / 6, terms.drop, terms.add]).astype(np.float32)
        found[shape] = (terms.exists, features)
    return found


def vector_terms(
    vi: Spans, en: Spans, window: Window, shapes: tuple[Shape, ...], add_floor: float
) -> dict[Shape, Terms]:
    """Compute what the vectors say of every bead that starts in the window."""
    cosines = _cosines(vi, en, window, shapes)
    found = {}
    for a, b in shapes:
        here = cosines[a, b][1:-1, 1:-1]
        drop = here - _best_part(cosines, (a, b)) if a + b > 2 else np.zeros_like(here)
        add = np.maximum(_best_extension(cosines, (a, b)) - here, np.float32(add_floor))
        found[a, b] = Terms(here > ABSENT, here, drop, add)
    return found


def _cosines(vi: Spans, en: Spans, window: Window, shapes: tuple[Shape, ...]) -> dict[Shape, Floats]:
    """Return the cosine of every two spans that start in the window or one place beside it; ABSENT where none is.

    There are those of the shapes, and of shapes of one sentence more: they say whether a bead misses a part.
    """
    wanted = {(a + more, b) for a, b in shapes for more in (0, 1)} | {(a, b + 1) for a, b in shapes}
    longest = max(map(max, wanted))
    tops = [_slab(vi, size, window.top - 1, window.bottom + 1) for size in range(1, longest + 1)]
    lefts = [_slab(en, size, window.left - 1, window.right + 1) for size in range(1, longest + 1)]
    stacked = np.concatenate([rows for rows, _ in lefts])
    table = {}
    width = window.right - window.left + 2
    for a, (rows, vi_exists) in enumerate(tops, 1):
        # One product for all sizes of the other side that go with this one: many small ones would take longer.
        sizes = [b for b in range(1, longest + 1) if (a, b) in wanted]
        product = rows @ stacked[: max(sizes, default=0) * width].T
        if not vi_exists.all():
            product[~vi_exists] = ABSENT
        for b in sizes:
            part, en_exists = product[:, (b - 1) * width : b * width], lefts[b - 1][1]
            if not en_exists.all():
                part[:, ~en_exists] = ABSENT
            table[a, b] = part
    return table


def _slab(side: Spans, size: int, first: int, last: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the vectors of the spans that start in [first, last), with rows of zeros outside the document."""
    low = max(first, 0)
    high = max(min(last, len(side)), low)
    vectors = side.vectors(size, low, high)
    rows = np.zeros((last - first, vectors.shape[1]), dtype=np.float32)
    there = np.zeros(last - first, dtype=bool)
    rows[low - first : high - first] = vectors
    there[low - first : high - first] = side.exists(size)[low:high]
    return rows, there


def _best_part(cosines: dict[Shape, Floats], shape: Shape) -> Floats:
    a, b = shape
    parts = []
    if a > 1:
        parts += [cosines[a - 1, b][1:-1, 1:-1], cosines[a - 1, b][2:, 1:-1]]
    if b > 1:
        parts += [cosines[a, b - 1][1:-1, 1:-1], cosines[a, b - 1][1:-1, 2:]]
    best: Floats = np.maximum.reduce(parts)
    return best


def _best_extension(cosines: dict[Shape, Floats], shape: Shape) -> Floats:
    a, b = shape
    more = [np.full_like(cosines[shape][1:-1, 1:-1], ABSENT)]
    if (a + 1, b) in cosines:
        more += [cosines[a + 1, b][1:-1, 1:-1], cosines[a + 1, b][:-2, 1:-1]]
    if (a, b + 1) in cosines:
        more += [cosines[a, b + 1][1:-1, 1:-1], cosines[a, b + 1][1:-1, :-2]]
    best: Floats = np.maximum.reduce(more)
    return best


def _length_deviation(
    vi: Spans, en: Spans, window: Window, shape: Shape, ratio: float, variance: float
) -> NDArray[np.float64]:
    vi_lengths = vi.span_lengths(shape[0])[window.top : window.bottom, None]
    en_lengths = en.span_lengths(shape[1])[None, window.left : window.right]
    return length_deviation(vi_lengths, en_lengths, ratio, variance)


def length_deviation(
    vi_lengths: NDArray[Real], en_lengths: NDArray[Real], ratio: float, variance: float
) -> NDArray[Real]:
    """Return Gale and Church's delta (module docstring) of lengths in characters, broadcast, 0 to 6."""
    vi_scaled = vi_lengths * math.sqrt(ratio)
    en_scaled = en_lengths / math.sqrt(ratio)
    deviation = np.abs(en_scaled - vi_scaled) / np.sqrt(variance * (vi_scaled + en_scaled) / 2)
    return np.asarray(np.minimum(deviation, DELTA_LIMIT))
