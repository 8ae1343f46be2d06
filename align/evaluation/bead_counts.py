"""The counts behind the bead scores: one row per distinct bead, and the metrics of summed rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import product

import numpy as np

from align.errors import InputError
from align.evaluation.bead_errors import Key
from align.evaluation.intervals import FloatArray, Measure, harmonic_mean, ratio

COUNT_NAMES = (
    *("strict_right", "lax_right", "predicted", "strict_found", "lax_found", "gold"),
    *("links_right", "links_predicted", "links_found", "links_gold"),
)
_STRICT_RIGHT, _LAX_RIGHT, _PREDICTED, _STRICT_FOUND, _LAX_FOUND, _GOLD = range(6)
_LINKS_RIGHT, _LINKS_PREDICTED, _LINKS_FOUND, _LINKS_GOLD = range(6, 10)
_WIDTH = 10


def bead_rows(gold: Sequence[Key], predicted: Sequence[Key], empty_beads: bool) -> dict[Key, list[float]]:
    """Return the ten counts of every distinct bead of a document; their sum scores the document.

    One row per bead, so that the bootstrap can draw beads where there is one document only.
    """
    full_gold, full_predicted = Counter(filter(is_full, gold)), Counter(filter(is_full, predicted))
    counted_gold = set(gold) if empty_beads else full_gold.keys()
    counted_predicted = Counter(bead for bead in predicted if is_full(bead) or (empty_beads and any(bead)))
    gold_links, predicted_links = _links(full_gold), _links(full_predicted)
    rows: dict[Key, list[float]] = {}
    for bead in sorted(full_gold.keys() | counted_predicted.keys()):
        times, gold_times = counted_predicted[bead], full_gold[bead]
        own = set(product(*bead))
        right, found = (len(own & links) if own else 0 for links in (gold_links, predicted_links))
        is_found = times > 0 and bead in counted_gold
        is_lax = right or (is_found and not own)
        rows[bead] = [
            *(is_found, times if is_lax else 0, times),
            *(is_found and gold_times > 0, gold_times if found else 0, gold_times),
            *(times * right, times * len(own), gold_times * found, gold_times * len(own)),
        ]
    return rows


def _links(beads: Iterable[Key]) -> set[tuple[int, int]]:
    return {link for vi, en in beads for link in product(vi, en)}


def is_full(bead: Key) -> bool:
    """Tell whether both sides of a bead hold sentences."""
    return bool(bead[0] and bead[1])


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


def _scores(sums: FloatArray, *columns: int) -> list[FloatArray]:
    """Return precision, recall and F1 from the columns right, predicted, found and gold."""
    right, predicted, found, gold = (sums[..., at] for at in columns)
    precision, recall = ratio(right, predicted), ratio(found, gold)
    return [precision, recall, harmonic_mean(precision, recall)]


def _formula(sums: FloatArray) -> FloatArray:
    strict = _scores(sums, _STRICT_RIGHT, _PREDICTED, _STRICT_FOUND, _GOLD)
    lax = _scores(sums, _LAX_RIGHT, _PREDICTED, _LAX_FOUND, _GOLD)
    links = _scores(sums, _LINKS_RIGHT, _LINKS_PREDICTED, _LINKS_FOUND, _LINKS_GOLD)
    return np.stack([*strict, *lax, *links], axis=-1)


def _character_formula(sums: FloatArray) -> FloatArray:
    characters = _scores(sums, *range(_WIDTH, _WIDTH + 4))
    return np.concatenate([_formula(sums), np.stack(characters, axis=-1)], axis=-1)


def _names(*kinds: str) -> tuple[str, ...]:
    return tuple(f"{kind}_{score}" for kind in kinds for score in ("precision", "recall", "f1"))


MEASURE = Measure(_names("strict", "lax", "link"), _WIDTH, _formula)
CHARACTER_MEASURE = Measure(_names("strict", "lax", "link", "character"), _WIDTH + 4, _character_formula)
