from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bilingual_texts import BEES, FERRY, ROBOTS
from hypothesis import given, settings
from hypothesis import strategies as st
from made_vectors import lengths_of, meanings, translated, two_sides

from align.encoders import Encoder
from align.matching import comparable
from align.matching.api import text_side
from align.matching.beads import Bead
from align.matching.calibration import load_calibration
from align.matching.comparable import ScoredPair, extend_pairs, match_pairs
from align.matching.mining import mine, pool_of
from align.matching.sides import Side
from align.matching.spans import unit_rows

CALIBRATION = load_calibration()

VI_ALONE = [
    "Cơn bão đổ bộ vào miền Trung tối thứ hai.",
    "Giá cà phê tăng gấp đôi so với năm ngoái.",
    "Trường học sẽ mở cửa trở lại vào tuần sau.",
    "Bảo tàng mới trưng bày hơn 300 bức tranh.",
]
EN_ALONE = [
    "The price of coffee has doubled since last year.",
    "The new museum shows more than 300 paintings.",
    "The storm made landfall in central Vietnam on Monday evening.",
    "Schools will open again next week.",
]


def merged_in_english(at: int, count: int = 12) -> tuple[Side, Side]:
    """Two sides of `count` sentences; English has sentences `at` and `at + 1` as one."""
    vi, en = two_sides(count, 7, noise=0.3)
    total = (en.vectors * en.lengths[:, None].astype(np.float32))[[at, at + 1]].sum(axis=0, keepdims=True)
    vectors = np.vstack([en.vectors[:at], unit_rows(total), en.vectors[at + 2 :]])
    joined = vi.lengths[at] + vi.lengths[at + 1] + 1
    return vi, Side(vectors, np.r_[en.lengths[:at], joined, en.lengths[at + 2 :]])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12), st.integers(0, 10_000))
def test_beads_are_disjoint_and_hold_their_pairs(rows: int, columns: int, common: int, seed: int) -> None:
    vi_vectors, en_vectors = meanings(rows, seed), meanings(columns, seed + 1)
    common = min(common, rows, columns)
    en_vectors[:common] = translated(vi_vectors[rows - common :], seed + 2, noise=0.8)
    vi, en = Side(vi_vectors, lengths_of(rows, seed)), Side(en_vectors, lengths_of(columns, seed + 1))
    pairs = match_pairs(vi, en, CALIBRATION)
    assert [i for i, _, _ in pairs] == sorted({i for i, _, _ in pairs})
    assert len({j for _, j, _ in pairs}) == len(pairs)
    beads = extend_pairs(vi, en, pairs, CALIBRATION)
    used_vi, used_en = [i for b in beads for i in b.vi], [j for b in beads for j in b.en]
    assert len(set(used_vi)) == len(used_vi) == len(set(used_vi) & set(range(rows)))
    assert len(set(used_en)) == len(used_en) == len(set(used_en) & set(range(columns)))
    assert sorted(beads, key=lambda bead: bead.vi) == beads
    assert len(beads) == len(pairs)
    for bead in beads:
        assert 1 in (len(bead.vi), len(bead.en))
        assert any(i in bead.vi and j in bead.en for i, j, _ in pairs)
        assert list(bead.vi) == list(range(bead.vi[0], bead.vi[-1] + 1))
        assert list(bead.en) == list(range(bead.en[0], bead.en[-1] + 1))


VI, EN = (FERRY[n] + BEES[n] + ROBOTS[n] for n in (0, 1))


@pytest.mark.parametrize("seed", range(3))
def test_pairs_are_found_whatever_the_order(seed: int, encoder: Encoder) -> None:
    order = np.random.default_rng(seed).permutation(20)
    vi, en = text_side(VI, "vi", encoder), text_side([EN[place] for place in order], "en", encoder)
    likely = {(i, int(order[j])) for i, j, p in match_pairs(vi, en, CALIBRATION) if p >= 0.5}
    assert len(likely & {(i, i) for i in range(20)}) >= 18
    assert len(likely) <= 20


def test_sentences_without_a_counterpart_are_left_out(encoder: Encoder) -> None:
    vi, en = text_side(VI[:14], "vi", encoder), text_side(EN[8:][::-1], "en", encoder)
    likely = {(i, 19 - j) for i, j, p in match_pairs(vi, en, CALIBRATION) if p >= 0.5}
    assert likely >= {(i, i) for i in range(8, 14) if i != 11}
    assert len(likely) <= 6


def pairs_around(at: int, count: int = 12) -> list[ScoredPair]:
    """Return the pairs of `merged_in_english`, the second half of the merged sentence left out."""
    return [(i, i if i <= at else i - 1, 0.9) for i in range(count) if i != at + 1]


@pytest.mark.parametrize("whole", [True, False], ids=["whole table", "by pair"])
@pytest.mark.parametrize("at", [0, 5, 10])
def test_a_merged_sentence_grows_its_bead(at: int, whole: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not whole:
        monkeypatch.setattr(comparable, "WHOLE_TABLE_CELLS", 0)
    vi, en = merged_in_english(at)
    pairs = pairs_around(at)
    beads = extend_pairs(vi, en, pairs, CALIBRATION)
    assert [(bead.vi, bead.en) for bead in beads if bead.shape != "1-1"] == [((at, at + 1), (at,))]
    mirrored = extend_pairs(en, vi, [(j, i, p) for i, j, p in pairs], CALIBRATION)
    assert [(bead.vi, bead.en) for bead in mirrored if bead.shape != "1-1"] == [((at,), (at, at + 1))]


def test_a_bead_takes_no_sentence_that_serves_elsewhere() -> None:
    vi, en = merged_in_english(5)
    pairs = [(5, 5, 0.9)]
    assert extend_pairs(vi, en, pairs, CALIBRATION) == [Bead((5, 6), (5,), 0.9)]
    assert extend_pairs(vi, en, pairs, CALIBRATION, vi_taken={6}) == [Bead((5,), (5,), 0.9)]
    assert extend_pairs(vi, en, [*pairs, (6, 1, 0.8)], CALIBRATION)[0] == Bead((5,), (5,), 0.9)


def test_a_bead_grows_over_no_missing_place() -> None:
    vi, en = merged_in_english(5)
    places = np.r_[0:6, 7:13]  # something was left out between sentences 5 and 6
    apart = Side(vi.vectors, vi.lengths, positions=places)
    assert extend_pairs(apart, en, [(5, 5, 0.9)], CALIBRATION) == [Bead((5,), (5,), 0.9)]


def test_no_pairs_give_no_beads() -> None:
    vi, en = two_sides(3, 1)
    assert extend_pairs(vi, en, [], CALIBRATION) == []
    nothing = Side(meanings(0, 1), lengths_of(0, 1))
    assert match_pairs(nothing, en, CALIBRATION) == match_pairs(vi, nothing, CALIBRATION) == []


def test_long_articles_are_mined_by_blocks(monkeypatch: pytest.MonkeyPatch, encoder: Encoder) -> None:
    order = np.random.default_rng(1).permutation(20)
    vi, en = text_side(VI, "vi", encoder), text_side([EN[place] for place in order], "en", encoder)
    monkeypatch.setattr(comparable, "WHOLE_TABLE_CELLS", 0)
    likely = {(i, int(order[j])) for i, j, p in match_pairs(vi, en, CALIBRATION) if p >= 0.5}
    assert likely == {(i, i) for i in range(20)}


def test_vectors_alone_are_mined_since_the_model_of_texts_would_miss_its_evidence(encoder: Encoder) -> None:
    vi, en = text_side(VI_ALONE, "vi", encoder), text_side(EN_ALONE, "en", encoder)
    bare = [replace(side, evidence=None, encode_clauses=None) for side in (vi, en)]
    mined = mine(pool_of(*bare, CALIBRATION), CALIBRATION)
    expected = list(zip(mined.vi.tolist(), mined.en.tolist(), mined.probability.tolist(), strict=True))
    found = match_pairs(*bare, CALIBRATION)
    assert found == expected
    assert {(i, j) for i, j, p in found if p >= 0.5} == {(0, 2), (1, 0), (2, 3), (3, 1)}
