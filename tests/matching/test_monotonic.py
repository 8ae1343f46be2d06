from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_vectors import lengths_of, meanings, part, translated, two_sides
from numpy.typing import NDArray

from align.matching.beads import Bead
from align.matching.calibration import SHAPES, load_calibration
from align.matching.monotonic import align_in_order, gap_reward
from align.matching.sides import Side
from align.matching.spans import Floats, unit_rows

CALIBRATION = load_calibration()


def sentences_of(beads: list[Bead]) -> tuple[list[int], list[int]]:
    return [i for bead in beads for i in bead.vi], [j for bead in beads for j in bead.en]


def spans_of(beads: list[Bead]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    return [(bead.vi, bead.en) for bead in beads]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 14), st.integers(0, 14), st.integers(0, 14), st.integers(0, 10_000))
def test_beads_cover_every_index_once_and_in_order(rows: int, columns: int, common: int, seed: int) -> None:
    """Documents of any sizes that share some sentences, others of their own."""
    vi_vectors, en_vectors = meanings(rows, seed), meanings(columns, seed + 1)
    common = min(common, rows, columns)
    en_vectors[columns - common :] = translated(vi_vectors[:common], seed + 2)
    vi, en = Side(vi_vectors, lengths_of(rows, seed)), Side(en_vectors, lengths_of(columns, seed + 1))
    beads = align_in_order(vi, en, CALIBRATION)
    assert sentences_of(beads) == (list(range(rows)), list(range(columns)))
    shapes = {(len(bead.vi), len(bead.en)) for bead in beads}
    assert shapes <= {*SHAPES, (1, 0), (0, 1)}
    assert all(0 <= bead.score <= 1 for bead in beads)


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (0, 3), (2, 0)])
def test_a_side_without_sentences_leaves_the_other_unaligned(rows: int, columns: int) -> None:
    vi, en = Side(meanings(rows, 1), lengths_of(rows, 1)), Side(meanings(columns, 2), lengths_of(columns, 2))
    expected = [Bead((i,), (), 1.0) for i in range(rows)] + [Bead((), (j,), 1.0) for j in range(columns)]
    assert align_in_order(vi, en, CALIBRATION) == expected


def test_one_sentence_each() -> None:
    vi, en = two_sides(1, 3, noise=0.2)
    assert spans_of(align_in_order(vi, en, CALIBRATION)) == [((0,), (0,))]
    unlike = Side(-en.vectors, en.lengths)
    assert sorted(spans_of(align_in_order(vi, unlike, CALIBRATION))) == [((), (0,)), ((0,), ())]


@pytest.mark.parametrize("seed", range(4))
def test_swapping_the_languages_mirrors_the_beads(seed: int) -> None:
    length = dataclasses.replace(CALIBRATION.length, ratio=1 / CALIBRATION.length.ratio)
    mirrored = dataclasses.replace(CALIBRATION, length=length)
    vi, en = two_sides(40, seed, noise=1.0)
    vi = part(vi, np.flatnonzero(np.random.default_rng(seed).random(40) > 0.25))
    forward = align_in_order(vi, en, CALIBRATION)
    back = align_in_order(en, vi, mirrored)
    scores = {(bead.vi, bead.en): bead.score for bead in forward}
    assert scores.keys() == {(bead.en, bead.vi) for bead in back}
    for bead in back:
        assert bead.score == pytest.approx(scores[bead.en, bead.vi], abs=1e-4)


def test_merged_and_split_sentences_are_found() -> None:
    vectors, lengths = meanings(12, 7), lengths_of(12, 7)
    vi, en = two_sides(12, 7, noise=0.3)
    pooled = unit_rows((vectors * lengths[:, None])[[4, 5]].sum(axis=0, keepdims=True))
    merged = Side(np.vstack([en.vectors[:4], pooled, en.vectors[6:]]), np.r_[lengths[:4], 210.0, lengths[6:]])
    merged.lengths[4] = lengths[4] + lengths[5] + 1
    shifted = [((i,), (i - 1,)) for i in range(6, 12)]
    assert spans_of(align_in_order(vi, merged, CALIBRATION)) == [
        *(((i,), (i,)) for i in range(4)),
        ((4, 5), (4,)),
        *shifted,
    ]
    mirrored = spans_of(align_in_order(merged, vi, CALIBRATION))
    assert ((4,), (4, 5)) in mirrored


@pytest.mark.parametrize("count", [4, 5, 6, 7])
def test_long_beads_are_found(count: int) -> None:
    """One sentence of one side holds several of the other."""
    vectors, lengths = meanings(20 + count, 31), lengths_of(20 + count, 31)
    sentences = Side(translated(vectors, 32, 0.3), lengths)
    inside = slice(8, 8 + count)
    whole = unit_rows((vectors[inside] * lengths[inside, None]).sum(axis=0, keepdims=True))
    merged = Side(
        translated(np.vstack([vectors[:8], whole, vectors[8 + count :]]), 33, 0.3),
        np.r_[lengths[:8], lengths[inside].sum() + count - 1, lengths[8 + count :]],
    )
    bead = tuple(range(8, 8 + count)), (8,)
    expected = [((i,), (i,)) for i in range(8)] + [bead] + [((i + count,), (i + 1,)) for i in range(8, 20)]
    assert spans_of(align_in_order(sentences, merged, CALIBRATION)) == expected
    assert spans_of(align_in_order(merged, sentences, CALIBRATION)) == [(en, vi) for vi, en in expected]


def test_four_sentences_in_another_order_are_one_crossing_bead() -> None:
    vectors, lengths = meanings(30, 41), lengths_of(30, 41)
    order = np.r_[0:6, 9, 8, 7, 6, 10:30]
    vi, en = Side(translated(vectors, 42, 0.3), lengths), Side(translated(vectors[order], 43, 0.3), lengths[order])
    expected = [((i,), (i,)) for i in range(30) if not 6 <= i < 10]
    expected.insert(6, ((6, 7, 8, 9), (6, 7, 8, 9)))
    assert spans_of(align_in_order(vi, en, CALIBRATION)) == expected


def test_a_paragraph_of_its_own_at_the_end_changes_no_bead_before_it() -> None:
    vi, en = two_sides(20, 9)
    alone = align_in_order(vi, en, CALIBRATION)
    more = Side(np.vstack([en.vectors, meanings(6, 99)]), np.r_[en.lengths, lengths_of(6, 99)])
    longer = align_in_order(vi, more, CALIBRATION)
    assert spans_of(longer[:20]) == spans_of(alone) == [((i,), (i,)) for i in range(20)]
    assert spans_of(longer[20:]) == [((), (j,)) for j in range(20, 26)]


def test_the_share_of_unaligned_sentences_adapts_to_the_documents() -> None:
    """A clean document pair has no gaps; where half of a side is gone, the other half is left alone."""
    vi, en = two_sides(60, 13, noise=0.8)
    assert all(bead.vi and bead.en for bead in align_in_order(vi, en, CALIBRATION))
    kept = np.flatnonzero(np.random.default_rng(3).random(60) > 0.5)
    beads = align_in_order(vi, part(en, kept), CALIBRATION)
    assert spans_of([b for b in beads if b.vi and b.en]) == [((int(i),), (n,)) for n, i in enumerate(kept)]


def test_a_gap_costs_less_where_more_sentences_are_unaligned() -> None:
    rewards = [gap_reward(CALIBRATION.pooled, rate) for rate in (0.01, 0.1, 0.5, 0.9)]
    assert rewards == sorted(rewards)
    assert rewards[2] == pytest.approx(CALIBRATION.pooled.gap)


def test_joined_texts_are_encoded_where_pooled_vectors_leave_doubt() -> None:
    """English has a sentence more, which goes with the one before it the better the shorter it is."""
    vectors, lengths = meanings(30, 15), lengths_of(30, 15)
    en_vectors = np.insert(vectors, 11, unit_rows(vectors[10:12].sum(axis=0, keepdims=True)), axis=0)
    vi_lengths = lengths.copy()
    vi_lengths[10:12] *= 1.5
    found = {}
    for share in (0.5, 1.2, 1.25, 1.3, 1.35, 1.4, 1.45, 1.5, 1.6):
        en_lengths = np.insert(lengths, 11, lengths[10:12].mean() * share)
        asked: list[tuple[int, int]] = []
        sides = encoding_side(vectors, vi_lengths, asked), encoding_side(en_vectors, en_lengths, asked)
        found[share] = spans_of(align_in_order(*sides, CALIBRATION))[10], asked
    assert found[0.5] == (((10,), (10, 11)), [])
    assert [asked for _, asked in found.values() if asked]
    assert all(asked in ([], [(10, 12)]) for _, asked in found.values())


def test_no_text_is_encoded_where_pooled_vectors_leave_no_doubt() -> None:
    """English splits sentence 10 in two."""
    vectors, lengths = meanings(30, 15), lengths_of(30, 15)
    halves = np.r_[0:10, 10, 10, 11:30]
    en_vectors, en_lengths = vectors[halves], lengths[halves]
    half = 0.9 * meanings(1, 1)[0]
    en_vectors[10:12] = unit_rows(np.array([vectors[10] + half, vectors[10] - half]))
    en_lengths[10:12] = lengths[10] / 2
    asked: list[tuple[int, int]] = []
    beads = align_in_order(
        encoding_side(vectors, lengths, asked), encoding_side(en_vectors, en_lengths, asked), CALIBRATION
    )
    assert spans_of(beads)[9:12] == [((9,), (9,)), ((10,), (10, 11)), ((11,), (12,))]
    assert not asked


def encoding_side(vectors: Floats, lengths: NDArray[np.float64], asked: list[tuple[int, int]]) -> Side:
    """Return a side whose joined texts have the sum of their sentences' vectors; `asked` notes which are encoded."""

    def encode(ranges: Sequence[tuple[int, int]]) -> Floats:
        asked.extend(ranges)
        return unit_rows(np.array([(vectors[a:b] * lengths[a:b, None]).sum(axis=0) for a, b in ranges]))

    return Side(vectors, lengths, encode_spans=encode)


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("count", [3, 33, 120])
def test_a_run_of_any_length_is_left_alone_though_nothing_else_is(count: int, side: int) -> None:
    """Sentences put in on one side, half like what stands around them; all others have a counterpart."""
    vi, en = two_sides(60, 21, noise=0.8)
    sides = [vi, en]
    longer = sides[side]
    inserted = unit_rows(0.8 * meanings(count, 77) + 0.6 * longer.vectors[np.arange(count) % 60])
    vectors = np.vstack([longer.vectors[:20], inserted, longer.vectors[20:]])
    lengths = np.r_[longer.lengths[:20], lengths_of(count, 77), longer.lengths[20:]]
    sides[side] = Side(vectors, lengths)
    beads = [bead for bead in align_in_order(*sides, CALIBRATION) if bead.vi and bead.en]
    moved = [(i, i + count * (i >= 20)) for i in range(60)]
    assert spans_of(beads) == [((b, a) if side == 0 else (a, b)) for a, b in (((i,), (j,)) for i, j in moved)]
