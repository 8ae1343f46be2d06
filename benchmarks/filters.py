"""How many true pairs each filter refuses, and how many pairs it judges in a second.

    python benchmarks/filters.py DATA_DIR [--filters SPEC] [--show] [--json FILE]

DATA_DIR holds gold pairs: news_docs/clean and docs_parallel/blocks (NAME.vi, NAME.en, NAME.gold), mining/*
(pool.vi, pool.en, gold.tsv), wiki_paras (paras.vi, paras.en, same line). Each filter judges every pair by itself, so a
pair may be refused by several; "all" is the set in its order.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from pathlib import Path

import polars as pl
from data import bead_documents, lines_of, mining_pool
from rich.console import Console
from rich.table import Table

from align.quality.filters import apply_filters, make_filters

SECONDS = 2.0  # of measuring speed, each filter
BATCH = 4096


def gold_pairs(folder: Path) -> dict[str, pl.DataFrame]:
    """Read the true pairs of every set that is there."""
    documents = {
        name: bead_documents(folder / name)
        for name in ("news_docs/clean", "docs_parallel/blocks")
        if (folder / name).is_dir()
    }
    documents |= {f"mining/{pool.name}": [mining_pool(pool)] for pool in sorted((folder / "mining").glob("*"))}
    sets = {}
    for name, found in documents.items():
        rows = [
            (" ".join(each.vi[i] for i in bead.vi), " ".join(each.en[j] for j in bead.en))
            for each in found
            for bead in each.gold
            if bead.vi and bead.en
        ]
        sets[name] = pl.DataFrame(rows, schema=["vi", "en"], orient="row")
    if (folder / "wiki_paras").is_dir():
        sides = {side: lines_of(folder / "wiki_paras" / f"paras.{side}") for side in ("vi", "en")}
        sets["wiki_paras"] = pl.DataFrame(sides)
    return sets


def speed(pairs: pl.DataFrame, spec: str) -> float:
    """Return the pairs that the filters judge in a second of one core, each round by fresh objects."""
    rounds, used = 0, 0.0
    while rounds == 0 or used < SECONDS:
        filters = make_filters(spec)
        started = time.process_time()
        for batch in pairs.iter_slices(BATCH):
            apply_filters(batch, filters)
        used += time.process_time() - started
        rounds += 1
    return rounds * pairs.height / used


def main() -> None:
    """Judge the true pairs of every set and print one table."""
    parser = argparse.ArgumentParser(description="Share of true pairs that filters refuse, and their speed.")
    parser.add_argument("data", type=Path, metavar="DATA_DIR")
    parser.add_argument("--filters", default="default", metavar="SPEC", help="a set or names joined with commas")
    parser.add_argument("--show", action="store_true", help="print every refused pair with the reason")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    options = parser.parse_args()
    sets = gold_pairs(options.data)
    if not sets:
        parser.error(f"{options.data}: none of the sets is there")
    console = Console()
    everything = pl.concat(sets.values())
    apply_filters(everything.head(100), make_filters(options.filters))  # load models and lists before the clock runs
    names = [judge.name for judge in make_filters(options.filters)]
    table = Table("filter", *(f"{name} ({pairs.height})" for name, pairs in sets.items()), "pairs/s")
    figures = {}
    for name in [*names, "all"]:
        spec = options.filters if name == "all" else name
        row = {}
        for source, pairs in sets.items():
            chosen = [judge for judge in make_filters(options.filters) if name in ("all", judge.name)]
            rejected = apply_filters(pairs, chosen)[1]
            row[source] = rejected.height / pairs.height
            if options.show and name != "all":
                for reason, detail, vi, en in rejected.select("reason", "detail", "vi", "en").iter_rows():
                    console.print(f"{source} {reason}: {detail}\n    {vi[:300]}\n    {en[:300]}", markup=False)
        row["pairs_per_second"] = speed(everything, spec)
        figures[name] = row
        table.add_row(name, *(f"{100 * row[source]:.2f} %" for source in sets), f"{row['pairs_per_second']:,.0f}")
    console.print(table)
    if options.json:
        machine = {"python": platform.python_version(), "machine": platform.machine()}
        options.json.write_text(json.dumps({"filters": figures, **machine}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
