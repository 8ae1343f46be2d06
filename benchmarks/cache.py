"""What the embedding cache costs and saves: writes, reads, bytes, against encoding the same sentences.

    python benchmarks/cache.py [FILE ...] [--encoder NAME] [--copies 200] [--json OUT.json]

FILE has one sentence a line; by default the paragraphs of the example articles are taken. They are encoded once, one
thread, without a cache. The cache is then filled and read with `--copies` variants of each, by a stand-in for the
encoder that costs next to nothing; the file is in the system's temporary folder. Seconds are of process CPU time.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from align.encoders import Encoder, load_encoder
from align.encoders.base import Vectors
from align.encoders.cache import CachedEncoder

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
SMALL_CALLS = 500


class StandIn:
    """Has the real encoder's dim and answers with one unit vector at once."""

    name, pooling, fingerprint = "stand-in", "mean", "v1"

    def __init__(self, dim: int) -> None:
        """Take the dim."""
        self.dim = dim

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (n, dim)."""
        return np.full((len(texts), self.dim), self.dim**-0.5, np.float32)

    def centre(self, lang: str) -> Vectors | None:
        """Return None."""
        return None


def measure(encoder: Encoder, texts: list[str], copies: int) -> dict[str, float]:
    """Return all figures by name."""
    encoder.encode(texts[:32])
    encoding = len(texts) / _seconds(lambda: encoder.encode(texts))
    many = [f"{text} {n}" for n in range(copies) for text in texts]
    shuffled = [many[place] for place in np.random.default_rng(1).permutation(len(many))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "vectors.cache")
        cached = CachedEncoder(StandIn(encoder.dim), path)
        writing = len(many) / _seconds(lambda: cached.encode(many))
        size = path.stat().st_size / len(many)
        reading = len(many) / _seconds(lambda: cached.encode(shuffled))
        calls = _seconds(lambda: [cached.encode([text]) for text in shuffled[:SMALL_CALLS]]) / SMALL_CALLS
    return {
        "vectors": len(many),
        "dim": encoder.dim,
        "encoded_per_cpu_second": encoding,
        "written_per_cpu_second": writing,
        "read_per_cpu_second": reading,
        "read_times_encoding": reading / encoding,
        "bytes_per_vector": size,
        "bytes_per_number": size / encoder.dim,
        "milliseconds_of_a_call_for_one_text": calls * 1000,
    }


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _texts(files: list[Path]) -> list[str]:
    paths = files or sorted(EXAMPLES.rglob("*.txt"))
    lines = [line.strip() for path in paths for line in path.read_text("utf-8").splitlines()]
    return list(dict.fromkeys(line for line in lines if line))


def main() -> None:
    """Measure, print one table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", metavar="FILE", type=Path, nargs="*", help="one sentence a line")
    parser.add_argument("--encoder", default="e5-small-vien", help="what to compare with (default: e5-small-vien)")
    parser.add_argument("--copies", type=int, default=200, help="variants of each sentence (default: 200)")
    parser.add_argument("--json", type=Path, metavar="OUT.json", help="write all figures there")
    options = parser.parse_args()
    figures = measure(load_encoder(options.encoder, threads=1), _texts(options.files), options.copies)
    table = Table("figure", "value", title=f"embedding cache beside {options.encoder}, {platform.machine()}")
    for name, value in figures.items():
        table.add_row(name.replace("_", " "), f"{value:,.2f}" if value < 100 else f"{value:,.0f}")
    Console(width=90).print(table)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
