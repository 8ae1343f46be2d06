"""Other ways to match sentences, on the same vectors: vecalign's algorithm, Gale-Church, margin mining as LASER does.

Every system takes a document and an encoder and returns beads, as `align` itself does. All of them see the sentences in
their matching form (`align.sentences.fold`), so that a sentence has one vector whoever asks for it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from data import Document

import align
from align.encoders import Encoder
from align.matching.api import align_sides, text_side
from align.matching.beads import Bead, covering
from align.matching.choice import calibration_for
from align.matching.neighbours import neighbourhood
from align.matching.sides import Side
from align.sentences.folding import fold

System = Callable[[Document, Encoder], list[Bead]]

PACKAGES = {"vecalign": "sentweave", "Gale-Church": "galechurch"}
"""What carries the systems that are not written here."""


def ours_in_order(document: Document, encoder: Encoder) -> list[Bead]:
    """Align in order, as `align_sentences(mode="parallel")` does by default."""
    return align.align_sentences(document.vi, document.en, encoder=encoder, mode="parallel")


def ours_pooled(document: Document, encoder: Encoder) -> list[Bead]:
    """Align in order with pooled vectors of longer beads only: no text is encoded but the sentences."""
    texts = (document.vi, "vi"), (document.en, "en")
    sides = [replace(text_side(lines, lang, encoder), encode_spans=None) for lines, lang in texts]
    beads = align_sides(*sides, calibration_for(encoder), "parallel")
    placed = [Bead(_placed(sides[0], bead.vi), _placed(sides[1], bead.en), bead.score) for bead in beads]
    return covering(placed, len(document.vi), len(document.en))


def ours_auto(document: Document, encoder: Encoder) -> list[Bead]:
    """Align as the router decides."""
    return align.align_sentences(document.vi, document.en, encoder=encoder, mode="auto")


def ours_comparable(document: Document, encoder: Encoder) -> list[Bead]:
    """Align out of order."""
    return align.align_sentences(document.vi, document.en, encoder=encoder, mode="comparable")


def ours_mined(document: Document, encoder: Encoder) -> list[Bead]:
    """Mine a pool with the default threshold; the score is the probability."""
    mined = align.mine_sentences(document.vi, document.en, encoder=encoder)
    return [Bead((i,), (j,), probability) for i, j, _, probability in mined.rows()]


def vecalign(size: int) -> System:
    """Return vecalign's algorithm (Thompson & Koehn 2019) as sentweave carries it, with its defaults but for `size`.

    It gets the vectors of all joined spans of up to `size` sentences, which it asks for, not pooled ones; beads have
    up to `size` sentences in all.
    """

    def system(document: Document, encoder: Encoder) -> list[Bead]:
        from sentweave import align as sentweave_align

        vi, en = ([fold(text) for text in side] for side in (document.vi, document.en))
        with np.errstate(invalid="ignore"):  # it casts what lies outside of its search path
            found = sentweave_align(vi, en, encoder=lambda texts: encoder.encode(list(texts)), alignment_max_size=size)
        return [Bead(tuple(map(int, a.src_indices)), tuple(map(int, a.tgt_indices))) for a in found.alignments]

    return system


def gale_church(document: Document, _: Encoder) -> list[Bead]:
    """Align by lengths alone (Gale & Church 1993), told the document pair's own ratio of lengths."""
    import galechurch

    vi, en = ([fold(text) for text in side] for side in (document.vi, document.en))
    ratio = max(sum(map(len, en)), 1) / max(sum(map(len, vi)), 1)
    beads = galechurch.align(vi, en, mean_xy=ratio, max_block_size=2**62).beads
    return [Bead(tuple(range(b.source_start, b.source_end)), tuple(range(b.target_start, b.target_end))) for b in beads]


def margin(document: Document, encoder: Encoder) -> list[Bead]:
    """Return the pairs that are each other's best by ratio margin (Artetxe & Schwenk 2019, k = 4), which is the score.

    What LASER's mining does, before its threshold.
    """
    vi, en = (encoder.encode([fold(text) for text in side]) for side in (document.vi, document.en))
    if not len(vi) or not len(en):
        return []
    near = neighbourhood(vi, en, min(4, len(vi), len(en)), 0.0)
    values = (vi @ en.T) / ((near.vi[:, None] + near.en[None, :]) / 2)
    best_en, best_vi = values.argmax(axis=1), values.argmax(axis=0)
    mutual = np.flatnonzero(best_vi[best_en] == np.arange(len(best_en)))
    return [Bead((int(i),), (int(best_en[i]),), float(values[i, best_en[i]])) for i in mutual]


Mined = dict[str, list[Bead]]
"""Document -> beads with scores."""


def best_threshold(sets: Sequence[tuple[Sequence[Document], Mined]]) -> float:
    """Return the score from which to keep pairs for the highest mean F1 over sets."""
    values = sorted({bead.score for _, found in sets for beads in found.values() for bead in beads})
    tried = values[:: max(1, len(values) // 400)]
    return max(tried, key=lambda least: np.mean([_f1(*one, least) for one in sets]), default=0.0)


def above(found: Mined, least: float) -> Mined:
    """Return the beads of at least that score."""
    return {name: [bead for bead in beads if bead.score >= least] for name, beads in found.items()}


def installed(system: str) -> bool:
    """Say whether a system's package is there."""
    return system not in PACKAGES or importlib.util.find_spec(PACKAGES[system]) is not None


def _f1(documents: Sequence[Document], found: Mined, least: float) -> float:
    gold = {(one.name, b.vi, b.en) for one in documents for b in one.gold if b.vi and b.en}
    kept = {(name, b.vi, b.en) for name, beads in above(found, least).items() for b in beads}
    return 2 * len(gold & kept) / max(len(gold) + len(kept), 1)


def _placed(side: Side, indices: Sequence[int]) -> tuple[int, ...]:
    return tuple(indices) if side.positions is None else tuple(side.positions[list(indices)].tolist())
