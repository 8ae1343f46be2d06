"""Beads against gold that only says which sentences belong to the same block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from align.errors import InputError
from align.evaluation.bead_lists import BeadLike, bead_key
from align.evaluation.intervals import DEFAULT_RESAMPLES, DEFAULT_SEED, FloatArray, Measure, harmonic_mean, ratio
from align.evaluation.results import build_result


def evaluate_groups(
    gold: Mapping[str, Sequence[BeadLike]],
    predicted: Mapping[str, Iterable[BeadLike]],
    *,
    resamples: int = DEFAULT_RESAMPLES,
    seed: int = DEFAULT_SEED,
) -> dict[str, Any]:
    """Score beads against blocks: paragraphs whose sentences are known to correspond as a whole.

    A bead links each of its Vietnamese sentences with each of its English ones. A link is right when both sentences
    are of the same block; a block is reached when it has a right link. With sentence gold missing, this is the
    precision and the coverage that can be known.

    Args:
        gold: document -> blocks `(vi indices, en indices)`; no sentence is in two blocks.
        predicted: document -> beads. A gold document that it lacks reaches no block; others are left out.
        resamples: bootstrap resamples for the 95 % intervals, by document; 0 for none.
        seed: seed of the bootstrap.

    Returns:
        `links_right` (share of links), `blocks_reached` (share of blocks) and `f1` (their harmonic mean), all 0 to 1,
        then `right`, `links`, `reached`, `blocks` (counts), `missing_documents`, `extra_documents`, `intervals`
        (metric -> [low, high]) and `signature`.

    Raises:
        InputError: a sentence is in two blocks, or a bead names a sentence that is in none.
        OptionError: `resamples` or `seed` is out of range.

    >>> gold = {"guide": [((0,), (0,)), ((1, 2), (1, 2))]}
    >>> result = evaluate_groups(gold, {"guide": [((0,), (0,)), ((1,), (0, 1))]}, resamples=0)
    >>> round(result["links_right"], 4), result["blocks_reached"]
    (0.6667, 1.0)
    """
    tally = {name: _counts(name, blocks, predicted.get(name, ())) for name, blocks in gold.items()}
    totals = [sum(column) for column in zip((0,) * 4, *tally.values(), strict=True)]
    return build_result(
        "groups",
        tally,
        _MEASURE,
        unit="document",
        resamples=resamples,
        seed=seed,
        counts={
            **dict(zip(("right", "links", "reached", "blocks"), totals, strict=True)),
            "missing_documents": sorted(set(gold) - set(predicted)),
            "extra_documents": sorted(set(predicted) - set(gold)),
        },
    )


def _counts(name: str, blocks: Sequence[BeadLike], beads: Iterable[BeadLike]) -> tuple[int, int, int, int]:
    vi_blocks, en_blocks = _block_of(name, blocks)
    right = links = 0
    reached = set()
    for bead in beads:
        vi, en = bead_key(bead, f"predicted, {name}")
        for known, side, lang in ((vi_blocks, vi, "vi"), (en_blocks, en, "en")):
            if absent := [index for index in side if index not in known]:
                raise InputError(f"{name}: a bead names {lang} sentence {absent[0]}, which is in no block")
        links += len(vi) * len(en)
        for block in (vi_blocks[i] for i in vi):
            shared = sum(en_blocks[j] == block for j in en)
            right += shared
            reached |= {block} if shared else set()
    return right, links, len(reached), len(blocks)


def _block_of(name: str, blocks: Sequence[BeadLike]) -> tuple[dict[int, int], dict[int, int]]:
    """Map each sentence to its block, for both sides."""
    sides: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for number, block in enumerate(blocks):
        for known, side, lang in zip(sides, bead_key(block, f"gold, {name}"), ("vi", "en"), strict=True):
            for index in side:
                if index in known:
                    raise InputError(f"{name}: {lang} sentence {index} is in the blocks {known[index]} and {number}")
                known[index] = number
    return sides


def _formula(sums: FloatArray) -> FloatArray:
    right, reached = ratio(sums[..., 0], sums[..., 1]), ratio(sums[..., 2], sums[..., 3])
    return np.stack([right, reached, harmonic_mean(right, reached)], axis=-1)


_MEASURE = Measure(("links_right", "blocks_reached", "f1"), 4, _formula)
