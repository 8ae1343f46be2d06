"""Strict and lax precision, recall and F1 of beads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import index as as_index
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np

from align.errors import InputError, OptionError
from align.evaluation.bead_counts import CHARACTER_MEASURE, COUNT_NAMES, MEASURE, add_characters, bead_rows, is_full
from align.evaluation.bead_errors import GOLD_ERRORS, PREDICTED_ERRORS, Key, bead_errors
from align.evaluation.intervals import DEFAULT_RESAMPLES, DEFAULT_SEED, Measure
from align.evaluation.results import Tally, build_comparison, build_result


@runtime_checkable
class HasSides(Protocol):
    """Anything with the two sides of a bead, `align.Bead` above all."""

    @property
    def vi(self) -> Sequence[int]:
        """Indices of the Vietnamese sentences."""

    @property
    def en(self) -> Sequence[int]:
        """Indices of the English sentences."""


BeadLike: TypeAlias = HasSides | tuple[Sequence[int], Sequence[int]]
Beads: TypeAlias = Iterable[BeadLike] | Mapping[str, Iterable[BeadLike]]
Lengths: TypeAlias = Sequence[int] | Mapping[str, Sequence[int]]

_ONE_DOCUMENT = "document"


def evaluate_beads(
    gold: Beads,
    predicted: Beads,
    *,
    vi_lengths: Lengths | None = None,
    en_lengths: Lengths | None = None,
    empty_beads: bool = False,
    resamples: int = DEFAULT_RESAMPLES,
    seed: int = DEFAULT_SEED,
) -> dict[str, Any]:
    """Score beads as vecalign does (Thompson & Koehn 2019; strict and lax after Rapp & Sharoff, W11-4624).

    A predicted bead is right *strictly* when gold has the same bead, *laxly* when it shares a Vietnamese and an
    English sentence with one gold bead. Precision is the share of right predicted beads, recall the share of gold
    beads found (the same with the parts exchanged), F1 their harmonic mean. Over several documents the counts are
    summed first (micro average). Beads with an empty side are left out of both lists. A bead given twice counts
    twice in the denominators, once as a strict hit.

    Args:
        gold: beads, objects with `.vi` and `.en` or tuples `(vi indices, en indices)`; or document -> beads.
        predicted: the same. A gold document that it lacks counts as having no beads, a document that gold lacks is
            left out; the result names both.
        vi_lengths: characters of each Vietnamese sentence (document -> lengths when gold is so). With both lengths
            there are also `character_precision`, `_recall` and `_f1`: strict scores in which a bead weighs as much as
            its text.
        en_lengths: characters of each English sentence.
        empty_beads: precision also counts beads with one empty side, as vecalign's own score.py does (recall never
            does).
        resamples: bootstrap resamples for the 95 % intervals, by document, or by bead when there is one; 0 for none.
        seed: seed of the bootstrap.

    Returns:
        `strict_precision`, `strict_recall`, `strict_f1`, `lax_precision`, `lax_recall`, `lax_f1` (0 to 1), the counts
        behind them, `gold_errors` and `predicted_errors` (see `align.evaluation.bead_errors.bead_errors`), `shapes`
        ("1-2" -> gold, predicted, right), `documents` (document -> counts), `missing_documents`, `extra_documents`,
        `intervals` (metric -> [low, high]) and `signature`. All of it can be written as JSON.

    Raises:
        InputError: indices of a bead are not increasing, or lie outside the given lengths.
        TypeError: an index is no whole number.
        OptionError: only one of gold and predicted is a mapping, only one of the lengths is given, or `resamples` or
            `seed` is out of range.

    >>> result = evaluate_beads([((0,), (0,)), ((1,), (1, 2))], [((0,), (0,)), ((1,), (1,))], resamples=0)
    >>> result["strict_f1"], result["lax_f1"], result["gold_errors"]["split"]
    (0.5, 1.0, 1)
    """
    return _score(gold, predicted, vi_lengths, en_lengths, empty_beads, resamples, seed).result


def compare_beads(
    gold: Beads,
    first: Beads,
    second: Beads,
    *,
    empty_beads: bool = False,
    resamples: int = DEFAULT_RESAMPLES,
    seed: int = DEFAULT_SEED,
) -> dict[str, Any]:
    """Compare two systems on the same gold by paired bootstrap.

    Args:
        gold: as for `evaluate_beads`.
        first: beads of the first system.
        second: beads of the second system.
        empty_beads: as for `evaluate_beads`.
        resamples: bootstrap resamples; 0 for differences only.
        seed: seed of the bootstrap.

    Returns:
        `first` and `second` (results of `evaluate_beads`), `differences` (metric -> `difference`, second minus first,
        `interval`, `p_value`) and `signature`.

    Raises:
        InputError: as for `evaluate_beads`.
        OptionError: as for `evaluate_beads`.
    """
    # Gold is read twice, and may hold iterators.
    gold = {name: list(beads) for name, beads in gold.items()} if isinstance(gold, Mapping) else list(gold)
    scored = [_score(gold, system, None, None, empty_beads, resamples, seed) for system in (first, second)]
    return build_comparison(
        (scored[0].result, scored[1].result),
        (scored[0].tally, scored[1].tally),
        scored[0].measure,
        resamples=resamples,
        seed=seed,
    )


@dataclass(frozen=True)
class _Scored:
    result: dict[str, Any]
    tally: Tally
    measure: Measure


def _score(
    gold: Beads,
    predicted: Beads,
    vi_lengths: Lengths | None,
    en_lengths: Lengths | None,
    empty_beads: bool,
    resamples: int,
    seed: int,
) -> _Scored:
    _check_kinds(gold, predicted, vi_lengths, en_lengths)
    gold_keys, predicted_keys = _documents(gold, "gold"), _documents(predicted, "predicted")
    rows: dict[str, dict[Key, list[float]]] = {}
    for name, keys in gold_keys.items():
        rows[name] = bead_rows(keys, predicted_keys.get(name, []), empty_beads)
        if vi_lengths is not None and en_lengths is not None:
            add_characters(rows[name], name, _of(vi_lengths, name), _of(en_lengths, name))
    measure = MEASURE if vi_lengths is None else CHARACTER_MEASURE
    by_document = {name: _total(beads.values(), measure.width) for name, beads in rows.items()}
    one_document = len(rows) == 1
    tally: Tally = dict(next(iter(rows.values()))) if one_document else dict(by_document)
    result = build_result(
        "beads",
        tally,
        measure,
        unit="bead" if one_document else "document",
        resamples=resamples,
        seed=seed,
        counts=_counts(gold_keys, predicted_keys, by_document),
        settings={"empty": "counted" if empty_beads else "ignored"},
    )
    return _Scored(result, tally, measure)


def _check_kinds(gold: Beads, predicted: Beads, vi_lengths: Lengths | None, en_lengths: Lengths | None) -> None:
    by_document = isinstance(gold, Mapping)
    if isinstance(predicted, Mapping) != by_document:
        raise OptionError("predicted", type(predicted).__name__, "a mapping when gold is one, else beads")
    if (vi_lengths is None) != (en_lengths is None):
        raise OptionError("en_lengths", type(en_lengths).__name__, "given exactly when vi_lengths is")
    for name, lengths in (("vi_lengths", vi_lengths), ("en_lengths", en_lengths)):
        if lengths is not None and isinstance(lengths, Mapping) != by_document:
            raise OptionError(name, type(lengths).__name__, "a mapping when gold is one, else lengths")


def _documents(beads: Beads, which: str) -> dict[str, list[Key]]:
    documents = beads if isinstance(beads, Mapping) else {_ONE_DOCUMENT: beads}
    return {name: [bead_key(bead, f"{which}, {name}") for bead in listed] for name, listed in documents.items()}


def bead_key(bead: BeadLike, place: str) -> Key:
    """Return the sides of a bead as tuples.

    Raises:
        InputError: indices are negative or not increasing; the message begins with `place`.
    """
    sides = (bead.vi, bead.en) if isinstance(bead, HasSides) else (bead[0], bead[1])
    vi, en = (tuple(as_index(index) for index in side) for side in sides)
    for side in (vi, en):
        if any(after <= before for before, after in pairwise(side)) or (side and side[0] < 0):
            raise InputError(f"{place}: bead {list(vi)}:{list(en)}: indices must be 0 or more and increasing")
    return vi, en


def _of(lengths: Lengths, name: str) -> Sequence[int]:
    if not isinstance(lengths, Mapping):
        return lengths
    if name not in lengths:
        raise InputError(f"{name}: no sentence lengths were given for this document")
    return lengths[name]


def _total(rows: Iterable[Sequence[float]], width: int) -> list[float]:
    return [float(value) for value in np.array([[0.0] * width, *rows]).sum(axis=0)]


def _counts(
    gold: Mapping[str, Sequence[Key]], predicted: Mapping[str, Sequence[Key]], tally: Mapping[str, Sequence[float]]
) -> dict[str, Any]:
    documents = {
        document: {name: int(value) for name, value in zip(COUNT_NAMES, row, strict=False)}
        for document, row in tally.items()
    }
    gold_errors: Counter[str] = Counter(dict.fromkeys(GOLD_ERRORS.values(), 0))
    predicted_errors: Counter[str] = Counter(dict.fromkeys(PREDICTED_ERRORS.values(), 0))
    shapes: dict[str, dict[str, int]] = {}
    for document, beads in gold.items():
        full_gold = list(filter(is_full, beads))
        full_predicted = list(filter(is_full, predicted.get(document, [])))
        missed, wrong = bead_errors(full_gold, full_predicted)
        gold_errors.update(missed)
        predicted_errors.update(wrong)
        right = set(full_gold) & set(full_predicted)
        for column, listed in (("gold", full_gold), ("predicted", full_predicted), ("right", right)):
            _count_shapes(shapes, column, listed)
    return {
        **{name: sum(document[name] for document in documents.values()) for name in COUNT_NAMES},
        "gold_errors": dict(gold_errors),
        "predicted_errors": dict(predicted_errors),
        "shapes": dict(sorted(shapes.items())),
        "documents": documents,
        "missing_documents": sorted(set(gold) - set(predicted)),
        "extra_documents": sorted(set(predicted) - set(gold)),
    }


def _count_shapes(shapes: dict[str, dict[str, int]], column: str, beads: Iterable[Key]) -> None:
    for vi, en in beads:
        row = shapes.setdefault(f"{len(vi)}-{len(en)}", {"gold": 0, "predicted": 0, "right": 0})
        row[column] += 1
