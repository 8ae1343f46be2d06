"""Strict, lax, link and character-weighted precision, recall and F1 of beads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from align.errors import InputError
from align.evaluation.bead_counts import CHARACTER_MEASURE, COUNT_NAMES, MEASURE, add_characters, bead_rows, is_full
from align.evaluation.bead_errors import GOLD_ERRORS, PREDICTED_ERRORS, Key, bead_errors
from align.evaluation.bead_lists import Beads, Lengths, bead_documents, check_both, check_kinds
from align.evaluation.intervals import DEFAULT_RESAMPLES, DEFAULT_SEED, Measure
from align.evaluation.results import Tally, build_comparison, build_result


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

    Link scores look at single sentences: a bead links each of its Vietnamese sentences with each of its English ones,
    and a link is right when gold has it, found when the output has it. A 1-2 bead of which one sentence is missing
    keeps half of its links, where the strict score has nothing and the lax score everything.

    Character scores are the strict ones with each bead weighing as much as its text, that is the characters of its
    Vietnamese and of its English sentences together: precision is the right share of the proposed characters, recall
    the found share of those of gold.

    Args:
        gold: beads, objects with `.vi` and `.en` or tuples `(vi indices, en indices)`; or document -> beads.
        predicted: the same. A gold document that it lacks counts as having no beads, a document that gold lacks is
            left out; the result names both.
        vi_lengths: characters of each Vietnamese sentence (document -> lengths when gold is so); see
            `align.evaluation.texts.text_length`. Without lengths there are no character scores, and the signature says
            "lengths:none".
        en_lengths: characters of each English sentence.
        empty_beads: precision also counts beads with one empty side, as vecalign's own score.py does (recall never
            does).
        resamples: bootstrap resamples for the 95 % intervals, by document, or by bead when there is one; 0 for none.
        seed: seed of the bootstrap.

    Returns:
        `strict_precision`, `strict_recall`, `strict_f1`, the same three for `lax` and `link`, and with lengths for
        `character` (0 to 1), the counts behind the first nine, `gold_errors` and `predicted_errors` (see
        `align.evaluation.bead_errors.bead_verdicts`), `shapes` ("1-2" -> gold, predicted, right), `documents`
        (document -> counts), `missing_documents`, `extra_documents`, `intervals` (metric -> [low, high]) and
        `signature`. All of it can be written as JSON.

    Raises:
        InputError: indices of a bead are not increasing, or lie outside the given lengths.
        TypeError: an index is no whole number.
        OptionError: only one of gold and predicted is a mapping, only one of the lengths is given, or `resamples` or
            `seed` is out of range.

    >>> result = evaluate_beads([((0,), (0,)), ((1,), (1, 2))], [((0,), (0,)), ((1,), (1,))], resamples=0)
    >>> result["strict_f1"], result["lax_f1"], result["gold_errors"]["split"]
    (0.5, 1.0, 1)
    """
    own, keys = _read((gold, "gold"), (predicted, "predicted"), vi_lengths=vi_lengths, en_lengths=en_lengths)
    return _score(own, keys, vi_lengths, en_lengths, empty_beads, resamples, seed).result


def compare_beads(
    gold: Beads,
    first: Beads,
    second: Beads,
    *,
    vi_lengths: Lengths | None = None,
    en_lengths: Lengths | None = None,
    empty_beads: bool = False,
    resamples: int = DEFAULT_RESAMPLES,
    seed: int = DEFAULT_SEED,
) -> dict[str, Any]:
    """Compare two systems on the same gold by paired bootstrap.

    Args:
        gold: as for `evaluate_beads`.
        first: beads of the first system.
        second: beads of the second system.
        vi_lengths: as for `evaluate_beads`.
        en_lengths: as for `evaluate_beads`.
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
    lists = (gold, "gold"), (first, "first"), (second, "second")
    own, *systems = _read(*lists, vi_lengths=vi_lengths, en_lengths=en_lengths)
    scored = [_score(own, keys, vi_lengths, en_lengths, empty_beads, resamples, seed) for keys in systems]
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


def _read(
    gold: tuple[Beads, str], *systems: tuple[Beads, str], vi_lengths: Lengths | None, en_lengths: Lengths | None
) -> list[dict[str, list[Key]]]:
    """Check what goes together and return document -> beads of each list, which comes with its name for messages."""
    check_both("lengths", vi_lengths, en_lengths)
    for system, _ in systems:
        check_kinds(gold[0], system, vi_lengths=vi_lengths, en_lengths=en_lengths)
    return [bead_documents(beads, which) for beads, which in (gold, *systems)]


def _score(
    gold: Mapping[str, Sequence[Key]],
    predicted: Mapping[str, Sequence[Key]],
    vi_lengths: Lengths | None,
    en_lengths: Lengths | None,
    empty_beads: bool,
    resamples: int,
    seed: int,
) -> _Scored:
    rows: dict[str, dict[Key, list[float]]] = {}
    for name, keys in gold.items():
        rows[name] = bead_rows(keys, predicted.get(name, []), empty_beads)
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
        counts=_counts(gold, predicted, by_document),
        settings={
            "empty": "counted" if empty_beads else "ignored",
            "lengths": "none" if vi_lengths is None else "characters",
        },
    )
    return _Scored(result, tally, measure)


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
    for (vi, en), count in Counter((len(vi), len(en)) for vi, en in beads).items():
        row = shapes.setdefault(f"{vi}-{en}", {"gold": 0, "predicted": 0, "right": 0})
        row[column] += count
