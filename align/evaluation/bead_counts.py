"""The counts behind the bead scores: one row per distinct bead, and the metrics of summed rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from align.errors import InputError
from align.evaluation.bead_errors import Key
from align.evaluation.intervals import FloatArray, Measure, harmonic_mean, ratio

COUNT_NAMES = ("strict_right", "lax_right", "predicted", "strict_found", "lax_found", "gold")
_STRICT_RIGHT, _LAX_RIGHT, _PREDICTED, _STRICT_FOUND, _LAX_FOUND, _GOLD = range(6)


def bead_rows(gold: Sequence[Key], predicted: Sequence[Key], empty_beads: bool) -> dict[Key, list[float]]:
    """Return the six counts of every distinct bead of a document; their sum scores the document.

    One row per bead, so that the bootstrap can draw beads where there is one document only.
    """
    full_gold, full_predicted = Counter(filter(is_full, gold)), Counter(filter(is_full, predicted))
    counted_gold = set(gold) if empty_beads else full_gold.keys()
    counted_predicted = Counter(bead for bead in predicted if is_full(bead) or (empty_beads and any(bead)))
    lax_gold, lax_predicted = _lax_matcher(full_gold), _lax_matcher(full_predicted)
    rows: dict[Key, list[float]] = {}
    for bead in sorted(full_gold.keys() | counted_predicted.keys()):
        row = [0.0] * 6
        row[_PREDICTED], row[_GOLD] = counted_predicted[bead], full_gold[bead]
        row[_STRICT_RIGHT] = bead in counted_predicted and bead in counted_gold
        row[_STRICT_FOUND] = bead in full_predicted and bead in full_gold
        is_lax = lax_gold(bead) or (not is_full(bead) and row[_STRICT_RIGHT])
        row[_LAX_RIGHT] = counted_predicted[bead] if is_lax else 0
        row[_LAX_FOUND] = full_gold[bead] if lax_predicted(bead) else 0
        rows[bead] = row
    return rows


def is_full(bead: Key) -> bool:
    """Tell whether both sides of a bead hold sentences."""
    return bool(bead[0] and bead[1])


def _lax_matcher(beads: Iterable[Key]) -> Callable[[Key], bool]:
    links = {(i, j) for vi, en in beads for i in vi for j in en}
    return lambda bead: any((i, j) in links for i in bead[0] for j in bead[1])


def add_characters(
    rows: Mapping[Key, list[float]], name: str, vi_lengths: Sequence[int], en_lengths: Sequence[int]
) -> None:
    """Append the four strict counts weighted by the characters of the bead.

    Raises:
        InputError: a bead names a sentence that has no length.
    """
    for (vi, en), row in rows.items():
        for side, lengths, lang in ((vi, vi_lengths, "vi"), (en, en_lengths, "en")):
            if side and side[-1] >= len(lengths):
                raise InputError(f"{name}: a bead names {lang} sentence {side[-1]}; there are {len(lengths)}, from 0")
        characters = sum(vi_lengths[i] for i in vi) + sum(en_lengths[j] for j in en)
        row += [characters * row[at] for at in (_STRICT_RIGHT, _PREDICTED, _STRICT_FOUND, _GOLD)]


def _formula(sums: FloatArray) -> FloatArray:
    strict_precision = ratio(sums[..., _STRICT_RIGHT], sums[..., _PREDICTED])
    strict_recall = ratio(sums[..., _STRICT_FOUND], sums[..., _GOLD])
    lax_precision = ratio(sums[..., _LAX_RIGHT], sums[..., _PREDICTED])
    lax_recall = ratio(sums[..., _LAX_FOUND], sums[..., _GOLD])
    strict_f1, lax_f1 = harmonic_mean(strict_precision, strict_recall), harmonic_mean(lax_precision, lax_recall)
    return np.stack([strict_precision, strict_recall, strict_f1, lax_precision, lax_recall, lax_f1], axis=-1)


def _character_formula(sums: FloatArray) -> FloatArray:
    precision, recall = ratio(sums[..., 6], sums[..., 7]), ratio(sums[..., 8], sums[..., 9])
    characters = np.stack([precision, recall, harmonic_mean(precision, recall)], axis=-1)
    return np.concatenate([_formula(sums), characters], axis=-1)


_NAMES = ("strict_precision", "strict_recall", "strict_f1", "lax_precision", "lax_recall", "lax_f1")
MEASURE = Measure(_NAMES, 6, _formula)
CHARACTER_MEASURE = Measure(
    (*_NAMES, "character_precision", "character_recall", "character_f1"), 10, _character_formula
)
