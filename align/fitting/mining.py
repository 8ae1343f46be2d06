"""Fit mining: the weights of margins and lengths, and what the mixture expects of a small pool."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from align.encoders import Encoder
from align.fitting.documents import Document, joined_documents
from align.fitting.encoding import sides_of
from align.fitting.logistic import Doubles, logistic
from align.matching.calibration import Calibration, MiningWeights, MixtureModel
from align.matching.mining import Pool, candidates, mutual_best, pool_of

MINING_SIGNS = np.array([1, 1, -1, -1, -1])  # margin, centred_margin, ratio, delta, delta_square
MIXTURE_PAIRS = 30.0  # what the prior of the mixture counts as
LEAST_DEVIATION = 0.5  # of either part of the mixture, in log-odds: a few scores may lie close by chance
LEAST_SENTENCES = 10  # a side, of a document whose neighbours say how near others are
WHOLE_TABLE_CELLS = 4_000_000  # sentence pairs whose features are held at once
ROUNDS = 2  # the candidates depend on the weights


def fit_mining(documents: Sequence[Document], encoder: Encoder, calibration: Calibration) -> Calibration:
    """Fit the mining weights and the prior of the mixture on documents with 1-1 pairs in any order.

    Each is a pool of its own, and all of them together are one more. The weights of `calibration` choose the first
    candidates.
    """
    raw, centred = _background(documents, encoder, calibration)
    calibration = replace(calibration, mining=replace(calibration.mining, background=raw, centred_background=centred))
    for _ in range(ROUNDS):
        rows, labels = _examples(_pools_of(documents, encoder, calibration), calibration)
        margin, centred_margin, ratio, delta, square, constant = map(float, logistic(rows, labels, MINING_SIGNS))
        weights = MiningWeights(margin, centred_margin, ratio, delta, square, constant, raw, centred)
        calibration = replace(calibration, mining=weights)
    scores, right = [], []
    for pool, document in _pools_of(documents, encoder, calibration)[:-1]:
        vi, en, found = mutual_best(pool)
        scores.append(found)
        right.append(_is_gold(document, vi, en))
    mixture = mixture_prior(np.concatenate(scores), np.concatenate(right), calibration.mixture)
    return replace(calibration, mixture=mixture)


def mixture_prior(scores: Doubles, right: NDArray[np.bool_], fallback: MixtureModel) -> MixtureModel:
    """Return the moments of the log-odds (n,) of wrong and of right pairs; `fallback` where either are fewer than two.

    >>> from align.matching.calibration import load_calibration
    >>> prior = load_calibration().mixture
    >>> mixture_prior(np.array([-4.0, -2.0, 5.0, 9.0, 10.0]), np.array([0, 0, 1, 1, 1], bool), prior).null_mean
    -3.0
    """
    null, match = scores[~right], scores[right]
    if min(len(null), len(match)) < 2:
        return fallback
    return MixtureModel(
        float(null.mean()),
        max(float(null.std()), LEAST_DEVIATION),
        float(match.mean()),
        max(float(match.std()), LEAST_DEVIATION),
        float(right.mean()),
        MIXTURE_PAIRS,
    )


def closest(scores: Doubles, count: int = 4) -> NDArray[np.bool_]:
    """Mark the best `count` cells of each row and of each column."""
    near = np.zeros(scores.shape, dtype=bool)
    for axis in (0, 1):
        order = np.argsort(-scores, axis=axis, kind="stable")
        np.put_along_axis(near, order[:count] if axis == 0 else order[:, :count], True, axis=axis)
    return near


def _examples(pools: Iterable[tuple[Pool, Document]], calibration: Calibration) -> tuple[Doubles, Doubles]:
    """Return features and labels of each sentence's candidates: its best four and those that it is among."""
    rows, labels = [], []
    for pool, document in pools:
        if len(pool.vi) * len(pool.en) <= WHOLE_TABLE_CELLS:
            vi, en = np.nonzero(closest(pool.score_block(slice(None), slice(None))))
            features = [values[vi, en] for values in pool.features(slice(None), slice(None))]
        else:
            vi, en, _ = candidates(pool)
            features = list(pool.pair_features(vi, en))
        rows.append(np.stack(features, axis=1))
        labels.append(_is_gold(document, vi, en).astype(np.float64))
    return np.concatenate(rows), np.concatenate(labels)


def _is_gold(document: Document, vi: NDArray[np.int64], en: NDArray[np.int64]) -> NDArray[np.bool_]:
    gold = {(bead.vi[0], bead.en[0]) for bead in document.gold}
    return np.array([pair in gold for pair in zip(vi.tolist(), en.tolist(), strict=True)], dtype=bool)


def _pools_of(documents: Sequence[Document], encoder: Encoder, calibration: Calibration) -> list[tuple[Pool, Document]]:
    """Return each document as a pool of its own, and all of them together as one."""
    everything = joined_documents(documents)
    return [(pool_of(*sides_of(d, encoder), calibration), d) for d in [*documents, everything]]


def _background(documents: Sequence[Document], encoder: Encoder, calibration: Calibration) -> tuple[float, float]:
    """Return the mean raw and centred cosine of a sentence with its fifth to eighth neighbours: near, but no match."""
    raw, centred = [], []
    for document in documents:
        if min(len(document.vi), len(document.en)) >= LEAST_SENTENCES:
            pool = pool_of(*sides_of(document, encoder), calibration)
            raw.append(_near_cosine(pool.vi, pool.en))
            centred.append(_near_cosine(pool.vi_centred, pool.en_centred))
    if not raw:
        return calibration.mining.background, calibration.mining.centred_background
    return float(np.mean(raw)), float(np.mean(centred))


def _near_cosine(vi: NDArray[np.float32], en: NDArray[np.float32]) -> float:
    return float(np.sort(vi @ en.T, axis=1)[:, -8:-4].mean())
