"""Which sentences of two comparable articles translate each other: sentence evidence first, then their neighbours.

A report that condenses another keeps runs of sentences together, so a pair is likelier when the sentences before or
after it are paired too. Two logistic models score every pair of sentences of an article pair: the first from the pair
alone, the second from the same features and from the support that the first one's probabilities give it, weighed by
how much of the article pair shows such support at all (articles whose sentences are shuffled show none).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from align.matching.calibration import Calibration, FeatureLimits
from align.matching.clauses import Clauses
from align.matching.evidence import FEATURES as EVIDENCE
from align.matching.evidence import Evidence, evidence_features
from align.matching.mining import Pool
from align.matching.spans import Floats, unit_rows

Doubles = NDArray[np.float64]

FEATURES = (
    *("margin", "centred_margin", "ratio", "delta", "delta_square"),
    *("cosine", "smaller_gap", "larger_gap", "window", "window_gap", "clause", "clause_gap"),
    *EVIDENCE,
)
"""Features of a pair alone: those of mining; the centred cosine, and how far it is above the best other of its row and
of its column (below it: negative); the cosine of the two-sentence windows that the pair ends or begins, and how far
that is above others, which tells apart what pronouns hide; the best cosine of one sentence with the other or a part of
it, and how far that is above others, which finds what was condensed; the evidence of the texts."""

CONTEXT_FEATURES = (*FEATURES, "support", "coherent_support", "coherence")

# Steps to a neighbouring pair, vi and en.
SUPPORT_REACH = ((1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3), (3, 1), (3, 2))
SUPPORT_DECAY = 0.7  # what each further sentence takes off
ROUNDS = 2


def pair_log_odds(
    pool: Pool, vi: Evidence, en: Evidence, calibration: Calibration, clauses: tuple[Clauses, Clauses] | None = None
) -> Doubles:
    """Return the log-odds, float64 (n, m), that each two sentences of an article pair translate each other.

    Args:
        pool: the two articles.
        vi, en: evidence of their sentences.
        calibration: of the encoder that made the vectors.
        clauses: parts of the sentences of either side; without them whole sentences stand for their parts.
    """
    weights = calibration.comparable
    features = alone_features(pool, vi, en, calibration.limits, clauses)
    chances = compete(_weigh(features, weights.alone))
    scores = np.zeros_like(chances)
    for _ in range(ROUNDS):
        scores = _weigh(context_features(features, chances), weights.context)
        chances = compete(scores)
    return scores


def alone_features(
    pool: Pool, vi: Evidence, en: Evidence, limits: FeatureLimits, clauses: tuple[Clauses, Clauses] | None = None
) -> Doubles:
    """Return float64 (len(FEATURES), n, m)."""
    cosine = (pool.vi_centred @ pool.en_centred.T).astype(np.float64)
    gaps = (_smaller_gap(cosine, limits), np.maximum(_gap(cosine, limits), _gap(cosine.T, limits).T))
    window = _window_cosine(pool)
    windows = _best_windows(window, _smaller_gap(window, limits), limits)
    numbers = (*pool.features(slice(None), slice(None)), cosine, *gaps, *windows)
    whole = _Best(cosine, gaps[0], evidence_features(vi, en))
    found = whole if clauses is None else _with_parts(whole, pool, vi, en, limits, *clauses)
    return np.concatenate([np.stack([*numbers, found.cosine, found.gap]), found.evidence])


class _Best(NamedTuple):
    """What is compared of each two sentences, whole or in part: cosine and gap (n, m), evidence (7, n, m)."""

    cosine: Doubles
    gap: Doubles
    evidence: Doubles


def _with_parts(
    whole: _Best,
    pool: Pool,
    vi: Evidence,
    en: Evidence,
    limits: FeatureLimits,
    vi_parts: Clauses,
    en_parts: Clauses,
) -> _Best:
    """Return the best of three: both sentences whole, or either one's best part.

    What matches a part of a sentence leaves its other parts to others, so that such a pair is compared with the other
    partners of the whole sentence only, and its evidence is that of the part.
    """
    best = whole
    if len(vi_parts.owners):
        cosine, part = vi_parts.best(pool.vi_centre, pool.en_centred, len(pool.vi))
        evidence = evidence_features(vi_parts.evidence, en)[:, part, np.arange(len(pool.en))[None, :]]
        gap = _gap(np.maximum(whole.cosine, cosine).T, limits).T
        best = _better(best, cosine.astype(np.float64), gap, evidence)
    if len(en_parts.owners):
        cosine, part = en_parts.best(pool.en_centre, pool.vi_centred, len(pool.en))
        evidence = evidence_features(vi, en_parts.evidence)[:, np.arange(len(pool.vi))[:, None], part.T]
        gap = _gap(np.maximum(whole.cosine, cosine.T), limits)
        best = _better(best, cosine.T.astype(np.float64), gap, evidence)
    return best


def _better(known: _Best, cosine: Doubles, gap: Doubles, evidence: Doubles) -> _Best:
    nearer = cosine > known.cosine
    return _Best(
        np.where(nearer, cosine, known.cosine),
        np.where(nearer, gap, known.gap),
        np.where(nearer, evidence, known.evidence),
    )


def _window_cosine(pool: Pool) -> Doubles:
    """Return the centred cosine of every two windows of two sentences, float64 (n - 1, m - 1), pooled as spans are."""
    vi, en = (
        _windows(vectors, lengths, centre, pool.pooling)
        for vectors, lengths, centre in (
            (pool.vi, pool.vi_lengths, pool.vi_centre),
            (pool.en, pool.en_lengths, pool.en_centre),
        )
    )
    return (vi @ en.T).astype(np.float64)


def _windows(vectors: Floats, lengths: Doubles, centre: Floats, pooling: str) -> Floats:
    if pooling == "max":
        return unit_rows(unit_rows(np.maximum(vectors[:-1], vectors[1:])) - centre)
    weighted = vectors * lengths[:, None].astype(np.float32)
    return unit_rows(unit_rows(weighted[:-1] + weighted[1:]) - centre)


def _best_windows(window: Doubles, gaps: Doubles, limits: FeatureLimits) -> tuple[Doubles, Doubles]:
    """Return for each two sentences the cosine and the gap of the better of the windows that they end and begin."""
    best, gap = (np.pad(values, 1, constant_values=-np.inf) for values in (window, gaps))
    before, after = best[:-1, :-1], best[1:, 1:]
    chosen = np.where(before >= after, gap[:-1, :-1], gap[1:, 1:])
    return np.maximum(np.maximum(before, after), limits.window_floor), np.maximum(chosen, limits.gap_floor)


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


def _smaller_gap(cosine: Doubles, limits: FeatureLimits) -> Doubles:
    """Return how far each value is above the best other of its row and of its column, whichever is less."""
    return np.minimum(_gap(cosine, limits), _gap(cosine.T, limits).T)


def _gap(cosine: Doubles, limits: FeatureLimits) -> Doubles:
    """Return how far each value is above the best other value of its row."""
    if cosine.shape[1] < 2:
        return np.zeros_like(cosine)
    ordered = np.sort(cosine, axis=1)
    best, second = ordered[:, -1:], ordered[:, -2:-1]
    gap = np.where(cosine >= best, cosine - second, cosine - best)
    return np.clip(gap, limits.gap_floor, limits.gap_ceiling)


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
