"""Fit the weights of the in-order model."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
from data import CachedEncoder, Document, bead_documents, sides_of
from noise import corrupt

from align.matching.calibration import SHAPES, BeadWeights, Calibration, GapModel, LengthModel
from align.matching.dynamic import posterior
from align.matching.evidence import has_words
from align.matching.monotonic import REENCODE_ABOVE, Pair, first_grid, likely_beads, reencode
from align.matching.training import PRIORS, Example, fit_weights, make_example

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
COPIES = 2  # changed copies of each clean document


def training_documents(data: Path) -> list[Document]:
    """Return all documents that the in-order weights are fitted on."""
    documents = [d for kind in ("noisy", "hard") for d in bead_documents(data / "news_docs" / kind)]
    clean = worded(bead_documents(data / "news_docs" / "clean") + bead_documents(data / "docs_parallel" / "blocks"))
    for number, document in enumerate(clean):
        if len(document.vi) != len(document.en) or not 5 <= len(document.vi) <= 150:
            continue
        for copy in range(COPIES):
            vi, en, gold = corrupt(document.vi, document.en, seed=1000 * copy + number)
            if vi and en:
                documents.append(Document(document.name, vi, en, gold))
    return [d for d in documents if all((len(b.vi), len(b.en)) in SHAPES or not (b.vi and b.en) for b in d.gold)]


def worded(documents: list[Document]) -> list[Document]:
    """Leave out documents with a line without letters or digits: matching takes no notice of it, and indices shift."""
    return [d for d in documents if all(map(has_words, [*d.vi, *d.en]))]


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


def example_of(document: Document, encoder: CachedEncoder, calibration: Calibration, joined: bool) -> Example:
    """Return the training example of a document: pooled vectors, or joined ones where pass one finds it worth it."""
    vi, en = sides_of(document, encoder, joined=True)
    spans = vi.spans(calibration.centre_sentences), en.spans(calibration.centre_sentences)
    unaligned = [sum(len(b.vi) for b in document.gold if not b.en), sum(len(b.en) for b in document.gold if not b.vi)]
    gaps = calibration.gaps
    rates = [
        (gaps.rate * gaps.sentences + count) / (gaps.sentences + size)
        for count, size in zip(unaligned, (len(document.vi), len(document.en)), strict=True)
    ]
    likely = np.zeros((0, 3), dtype=np.int64)
    if joined:
        grid = first_grid(*spans, Pair(rates[0], rates[1], calibration.length.ratio), calibration)
        gold = [
            (bead.vi[0], grid.shapes.index((len(bead.vi), len(bead.en))), bead.en[0])
            for bead in document.gold
            if bead.vi and bead.en
        ]
        found = likely_beads(grid, posterior(grid, REENCODE_ABOVE))
        likely = np.unique(np.concatenate([found, np.array(gold, dtype=np.int64).reshape(-1, 3)]), axis=0)
        for axis, side in enumerate((vi, en)):
            reencode(spans[axis], side.encode_spans, grid, likely, axis)
    example = make_example(
        *spans,
        document.gold,
        calibration.length.ratio,
        calibration.length.variance,
        (rates[0], rates[1]),
        calibration.limits.add_floor,
    )
    if joined:
        # As in matching, the only beads of several sentences are those whose text was encoded.
        for place, shape in enumerate(grid.shapes):
            exists, features = example.features[shape]
            allowed = np.full(exists.shape, shape == (1, 1))
            own = likely[likely[:, 1] == place]
            allowed[own[:, 0], own[:, 2]] = True
            example.features[shape] = (exists & allowed, features)
    return example


def fit_in_order(documents: list[Document], encoder: CachedEncoder, calibration: Calibration) -> Calibration:
    """Fit pooled and then joined weights."""
    examples = [example_of(d, encoder, calibration, joined=False) for d in documents]
    calibration = replace(calibration, pooled=fit_weights(examples, calibration.pooled))
    examples = [example_of(d, encoder, calibration, joined=True) for d in documents]
    return replace(calibration, joined=fit_weights(examples, calibration.joined))
