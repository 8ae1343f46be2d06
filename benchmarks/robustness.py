"""What in-order matching loses when it was fitted on other noise than it meets.

    python benchmarks/robustness.py DATA_DIR [--encoder NAME] [--json FILE] [--every N]

In-order weights are fitted on the gold of news_docs/noisy and hard and on changed copies of news_docs/clean and
docs_parallel/blocks, as `align fit` does; and on such copies alone, made by the generator of align/fitting/noise.py as
it is, with all rates halved and doubled, and by the second generator (align/fitting/other_noise.py). Strict F1 on noisy
and hard, by two folds of articles: each document is matched by weights whose fit did not see its article in any form;
and the paired difference to the first fit, with a 95 % bootstrap interval over documents.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from data import CachedEncoder, Document, bead_documents
from rich.console import Console
from rich.table import Table

import align
from align.fitting.documents import is_worded
from align.fitting.figures import f1, strict_counts
from align.fitting.in_order import COPIED_LENGTHS, COPIES, changed_copies, fit_in_order, length_model
from align.fitting.other_noise import corrupt_otherwise
from align.fitting.stated import starting_point
from align.fitting.trust import NO_TRUST
from align.matching.calibration import load_calibration

SETS = ("noisy", "hard")
RESAMPLES, SEED = 1000, 12345


def other_copies(lines: list[Document]) -> list[Document]:
    """Return as many copies as the first generator makes, by the second one."""
    copies = []
    for number, document in enumerate(filter(is_worded, lines)):
        if COPIED_LENGTHS[0] <= len(document.vi) <= COPIED_LENGTHS[1]:
            for copy in range(len(COPIES)):
                vi, en, gold = corrupt_otherwise(document.vi, document.en, 1000 * copy + number)
                if vi and en:
                    copies.append(Document(document.name, vi, en, gold))
    return copies


def scaled_copies(factor: float) -> Callable[[list[Document]], list[Document]]:
    """Return what makes copies with all rates times a factor."""
    return lambda lines: changed_copies(lines, [register.scaled(factor) for register in COPIES])


def counts_by_document(training: list[Document], tests: list[Document], encoder: CachedEncoder) -> np.ndarray:
    """Return (right, proposed, gold) beads of each test document, (n, 3), by weights from the other fold's articles."""
    counts = np.zeros((len(tests), 3))
    start = replace(starting_point(encoder, ["in-order"], None, load_calibration), trust=NO_TRUST)
    for fold in (0, 1):
        seen = [document for document in training if document.article % 2 != fold]
        fitted = fit_in_order(seen, encoder, replace(start, length=length_model(seen)))
        for place, document in enumerate(tests):
            if document.article % 2 == fold:
                counts[place] = strict_counts([document], encoder, fitted, "parallel", joined=True)[0]
    return counts


def interval(counts: np.ndarray, base: np.ndarray) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the difference in F1 of two (n, 3) tables of the same documents."""
    draw = np.random.default_rng(SEED)
    picks = draw.integers(len(counts), size=(RESAMPLES, len(counts)))
    values = [f1(counts[pick].sum(axis=0)) - f1(base[pick].sum(axis=0)) for pick in picks]
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


def main() -> None:
    """Measure all fits and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DATA_DIR")
    parser.add_argument("--encoder", default="e5-small-vien", metavar="NAME", help="as for align run")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth document only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    options = parser.parse_args()
    encoder = CachedEncoder(align.load_encoder(options.encoder, threads=2))
    news = options.data / "news_docs"
    tests = {name: bead_documents(news / name)[:: options.every] for name in SETS}
    lines = (bead_documents(news / "clean") + bead_documents(options.data / "docs_parallel" / "blocks"))[
        :: options.every
    ]
    gold = [document for name in SETS for document in tests[name]]
    ways: dict[str, list[Document]] = {"the gold, and copies": gold + changed_copies(lines)}
    ways |= {f"copies, rates x {factor}": scaled_copies(factor)(lines) for factor in (1, 0.5, 2)}
    ways["copies by the other generator"] = other_copies(lines)
    table = Table("fitted on", "documents", *(f"{name} F1, difference" for name in SETS))
    results: dict[str, dict[str, object]] = {}
    base: np.ndarray | None = None
    for way, training in ways.items():
        counts = counts_by_document(training, gold, encoder)
        base = counts if base is None else base
        cells, figures = [], {}
        for number, name in enumerate(SETS):
            own = slice(number * len(tests[SETS[0]]), number * len(tests[SETS[0]]) + len(tests[name]))
            score, known = f1(counts[own].sum(axis=0)), f1(base[own].sum(axis=0))
            low, high = interval(counts[own], base[own])
            cells.append(f"{score:.4f}, {score - known:+.4f} [{low:+.4f}, {high:+.4f}]")
            figures[name] = {"f1": score, "difference": score - known, "interval": [low, high]}
        results[way] = {"documents": len(training), **figures}
        table.add_row(way, str(len(training)), *cells)
    Console(width=120).print(table)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
