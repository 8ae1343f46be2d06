"""Fit how facts are weighed in (`[trust]` of a calibration file), and say what the probabilities are worth.

    python benchmarks/fit_trust.py DATA_DIR CALIBRATION [--encoder NAME] [-o CALIBRATION]

A logistic regression for each kind of matching, of what matching states as log-odds and of the facts of the two texts,
with weights that cannot change sides: agreement speaks for a pair, a mismatch against it.

    parallel    the beads of the documents that the in-order weights are fitted on
    comparable  the beads of the documents that the weights of comparable articles are fitted on
    mining      the candidates of four pools: the comparable articles laid end to end, the pools of mining/, manuals
    pairs       files made of true pairs, half of which are spoilt: shifted by a line, the most alike sentence of the
                same collection, cut short, one sentence too many

Figures printed are of documents and collections that the fit did not see: two folds by article for the first two,
whole collections left out, one by one, for the others.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from data import CachedEncoder, Document, bead_documents, comparable_documents, mining_pool, sides_of
from fit_comparable import joined_documents, logistic

import align
from align.evaluation import evaluate_reliability
from align.matching.calibration import Calibration, FactWeights, MixtureModel, Trust, read_calibration
from align.matching.comparable import extend_pairs, match_pairs
from align.matching.evidence import has_words
from align.matching.mining import candidates, mine, pool_of
from align.matching.monotonic import align_in_order
from align.matching.trust import logit, revise_by_facts, revised_log_odds, sigmoid
from align.quality.facts import FACT_FEATURES, fact_features
from align.quality.scoring import Scorer
from align.sentences.folding import fold

LEAST = (0.4, 0.5, 0.6)
COMPARABLE = Path("news_docs/comparable")
MIXTURE_PAIRS = 30.0  # what the prior of the mixture counts as
SPOILT = {"kept": 0.5, "shifted": 0.1, "rival": 0.2, "vi half": 0.06, "en half": 0.07, "more": 0.07}
NOTHING = FactWeights(1.0, dict.fromkeys(FACT_FEATURES, 0.0), 0.0)
FLAT = MixtureModel(-4.0, 2.5, 8.0, 3.5, 0.7, 30.0)
NO_TRUST = Trust(NOTHING, NOTHING, NOTHING, FLAT, NOTHING)
# Stories leave facts out and add some: of the articles' own beads only what they contradict is held against them.
CONTRADICTIONS = ("numbers_differ", "dates_differ")
PENALTY = 10.0  # on the squared weights of standardised features: most facts are rare
SIGNS = np.array([1, *(1 if name.endswith("agreed") else -1 for name in FACT_FEATURES)])


class Outcomes:
    """What a kind of matching stated of pairs of texts, and whether the gold has them."""

    def __init__(self) -> None:
        """Start empty."""
        self.log_odds: list[float] = []
        self.vi: list[str] = []
        self.en: list[str] = []
        self.right: list[bool] = []

    def add(self, log_odds: float, vi: str, en: str, right: bool) -> None:
        """Add one pair."""
        self.log_odds.append(log_odds)
        self.vi.append(vi)
        self.en.append(en)
        self.right.append(right)

    def fit(self, used: Sequence[str] = FACT_FEATURES) -> FactWeights:
        """Return the weights of a logistic regression; those of facts that are not `used` are 0."""
        facts = fact_features(self.vi, self.en) * [name in used for name in FACT_FEATURES]
        rows = np.column_stack([self.log_odds, facts])
        weights = logistic(rows, np.array(self.right, float), SIGNS, l2=PENALTY)
        named = dict(zip(FACT_FEATURES, map(float, weights[1:-1]), strict=True))
        return FactWeights(float(weights[0]), named, float(weights[-1]))

    def stated(self, weights: FactWeights) -> np.ndarray:
        """Return the probabilities, float64 (n,), that weights give."""
        return sigmoid(revised_log_odds(np.array(self.log_odds), self.vi, self.en, weights))

    def __add__(self, other: Outcomes) -> Outcomes:
        """Return both together."""
        both = Outcomes()
        for name in vars(both):
            setattr(both, name, getattr(self, name) + getattr(other, name))
        return both


def in_order(documents: list[Document], encoder: CachedEncoder, calibration: Calibration) -> Outcomes:
    """Return the beads that in-order matching finds."""
    return _beads(documents, encoder, lambda vi, en: align_in_order(vi, en, calibration), joined=True)


def out_of_order(documents: list[Document], encoder: CachedEncoder, calibration: Calibration) -> Outcomes:
    """Return the beads of comparable matching, improbable ones, too."""

    def find(vi, en):
        return extend_pairs(vi, en, match_pairs(vi, en, calibration, with_clauses=True), calibration)

    return _beads(documents, encoder, find, joined=False)


def _beads(documents: list[Document], encoder: CachedEncoder, find, *, joined: bool) -> Outcomes:
    outcomes = Outcomes()
    known: dict[int, list] = {}  # a document that counts several times is matched once
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


def mined(pool: Document, encoder: CachedEncoder, calibration: Calibration) -> Outcomes:
    """Return the candidates of a pool."""
    vi, en = sides_of(pool, encoder)
    gold = {(bead.vi[0], bead.en[0]) for bead in pool.gold}
    outcomes = Outcomes()
    for i, j, score in zip(*candidates(pool_of(vi, en, calibration)), strict=True):
        place = int(vi.positions[i]), int(en.positions[j])
        outcomes.add(float(score), vi.texts[i], en.texts[j], place in gold)
    return outcomes


def spoilt_file(collection: Document, encoder: CachedEncoder, seed: int) -> tuple[list[str], list[str], list[bool]]:
    """Return a file of pairs of which about half are right: both sides, and which.

    What a pair is spoilt by is drawn: the next line's English; the English most like its own of the whole collection;
    the first or second half of either side alone; the next line's English as well.
    """
    draw = np.random.default_rng(seed)
    gold = [(bead.vi[0], bead.en[0]) for bead in collection.gold]
    nearest = _rivals([collection.en[j] for _, j in gold], encoder)
    vi, en, right = [], [], []
    for place, (i, j) in enumerate(gold):
        following = collection.en[gold[(place + 1) % len(gold)][1]]
        choice = draw.choice(
            ["kept", "shifted", "rival", "vi half", "en half", "more"], p=[0.5, 0.1, 0.2, 0.06, 0.07, 0.07]
        )
        left, other = collection.vi[i], collection.en[j]
        if choice == "shifted":
            other = following
        elif choice == "rival":
            other = collection.en[gold[nearest[place]][1]]
        elif choice == "more":
            other = f"{other} {following}"
        elif choice == "vi half":
            left = _half(left, draw)
        elif choice == "en half":
            other = _half(other, draw)
        vi.append(left)
        en.append(other)
        right.append((left, other) == (collection.vi[i], collection.en[j]))
    return vi, en, right


def _rivals(texts: list[str], encoder: CachedEncoder) -> np.ndarray:
    vectors = encoder.encode([fold(text) for text in texts])
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    return cosines.argmax(axis=1)


def _half(text: str, draw: np.random.Generator) -> str:
    words = text.split()
    middle = (len(words) + 1) // 2
    return " ".join(words[:middle] if draw.random() < 0.5 else words[middle:]) or text


def scored(collection: Document, encoder: CachedEncoder, calibration: Calibration, seed: int) -> Outcomes:
    """Return the pairs of a spoilt file with the log-odds of mining."""
    vi, en, right = spoilt_file(collection, encoder, seed)
    scorer = Scorer(encoder, calibration)
    kept = [place for place, (a, b) in enumerate(zip(vi, en, strict=True)) if has_words(a) and has_words(b)]
    vi, en = ([fold(side[place]) for place in kept] for side in (vi, en))
    outcomes = Outcomes()
    for score, a, b, place in zip(scorer.vector_log_odds(vi, en), vi, en, kept, strict=True):
        outcomes.add(float(score), a, b, right[place])
    return outcomes


def pools(data: Path) -> dict[str, Document]:
    """Return what stands in DATA_DIR as pools with 1-1 gold."""
    found = {"comparable": joined_documents(comparable_documents(data / COMPARABLE))}
    found |= {gold.parent.name: mining_pool(gold.parent) for gold in sorted((data / "mining").glob("*/gold.tsv"))}
    return found | {"blocks": joined_documents(_one_to_one(data / "docs_parallel" / "blocks"))}


def files(data: Path) -> dict[str, Document]:
    """Return what stands in DATA_DIR as pairs of lines that translate each other."""
    found = pools(data)
    del found["comparable"]
    return {"clean": joined_documents(_one_to_one(data / "news_docs" / "clean"))} | found


def _one_to_one(folder: Path) -> list[Document]:
    documents = bead_documents(folder)
    return [replace(d, gold=[b for b in d.gold if len(b.vi) == len(b.en) == 1]) for d in documents]


def fit_trust(data: Path, documents, reports, encoder: CachedEncoder, calibration: Calibration) -> Trust:
    """Fit all kinds.

    Args:
        data: folder with the collections of mining and of pairs.
        documents: in order.
        reports: comparable ones.
        encoder: that the calibration is for.
        calibration: with all other constants.
    """
    blank = replace(calibration, trust=NO_TRUST)
    candidates_of = [mined(pool, encoder, blank) for pool in pools(data).values()]
    mining = sum(candidates_of, Outcomes()).fit()
    scored_of = [scored(one, encoder, blank, seed) for seed, one in enumerate(files(data).values())]
    return Trust(
        parallel=in_order(documents, encoder, blank).fit(CONTRADICTIONS),
        comparable=out_of_order(reports, encoder, blank).fit(CONTRADICTIONS),
        mining=mining,
        mixture=mixture_prior(data, encoder, replace(blank, trust=replace(NO_TRUST, mining=mining))),
        pairs=sum(scored_of, Outcomes()).fit(),
    )


def mixture_prior(data: Path, encoder: CachedEncoder, calibration: Calibration) -> MixtureModel:
    """Return what the mixture is to find in small pools, the comparable articles; large ones speak for themselves."""
    found = [_mined(document, encoder, calibration)[1:] for document in comparable_documents(data / COMPARABLE)]
    scores, right = (np.concatenate(parts) for parts in zip(*found, strict=True))
    null, match = scores[~right], scores[right]
    values = null.mean(), null.std(), match.mean(), match.std(), right.mean()
    return MixtureModel(*map(float, values), MIXTURE_PAIRS)


def _mined(
    pool: Document, encoder: CachedEncoder, calibration: Calibration
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return probability, log-odds and verdict, each (n,), of the mutual-best pairs of a pool."""
    vi, en = sides_of(pool, encoder)
    gold = {(bead.vi[0], bead.en[0]) for bead in pool.gold}
    found = mine(
        pool_of(vi, en, calibration),
        calibration,
        revise=revise_by_facts(vi, en, calibration.trust.mining),
        prior=calibration.trust.mixture,
    )
    places = zip(vi.positions[found.vi].tolist(), en.positions[found.en].tolist(), strict=True)
    return found.probability, found.score, np.array([place in gold for place in places], dtype=bool)


def measure_pools(data: Path, encoder: CachedEncoder, calibration: Calibration) -> list[str]:
    """Return figures of mining on each pool with weights from the others."""
    blank = replace(calibration, trust=NO_TRUST)
    everything = pools(data)
    known = {name: mined(pool, encoder, blank) for name, pool in everything.items()}
    lines = []
    for name, pool in everything.items():
        weights = sum((outcomes for other, outcomes in known.items() if other != name), Outcomes()).fit()
        left = replace(blank, trust=replace(calibration.trust, mining=weights))
        probability, _, right = _mined(pool, encoder, left)
        lines.append(f"{name:16} F1 {_f1(probability, right, len(pool.gold))}, {_worth(probability, right)}")
    return lines


def measure_files(data: Path, encoder: CachedEncoder, calibration: Calibration) -> list[str]:
    """Return figures of pairs made elsewhere, on each file with weights from the others."""
    blank = replace(calibration, trust=NO_TRUST)
    known = {name: scored(one, encoder, blank, seed) for seed, (name, one) in enumerate(files(data).items())}
    lines = []
    for name, outcomes in known.items():
        weights = sum((other for key, other in known.items() if key != name), Outcomes()).fit()
        right = np.array(outcomes.right)
        probability = outcomes.stated(weights)
        lines.append(f"{name:16} F1 {_f1(probability, right, right.sum())}, {_worth(probability, right)}")
    return lines


def _f1(probability: np.ndarray, right: np.ndarray, gold: int) -> str:
    kept = [(right & (probability >= least)).sum() * 2 / ((probability >= least).sum() + gold) for least in LEAST]
    return " ".join(f"{value:.4f}" for value in kept)


def _worth(probability: np.ndarray, right: np.ndarray) -> str:
    """Say what probabilities of at least a half are worth: calibration error, and precision from .95 on."""
    half = probability >= 0.5
    result = evaluate_reliability(probability[half], right[half], resamples=0)
    sure = right[probability >= 0.95]
    error = result["expected_calibration_error"]
    return f"calibration error {error:.3f}, from .95 on {sure.mean():.3f} right of {len(sure)}"


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("calibration", type=Path)
    parser.add_argument("--encoder", default="e5-small-vien")
    args = parser.parse_args()
    encoder = CachedEncoder(align.load_encoder(args.encoder, threads=2))
    calibration = read_calibration(args.calibration)
    print("\n".join(["mining, F1 from .4 .5 .6 on", *measure_pools(args.data, encoder, calibration)]))
    print("\n".join(["pairs made elsewhere", *measure_files(args.data, encoder, calibration)]))


if __name__ == "__main__":
    main()
