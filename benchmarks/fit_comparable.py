"""Fit the weights of mining and of comparable articles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from data import CachedEncoder, Document, bead_documents, comparable_documents, sides_of
from noise import condense

from align.matching import context
from align.matching.beads import Bead
from align.matching.calibration import Calibration, ContextWeights, MiningWeights, MixtureModel
from align.matching.mining import Pool, mutual_best, pool_of

REPORT_COPIES = 4  # changed copies of each clean document
SHUFFLED_WEIGHT = 8  # how often each shuffled document counts: twice the copies, whose changes are our own guess
# Features of which more can only speak for a pair, and those of which more can only speak against it.
FOR = ("margin", "centred_margin", "cosine", "smaller_gap", "larger_gap", "window", "window_gap", "clause")
FOR += ("clause_gap", "names_shared")
FOR += ("numbers_shared", "quote_shared", "support", "coherent_support")
AGAINST = ("ratio", "delta", "delta_square", "vi_names_missing", "en_names_missing", "numbers_missing", "quote_differs")
MINING_SIGNS = np.array([1, 1, -1, -1, -1])  # the same for margin, centred_margin, ratio, delta, delta_square
MIXTURE_PAIRS = 30.0  # what the prior of the mixture counts as


def fit_mining(documents: list[Document], encoder: CachedEncoder, calibration: Calibration) -> Calibration:
    """Fit the mining weights and the prior of the mixture."""
    raw, centred = background(documents, encoder, calibration)
    calibration = replace(calibration, mining=replace(calibration.mining, background=raw, centred_background=centred))
    for _ in range(2):  # the candidates depend on the weights
        rows, labels = mining_examples(pools_of(documents, encoder, calibration), calibration)
        weights = logistic(rows, labels, MINING_SIGNS)
        calibration = replace(calibration, mining=MiningWeights(*map(float, weights), raw, centred))
    match, null = [], []
    for pool, document in pools_of(documents, encoder, calibration)[:-1]:
        gold = {(b.vi[0], b.en[0]) for b in document.gold}
        for i, j, score in zip(*mutual_best(pool), strict=True):
            (match if (int(i), int(j)) in gold else null).append(float(score))
    mixture = MixtureModel(
        float(np.mean(null)),
        float(np.std(null)),
        float(np.mean(match)),
        float(np.std(match)),
        len(match) / (len(match) + len(null)),
        MIXTURE_PAIRS,
    )
    return replace(calibration, mixture=mixture)


def mining_examples(pools: list[tuple[Pool, Document]], calibration: Calibration):
    """Return features and labels of each sentence's candidates: its best four and those that it is among."""
    rows, labels = [], []
    for pool, document in pools:
        gold = {(b.vi[0], b.en[0]) for b in document.gold}
        near = closest(pool.score_block(slice(None), slice(None)))
        features = pool.features(slice(None), slice(None))
        for i, j in zip(*np.nonzero(near), strict=True):
            rows.append([f[i, j] for f in features])
            labels.append((int(i), int(j)) in gold)
    return np.array(rows), np.array(labels, float)


def pools_of(
    documents: list[Document], encoder: CachedEncoder, calibration: Calibration
) -> list[tuple[Pool, Document]]:
    """Return each document as a pool of its own, and all of them together as one."""
    everything = joined_documents(documents)
    return [(pool_of(*sides_of(d, encoder), calibration), d) for d in [*documents, everything]]


def joined_documents(documents: list[Document]) -> Document:
    """Lay several documents end to end."""
    vi: list[str] = []
    en: list[str] = []
    gold = []
    for d in documents:
        gold += [Bead((b.vi[0] + len(vi),), (b.en[0] + len(en),)) for b in d.gold]
        vi += d.vi
        en += d.en
    return Document("all", vi, en, gold)


def background(documents: list[Document], encoder: CachedEncoder, calibration: Calibration) -> tuple[float, float]:
    """Return the mean raw and centred cosine of a sentence with its fifth to eighth neighbours: near, but no match."""
    values = []
    for pool in (pool_of(*sides_of(d, encoder), calibration) for d in documents if min(len(d.vi), len(d.en)) >= 10):
        for a, b in ((pool.vi, pool.en), (pool.vi_centred, pool.en_centred)):
            values.append(float(np.sort(a @ b.T, axis=1)[:, -8:-4].mean()))
    return float(np.mean(values[::2])), float(np.mean(values[1::2]))


def comparable_training(data: Path) -> list[Document]:
    """Return the shuffled documents, and copies of the clean ones changed into two reports of one event."""
    documents = comparable_documents(data / "news_docs" / "comparable") * SHUFFLED_WEIGHT
    for number, document in enumerate(bead_documents(data / "news_docs" / "clean")):
        for copy in range(REPORT_COPIES):
            vi, en, gold = condense(document.vi, document.en, seed=10_000 * copy + number)
            if min(len(vi), len(en)) > 2:
                documents.append(Document(document.name, vi, en, gold))
    return documents


def fit_comparable(documents: list[Document], encoder: CachedEncoder, calibration: Calibration) -> Calibration:
    """Fit the two logistic models of comparable articles, the second on what the first finds."""
    features, labels, candidates = [], [], []
    for document in documents:
        vi, en = sides_of(document, encoder)
        clauses = vi.encode_clauses(), en.encode_clauses()
        pool = pool_of(vi, en, calibration)
        found = context.alone_features(pool, vi.evidence, en.evidence, calibration.limits, clauses)
        features.append(found)
        candidates.append(closest(found[context.FEATURES.index("cosine")]))
        gold = np.zeros(found.shape[1:])
        for bead in document.gold:
            gold[bead.vi[0], bead.en[0]] = 1
        labels.append(gold[candidates[-1]])
    answers = np.concatenate(labels)

    signs = np.array([(name in FOR) - (name in AGAINST) for name in context.CONTEXT_FEATURES])

    def fitted(rows: list[np.ndarray]) -> np.ndarray:
        chosen = np.concatenate([r[:, c].T for r, c in zip(rows, candidates, strict=True)])
        return logistic(chosen, answers, signs[: chosen.shape[1]])

    alone = weights = fitted(features)
    rows = features
    chances = [context.compete(np.tensordot(alone[:-1], r, 1) + alone[-1]) for r in rows]
    for _ in range(context.ROUNDS):
        rows = [context.context_features(f, c) for f, c in zip(features, chances, strict=True)]
        weights = fitted(rows)
        chances = [context.compete(np.tensordot(weights[:-1], r, 1) + weights[-1]) for r in rows]
    return replace(calibration, comparable=ContextWeights(tuple(map(float, alone)), tuple(map(float, weights))))


def closest(scores: np.ndarray, count: int = 4) -> np.ndarray:
    """Mark the best `count` cells of each row and of each column."""
    near = np.zeros(scores.shape, bool)
    for axis in (0, 1):
        order = np.argsort(-scores, axis=axis, kind="stable")
        np.put_along_axis(near, order[:count] if axis == 0 else order[:, :count], True, axis=axis)
    return near


def logistic(rows: np.ndarray, labels: np.ndarray, signs: np.ndarray | None = None, l2: float = 1.0) -> np.ndarray:
    """Fit a logistic regression by Newton's method; the last weight is the constant.

    Margins, cosines and gaps say much the same, and a free fit balances large weights of either sign: sound on average,
    absurd for the odd pair. Where `signs` is 1 or -1 the weight keeps to that side of zero: the one that is furthest on
    the wrong side is taken out, and the rest fitted again.
    """
    scale = np.where(rows.std(axis=0) > 0, rows.std(axis=0), 1.0)
    x = np.hstack([rows / scale, np.ones((len(rows), 1))])
    used = np.ones(x.shape[1], bool)
    while True:
        w = np.zeros(x.shape[1])
        w[used] = _newton(x[:, used], labels, l2)
        agreement = np.zeros(1) if signs is None else w[:-1] * signs
        if agreement.min() >= 0:
            return np.append(w[:-1] / scale, w[-1])
        used[agreement.argmin()] = False


def _newton(x: np.ndarray, labels: np.ndarray, l2: float) -> np.ndarray:
    w = np.zeros(x.shape[1])
    penalty = np.full(len(w), l2)
    penalty[-1] = 0
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -60, 60)))
        step = np.linalg.solve((x.T * (p * (1 - p))) @ x + np.diag(penalty + 1e-9), x.T @ (p - labels) + penalty * w)
        w -= step
        if np.abs(step).max() < 1e-9:
            break
    return w
