"""What a translation check is worth: true against false pairs, and probabilities before and after.

    python benchmarks/translation_check.py PAIRS.tsv --translator MODEL [--translator MODEL] [--json OUT.json]

PAIRS.tsv has the columns vi and en, true pairs in the order of their texts, and perhaps changed, an English sentence
that differs from en in one word; MODEL is a translator's name or folder, `vi-en=FOLDER` where the files do not say the
direction. The first half of the pairs are the confident ones that the check learns from. The others are judged beside
false pairs: exchanged (the English of a pair seven places on), half (its second half after the first half of its own)
and changed. For the log-loss every pair starts from a probability that is right as it stands: log-odds drawn with mean
1/2 (true) or -1/2 and deviation 1. The models of tests/translation/small_marian.py come with such a file, held_out.tsv.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from align.quality.chrf import chrf_scores
from align.quality.translation_check import PRIOR_PAIRS, TranslationCheck
from align.quality.translation_evidence import TEMPER, fit_evidence, updated
from align.quality.translation_scores import Choice, Method, Texts
from align.translation import Translator, load_translator

Doubles = NDArray[np.float64]
TEMPERS = (0.0, 0.25, TEMPER, 0.75, 1.0)
DRAWS = 20
"""Starting probabilities drawn for each pair."""


def measure(pairs: pl.DataFrame, translators: list[Translator], direction: Choice) -> dict[str, Any]:
    """Return all figures by method."""
    middle = len(pairs) // 2
    sets = judged(pairs[middle:])
    confident = pairs[:middle].with_columns(pl.lit(1.0).alias("probability"))
    figures: dict[str, Any] = {}
    methods: tuple[Method, ...] = ("chrf", "xent", "both")
    for method in methods:
        check = TranslationCheck(translators, method=method, direction=direction)
        started = time.process_time()
        scores = {kind: check.scorer.scores(texts) for kind, texts in sets.items()}
        seconds = (time.process_time() - started) / sum(map(len, sets.values()))
        figures[method] = {
            "auc": {
                f"{column} {kind}": auc(*(_oriented(scores[each][:, place], column) for each in ("true", kind)))
                for place, column in enumerate(check.scorer.columns)
                for kind in sets
                if kind != "true"
            },
            "log_loss": log_losses(check, scores, confident),
            "log_loss_prior_alone": log_losses(check, scores, None),
            "pairs_per_cpu_second": 1 / seconds,
        }
    return figures


def judged(pairs: pl.DataFrame) -> dict[str, list[Texts]]:
    """Return true and false pairs by kind."""
    vi, en = pairs["vi"].to_list(), pairs["en"].to_list()
    others = [(en[7:] + en[:7])[place].split() for place in range(len(en))]
    own = [text.split() for text in en]
    halves = [" ".join(a[: len(a) // 2] + b[len(b) // 2 :]) for a, b in zip(own, others, strict=True)]
    sides = {"true": en, "exchanged": [" ".join(words) for words in others], "half": halves}
    if "changed" in pairs.columns:
        sides["changed"] = pairs["changed"].to_list()
    return {kind: list(zip(vi, side, strict=True)) for kind, side in sides.items()}


def auc(high: Doubles, low: Doubles) -> float:
    """Return the chance that one of `high` is above one of `low`."""
    return float((high[:, None] > low).mean() + (high[:, None] == low).mean() / 2)


def log_losses(check: TranslationCheck, scores: dict[str, Doubles], confident: pl.DataFrame | None) -> dict[str, Any]:
    """Return log-loss and calibration error by kinds of false pairs and by temper; 0 is before the check."""
    scorer = check.scorer
    if confident is None:
        nothing = np.empty((0, len(scorer.columns)))
        evidence = fit_evidence(nothing, nothing, scorer.usual, PRIOR_PAIRS)
    else:
        evidence = check.learn(confident)
    found: dict[str, Any] = {}
    kinds = [kind for kind in scores if kind != "true"]
    for count in range(1, len(kinds) + 1):
        ratios = {kind: scorer.scaled(scores[kind]) for kind in ("true", *kinds[:count])}
        found[" + ".join(kinds[:count])] = {
            str(temper): _outcome({kind: evidence.log_ratio(part, temper) for kind, part in ratios.items()})
            for temper in TEMPERS
        }
    return found


def _outcome(ratios: dict[str, Doubles]) -> dict[str, float]:
    """Return what becomes of drawn probabilities, as many true as false ones."""
    rng = np.random.default_rng(5)
    false = np.concatenate([part for kind, part in ratios.items() if kind != "true"])
    true = np.tile(ratios["true"], len(false) // len(ratios["true"]))
    evidence = np.tile(np.concatenate([true, false]), DRAWS)
    right = np.tile(np.concatenate([np.ones(len(true), bool), np.zeros(len(false), bool)]), DRAWS)
    before = 1 / (1 + np.exp(-np.where(right, 0.5, -0.5) - rng.normal(size=len(right))))
    after = updated(before, evidence)
    bins = np.minimum((after * 10).astype(int), 9)
    gaps = [abs(after[bins == each].mean() - right[bins == each].mean()) for each in np.unique(bins)]
    return {
        "log_loss": float(-np.log(np.where(right, after, 1 - after)).mean()),
        "calibration_error": float(np.average(gaps, weights=np.unique(bins, return_counts=True)[1])),
    }


def _oriented(values: Doubles, column: str) -> Doubles:
    return values if column == "mt_chrf" else -values


def _chrf_speed(pairs: pl.DataFrame) -> float:
    """Return pairs of chrF a CPU second, of sentences that are alike in parts."""
    hypotheses = pairs["en"].to_list() * max(1, 2000 // len(pairs))
    references = hypotheses[1:] + hypotheses[:1]
    started = time.process_time()
    chrf_scores(hypotheses, references)
    return len(hypotheses) / (time.process_time() - started)


def _load(names: list[str]) -> list[Translator]:
    parts = [name.partition("=") for name in names]
    return [
        load_translator(path, direction=way, threads=1) if equals else load_translator(way, threads=1)
        for way, equals, path in parts
    ]


def main() -> None:
    """Measure, print one table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", metavar="PAIRS.tsv", type=Path)
    parser.add_argument("--translator", metavar="MODEL", action="append", required=True)
    parser.add_argument("--direction", choices=("auto", "vi-en", "en-vi", "both"), default="auto")
    parser.add_argument("--json", type=Path, metavar="OUT.json", help="write all figures there")
    options = parser.parse_args()
    pairs = pl.read_csv(options.pairs, separator="\t", quote_char=None)
    figures = measure(pairs, _load(options.translator), options.direction)
    console = Console(width=110)
    areas = Table("method", "score and false pairs", "AUC", title="true against false pairs")
    losses = Table("method", "false pairs", *(f"temper {temper:g}" for temper in TEMPERS), "ECE", title="log-loss")
    for method, found in figures.items():
        for name, area in found["auc"].items():
            areas.add_row(method, name, f"{area:.4f}")
        for learnt, mark in (("log_loss", ""), ("log_loss_prior_alone", ", prior alone")):
            for kinds, by_temper in found[learnt].items():
                cells = [f"{outcome['log_loss']:.3f}" for outcome in by_temper.values()]
                losses.add_row(method + mark, kinds, *cells, f"{by_temper[str(TEMPER)]['calibration_error']:.3f}")
    console.print(areas, losses)
    figures["chrf_pairs_per_cpu_second"] = _chrf_speed(pairs)
    speeds = ", ".join(
        f"{method} {figures[method]['pairs_per_cpu_second']:,.0f}" for method in ("chrf", "xent", "both")
    )
    console.print(f"pairs a CPU second: {speeds}; chrF alone {figures['chrf_pairs_per_cpu_second']:,.0f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
