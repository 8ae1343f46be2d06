"""How long `import align` and `align --help` take, in fresh processes.

    python benchmarks/startup.py [--rounds 15] [--json OUT.json]

Medians of wall time. An empty Python is measured too: it is part of both. Rounds alternate, so that other load on the
machine weighs on all alike.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

TARGETS = {"import align": 100.0, "align --help": 300.0, "align run --help": 300.0}  # milliseconds
PROGRAMS = {
    "python -c pass": ("-c", "pass"),
    "import align": ("-c", "import align"),
    "align --help": ("-m", "align", "--help"),
    "align run --help": ("-m", "align", "run", "--help"),
}


def main() -> None:
    """Measure, print one table, write JSON."""
    parser = argparse.ArgumentParser(description="Time the start of align.")
    parser.add_argument("--rounds", type=int, default=15, help="processes of each kind (default: 15)")
    parser.add_argument("--json", type=Path, metavar="OUT.json", help="write all figures there")
    options = parser.parse_args()
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(options.rounds):
        for name, arguments in PROGRAMS.items():
            times[name].append(_milliseconds(arguments))
    medians = {name: statistics.median(values) for name, values in times.items()}
    _print(medians, options.rounds)
    if options.json:
        report = {"python": platform.python_version(), "rounds": options.rounds, "median_ms": medians, "all_ms": times}
        options.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")


def _milliseconds(arguments: tuple[str, ...]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - start) * 1000


def _print(medians: dict[str, float], rounds: int) -> None:
    table = Table(title=f"Start, wall time in milliseconds, medians of {rounds} processes")
    table.add_column("program")
    for heading in ("ms", "target"):
        table.add_column(heading, justify="right")
    for name, median in medians.items():
        table.add_row(name, f"{median:.0f}", f"< {TARGETS[name]:.0f}" if name in TARGETS else "")
    Console().print(table)


if __name__ == "__main__":
    main()
