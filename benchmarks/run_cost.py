"""What `align run VI EN` costs in a fresh process: CPU time, wall time and memory.

    python benchmarks/run_cost.py VI EN [--rounds 3] [--threads N] [--json OUT.json]

The run writes to a temporary file. A first run, which is not counted, tells which modules it imports; the counted ones
import these first, so that "CPU beyond imports" is what reading, models and matching cost. Of that, the unpacking of
the language identification's model, a fixed cost as well, is measured by itself. Medians of the rounds.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

FIGURES = {
    "cpu_seconds": ("CPU, s", "{:.2f}"),
    "import_seconds": ("  of it imports, s", "{:.2f}"),
    "cpu_beyond_imports_seconds": ("CPU beyond imports, s", "{:.2f}"),
    "language_model_seconds": ("  of it loading language identification, s", "{:.2f}"),
    "wall_seconds": ("wall, s", "{:.2f}"),
    "peak_rss_mb": ("peak memory, MB", "{:.0f}"),
}


def main() -> None:
    """Measure, print one table, write JSON."""
    options = _options()
    if options.worker:
        print(json.dumps(WORKERS[options.worker](options)))
        return
    modules = _fresh("run", options)["modules"]
    rounds = [_round(options, modules) for _ in range(options.rounds)]
    medians = {name: statistics.median(one[name] for one in rounds) for name in FIGURES}
    for one in rounds:
        one.pop("modules", None)
    table = Table(title=f"align run, medians of {options.rounds}: {rounds[0]['pairs']:.0f} pairs")
    table.add_column("figure")
    table.add_column("median", justify="right")
    for name, (heading, form) in FIGURES.items():
        table.add_row(heading, form.format(medians[name]))
    Console().print(table)
    if options.json:
        report = {"python": platform.python_version(), "machine": platform.machine(), "median": medians, "all": rounds}
        options.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")


def _round(options: argparse.Namespace, modules: list[str]) -> dict[str, float]:
    return _fresh("run", options, modules) | _fresh("language", options)


def _fresh(worker: str, options: argparse.Namespace, modules: Sequence[str] = ()) -> dict[str, Any]:
    command = [sys.executable, __file__, options.vi, options.en, "--worker", worker, "--modules", ",".join(modules)]
    if options.threads:
        command += ["--threads", str(options.threads)]
    command += ["--since", repr(time.time())]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def _run(options: argparse.Namespace) -> dict[str, Any]:
    """Import the given modules, then do what a user's process does; say what both cost and what is imported now."""
    started = time.process_time()
    for name in filter(None, options.modules.split(",")):
        with contextlib.suppress(ImportError):  # some only exist inside of their packages
            importlib.import_module(name)
    imported = time.process_time()
    pairs = _align(options)
    return {
        "cpu_seconds": time.process_time(),
        "import_seconds": imported - started,
        "cpu_beyond_imports_seconds": time.process_time() - imported,
        "wall_seconds": time.time() - options.since,
        "peak_rss_mb": _peak_megabytes(),
        "pairs": pairs,
        "modules": list(sys.modules),
    }


def _align(options: argparse.Namespace) -> int:
    from align.cli import main as align

    threads = ["--threads", str(options.threads)] if options.threads else []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "corpus.tsv")
        try:
            align(["run", options.vi, options.en, "-o", str(out), *threads])
        except SystemExit as ended:
            if ended.code:
                raise
        return out.read_text("utf-8").count("\n") - 1


def _peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 if sys.platform != "darwin" else 1024**2)


def _language(options: argparse.Namespace) -> dict[str, Any]:
    """Time the first call of language identification, which unpacks its model, against the second."""
    import py3langid.langid  # noqa: F401 - an import is not what is measured

    from align.sentences import detect_language

    text = "The rain came in the evening and the people went home."
    times = [time.process_time()]
    for _ in range(2):
        detect_language(text)
        times.append(time.process_time())
    return {"language_model_seconds": (times[1] - times[0]) - (times[2] - times[1])}


WORKERS = {"run": _run, "language": _language}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure what align run costs.")
    parser.add_argument("vi", help="file or folder of Vietnamese articles")
    parser.add_argument("en", help="file or folder of English articles")
    parser.add_argument("--rounds", type=int, default=3, help="fresh processes (default: 3)")
    parser.add_argument("--threads", type=int, help="as of align run; by default all cores")
    parser.add_argument("--json", type=Path, metavar="OUT.json", help="write all figures there")
    parser.add_argument("--worker", choices=sorted(WORKERS), help=argparse.SUPPRESS)
    parser.add_argument("--modules", default="", help=argparse.SUPPRESS)
    parser.add_argument("--since", type=float, default=0.0, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
