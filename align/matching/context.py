"""Which sentences of two comparable articles translate each other: sentence evidence first, then their neighbours.

A report that condenses another keeps runs of sentences together, so a pair is likelier when the sentences before or
after it are paired too. Two logistic models score every pair of sentences of an article pair: the first from the pair
alone, the second from the same features and from the support that the first one's probabilities give it, weighed by
how much of the article pair shows such support at all (articles whose sentences are shuffled show none).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from align.matching.calibration import ContextWeights
from align.matching.evidence import FEATURES as EVIDENCE
from align.matching.evidence import Evidence, evidence_features
from align.matching.mining import Pool
from align.matching.spans import Floats, unit_rows

Doubles = NDArray[np.float64]

FEATURES = (
    *("margin", "centred_margin", "ratio", "delta", "delta_square"),
    *("cosine", "smaller_gap", "larger_gap", "window", "window_gap"),
    *EVIDENCE,
)
"""Features of a pair alone: those of mining; the centred cosine, and how far it is above the best other of its row and
of its column (below it: negative); the cosine of the two-sentence windows that the pair ends or begins, and how far
that is above others, which tells apart what pronouns hide; the evidence of the texts."""

CONTEXT_FEATURES = (*FEATURES, "support", "coherent_support", "coherence")

SUPPORT_REACH = (
    (1, 1),
    (1, 2),
    (1, 3),
    (2, 1),
    (2, 2),
    (2, 3),
    (3, 1),
    (3, 2),
)  # steps to a neighbouring pair, vi and en
SUPPORT_DECAY = 0.7  # what each further sentence takes off
GAP_LIMITS = (-0.3, 0.15)
ROUNDS = 2


def pair_log_odds(pool: Pool, vi: Evidence, en: Evidence, weights: ContextWeights) -> Doubles:
    """Return the log-odds, float64 (n, m), that each two sentences of an article pair translate each other.

    Args:
        pool: the two articles.
        vi, en: evidence of their sentences.
        weights: of the encoder that made the vectors.
    """
    features = alone_features(pool, vi, en)
    chances = compete(_weigh(features, weights.alone))
    scores = np.zeros_like(chances)
    for _ in range(ROUNDS):
        scores = _weigh(context_features(features, chances), weights.context)
        chances = compete(scores)
    return scores


def alone_features(pool: Pool, vi: Evidence, en: Evidence) -> Doubles:
    """Return float64 (len(FEATURES), n, m)."""
    cosine = (pool.vi_centred @ pool.en_centred.T).astype(np.float64)
    row_gap, column_gap = _gap(cosine), _gap(cosine.T).T
    gaps = (np.minimum(row_gap, column_gap), np.maximum(row_gap, column_gap))
    window = _window_cosine(pool)
    window_gaps = np.minimum(_gap(window), _gap(window.T).T)
    numbers = np.stack([*pool.features(slice(None), slice(None)), cosine, *gaps, *_best_windows(window, window_gaps)])
    return np.concatenate([numbers, evidence_features(vi, en)])


def _window_cosine(pool: Pool) -> Doubles:
    """Return the centred cosine of every two windows of two sentences, float64 (n - 1, m - 1), pooled by length."""
    vi, en = (
        _windows(vectors, lengths, centre)
        for vectors, lengths, centre in (
            (pool.vi, pool.vi_lengths, pool.vi_centre),
            (pool.en, pool.en_lengths, pool.en_centre),
        )
    )
    return (vi @ en.T).astype(np.float64)


def _windows(vectors: Floats, lengths: Doubles, centre: Floats) -> Floats:
    weighted = vectors * lengths[:, None].astype(np.float32)
    return unit_rows(unit_rows(weighted[:-1] + weighted[1:]) - centre)


def _best_windows(window: Doubles, gaps: Doubles) -> tuple[Doubles, Doubles]:
    """Return for each two sentences the cosine and the gap of the better of the windows that they end and begin."""
    best, gap = (np.pad(values, 1, constant_values=least) for values, least in ((window, -1.0), (gaps, -1.0)))
    before, after = best[:-1, :-1], best[1:, 1:]
    chosen = np.where(before >= after, gap[:-1, :-1], gap[1:, 1:])
    return np.maximum(np.maximum(before, after), -0.2), np.maximum(chosen, GAP_LIMITS[0])


def context_features(features: Doubles, chances: Doubles) -> Doubles:
    """Add the support of neighbouring pairs to `features`: float64 (len(CONTEXT_FEATURES), n, m)."""
    support = _support(chances, 1) + _support(chances, -1)
    weight = np.square(chances)
    coherence = float((weight * np.minimum(support, 1)).sum() / max(float(weight.sum()), 1e-9))
    return np.concatenate([features, np.stack([support, coherence * support, np.full_like(support, coherence)])])


def compete(log_odds: Doubles) -> Doubles:
    """Turn log-odds into probabilities that share each sentence: its pairs and having none add up to at most 1."""
    odds = np.exp(np.clip(log_odds, -60, 60))
    return np.asarray(odds / (1 + np.maximum(odds.sum(axis=1, keepdims=True), odds.sum(axis=0, keepdims=True))))


def _weigh(features: Doubles, weights: tuple[float, ...]) -> Doubles:
    return np.asarray(np.tensordot(np.array(weights[:-1]), features, axes=1) + weights[-1])


def _gap(cosine: Doubles) -> Doubles:
    """Return how far each value is above the best other value of its row."""
    if cosine.shape[1] < 2:
        return np.zeros_like(cosine)
    ordered = np.sort(cosine, axis=1)
    best, second = ordered[:, -1:], ordered[:, -2:-1]
    return np.clip(np.where(cosine >= best, cosine - second, cosine - best), *GAP_LIMITS)


def _support(chances: Doubles, direction: int) -> Doubles:
    """Return the best probability among the neighbouring pairs before (-1) or after (1) each pair."""
    best = np.zeros_like(chances)
    for a, b in SUPPORT_REACH:
        moved = _moved(chances, a * direction, b * direction) * SUPPORT_DECAY ** (a + b - 2)
        best = np.maximum(best, moved)
    return best


def _moved(values: Doubles, a: int, b: int) -> Doubles:
    """Return out with out[i, j] = values[i + a, j + b], 0 outside."""
    rows, columns = values.shape
    out = np.zeros_like(values)
    top, bottom = max(0, -a), min(rows, rows - a)
    left, right = max(0, -b), min(columns, columns - b)
    if top < bottom and left < right:
        out[top:bottom, left:right] = values[top + a : bottom + a, left + b : right + b]
    return out
