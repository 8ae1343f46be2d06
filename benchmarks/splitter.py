"""Boundary F1 and speed of the sentence splitter.

    python benchmarks/splitter.py DATA_DIR [--json FILE]

DATA_DIR holds pairs of files: paras.SET.LANG.txt, a paragraph a line, and gold.SET.LANG.txt, its sentences one a line
with an empty line after each paragraph. F1 is over the inner boundaries of paragraphs; white space is not counted.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from align.sentences import split

SECONDS = 1.0  # each set is split again until this much time was measured


def boundaries(sentences: list[str]) -> set[int]:
    """Return the inner boundaries of a paragraph, in characters that are no white space."""
    offset, found = 0, set()
    for sentence in sentences:
        offset += len("".join(sentence.split()))
        found.add(offset)
    return found - {offset}


def measure(paragraphs: list[str], gold: list[list[str]], lang: str) -> dict[str, float]:
    """Return precision, recall, F1, the share of paragraphs without error, and sentences a second of one core."""
    rounds, started = 0, time.process_time()
    while rounds == 0 or time.process_time() - started < SECONDS:
        found = [[sentence.text for sentence in split(paragraph, lang)] for paragraph in paragraphs]
        rounds += 1
    seconds = (time.process_time() - started) / rounds
    pairs = [(boundaries(mine), boundaries(theirs)) for mine, theirs in zip(found, gold, strict=True)]
    hits = sum(len(mine & theirs) for mine, theirs in pairs)
    precision = hits / max(1, sum(len(mine) for mine, _ in pairs))
    recall = hits / max(1, sum(len(theirs) for _, theirs in pairs))
    return {
        "paragraphs": len(pairs),
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / max(1e-9, precision + recall),
        "exact": sum(mine == theirs for mine, theirs in pairs) / len(pairs),
        "sentences_per_second": sum(map(len, found)) / seconds,
    }


def main() -> None:
    """Measure every set of the folder and print one table."""
    parser = argparse.ArgumentParser(description="Boundary F1 and speed of the sentence splitter.")
    parser.add_argument("data", type=Path, metavar="DATA_DIR")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    options = parser.parse_args()
    files = sorted(options.data.glob("paras.*.txt"))
    if not files:
        parser.error(f"{options.data}: no file named paras.SET.LANG.txt")
    figures = {}
    for file in files:
        name = file.name.removeprefix("paras.").removesuffix(".txt")
        gold = file.with_name(f"gold.{name}.txt").read_text(encoding="utf-8").strip("\n").split("\n\n")
        paragraphs = file.read_text(encoding="utf-8").strip("\n").split("\n")
        figures[name] = measure(paragraphs, [block.split("\n") for block in gold], name.rpartition(".")[2])
    table = Table("set", "paragraphs", "P", "R", "F1", "exact", "sentences/s")
    for name, row in figures.items():
        shares = [f"{row[column]:.4f}" for column in ("precision", "recall", "f1", "exact")]
        table.add_row(name, str(int(row["paragraphs"])), *shares, f"{row['sentences_per_second']:,.0f}")
    Console().print(table)
    if options.json:
        machine = {"python": platform.python_version(), "machine": platform.machine()}
        options.json.write_text(json.dumps({"sets": figures, **machine}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
