"""Precision, recall and F1 of sets of pairs: mined sentence pairs and article pairs."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from align.evaluation.intervals import FloatArray, Measure, harmonic_mean, ratio
from align.evaluation.results import Tally, build_comparison, build_result

Pairs: TypeAlias = Mapping[str, Set[tuple[Any, Any]]]
"""Document -> set of (Vietnamese, English) pairs of anything hashable."""


@dataclass(frozen=True)
class ScoredPairs:
    """A result with the counts behind it."""

    result: dict[str, Any]
    tally: Tally


def score_pairs(kind: str, gold: Pairs, predicted: Pairs, *, resamples: int, seed: int) -> ScoredPairs:
    """Score predicted pairs against gold; documents are summed first (micro average).

    The bootstrap draws documents, or pairs (the union of gold and predicted) when there is one document.
    """
    rows = {name: _pair_rows(pairs, predicted.get(name, frozenset())) for name, pairs in gold.items()}
    documents = {name: _sum(pairs.values()) for name, pairs in rows.items()}
    one_document = len(rows) == 1
    tally: Tally = dict(next(iter(rows.values()))) if one_document else dict(documents)
    counts: dict[str, Any] = dict(zip(("right", "predicted", "gold"), _sum(documents.values()), strict=True))
    counts["missing_documents"] = sorted(set(gold) - set(predicted))
    counts["extra_documents"] = sorted(set(predicted) - set(gold))
    unit = "pair" if one_document else "document"
    result = build_result(kind, tally, MEASURE, unit=unit, resamples=resamples, seed=seed, counts=counts)
    return ScoredPairs(result, tally)


def compare_pairs(kind: str, gold: Pairs, first: Pairs, second: Pairs, *, resamples: int, seed: int) -> dict[str, Any]:
    """Score two systems and test the differences by paired bootstrap."""
    scored = [score_pairs(kind, gold, system, resamples=resamples, seed=seed) for system in (first, second)]
    return build_comparison(
        (scored[0].result, scored[1].result),
        (scored[0].tally, scored[1].tally),
        MEASURE,
        resamples=resamples,
        seed=seed,
    )


def _pair_rows(
    gold: Set[tuple[Hashable, Hashable]], predicted: Set[tuple[Hashable, Hashable]]
) -> dict[Hashable, tuple[int, int, int]]:
    return {
        pair: (int(pair in gold and pair in predicted), int(pair in predicted), int(pair in gold))
        for pair in gold | predicted
    }


def _sum(rows: Iterable[Sequence[int]]) -> list[int]:
    return [sum(column) for column in zip((0, 0, 0), *rows, strict=True)]


def _formula(sums: FloatArray) -> FloatArray:
    precision, recall = ratio(sums[..., 0], sums[..., 1]), ratio(sums[..., 0], sums[..., 2])
    return np.stack([precision, recall, harmonic_mean(precision, recall)], axis=-1)


MEASURE = Measure(("precision", "recall", "f1"), 3, _formula)
