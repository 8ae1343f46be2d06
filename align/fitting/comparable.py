"""Fit the two logistic models of comparable articles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from align.encoders import Encoder
from align.fitting.documents import Document
from align.fitting.encoding import sides_of
from align.fitting.logistic import Doubles, logistic
from align.fitting.mining import closest
from align.fitting.reports import condense
from align.matching import context
from align.matching.calibration import Calibration, ContextWeights
from align.matching.mining import pool_of

REPORT_COPIES = 4  # changed copies of each document of parallel lines
UNORDERED_WEIGHT = 8  # how often a document with gold counts: twice the copies, whose changes are our own guess
LEAST_SENTENCES = 3  # of either side of a copy
# Features of which more can only speak for a pair, and those of which more can only speak against it.
FOR = (
    *("margin", "centred_margin", "cosine", "smaller_gap", "larger_gap", "window", "window_gap", "clause"),
    *("clause_gap", "names_shared", "numbers_shared", "quote_shared", "support", "coherent_support"),
)
AGAINST = ("ratio", "delta", "delta_square", "vi_names_missing", "en_names_missing", "numbers_missing", "quote_differs")


def two_reports(lines: Iterable[Document], copies: int = REPORT_COPIES) -> list[Document]:
    """Return copies of documents of parallel lines, each changed into two reports of one event."""
    documents = []
    for number, document in enumerate(lines):
        for copy in range(copies):
            vi, en, gold = condense(document.vi, document.en, seed=10_000 * copy + number)
            if min(len(vi), len(en)) >= LEAST_SENTENCES:
                documents.append(Document(document.name, vi, en, gold))
    return documents


def fit_comparable(documents: Sequence[Document], encoder: Encoder, calibration: Calibration) -> Calibration:
    """Fit the weights of a pair alone, then those with neighbours on what the first find.

    Args:
        documents: with 1-1 pairs in any order; one that stands several times counts as often.
        encoder: that the calibration is for.
        calibration: with the weights of mining, on whose neighbourhoods the features are built.
    """
    known: dict[int, tuple[Doubles, Doubles]] = {}  # a document that counts several times is looked at once
    for document in documents:
        if id(document) not in known:
            known[id(document)] = _features_and_gold(document, encoder, calibration)
    features, golds = zip(*(known[id(document)] for document in documents), strict=True)
    candidates = [closest(found[context.FEATURES.index("cosine")]) for found in features]
    answers = np.concatenate([gold[near] for gold, near in zip(golds, candidates, strict=True)])
    signs = np.array([(name in FOR) - (name in AGAINST) for name in context.CONTEXT_FEATURES])

    def fitted(rows: Sequence[Doubles]) -> Doubles:
        chosen = np.concatenate([r[:, near].T for r, near in zip(rows, candidates, strict=True)])
        return logistic(chosen, answers, signs[: chosen.shape[1]])

    alone = weights = fitted(features)
    chances = _chances(features, weights)
    for _ in range(context.ROUNDS):
        rows = [context.context_features(f, c) for f, c in zip(features, chances, strict=True)]
        weights = fitted(rows)
        chances = _chances(rows, weights)
    return replace(calibration, comparable=ContextWeights(tuple(map(float, alone)), tuple(map(float, weights))))


def _features_and_gold(document: Document, encoder: Encoder, calibration: Calibration) -> tuple[Doubles, Doubles]:
    """Return the features (k, n, m) of all sentence pairs of a document, and 1 where the gold has the pair (n, m)."""
    vi, en = sides_of(document, encoder)
    assert vi.encode_clauses is not None  # sides_of gives sides with texts
    assert en.encode_clauses is not None
    assert vi.evidence is not None
    assert en.evidence is not None
    clauses = vi.encode_clauses(), en.encode_clauses()
    pool = pool_of(vi, en, calibration)
    found = context.alone_features(pool, vi.evidence, en.evidence, calibration.limits, clauses)
    gold = np.zeros(found.shape[1:])
    for bead in document.gold:
        gold[bead.vi[0], bead.en[0]] = 1
    return found, gold


def _chances(rows: Iterable[Doubles], weights: Doubles) -> list[Doubles]:
    return [context.compete(np.tensordot(weights[:-1], r, 1) + weights[-1]) for r in rows]
