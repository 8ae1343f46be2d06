"""What is lost by pooling a bead's vector from its sentences' vectors instead of encoding the joined text.

    python benchmarks/pooling.py DATA_DIR [--encoder NAME] [--pooling mean|max] [--json FILE]

Cosine of the two vectors, as they are and centred by article (what matching compares), over every two and every three
consecutive sentences of news_docs/clean; and strict F1 of beads on news_docs/noisy and hard, in order, with joined
texts encoded where the first pass finds it worth it, and without. The pooling is the encoder's own unless it is named:
the other one shows what the wrong one costs. Of an encoder with made-up weights only the cosines say something, and
that about its architecture alone.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
from data import CachedEncoder, bead_documents, sides_of
from rich.console import Console
from rich.table import Table

import align
from align.errors import UncalibratedWarning
from align.fitting.figures import f1, strict_counts
from align.matching import calibration_for
from align.matching.sides import Side
from align.matching.spans import unit_rows


def cosines(side: Side, size: int, weight: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the raw and the centred cosine of every pooled span of `size` sentences with its joined text."""
    spans = side.spans(weight)
    starts = np.flatnonzero(spans.exists(size))
    ranges = [(start, start + size) for start in starts.tolist()]
    joined = side.encode_spans(ranges)
    raw = np.einsum("nd,nd->n", pooled_vectors(side, ranges), joined)
    pooled = spans.vectors(size)[starts].copy()
    spans.replace(size, starts, joined)
    return raw, np.einsum("nd,nd->n", pooled, spans.vectors(size)[starts])


def pooled_vectors(side: Side, ranges: list[tuple[int, int]]) -> np.ndarray:
    """Return the unit vectors of spans, pooled and not centred."""
    if side.pooling == "max":
        return unit_rows(np.array([side.vectors[a:b].max(axis=0) for a, b in ranges]))
    return unit_rows(np.array([side.lengths[a:b] @ side.vectors[a:b] for a, b in ranges]))


def nearness(data: Path, encoder: CachedEncoder, weight: float, every: int) -> dict[str, dict[str, float]]:
    """Return mean and 5th percentile of the cosines, for spans of two and of three sentences."""
    sides = [
        side for d in bead_documents(data / "news_docs/clean")[::every] for side in sides_of(d, encoder, joined=True)
    ]
    found = {}
    for size in (2, 3):
        pairs = [cosines(side, size, weight) for side in sides if len(side.vectors) >= size]
        for kind, values in zip(("raw", "centred"), map(np.concatenate, zip(*pairs, strict=True)), strict=True):
            low = float(np.quantile(values, 0.05))
            found[f"{size} sentences, {kind}"] = {"mean": float(values.mean()), "p5": low, "spans": len(values)}
    return found


def main() -> None:
    """Measure one encoder and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DATA_DIR")
    parser.add_argument("--encoder", default="e5-small-vien", metavar="NAME", help="as for align run")
    parser.add_argument("--pooling", choices=("mean", "max"), help="instead of the encoder's own")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth document only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    options = parser.parse_args()
    warnings.simplefilter("ignore", UncalibratedWarning)
    encoder = CachedEncoder(align.load_encoder(options.encoder))
    encoder.pooling = options.pooling or encoder.pooling
    calibration = calibration_for(encoder)
    near = nearness(options.data, encoder, calibration.centre_sentences, options.every)
    scores = {}
    for kind in ("noisy", "hard"):
        documents = bead_documents(options.data / "news_docs" / kind)[:: options.every]
        for joined in (True, False):
            counts, _ = strict_counts(documents, encoder, calibration, "parallel", joined=joined)
            scores[f"{kind}, {'joined texts encoded' if joined else 'pooled only'}"] = f1(counts)
    table = Table(f"{encoder.name}, {encoder.pooling}", "mean cosine", "5th percentile", "strict F1")
    for name, values in near.items():
        table.add_row(name, f"{values['mean']:.4f}", f"{values['p5']:.4f}", "")
    for name, score in scores.items():
        table.add_row(name, "", "", f"{score:.4f}")
    Console(width=100).print(table)
    if options.json:
        figures = {"encoder": encoder.name, "pooling": encoder.pooling, "cosines": near, "strict_f1": scores}
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
