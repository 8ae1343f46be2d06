"""Fit the constants of matching for an encoder and write its calibration file.

    python benchmarks/fit_matching.py DATA_DIR [--encoder NAME] [-o align/matching/calibrations/NAME.toml]

In-order weights: maximum likelihood on the documents of news_docs/noisy and hard, and on copies of news_docs/clean
and docs_parallel/blocks changed by the generator in noise.py. Mining weights: logistic regression on the candidates of
news_docs/comparable. Figures printed are from two folds by article: each document is scored by weights whose fit did
not see its article.
"""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from data import CachedEncoder, Document, bead_documents, comparable_documents
from noise import condense, corrupt

import align
from align.matching import context
from align.matching.api import align_sides
from align.matching.calibration import (
    SHAPES,
    BeadWeights,
    Calibration,
    ContextWeights,
    GapModel,
    LengthModel,
    MiningWeights,
    MixtureModel,
)
from align.matching.dynamic import posterior
from align.matching.evidence import evidence_of
from align.matching.mining import Pool, mutual_best
from align.matching.monotonic import Pair as Adapted
from align.matching.monotonic import align_in_order, band_of, build_grid, likely_beads, reencode
from align.matching.sides import Side
from align.matching.spans import text_lengths
from align.matching.training import PRIORS, fit_weights, make_example

# Where the search starts and what stays fixed: figures of the prototype on the same kind of text.
START = BeadWeights(
    prior=dict(zip(PRIORS, (-1.7, -0.1, 0.9, 2.0, 0.0, 0.0), strict=True)),
    cosine=20.0,
    delta=-0.7,
    delta_square=-1.7,
    drop=10.0,
    add=-8.0,
    gap=3.0,
    gap_rate=0.5,
)
GAPS = GapModel(rate=0.05, sentences=4.0)
CENTRE_SENTENCES = 4.0
COPIES = 2  # changed copies of each clean document
REPORT_COPIES = 4  # the same for comparable articles
SHUFFLED_WEIGHT = 3  # how often each shuffled document counts, so that they weigh about as much as those copies


def training_documents(data: Path) -> list[Document]:
    """Return all documents that the in-order weights are fitted on."""
    documents = [d for kind in ("noisy", "hard") for d in bead_documents(data / "news_docs" / kind)]
    clean = bead_documents(data / "news_docs" / "clean") + bead_documents(data / "docs_parallel" / "blocks")
    for number, document in enumerate(clean):
        if len(document.vi) != len(document.en) or not 5 <= len(document.vi) <= 150:
            continue
        for copy in range(COPIES):
            vi, en, gold = corrupt(document.vi, document.en, seed=1000 * copy + number)
            if vi and en:
                documents.append(Document(document.name, vi, en, gold))
    return [d for d in documents if all((len(b.vi), len(b.en)) in SHAPES or not (b.vi and b.en) for b in d.gold)]


def length_model(documents: list[Document]) -> LengthModel:
    """Estimate the length ratio and variance from gold beads (Gale & Church 1993, section 3)."""
    vi, en = [], []
    for document in documents:
        for bead in document.gold:
            if bead.vi and bead.en:
                vi.append(sum(len(document.vi[i]) for i in bead.vi) + len(bead.vi) - 1)
                en.append(sum(len(document.en[j]) for j in bead.en) + len(bead.en) - 1)
    vi_lengths, en_lengths = np.array(vi, float), np.array(en, float)
    ratio = float(en_lengths.sum() / vi_lengths.sum())
    scaled_vi, scaled_en = vi_lengths * math.sqrt(ratio), en_lengths / math.sqrt(ratio)
    squares = np.square(scaled_en - scaled_vi) / ((scaled_en + scaled_vi) / 2)
    # The mean of squares belongs to a few wild pairs; a Gaussian's median square is .455 of its variance.
    return LengthModel(ratio=ratio, variance=float(np.median(squares) / 0.455), ratio_sentences=20.0)


def side_of(lines: list[str], lang: str, encoder: CachedEncoder, joined: bool) -> Side:
    """Return one side of a document, able to encode joined texts when asked."""

    def encode_spans(ranges):
        return encoder.encode([" ".join(lines[a:b]) for a, b in ranges])

    return Side(
        encoder.encode(lines), text_lengths(lines), encoder.centre(lang), None, encode_spans if joined else None
    )


def sides_of(document: Document, encoder: CachedEncoder, joined: bool) -> tuple[Side, Side]:
    """Return both sides of a document."""
    return side_of(document.vi, "vi", encoder, joined), side_of(document.en, "en", encoder, joined)


def example_of(document: Document, encoder: CachedEncoder, calibration: Calibration, joined: bool):
    """Return the training example of a document: pooled vectors, or joined ones where pass one finds it worth it."""
    vi, en = sides_of(document, encoder, joined=False)
    spans = vi.spans(calibration.centre_sentences), en.spans(calibration.centre_sentences)
    unaligned = [sum(len(b.vi) for b in document.gold if not b.en), sum(len(b.en) for b in document.gold if not b.vi)]
    gaps = calibration.gaps
    rates = [
        (gaps.rate * gaps.sentences + count) / (gaps.sentences + size)
        for count, size in zip(unaligned, (len(document.vi), len(document.en)), strict=True)
    ]
    if joined:
        band = band_of(*spans)
        adapted = Adapted(rates[0], rates[1], calibration.length.ratio)
        grid = build_grid(*spans, band, calibration.pooled, adapted, calibration)
        likely = likely_beads(grid, posterior(grid))
        for bead in document.gold:
            if bead.vi and bead.en:
                likely[len(bead.vi), len(bead.en)][bead.vi[0], bead.en[0]] = True
        lines = document.vi, document.en
        for axis in (0, 1):
            reencode(
                spans[axis],
                lambda r, s=lines[axis]: encoder.encode([" ".join(s[a:b]) for a, b in r]),
                grid,
                likely,
                axis,
            )
    example = make_example(
        *spans, document.gold, calibration.length.ratio, calibration.length.variance, (rates[0], rates[1])
    )
    if joined:
        for shape, (exists, features) in example.features.items():
            # A document shorter than the shape has no such bead.
            example.features[shape] = (exists & likely.get(shape, False), features)
    return example


def fit_in_order(documents: list[Document], encoder: CachedEncoder, calibration: Calibration) -> Calibration:
    """Fit pooled and then joined weights."""
    examples = [example_of(d, encoder, calibration, joined=False) for d in documents]
    calibration = replace(calibration, pooled=fit_weights(examples, calibration.pooled))
    examples = [example_of(d, encoder, calibration, joined=True) for d in documents]
    return replace(calibration, joined=fit_weights(examples, calibration.joined))


def strict_counts(
    documents: list[Document], encoder: CachedEncoder, calibration: Calibration, joined: bool
) -> np.ndarray:
    """Return (right, proposed, gold) beads, empty sides left out."""
    total = np.zeros(3)
    for document in documents:
        found = align_in_order(*sides_of(document, encoder, joined), calibration)
        proposed = {(b.vi, b.en) for b in found if b.vi and b.en}
        gold = {(b.vi, b.en) for b in document.gold if b.vi and b.en}
        total += len(proposed & gold), len(proposed), len(gold)
    return total


def f1(counts: np.ndarray) -> float:
    """Return F1 of (right, proposed, gold)."""
    return 2 * counts[0] / (counts[1] + counts[2])


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


def logistic(rows: np.ndarray, labels: np.ndarray, l2: float = 1.0) -> np.ndarray:
    """Fit a logistic regression by Newton's method; the last weight is the constant."""
    scale = rows.std(axis=0)
    x = np.hstack([rows / scale, np.ones((len(rows), 1))])
    w = np.zeros(x.shape[1])
    penalty = np.full(len(w), l2)
    penalty[-1] = 0
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -60, 60)))
        step = np.linalg.solve((x.T * (p * (1 - p))) @ x + np.diag(penalty + 1e-9), x.T @ (p - labels) + penalty * w)
        w -= step
        if np.abs(step).max() < 1e-9:
            break
    return np.append(w[:-1] / scale, w[-1])


def pools_of(
    documents: list[Document], encoder: CachedEncoder, calibration: Calibration
) -> list[tuple[Pool, Document]]:
    """Return each document as a pool of its own, and all of them together as one."""
    everything = joined_documents(documents)
    return [(pool_of(d, encoder, calibration), d) for d in [*documents, everything]]


def joined_documents(documents: list[Document]) -> Document:
    """Lay several documents end to end."""
    vi: list[str] = []
    en: list[str] = []
    gold = []
    for d in documents:
        gold += [align.Bead((b.vi[0] + len(vi),), (b.en[0] + len(en),)) for b in d.gold]
        vi += d.vi
        en += d.en
    return Document("all", vi, en, gold)


def pool_of(document: Document, encoder: CachedEncoder, calibration: Calibration) -> Pool:
    """Return the pool of a document."""
    return Pool(
        encoder.encode(document.vi),
        encoder.encode(document.en),
        text_lengths(document.vi),
        text_lengths(document.en),
        calibration,
        priors=(encoder.centre("vi"), encoder.centre("en")),
    )


def background(documents: list[Document], encoder: CachedEncoder, calibration: Calibration) -> tuple[float, float]:
    """Return the mean raw and centred cosine of a sentence with its fifth to eighth neighbours: near, but no match."""
    values = []
    for pool in (pool_of(d, encoder, calibration) for d in documents if min(len(d.vi), len(d.en)) >= 10):
        for a, b in ((pool.vi, pool.en), (pool.vi_centred, pool.en_centred)):
            values.append(float(np.sort(a @ b.T, axis=1)[:, -8:-4].mean()))
    return float(np.mean(values[::2])), float(np.mean(values[1::2]))


def fit_mining(documents: list[Document], encoder: CachedEncoder, calibration: Calibration) -> Calibration:
    """Fit the mining weights and the prior of the mixture."""
    raw, centred = background(documents, encoder, calibration)
    calibration = replace(calibration, mining=replace(calibration.mining, background=raw, centred_background=centred))
    for _ in range(2):  # the candidates depend on the weights
        rows, labels = mining_examples(pools_of(documents, encoder, calibration), calibration)
        weights = logistic(rows, labels)
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
        30.0,
    )
    return replace(calibration, mixture=mixture)


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
        sides = evidence_of(document.vi, "vi"), evidence_of(document.en, "en")
        found = context.alone_features(pool_of(document, encoder, calibration), *sides)
        features.append(found)
        candidates.append(closest(found[context.FEATURES.index("cosine")]))
        gold = np.zeros(found.shape[1:])
        for bead in document.gold:
            gold[bead.vi[0], bead.en[0]] = 1
        labels.append(gold[candidates[-1]])
    answers = np.concatenate(labels)

    def fitted(rows: list[np.ndarray]) -> np.ndarray:
        return logistic(np.concatenate([r[:, c].T for r, c in zip(rows, candidates, strict=True)]), answers)

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


def comparable_counts(documents: list[Document], encoder: CachedEncoder, calibration: Calibration) -> np.ndarray:
    """Return (right, proposed, gold) beads of `align_sentences(mode="comparable")`."""
    total = np.zeros(3)
    for document in documents:
        sides = [
            replace(side, evidence=evidence_of(lines, lang))
            for side, lines, lang in zip(
                sides_of(document, encoder, False), (document.vi, document.en), ("vi", "en"), strict=True
            )
        ]
        proposed = {(b.vi, b.en) for b in align_sides(*sides, calibration, "comparable")}
        gold = {(b.vi, b.en) for b in document.gold}
        total += len(proposed & gold), len(proposed), len(gold)
    return total


def to_toml(calibration: Calibration, remarks: list[str]) -> str:
    """Return the calibration file's text."""
    out = ["# Written by benchmarks/fit_matching.py; never edit by hand.", *(f"# {remark}" for remark in remarks), ""]
    tables = []
    for key, value in asdict(calibration).items():
        if isinstance(value, dict):
            tables.append((key, value))
        else:
            out.append(f"{key} = {_number(value)}")
    for key, table in tables:
        out += ["", f"[{key}]"]
        for name, value in table.items():
            if isinstance(value, dict):
                inside = ", ".join(f'"{k}" = {_number(v)}' for k, v in value.items())
                out.append(f"{name} = {{ {inside} }}")
            else:
                out.append(f"{name} = {_number(value)}")
    return "\n".join(out) + "\n"


def _number(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_number, value))}]"
    return f'"{value}"' if isinstance(value, str) else f"{float(value):.4f}"


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--encoder", default="e5-small-vien")
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--skip-folds", action="store_true", help="fit only, measure nothing")
    args = parser.parse_args()
    encoder = CachedEncoder(align.load_encoder(args.encoder, threads=2))
    documents = training_documents(args.data)
    comparable = comparable_documents(args.data / "news_docs" / "comparable")
    reports = comparable_training(args.data)
    start = starting_point(args.encoder, length_model(documents))
    remarks = [
        f"In-order weights from {len(documents)} documents, mining weights from {len(comparable)}, those of comparable",
        f"articles from {len(reports)}. F1 of two folds by article, each scored by weights that did not see it:",
    ]
    if not args.skip_folds:
        remarks += measure_folds(args.data, documents, comparable, reports, encoder, start)
    final = fit_all(documents, comparable, reports, encoder, start)
    text = to_toml(final, remarks)
    if args.output:
        args.output.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


def starting_point(name: str, length: LengthModel) -> Calibration:
    """Return the constants that every search starts from."""
    return Calibration(
        name,
        CENTRE_SENTENCES,
        length,
        GAPS,
        START,
        START,
        MiningWeights(69.05, 22.48, 0.12, -0.67, -0.91, -2.46, 0.0, 0.0),
        MixtureModel(-6, 2, 8, 4, 0.7, 30.0),
        ContextWeights((), ()),
    )


def fit_all(documents, comparable, reports, encoder, start) -> Calibration:
    """Fit everything; mining comes before the comparable articles, whose features use its neighbourhoods."""
    return fit_comparable(reports, encoder, fit_mining(comparable, encoder, fit_in_order(documents, encoder, start)))


def measure_folds(data: Path, documents, comparable, reports, encoder, start) -> list[str]:
    """Print and return figures of two folds by article."""
    sets = {kind: bead_documents(data / "news_docs" / kind) for kind in ("noisy", "hard", "clean")}
    sets["blocks"] = bead_documents(data / "docs_parallel" / "blocks")
    totals = {(kind, joined): np.zeros(3) for kind in sets for joined in (False, True)}
    in_reports = {"shuffled": np.zeros(3), "reports": np.zeros(3)}
    for fold in (0, 1):
        seen = [[d for d in kind if d.article % 2 != fold] for kind in (documents, comparable, reports)]
        fitted = fit_all(*seen, encoder, start)
        for kind, joined in totals:
            unseen = [d for d in sets[kind] if d.article % 2 == fold]
            totals[kind, joined] += strict_counts(unseen, encoder, fitted, joined)
        for kind, all_of_it in (("shuffled", comparable), ("reports", reports[SHUFFLED_WEIGHT * len(comparable) :])):
            unseen = [d for d in all_of_it if d.article % 2 == fold]
            in_reports[kind] += comparable_counts(unseen, encoder, fitted)
    lines = [f"{kind:8} {'joined' if joined else 'pooled'} {f1(c):.4f}" for (kind, joined), c in totals.items()]
    lines += [f"{kind:8} {f1(c):.4f}" for kind, c in in_reports.items()]
    print("\n".join(lines), file=sys.stderr, flush=True)
    return lines


if __name__ == "__main__":
    main()
