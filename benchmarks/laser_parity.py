"""Are our LASER tokens and vectors those of the original? On every line of files, with a table of the answer.

    pip install "align-vi-en[laser,laser-oracle]"
    python benchmarks/laser_parity.py FILE ... [--model NAME] [--vectors 200] [--json OUT.json]

FILE is UTF-8 text; every line is tokenised by both. Of them, `--vectors` lines evenly spread are encoded by both as
well. MODEL is a pulled model with its checkpoint (`align models pull laser2 --precision both --keep-checkpoint`); by
default one of the true architecture is made, whose weights are random and whose vocabulary is small. Times are process
CPU seconds of one thread, for tokenising alone: text to ids.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from data import lines_of
from rich.console import Console
from rich.table import Table

from align.encoders.laser.against import ORACLES, Oracle, compare
from align.encoders.laser.tokeniser import LaserTokeniser
from align.encoders.manifest import Manifest, find_manifest, read_manifest

TESTS = Path(__file__).resolve().parents[1] / "tests" / "encoders"
SHOWN = 5  # lines with other tokens that are printed


def main() -> None:
    """Compare, print one table, write JSON; exit code 1 if anything differs."""
    options = _options()
    lines = [line for path in options.files for line in lines_of(path)]
    with tempfile.TemporaryDirectory() as folder:
        manifest = find_manifest(options.model) if options.model else _made(Path(folder))
        report: dict[str, Any] = {
            "python": platform.python_version(),
            "model": manifest.name,
            "files": len(options.files),
        }
        report |= compare_tokens(manifest, options.against, lines)
        step = max(1, len(lines) // options.vectors)
        report |= compare_vectors(manifest, options.against, [line for line in lines[::step] if line.strip()])
    table = Table("", "", title="LASER, ours and the original")
    for key, value in report.items():
        table.add_row(key.replace("_", " "), f"{value:.3g}" if isinstance(value, float) else str(value))
    Console().print(table)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    sys.exit(not report["agrees"] or bool(report["lines_with_other_tokens"]))


def compare_tokens(manifest: Manifest, oracle: str, lines: Sequence[str]) -> dict[str, Any]:
    """Tokenise all lines with both; print the first that differ."""
    names = [manifest.folder / str(manifest.extra[entry]) for entry in ("checkpoint", "spm", "cvocab")]
    original = Oracle(oracle, names[0], names[1])
    ours = LaserTokeniser(names[1].read_bytes(), names[2].read_bytes())
    found, seconds = _timed(lambda: ours.encode(lines))
    expected, original_seconds = _timed(lambda: original.ids(lines))
    differing = [line for line, a, b in zip(lines, found, expected, strict=True) if a != b]
    for line in differing[:SHOWN]:
        print("other tokens:", ascii(line[:200]), file=sys.stderr)
    return {
        "oracle": original.name,
        "lines": len(lines),
        "characters": sum(map(len, lines)),
        "lines_with_other_tokens": len(differing),
        "lines_with_unknown_pieces": sum(3 in row for row in found),
        "lines_per_second": len(lines) / seconds,
        "lines_per_second_of_the_original": len(lines) / original_seconds,
    }


def compare_vectors(manifest: Manifest, oracle: str, lines: Sequence[str]) -> dict[str, Any]:
    """Encode lines with both, in each precision that the model has."""
    report: dict[str, Any] = {"lines_encoded": len(lines), "agrees": True}
    for precision in ("fp32", "int8"):
        if f"network-{precision}.onnx" in manifest.files:
            found = compare(manifest, oracle, precision=precision, texts=lines)
            report[f"{precision}_largest_difference"] = found.max_difference
            report[f"{precision}_smallest_cosine"] = found.min_cosine
            report["agrees"] &= found.agrees
    return report


def _timed(run: Callable[[], list[list[int]]]) -> tuple[list[list[int]], float]:
    start = time.process_time()
    return run(), time.process_time() - start


def _made(folder: Path) -> Manifest:
    """Make a model of the true architecture in `folder`, with what the tests use."""
    sys.path.insert(0, str(TESTS))
    from laser_checkpoints import TRUE_SIZE, make_pulled

    return read_manifest(make_pulled(folder, ("fp32", "int8"), **TRUE_SIZE))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--model", metavar="NAME", help="an installed model; by default one is made")
    parser.add_argument("--against", default="laser-encoders", choices=ORACLES)
    parser.add_argument("--vectors", type=int, default=200, metavar="N", help="lines to encode (default: 200)")
    parser.add_argument("--json", type=Path, metavar="OUT.json")
    return parser.parse_args()


if __name__ == "__main__":
    main()
