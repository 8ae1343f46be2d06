"""Speed and peak memory of `align score` and `align filter` on corpora of two sizes.

    python benchmarks/score_filter.py [PAIRS.tsv] [--sizes 20000 400000] [--scored 20000 --formats tsv jsonl parquet tmx
        moses] [--filters default] [--json OUT.json]

PAIRS.tsv has two columns, Vietnamese and English; by default the examples are run and their pairs taken. They are
repeated to the size wanted, each with numbers of its own, so that no two lines are the same; texts are about as long as
news sentences. Every command is a process of its own: pairs per second of wall time, start included, and the largest
resident set of the process. Scoring, which encodes, is measured up to `--scored` pairs and in one format. The programs
read and write the system's temporary folder.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from align.corpus import CorpusWriter, read_batches
from align.pipeline import build_corpus

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
BATCH = 4096
# The system's own account of a child (wait4) counts what the parent held when it started it.
PROGRAM = """
import pathlib, re, resource, sys
from align.cli import main
try:
    main(sys.argv[1:])
finally:
    status = pathlib.Path("/proc/self/status")
    if status.exists():
        peak = 1024 * int(re.search(r"VmHWM:\\s*([0-9]+) kB", status.read_text())[1])
    else:  # macOS, where this is in bytes
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak, file=sys.stderr)
"""
MIN_LENGTH = 60  # characters of the Vietnamese side: about a sentence of news


def seeds(path: Path | None) -> list[tuple[str, str]]:
    """Return the pairs to make corpora of."""
    tables = build_corpus(EXAMPLES / "vi", EXAMPLES / "en") if path is None else pl.concat(read_batches(path))
    rows = tables.select("vi", "en").drop_nulls().rows()
    return [row for row in rows if len(row[0]) >= MIN_LENGTH] or rows


def grown(pairs: list[tuple[str, str]], count: int) -> Iterator[pl.DataFrame]:
    """Yield batches of `count` pairs in all; each gets words of its own, so that it is no duplicate."""
    endless = itertools.islice(itertools.cycle(pairs), count)
    rows = ((f"{vi} Mã {_code(n)}.", f"{en} Code {_code(n)}.") for n, (vi, en) in enumerate(endless))
    while batch := list(itertools.islice(rows, BATCH)):
        yield pl.DataFrame(batch, schema=["vi", "en"], orient="row").with_columns(probability=pl.lit(0.9))


def _code(number: int) -> str:
    """Return a number as letters: the filter of duplicates takes no notice of digits."""
    letters = ""
    while number or not letters:
        number, digit = divmod(number, 20)
        letters = "bcdfghklmnpqrstvxyzw"[digit] + letters
    return letters


def measure(arguments: Sequence[str], pairs: int) -> dict[str, float]:
    """Run `align` and return pairs per second and the peak of memory in megabytes."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], stderr=subprocess.PIPE, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"align {' '.join(arguments)}: {done.stderr}")
    return {"pairs_per_second": pairs / seconds, "peak_megabytes": int(done.stderr.splitlines()[-1]) / 1e6}


def run(options: argparse.Namespace, folder: Path) -> list[dict[str, object]]:
    """Return a row for each command, format and size."""
    pairs = seeds(options.pairs)
    rows: list[dict[str, object]] = []
    for form, size in itertools.product(options.formats, options.sizes):
        source, target, rejects = folder / f"in-{form}", folder / f"out-{form}", folder / "rejects.tsv"
        with CorpusWriter(source, form) as writer:
            for batch in grown(pairs, size):
                writer.write(batch)
        given = [str(source), "-o", str(target), "--from", form, "--format", form]
        figures = measure(["filter", *given, "--filters", options.filters, "--rejects", str(rejects)], size)
        rows.append({"command": f"filter {options.filters}", "format": form, "pairs": size, **figures})
        if form == options.formats[0] and size <= options.scored:
            rows.append({"command": "score", "format": form, "pairs": size, **measure(["score", *given], size)})
        for path in folder.iterdir():
            path.unlink()
    return rows


def main() -> None:
    """Measure, print one table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", metavar="PAIRS.tsv", type=Path, nargs="?", help="seeds (default: the examples)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 400_000], help="pairs (default: both)")
    parser.add_argument("--scored", type=int, default=20_000, help="largest size to score (default: 20000; 0: none)")
    parser.add_argument("--formats", nargs="+", default=["tsv", "jsonl", "parquet", "tmx", "moses"])
    parser.add_argument("--filters", default="default", help="set or names (default: default)")
    parser.add_argument("--json", type=Path, metavar="OUT.json", help="write all figures there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = run(options, Path(folder))
    table = Table(title=f"align score and align filter, {os.cpu_count()} cores, {platform.machine()}")
    for name in ("command", "format", "pairs", "pairs/s", "peak MB"):
        table.add_column(name, justify="left" if name in ("command", "format") else "right")
    for row in rows:
        figures = (f"{row['pairs']:,}", f"{row['pairs_per_second']:,.0f}", f"{row['peak_megabytes']:,.0f}")
        table.add_row(str(row["command"]), str(row["format"]), *figures)
    Console(width=100).print(table)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
