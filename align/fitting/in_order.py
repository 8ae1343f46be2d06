"""Fit the in-order model: how lengths vary, and the weights of beads of pooled and of joined vectors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from align.encoders import Encoder
from align.fitting.documents import Document, is_worded
from align.fitting.encoding import sides_of
from align.fitting.noise import FAITHFUL, MERGING, MIXED, Register, corrupt
from align.matching.calibration import BeadWeights, Calibration, GapModel, LengthModel
from align.matching.monotonic import Pair, first_look, reencode
from align.matching.training import PRIORS, Example, fit_weights, make_example

# Where the search starts and what stays fixed: figures of the prototype on the same kind of text.
START_PRIORS = {"1-1": -1.7, "1-2": -0.1, "2-2": 0.9, "1-3": 2.0}
START = BeadWeights(
    prior={name: START_PRIORS.get(name, 0.0) for name in PRIORS},
    cosine=20.0,
    delta=-0.7,
    delta_square=-1.7,
    drop=10.0,
    add=-8.0,
    gap=3.0,
    gap_rate=0.5,
    gap_run=0.0,
)
GAPS = GapModel(rate=0.05, sentences=4.0)
RATIO_SENTENCES = 20.0
COPIES: tuple[Register, ...] = (FAITHFUL, MIXED, MIXED, MERGING)  # changed copies of each document of parallel lines
RARELY = 4  # one-way merges are made of every so many-th document: beads of many sentences are rare
COPIED_LENGTHS = (5, 150)  # lines of a document that is copied
# The mean of squares belongs to a few wild pairs; a Gaussian's median square is .455 of its variance.
MEDIAN_SQUARE = 0.455


def changed_copies(lines: Iterable[Document], registers: Sequence[Register] = COPIES) -> list[Document]:
    """Return copies of documents of parallel lines, one for each register that is due, changed by the generator."""
    copies = []
    for number, document in enumerate(filter(is_worded, lines)):
        if not COPIED_LENGTHS[0] <= len(document.vi) <= COPIED_LENGTHS[1]:
            continue
        for copy, register in enumerate(registers):
            if register.one_way and number % RARELY:
                continue
            vi, en, gold = corrupt(document.vi, document.en, 1000 * copy + number, register)
            if vi and en:
                copies.append(Document(document.name, vi, en, gold))
    return copies


def length_model(documents: Sequence[Document]) -> LengthModel:
    """Estimate the length ratio and variance from gold beads (Gale & Church 1993, section 3)."""
    beads = [(d, bead) for d in documents for bead in d.gold if bead.vi and bead.en]
    vi = np.array([sum(len(d.vi[i]) for i in bead.vi) + len(bead.vi) - 1 for d, bead in beads], dtype=np.float64)
    en = np.array([sum(len(d.en[j]) for j in bead.en) + len(bead.en) - 1 for d, bead in beads], dtype=np.float64)
    ratio = float(en.sum() / vi.sum())
    scaled_vi, scaled_en = vi * math.sqrt(ratio), en / math.sqrt(ratio)
    squares = np.square(scaled_en - scaled_vi) / ((scaled_en + scaled_vi) / 2)
    return LengthModel(ratio, float(np.median(squares) / MEDIAN_SQUARE), RATIO_SENTENCES)


def fit_in_order(documents: Sequence[Document], encoder: Encoder, calibration: Calibration) -> Calibration:
    """Fit pooled and then joined weights; the weights of `calibration` are where the search starts.

    Raises:
        MissingExtraError: scipy is not installed.
    """
    examples = [example_of(document, encoder, calibration, joined=False) for document in documents]
    calibration = replace(calibration, pooled=fit_weights(examples, calibration.pooled))
    examples = [example_of(document, encoder, calibration, joined=True) for document in documents]
    return replace(calibration, joined=fit_weights(examples, calibration.joined))


def example_of(document: Document, encoder: Encoder, calibration: Calibration, *, joined: bool) -> Example:
    """Return the training example of a document: pooled vectors, or joined ones where pass one finds it worth it."""
    vi, en = sides_of(document, encoder, joined=True)
    spans = vi.spans(calibration.centre_sentences), en.spans(calibration.centre_sentences)
    rates = _gap_rates(document, calibration.gaps)
    likely = np.zeros((0, 4), dtype=np.int64)
    if joined:
        found = first_look(*spans, Pair(*rates, calibration.length.ratio), calibration)
        likely = np.unique(np.concatenate([found, _gold_beads(document)]), axis=0)
        for axis, side in enumerate((vi, en)):
            assert side.encode_spans is not None  # sides_of was asked for it
            reencode(spans[axis], side.encode_spans, likely, axis)
    length, limits = calibration.length, calibration.limits
    example = make_example(*spans, document.gold, length.ratio, length.variance, rates, limits.add_floor)
    if joined:
        # As in matching, the only beads of several sentences are those whose text was encoded.
        for shape, (exists, features) in example.features.items():
            allowed = np.full(exists.shape, shape == (1, 1))
            own = likely[(likely[:, 2:] == shape).all(axis=1)]
            allowed[own[:, 0], own[:, 1]] = True
            example.features[shape] = (exists & allowed, features)
    return example


def _gold_beads(document: Document) -> NDArray[np.int64]:
    """Return the gold beads with text on both sides as `Found.beads` has them, int64 (n, 4)."""
    beads = [(b.vi[0], b.en[0], len(b.vi), len(b.en)) for b in document.gold if b.vi and b.en]
    return np.array(beads, dtype=np.int64).reshape(-1, 4)


def _gap_rates(document: Document, prior: GapModel) -> tuple[float, float]:
    """Return the share of unaligned sentences of either side, as adaptation would estimate it if it knew the gold."""
    counts = sum(len(b.vi) for b in document.gold if not b.en), sum(len(b.en) for b in document.gold if not b.vi)
    vi, en = (
        (prior.rate * prior.sentences + count) / (prior.sentences + size)
        for count, size in zip(counts, (len(document.vi), len(document.en)), strict=True)
    )
    return vi, en
