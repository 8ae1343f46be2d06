"""Which articles belong together: by how alike they are and how well their sentences match.

Candidates are the articles whose document vectors are nearest (the mean of the sentence vectors, centred); each
candidate pair is then matched sentence by sentence, and kept when it shares more than unrelated articles do by chance.
An article may belong to several.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from align.matching.calibration import Calibration, PairingThresholds
from align.matching.comparable import ScoredPair, match_pairs
from align.matching.routing import Mode, Route, route
from align.matching.sides import Side
from align.matching.spans import Floats, centre_of, unit_rows
from align.progress import Progress, silent

CANDIDATES = 10  # nearest articles of the other language that are looked at

# Chosen by eye, as the calibration's similarities are, on 60 news articles, whole and with half of each gone
# (benchmarks/pairing.py prints the quantiles), and on one real event told by five newsrooms: of unrelated article pairs
# 1 in 20 shows more than 0.95 chance matches.
MIN_MATCHES = 1.0  # expected sentence pairs, chance taken off
MIN_SCORE = 0.5  # share of the shorter article that speaks for itself, however long the articles are
CHANCE_MATCHES = 0.02  # expected sentence pairs of unrelated articles, per sentence of the shorter one


@dataclass(frozen=True)
class ArticlePair:
    """Two articles with what was found in them.

    Attributes:
        vi, en: 0-based indices of the articles.
        score: expected share of the shorter article's sentences that have a counterpart, 0 to 1.
        matches: expected number of sentence pairs.
        similarity: cosine of the document vectors.
        route: how to match them, and why.
        pairs: sentence pairs that are each other's best, with probabilities.
    """

    vi: int
    en: int
    score: float
    matches: float
    similarity: float
    route: Route
    pairs: tuple[ScoredPair, ...]


def pair_sides(
    vi: Sequence[Side],
    en: Sequence[Side],
    calibration: Calibration,
    *,
    candidates: Iterable[tuple[int, int]] | None = None,
    expected: Iterable[tuple[int, int]] = (),
    keep_all: bool = False,
    progress: Progress = silent,
) -> list[ArticlePair]:
    """Return the article pairs that belong together, by Vietnamese and then English index.

    Args:
        vi, en: the articles.
        calibration: of the encoder that made the vectors.
        candidates: article pairs to look at; None finds them by document vectors.
        expected: article pairs that their names speak for; they are looked at, too, and less has to be found in them.
        keep_all: keep every candidate, whatever it shares.
        progress: called as `progress("pair", done, total)`.
    """
    named = set(expected)
    similarity = document_similarity(vi, en)
    looked_at = sorted(named.union(nearest_articles(similarity) if candidates is None else candidates))
    kept = []
    for done, (i, j) in enumerate(looked_at, 1):
        pair = look_at(i, j, vi[i], en[j], calibration, float(similarity[i, j]))
        if keep_all or _belong_together(pair, vi[i], en[j], calibration.pairing, named=(i, j) in named):
            kept.append(pair)
        progress("pair", done, len(looked_at))
    return kept


def _belong_together(pair: ArticlePair, vi: Side, en: Side, thresholds: PairingThresholds, *, named: bool) -> bool:
    """Decide by what the articles share; a common name stands for their being alike."""
    if not len(vi.vectors) or not len(en.vectors):
        return False
    matches = pair.matches - chance_matches(vi, en)
    alike = matches >= MIN_MATCHES and (named or pair.similarity >= thresholds.min_similarity)
    return alike or pair.score >= MIN_SCORE or pair.similarity >= thresholds.same_event_similarity


def look_at(i: int, j: int, vi: Side, en: Side, calibration: Calibration, similarity: float) -> ArticlePair:
    """Match two articles sentence by sentence."""
    pairs = match_pairs(vi, en, calibration)
    matches = sum(probability for _, _, probability in pairs)
    shorter = max(min(len(vi.vectors), len(en.vectors)), 1)
    found = route(pairs, len(vi.vectors), len(en.vectors))
    return ArticlePair(i, j, min(matches / shorter, 1.0), matches, similarity, found, tuple(pairs))


def chance_matches(vi: Side, en: Side) -> float:
    """Return how many sentence pairs two unrelated articles of these lengths are expected to show."""
    return CHANCE_MATCHES * min(len(vi.vectors), len(en.vectors))


def nearest_articles(similarity: NDArray[np.float64]) -> set[tuple[int, int]]:
    """Return each article's nearest ones of the other language; ties go to the first."""
    found: set[tuple[int, int]] = set()
    for rows, flipped in ((similarity, False), (similarity.T, True)):
        order = np.argsort(-rows, axis=1, kind="stable")[:, :CANDIDATES]
        for first, nearest in enumerate(order.tolist()):
            found.update((second, first) if flipped else (first, second) for second in nearest)
    return found


def document_similarity(vi: Sequence[Side], en: Sequence[Side]) -> NDArray[np.float64]:
    """Return the cosine of every two articles' document vectors, float64 (vi articles, en articles)."""
    if not vi or not en:
        return np.zeros((len(vi), len(en)))
    return np.asarray(document_vectors(vi) @ document_vectors(en).T, dtype=np.float64)


def document_vectors(sides: Sequence[Side]) -> Floats:
    """Return float32 (articles, dim): the unit mean of each article's sentence vectors, centred by language.

    The centre is the encoder's for general text, so that two reports of one event stay alike in a run of nothing else;
    an encoder that has none is centred by the run itself.
    """
    means = unit_rows(np.array([_mean(side) for side in sides]))
    prior = sides[0].prior_centre
    return unit_rows(means - (centre_of(means, None, 0.0) if prior is None else prior))


def _mean(side: Side) -> NDArray[np.float32]:
    weights = np.sqrt(side.lengths).astype(np.float32)
    total: NDArray[np.float32] = weights @ side.vectors
    return total


def forced(pair: ArticlePair, mode: Mode) -> Mode:
    """Return the mode that was asked for, or what the pair's own evidence says."""
    return pair.route.mode if mode == "auto" else mode
