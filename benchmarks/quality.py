"""Quality of the shipped defaults on every set of a data folder, with 95 % intervals.

    python benchmarks/quality.py DATA_DIR [--json FILE] [--only WORD ...]

Sets that DATA_DIR lacks are left out. It may hold:

    news_docs/{clean,noisy,hard}   NAME.vi, NAME.en, NAME.gold      strict F1 of beads, mode "parallel"
    docs_parallel/blocks           the same                         strict F1 of beads, mode "parallel"
    docs_parallel/sents            NAME.vi, NAME.en, NAME.blocks.tsv  F1 of links right and blocks reached
    news_docs/comparable           NAME.vi, NAME.en, NAME.gold.tsv  strict F1 of beads, mode "comparable"
    mining/SET                     pool.vi, pool.en, gold.tsv       F1 of pairs
    splitter                       paras.SET.LANG.txt, gold.SET.LANG.txt  F1 of boundaries

A target is the figure below which a change is a step back. With --json the whole results are written: all scores,
counts, error classes and signatures.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from data import bead_documents, comparable_documents, lines_of, mining_pool
from rich.console import Console
from rich.table import Table

import align
from align.evaluation import evaluate_beads, evaluate_groups, evaluate_mining, evaluate_split
from align.evaluation.reading import read_blocks, read_paragraphs

Measurement = tuple[str, str, Callable[[], dict[str, Any]]]
"""Name of the set, the metric to show, and what measures it."""

TARGETS = {
    "news_docs/clean": 0.995,
    "news_docs/noisy": 0.985,
    "news_docs/hard": 0.965,
    "news_docs/comparable": 0.970,
    "mining/news_dev": 0.950,
    "mining/xquad_questions": 0.920,
    "splitter/alt.vi": 0.990,
    "splitter/ntrex.en": 0.985,
    "splitter/hard.vi": 0.970,
    "splitter/hard.en": 0.960,
}


def parallel(folder: Path) -> dict[str, Any]:
    """Align documents whose sentences stand in the same order."""
    documents = bead_documents(folder)
    predicted = {one.name: align.align_sentences(one.vi, one.en, mode="parallel") for one in documents}
    return evaluate_beads({one.name: one.gold for one in documents}, predicted)


def comparable(folder: Path) -> dict[str, Any]:
    """Align documents that share some sentences in any order."""
    documents = comparable_documents(folder)
    predicted = {one.name: align.align_sentences(one.vi, one.en, mode="comparable") for one in documents}
    return evaluate_beads({one.name: one.gold for one in documents}, predicted)


def groups(folder: Path) -> dict[str, Any]:
    """Align documents whose gold says only which sentences belong to the same block."""
    gold, predicted = {}, {}
    for path in sorted(folder.glob("*.blocks.tsv")):
        name = path.name.removesuffix(".blocks.tsv")
        vi, en = (lines_of(folder / f"{name}.{lang}") for lang in ("vi", "en"))
        gold[name], predicted[name] = read_blocks(path), align.align_sentences(vi, en, mode="parallel")
    return evaluate_groups(gold, predicted)


def mining(folder: Path) -> dict[str, Any]:
    """Mine a pool of sentences."""
    pool = mining_pool(folder)
    gold = {(bead.vi[0], bead.en[0]) for bead in pool.gold}
    return evaluate_mining(gold, align.mine_sentences(pool.vi, pool.en))


def splitting(gold: Path) -> dict[str, Any]:
    """Split paragraphs into sentences."""
    name = gold.name.removeprefix("gold.")
    paragraphs = lines_of(gold.with_name(f"paras.{name}"))
    lang = "vi" if name.removesuffix(".txt").endswith("vi") else "en"
    return evaluate_split(read_paragraphs(gold).sentences, [align.split(text, lang) for text in paragraphs])


def measurements(data: Path) -> Iterator[Measurement]:
    """Yield what the folder has."""
    for name in ("news_docs/clean", "news_docs/noisy", "news_docs/hard", "docs_parallel/blocks"):
        if any((data / name).glob("*.gold")):
            yield name, "strict_f1", lambda name=name: parallel(data / name)
    if any((data / "docs_parallel/sents").glob("*.blocks.tsv")):
        yield "docs_parallel/sents", "f1", lambda: groups(data / "docs_parallel/sents")
    if any((data / "news_docs/comparable").glob("*.gold.tsv")):
        yield "news_docs/comparable", "strict_f1", lambda: comparable(data / "news_docs/comparable")
    for gold in sorted((data / "mining").glob("*/gold.tsv")):
        yield f"mining/{gold.parent.name}", "f1", lambda gold=gold: mining(gold.parent)
    for gold in sorted((data / "splitter").glob("gold.*.txt")):
        name = gold.name.removeprefix("gold.").removesuffix(".txt")
        yield f"splitter/{name}", "f1", lambda gold=gold: splitting(gold)


def row(name: str, metric: str, result: dict[str, Any], seconds: float) -> list[str]:
    """Return the cells of one line of the table."""
    prefix = metric.removesuffix("f1")
    parts = ("links_right", "blocks_reached") if "blocks" in result else (f"{prefix}precision", f"{prefix}recall")
    low, high = result["intervals"][metric]
    target = TARGETS.get(name)
    verdict = "" if target is None else f"{target:.3f} {'reached' if result[metric] >= target else 'MISSED'}"
    scores = [f"{result[part]:.4f}" for part in (*parts, metric)]
    return [name, metric.replace("_", " "), *scores, f"{low:.4f} .. {high:.4f}", verdict, f"{seconds:.1f}"]


def main() -> None:
    """Measure every set of the folder and print one table."""
    parser = argparse.ArgumentParser(description="Quality of the shipped defaults.")
    parser.add_argument("data", type=Path, metavar="DATA_DIR")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the whole results here")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="only sets whose name holds one of the words")
    options = parser.parse_args()
    wanted = [
        found
        for found in measurements(options.data)
        if not options.only or any(word in found[0] for word in options.only)
    ]
    if not wanted:
        parser.error(f"{options.data}: no set to measure")
    results: dict[str, dict[str, Any]] = {}
    table = Table("set", "metric", "P", "R", "F1", "95 % interval", "target", "seconds")
    for name, metric, measure in wanted:
        started = time.perf_counter()
        result = measure()
        seconds = time.perf_counter() - started
        table.add_row(*row(name, metric, result, seconds))
        results[name] = {**result, "metric": metric, "target": TARGETS.get(name), "seconds": round(seconds, 2)}
    Console(width=120).print(table)
    if options.json:
        machine = {"python": platform.python_version(), "machine": platform.machine()}
        text = json.dumps({"sets": results, **machine}, ensure_ascii=False, indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
