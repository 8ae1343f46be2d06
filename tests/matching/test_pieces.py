from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_vectors import part, two_sides

from align.matching import monotonic, pieces
from align.matching.calibration import load_calibration
from align.matching.grids import Step
from align.matching.monotonic import align_in_order
from align.matching.pieces import LONGEST, Band, Piece, Stretch, cut, together
from align.matching.sides import Side

CALIBRATION = load_calibration()
MIRRORED = replace(CALIBRATION, length=replace(CALIBRATION.length, ratio=1.0))  # neither language is the longer one


def diagonal_band(rows: int, radius: int = 10) -> Band:
    places = np.arange(rows + 1)
    return Band(np.maximum(places - radius, 0), np.minimum(places + radius, rows))


@given(st.integers(1, 3000), st.integers(0, 50), st.integers(0, 50))
def test_cores_cover_each_row_once_and_pieces_hold_their_neighbours(rows: int, top: int, left: int) -> None:
    found = cut(Stretch(top, top + rows, left, left + rows), diagonal_band(rows))
    cores = [piece.top + row for piece in found for row in range(*piece.core)]
    assert cores == list(range(top, top + rows + 1))
    assert (len(found) > 1) == (rows > LONGEST)
    for piece in found:
        assert piece.open_top == (piece.top > top)
        assert piece.open_bottom == (piece.top + piece.rows < top + rows)
        assert piece.rows <= LONGEST + 2 * pieces.HALO
        assert piece.start[0] == 0
        assert 0 < piece.columns < piece.start[-1] + piece.width


def test_no_cut_is_made_where_the_band_is_wide() -> None:
    band = diagonal_band(2000)
    band.first[900:1500] = 890
    band.last[900:1500] = 1510
    found = cut(Stretch(0, 2000, 0, 2000), band)
    assert not [piece for piece in found if 900 <= piece.top + piece.core[0] < 1500]
    assert len(found) > 4


def test_paths_are_put_together_where_they_meet_next_to_the_border() -> None:
    first = Piece(0, 0, 6, 6, np.zeros(7, dtype=np.int64), 7, False, True, (0, 4))
    second = Piece(2, 3, 6, 6, np.zeros(7, dtype=np.int64), 7, True, False, (2, 7))
    straight = [Step(i, i, (1, 1)) for i in range(6)]
    one_less = [Step(0, 0, (1, 0)), *(Step(i + 1, i, (1, 1)) for i in range(5)), Step(6, 5, (0, 1))]
    assert together([first, second], [straight, one_less]) == [
        *(Step(i, i, (1, 1)) for i in range(8)),
        Step(8, 8, (0, 1)),
    ]
    assert together([first, second], [straight, [Step(0, i, (0, 1)) for i in range(5)]]) is None


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 1000), st.integers(0, 60), st.integers(0, 300), st.integers(40, 420))
def test_a_long_document_in_pieces_has_the_beads_of_the_whole(seed: int, rare: int, block: int, place: int) -> None:
    """Some sentences are missing here and there, and a block of them in one place."""
    draw = np.random.default_rng(seed)
    vi, en = two_sides(800, seed, noise=0.8)
    vi = part(vi, np.flatnonzero(draw.random(800) >= rare / 400))
    en = part(en, np.flatnonzero((np.arange(800) < place) | (np.arange(800) >= place + block)))
    expected = whole(vi, en)
    found = align_in_order(vi, en, load_calibration())
    assert [(bead.vi, bead.en) for bead in found] == [(bead.vi, bead.en) for bead in expected]
    np.testing.assert_allclose([b.score for b in found], [b.score for b in expected], atol=1e-4)


def whole(vi: Side, en: Side) -> list[monotonic.Bead]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "LONGEST", 10_000)
        return align_in_order(vi, en, load_calibration())


def test_pieces_whose_paths_do_not_meet_are_searched_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    vi, en = two_sides(600, 3, noise=0.8)
    expected = whole(vi, en)
    monkeypatch.setattr("align.matching.search.together", only_single)
    found = align_in_order(vi, en, load_calibration())
    assert [(bead.vi, bead.en) for bead in found] == [(bead.vi, bead.en) for bead in expected]


def only_single(parts: list[Piece], paths: list[list[Step]]) -> list[Step] | None:
    return together(parts, paths) if len(parts) == 1 else None


def test_languages_the_other_way_round_give_the_mirror_image_though_other_cuts_are_made() -> None:
    vi, en = two_sides(700, 8, noise=0.8)
    en = part(en, np.flatnonzero(np.random.default_rng(8).random(700) > 0.3))
    straight = align_in_order(vi, en, MIRRORED)
    turned = align_in_order(en, vi, MIRRORED)
    assert {(b.vi, b.en) for b in straight if b.vi and b.en} == {(b.en, b.vi) for b in turned if b.vi and b.en}
