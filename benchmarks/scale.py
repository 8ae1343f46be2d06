"""Time and peak memory of matching against size, each size in a process of its own.

    python benchmarks/scale.py [--documents N ...] [--rival N ...] [--pools N ...] [--articles N ...] [--json FILE]

documents   two sides of N sentences in order: merged, split, added and dropped ones; vectors of joined texts at hand
vecalign    the same documents by vecalign's algorithm (package sentweave; left out where it is not installed), which
            gets the vectors of all joined spans for nothing
pools       two pools of N sentences in random order, every other one with a translation
articles    N articles a side of some 16 sentences, shuffled: which belong together

Vectors are made, with the statistics of the bundled encoder's on news (see `synthetic.py`); they are made beforehand,
and the process that is measured reads them from files. F1 (of pools and articles; of strict beads in documents) says
that the answer is still one. The exponent is the slope of least squares through log time, or log memory beyond that of
a process that has only imported what it needs, against log size. CPU seconds, of all cores, say more where a machine is
shared. A number of 0 leaves a kind out.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

VECALIGN_SIZE = 8  # sentences in a bead: its default, and as many as align knows
SIZES = {
    "documents": (1_000, 2_000, 5_000, 10_000, 20_000, 50_000),
    "vecalign": (2_000, 10_000),
    "pools": (10_000, 20_000),
    "articles": (100, 300, 1_000),
}
Figures = dict[str, Any]


def make(kind: str, size: int, folder: Path, seed: int) -> None:
    """Write the input of a measurement into a folder."""
    from synthetic import made_articles, made_document, made_pool

    if kind == "articles":
        made, cuts = made_articles(size, seed)
        np.save(folder / "cuts.npy", cuts)
    else:
        made = (made_pool if kind == "pools" else made_document)(size, seed)
    for name in ("vi", "en", "vi_lengths", "en_lengths"):
        np.save(folder / f"{name}.npy", getattr(made, name))
    gold = [[list(bead.vi), list(bead.en)] for bead in made.gold if bead.vi and bead.en]
    (folder / "gold.json").write_text(json.dumps(gold))


def documents(folder: Path) -> tuple[Callable[[], Any], Callable[[Any], Figures]]:
    """Align in order."""
    from align.evaluation import evaluate_beads
    from align.matching.api import align_sides
    from align.matching.calibration import load_calibration
    from align.matching.sides import Side
    from align.matching.spans import unit_rows

    encoded = [0]

    def side(lang: str) -> Side:
        vectors, lengths = np.load(folder / f"{lang}.npy"), np.load(folder / f"{lang}_lengths.npy")

        def encode_spans(ranges: Sequence[tuple[int, int]]) -> np.ndarray:
            encoded[0] += len(ranges)
            weights = lengths.astype(np.float32)
            return unit_rows(np.array([weights[a:b] @ vectors[a:b] for a, b in ranges], dtype=np.float32))

        return Side(vectors, lengths, encode_spans=encode_spans)

    vi, en, calibration = side("vi"), side("en"), load_calibration()

    def judge(beads: Any) -> Figures:
        result = evaluate_beads(_gold(folder), beads, resamples=0)
        return {"f1": result["strict_f1"], "further_encodings": encoded[0] / (len(vi.vectors) + len(en.vectors))}

    return lambda: align_sides(vi, en, calibration, "parallel"), judge


def vecalign(folder: Path) -> tuple[Callable[[], Any], Callable[[Any], Figures]]:
    """Align in order by vecalign's algorithm, with the defaults of sentweave."""
    from sentweave.dp_utils import make_alignment_types
    from sentweave.dp_utils import vecalign as search

    from align.evaluation import evaluate_beads

    vi, en = (_overlaps(folder, lang) for lang in ("vi", "en"))

    def run() -> Any:
        np.random.seed(42)
        with np.errstate(invalid="ignore"):
            return search(
                vecs0=vi,
                vecs1=en,
                final_alignment_types=make_alignment_types(VECALIGN_SIZE),
                del_percentile_frac=0.2,
                width_over2=-(-VECALIGN_SIZE // 2) + 5,
                max_size_full_dp=300,
                costs_sample_size=20_000,
                num_samps_for_norm=100,
            )

    def judge(stack: Any) -> Figures:
        beads = [(tuple(map(int, rows)), tuple(map(int, columns))) for rows, columns in stack[0]["final_alignments"]]
        return {"f1": evaluate_beads(_gold(folder), beads, resamples=0)["strict_f1"]}

    return run, judge


def _overlaps(folder: Path, lang: str) -> np.ndarray:
    """Return float32 (sizes, n, dim): the vector of each span by its size and its last sentence."""
    vectors, lengths = np.load(folder / f"{lang}.npy"), np.load(folder / f"{lang}_lengths.npy").astype(np.float32)
    weighted = vectors * lengths[:, None]
    spans = np.empty((VECALIGN_SIZE, *vectors.shape), dtype=np.float32)
    total = np.zeros_like(weighted)
    for size in range(1, VECALIGN_SIZE + 1):
        total[size - 1 :] += weighted[: len(weighted) - size + 1]
        spans[size - 1] = total / np.linalg.norm(total, axis=1, keepdims=True)
    return spans


def pools(folder: Path) -> tuple[Callable[[], Any], Callable[[Any], Figures]]:
    """Mine."""
    import align
    from align.evaluation import evaluate_mining
    from align.matching.calibration import load_calibration

    sides = {name: np.load(folder / f"{name}.npy") for name in ("vi", "en", "vi_lengths", "en_lengths")}
    lengths = {name: sides[name] for name in ("vi_lengths", "en_lengths")}
    load_calibration()

    def judge(mined: Any) -> Figures:
        gold = {(vi[0], en[0]) for vi, en in _gold(folder)}
        return {"f1": evaluate_mining(gold, mined, resamples=0)["f1"]}

    return lambda: align.mine_vectors(sides["vi"], sides["en"], **lengths), judge


def articles(folder: Path) -> tuple[Callable[[], Any], Callable[[Any], Figures]]:
    """Pair articles, sentences matched for that included."""
    from align.evaluation import evaluate_pairing
    from align.matching.calibration import load_calibration
    from align.matching.evidence import no_evidence
    from align.matching.pairing import pair_sides
    from align.matching.sides import Side

    cuts = np.load(folder / "cuts.npy")

    def sides(lang: str, bounds: np.ndarray) -> list[Side]:
        vectors, lengths = np.load(folder / f"{lang}.npy"), np.load(folder / f"{lang}_lengths.npy")
        return [
            Side(vectors[start:end], lengths[start:end], centre, evidence=no_evidence(int(end - start)))
            for centre in [vectors.mean(axis=0)]
            for start, end in bounds
        ]

    vi, en, calibration = sides("vi", cuts[0]), sides("en", cuts[1]), load_calibration()

    def judge(pairs: Any) -> Figures:
        gold = {(vi[0], en[0]) for vi, en in _gold(folder)}
        return {"f1": evaluate_pairing(gold, {(pair.vi, pair.en) for pair in pairs}, resamples=0)["f1"]}

    return lambda: pair_sides(vi, en, calibration), judge


WORKERS = {"documents": documents, "vecalign": vecalign, "pools": pools, "articles": articles}


def measure(kind: str, folder: Path) -> Figures:
    """Measure one input in this process."""
    prepare = WORKERS[kind]
    import align.evaluation
    import align.matching  # noqa: F401 - what every kind imports is not what grows

    idle = peak_megabytes()
    run, judge = prepare(folder)
    inputs = peak_megabytes()
    started, cpu = time.perf_counter(), time.process_time()
    found = run()
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    peak = peak_megabytes()
    return {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "peak_mb": peak,
        "inputs_mb": inputs,
        "idle_mb": idle,
        **judge(found),
    }


def peak_megabytes() -> float:
    """Return the most memory that this process has had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 if sys.platform != "darwin" else 1024**2)


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float | None:
    """Return the slope of least squares through the logarithms; None with fewer than two sizes.

    >>> round(exponent([10, 100, 1000], [2, 20, 200]), 6)
    1.0
    """
    if len(set(sizes)) < 2:
        return None
    return float(np.polyfit(np.log(sizes), np.log(np.maximum(values, 1e-9)), 1)[0])


def _gold(folder: Path) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    return [(tuple(vi), tuple(en)) for vi, en in json.loads((folder / "gold.json").read_text())]


def _fresh(task: str, kind: str, size: int, folder: Path, seed: int) -> Figures:
    """Run a task in a process of its own. This one stays small: on Linux a child's peak starts at its parent's."""
    worker = ["--worker", task, "--kind", kind, "--size", str(size), "--folder", str(folder), "--seed", str(seed)]
    done = subprocess.run([sys.executable, __file__, *worker], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{kind} of {size}: the process ended with code {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def main() -> None:
    """Measure every kind and size, and print one table."""
    options = _options()
    if options.worker == "make":
        make(options.kind, options.size, options.folder, options.seed)
        print("{}")
        return
    if options.worker == "measure":
        print(json.dumps(measure(options.kind, options.folder)))
        return
    from rivals import installed

    console = Console(width=130)
    rows: dict[str, list[Figures]] = {}
    for kind in WORKERS:
        if not installed(kind):
            console.print("left out: vecalign needs sentweave (extra bench)")
            continue
        for size in filter(None, sorted(getattr(options, kind))):
            with tempfile.TemporaryDirectory() as folder:
                _fresh("make", kind, size, Path(folder), options.seed)
                found = {"size": size, **_fresh("measure", kind, size, Path(folder), options.seed)}
            rows.setdefault(kind, []).append(found)
            print(f"{kind} {size}: {found['seconds']:.1f} s, {found['peak_mb']:.0f} MB", file=sys.stderr)
    fits = {kind: _fit(found) for kind, found in rows.items()}
    console.print(_table(rows, fits))
    if options.json:
        from machine import machine

        report = {"measured": rows, "exponents": fits, "vecalign_size": VECALIGN_SIZE, **machine()}
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _fit(found: Sequence[Figures]) -> dict[str, float | None]:
    sizes = [one["size"] for one in found]
    beyond = [one["peak_mb"] - one["idle_mb"] for one in found]
    seconds, cpu = ([one[figure] for one in found] for figure in ("seconds", "cpu_seconds"))
    return {"time": exponent(sizes, seconds), "cpu": exponent(sizes, cpu), "memory": exponent(sizes, beyond)}


def _table(rows: dict[str, list[Figures]], fits: dict[str, dict[str, float | None]]) -> Table:
    table = Table(
        "kind", "size", "seconds", "CPU s", "CPU ms an item", "peak MB", "with inputs", "F1", "further encodings"
    )
    for kind, found in rows.items():
        for one in found:
            further = one.get("further_encodings")
            table.add_row(
                kind,
                f"{one['size']:,}",
                *(f"{one[figure]:.2f}" for figure in ("seconds", "cpu_seconds")),
                f"{1000 * one['cpu_seconds'] / one['size']:.3f}",
                *(f"{one[figure]:.0f}" for figure in ("peak_mb", "inputs_mb")),
                f"{one['f1']:.4f}",
                "" if further is None else f"{further:.1%}",
            )
        slopes = ["-" if value is None else f"{value:.2f}" for value in fits[kind].values()]
        table.add_row("", "exponent", *slopes[:2], "", slopes[2], end_section=True)
    return table


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for kind, sizes in SIZES.items():
        flag = "--rival" if kind == "vecalign" else f"--{kind}"
        parser.add_argument(flag, dest=kind, type=int, nargs="+", default=sizes, metavar="N", help=f"default: {sizes}")
    parser.add_argument("--seed", type=int, default=0, help="of the made vectors")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything here")
    for name, kind in (("worker", str), ("kind", str), ("size", int), ("folder", Path)):
        parser.add_argument(f"--{name}", type=kind, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
