"""Fit how facts are weighed in, for each kind of matching; see `align.matching.trust`.

A logistic regression of what matching states as log-odds and of the facts of the two texts, with weights that cannot
change sides: agreement speaks for a pair, a mismatch against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from align.encoders import Encoder
from align.fitting.documents import Document
from align.fitting.encoding import sides_of
from align.fitting.logistic import Doubles, logistic, logistic_beyond
from align.fitting.mining import mixture_prior
from align.fitting.spoilt import spoilt_file
from align.matching.beads import Bead
from align.matching.calibration import Calibration, FactWeights, MixtureModel, Trust
from align.matching.comparable import extend_pairs, match_pairs
from align.matching.evidence import has_words
from align.matching.mining import candidates, mine, pool_of
from align.matching.monotonic import align_in_order
from align.matching.sides import Side
from align.matching.trust import logit, revise_by_facts, revised_log_odds, sigmoid
from align.quality.facts import FACT_FEATURES, fact_features
from align.quality.scoring import Scorer
from align.sentences.folding import fold

NOTHING = FactWeights(1.0, dict.fromkeys(FACT_FEATURES, 0.0), 0.0)
FLAT = MixtureModel(-4.0, 2.5, 8.0, 3.5, 0.7, 30.0)
NO_TRUST = Trust(NOTHING, NOTHING, NOTHING, FLAT, NOTHING)
# Stories leave facts out and add some: of the articles' own beads only what they contradict is held against them.
CONTRADICTIONS = ("numbers_differ", "dates_differ")
PENALTY = 10.0  # on the squared weights of standardised features: most facts are rare
SIGNS = np.array([1 if name.endswith("agreed") else -1 for name in FACT_FEATURES])


@dataclass
class Outcomes:
    """What a kind of matching stated of pairs of texts, and whether the gold has them."""

    log_odds: list[float] = field(default_factory=list)
    vi: list[str] = field(default_factory=list)
    en: list[str] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)

    def add(self, log_odds: float, vi: str, en: str, right: bool) -> None:
        """Add one pair."""
        self.log_odds.append(log_odds)
        self.vi.append(vi)
        self.en.append(en)
        self.right.append(right)

    @property
    def can_be_fitted(self) -> bool:
        """Whether there are right and wrong ones among them."""
        return any(self.right) and not all(self.right)

    def fit(self) -> FactWeights:
        """Return the weights of a logistic regression on the log-odds and all facts."""
        rows = np.column_stack([self.log_odds, fact_features(self.vi, self.en)])
        weights = logistic(rows, np.array(self.right, dtype=np.float64), np.array([1, *SIGNS]), l2=PENALTY)
        named = dict(zip(FACT_FEATURES, map(float, weights[1:-1]), strict=True))
        return FactWeights(float(weights[0]), named, float(weights[-1]))

    def fit_contradictions(self) -> FactWeights:
        """Return what contradictions take off log-odds that are good as they are; other facts have the weight 0."""
        facts = fact_features(self.vi, self.en) * [name in CONTRADICTIONS for name in FACT_FEATURES]
        labels = np.array(self.right, dtype=np.float64)
        weights = logistic_beyond(np.array(self.log_odds), facts, labels, SIGNS, PENALTY)
        return FactWeights(1.0, dict(zip(FACT_FEATURES, map(float, weights), strict=True)), 0.0)

    def stated(self, weights: FactWeights) -> Doubles:
        """Return the probabilities, float64 (n,), that weights give."""
        return sigmoid(revised_log_odds(np.array(self.log_odds), self.vi, self.en, weights))


def together(parts: Iterable[Outcomes]) -> Outcomes:
    """Return the pairs of several, one after another."""
    everything = Outcomes()
    for part in parts:
        for name, values in vars(everything).items():
            values.extend(getattr(part, name))
    return everything


def in_order(documents: Sequence[Document], encoder: Encoder, calibration: Calibration) -> Outcomes:
    """Return the beads that in-order matching finds."""
    return _beads(documents, encoder, lambda vi, en: align_in_order(vi, en, calibration), joined=True)


def out_of_order(documents: Sequence[Document], encoder: Encoder, calibration: Calibration) -> Outcomes:
    """Return the beads of comparable matching, improbable ones, too."""

    def find(vi: Side, en: Side) -> list[Bead]:
        return extend_pairs(vi, en, match_pairs(vi, en, calibration, with_clauses=True), calibration)

    return _beads(documents, encoder, find, joined=False)


def _beads(
    documents: Sequence[Document], encoder: Encoder, find: Callable[[Side, Side], list[Bead]], *, joined: bool
) -> Outcomes:
    outcomes = Outcomes()
    known: dict[int, list[tuple[float, str, str, bool]]] = {}  # a document that counts several times is matched once
    for document in documents:
        if id(document) not in known:
            vi, en = sides_of(document, encoder, joined=joined)
            gold = {(bead.vi, bead.en) for bead in document.gold}
            known[id(document)] = [
                (float(logit(np.array(b.score))), vi.joined(b.vi), en.joined(b.en), (b.vi, b.en) in gold)
                for b in find(vi, en)
                if b.vi and b.en
            ]
        for outcome in known[id(document)]:
            outcomes.add(*outcome)
    return outcomes


def pool_candidates(pool: Document, encoder: Encoder, calibration: Calibration) -> Outcomes:
    """Return the best partners of each sentence of a pool."""
    vi, en = sides_of(pool, encoder)
    gold = {(bead.vi[0], bead.en[0]) for bead in pool.gold}
    outcomes = Outcomes()
    rows, columns, scores = candidates(pool_of(vi, en, calibration))
    places = zip(_places(vi, rows), _places(en, columns), strict=True)
    for i, j, score, place in zip(rows, columns, scores, places, strict=True):
        outcomes.add(float(score), vi.joined([i]), en.joined([j]), place in gold)
    return outcomes


def mined_pairs(
    pool: Document, encoder: Encoder, calibration: Calibration
) -> tuple[Doubles, Doubles, NDArray[np.bool_]]:
    """Return probability, log-odds and verdict, each (n,), of the mutual-best pairs of a pool."""
    vi, en = sides_of(pool, encoder)
    gold = {(bead.vi[0], bead.en[0]) for bead in pool.gold}
    revise = revise_by_facts(vi, en, calibration.trust.mining)
    found = mine(pool_of(vi, en, calibration), calibration, revise=revise, prior=calibration.trust.mixture)
    places = zip(_places(vi, found.vi), _places(en, found.en), strict=True)
    return found.probability, found.score, np.array([place in gold for place in places], dtype=bool)


def file_pairs(collection: Document, encoder: Encoder, calibration: Calibration, seed: int) -> Outcomes:
    """Return the pairs of a spoilt file with the log-odds of mining."""
    vi, en, right = spoilt_file(collection, encoder, seed)
    kept = [place for place, (a, b) in enumerate(zip(vi, en, strict=True)) if has_words(a) and has_words(b)]
    vi, en = ([fold(side[place]) for place in kept] for side in (vi, en))
    outcomes = Outcomes()
    scores = Scorer(encoder, calibration).vector_log_odds(vi, en)
    for score, a, b, place in zip(scores, vi, en, kept, strict=True):
        outcomes.add(float(score), a, b, right[place])
    return outcomes


def fit_trust(
    ordered: Sequence[Document],
    reports: Sequence[Document],
    unordered: Sequence[Document],
    pools: Mapping[str, Document],
    files: Mapping[str, Document],
    encoder: Encoder,
    calibration: Calibration,
) -> tuple[Trust, list[str]]:
    """Fit what there is gold for; the rest stays that of `calibration`.

    Args:
        ordered: documents with beads in order.
        reports: comparable documents.
        unordered: those of them that are small pools, too.
        pools, files: collections for mining and of pairs.
        encoder: that the calibration is for.
        calibration: with all other constants.

    Returns:
        The weights, and which of "parallel", "comparable", "mining", "pairs" are fitted.
    """
    blank = replace(calibration, trust=NO_TRUST)
    outcomes = {
        "mining": together(pool_candidates(pool, encoder, blank) for pool in pools.values()),
        "pairs": together(file_pairs(one, encoder, blank, seed) for seed, one in enumerate(files.values())),
    }
    weights = {kind: found.fit() for kind, found in outcomes.items() if found.can_be_fitted}
    weights |= fit_articles(ordered, reports, encoder, blank)
    trust = with_weights(calibration.trust, weights)
    if "mining" in weights:
        # Large pools speak for themselves: what the mixture is to expect counts in small ones, the articles.
        small = list(unordered) or list(pools.values())
        found = [mined_pairs(one, encoder, replace(blank, trust=replace(trust, mixture=FLAT)))[1:] for one in small]
        scores, right = (np.concatenate(parts) for parts in zip(*found, strict=True))
        trust = replace(trust, mixture=mixture_prior(scores, right, FLAT))
    return trust, list(weights)


def fit_articles(
    ordered: Sequence[Document], reports: Sequence[Document], encoder: Encoder, calibration: Calibration
) -> dict[str, FactWeights]:
    """Return the weights of "parallel" and "comparable", as far as there is gold; see `fit_trust`."""
    found = {
        "parallel": in_order(ordered, encoder, calibration),
        "comparable": out_of_order(reports, encoder, calibration),
    }
    return {kind: outcomes.fit_contradictions() for kind, outcomes in found.items() if outcomes.can_be_fitted}


def with_weights(trust: Trust, weights: Mapping[str, FactWeights]) -> Trust:
    """Return `trust` with the weights of some kinds of matching replaced."""
    return Trust(
        parallel=weights.get("parallel", trust.parallel),
        comparable=weights.get("comparable", trust.comparable),
        mining=weights.get("mining", trust.mining),
        mixture=trust.mixture,
        pairs=weights.get("pairs", trust.pairs),
    )


def _places(side: Side, indices: NDArray[np.int64]) -> list[int]:
    return list(map(int, indices if side.positions is None else side.positions[indices]))
