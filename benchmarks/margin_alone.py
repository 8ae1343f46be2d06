"""What the probability is worth beside the margin alone, out of order, with 95 % intervals of the difference.

    python benchmarks/margin_alone.py DATA_DIR

Sets: news_docs/comparable, article pair by article pair, and each pool of mining/. The margin alone is LASER's way: the
ratio margin of Artetxe & Schwenk (2019) with 4 neighbours, pairs that are each other's best, one threshold. Which
threshold is the question that the probability is to answer, so the margin gets two: the best one for the very set,
which nobody knows without its gold, and the best one for the other sets together, which is what a user can have. Ours
is what `align` gives by default. The calibration was fitted on these sets too; what it is worth on sets that it did not
see stands at the head of its file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from data import Document, comparable_documents, mining_pool
from rich.console import Console
from rich.table import Table

import align
from align.evaluation import compare_mining, evaluate_reliability
from align.matching.neighbours import neighbourhood

Scored = dict[tuple[int, int], float]
"""Pairs of indices and their score."""


def margins(document: Document, encoder: align.Encoder) -> Scored:
    """Return the pairs that are each other's best by ratio margin."""
    vi, en = encoder.encode(document.vi), encoder.encode(document.en)
    near = neighbourhood(vi, en, min(4, len(vi), len(en)), 0.0)
    values = (vi @ en.T) / ((near.vi[:, None] + near.en[None, :]) / 2)
    best_en, best_vi = values.argmax(axis=1), values.argmax(axis=0)
    mutual = np.flatnonzero(best_vi[best_en] == np.arange(len(best_en)))
    return {(int(i), int(best_en[i])): float(values[i, best_en[i]]) for i in mutual}


def probabilities(document: Document, encoder: align.Encoder, *, pool: bool) -> Scored:
    """Return what align finds by default, one sentence with one, and its probability."""
    if pool:
        mined = align.mine_sentences(document.vi, document.en, encoder=encoder)
        return {(i, j): p for i, j, _, p in mined.rows()}
    beads = align.align_sentences(document.vi, document.en, encoder=encoder, mode="comparable")
    return {(bead.vi[0], bead.en[0]): bead.score for bead in beads if bead.shape == "1-1"}


def best_threshold(sets: list[tuple[list[Document], list[Scored]]]) -> float:
    """Return the threshold with the highest mean F1 over sets."""
    values = sorted({value for _, found in sets for scored in found for value in scored.values()})
    return max(values[:: max(1, len(values) // 400)], key=lambda least: np.mean([_f1(*one, least) for one in sets]))


def _f1(documents: list[Document], found: list[Scored], least: float) -> float:
    gold = [_gold(document) for document in documents]
    kept = [_from(scored, least) for scored in found]
    right = sum(len(a & b) for a, b in zip(gold, kept, strict=True))
    return 2 * right / (sum(map(len, gold)) + sum(map(len, kept)))


def _gold(document: Document) -> set[tuple[int, int]]:
    return {(bead.vi[0], bead.en[0]) for bead in document.gold}


def _from(scored: Scored, least: float) -> set[tuple[int, int]]:
    return {pair for pair, value in scored.items() if value >= least}


def main() -> None:
    """Measure every set and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    encoder = align.load_encoder()
    sets = {"comparable": comparable_documents(data / "news_docs" / "comparable")}
    sets |= {gold.parent.name: [mining_pool(gold.parent)] for gold in sorted((data / "mining").glob("*/gold.tsv"))}
    alone = {name: [margins(document, encoder) for document in documents] for name, documents in sets.items()}
    table = Table(
        "set", "ours F1", "margin, threshold from", "F1", "ours - margin", "95 % interval", "stated/right >= .95"
    )
    for name, documents in sets.items():
        ours = [probabilities(document, encoder, pool=name != "comparable") for document in documents]
        others = [(sets[other], alone[other]) for other in sets if other != name]
        worth = _worth(documents, ours)
        for kind, least in (
            ("this set", best_threshold([(documents, alone[name])])),
            ("other sets", best_threshold(others)),
        ):
            gold, first, second = (
                {str(place): pairs for place, pairs in enumerate(found)}
                for found in (
                    map(_gold, documents),
                    [_from(scored, least) for scored in alone[name]],
                    [set(scored) for scored in ours],
                )
            )
            result = compare_mining(
                *((gold, first, second) if len(documents) > 1 else (gold["0"], first["0"], second["0"]))
            )
            difference = result["differences"]["f1"]
            low, high = difference["interval"]
            table.add_row(
                name,
                f"{result['second']['f1']:.4f}",
                f"{kind}: {least:.4f}",
                f"{result['first']['f1']:.4f}",
                f"{difference['difference']:+.4f}",
                f"{low:+.4f} .. {high:+.4f}",
                worth,
            )
    Console(width=130).print(table)


def _worth(documents: list[Document], found: list[Scored]) -> str:
    """Return stated and measured precision of the pairs of at least .95."""
    rows = [
        (value, pair in _gold(document))
        for document, scored in zip(documents, found, strict=True)
        for pair, value in scored.items()
    ]
    stated, right = (np.array(column) for column in zip(*rows, strict=True))
    threshold = next(
        one for one in evaluate_reliability(stated, right, resamples=0)["thresholds"] if one["threshold"] == 0.95
    )
    return f"{threshold['stated']:.3f}/{threshold['precision']:.3f}"


if __name__ == "__main__":
    main()
