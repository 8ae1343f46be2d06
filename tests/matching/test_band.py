from __future__ import annotations

import numpy as np
import pytest
from made_vectors import lengths_of, meanings, part, two_sides

from align.matching import band
from align.matching.band import band_of
from align.matching.calibration import load_calibration
from align.matching.monotonic import align_in_order
from align.matching.sides import Side

COUNT = 240


def rows_without(first: int, last: int, count: int = COUNT) -> np.ndarray:
    return np.r_[0:first, last:count]


ALL = np.arange(COUNT)
SCATTERED = np.flatnonzero(np.random.default_rng(1).random(COUNT) > 0.15)
CASES = {
    "one to one": (ALL, ALL),
    "a block missing in English": (rows_without(30, 41), rows_without(90, 200)),
    "a block missing in Vietnamese": (rows_without(60, 170), rows_without(220, 225)),
    "the start missing": (np.r_[110:COUNT], rows_without(200, 220)),
    "the end missing": (rows_without(17, 20), np.r_[0:130]),
    "many missing here and there": (SCATTERED, rows_without(0, 3)),
}


@pytest.mark.parametrize("case", CASES)
def test_the_band_gives_the_answer_of_the_whole_grid(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    vi, en = two_sides(COUNT, 11, noise=0.8)
    vi, en = part(vi, CASES[case][0]), part(en, CASES[case][1])
    monkeypatch.setattr(band, "WHOLE_GRID_CELLS", 0)
    monkeypatch.setattr(band, "COARSEST_ROWS", 30)
    assert_same_as_whole_grid(vi, en, len(np.intersect1d(*CASES[case])), monkeypatch)


def test_a_long_document_is_searched_in_a_band_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    vi, en = two_sides(800, 5, noise=0.8)
    en = part(en, rows_without(300, 410, 800))
    assert len(vi.vectors) * len(en.vectors) > band.WHOLE_GRID_CELLS
    assert_same_as_whole_grid(vi, en, 690, monkeypatch)


def assert_same_as_whole_grid(vi: Side, en: Side, common: int, monkeypatch: pytest.MonkeyPatch) -> None:
    searched = band_of(vi.spans(4.0), en.spans(4.0))
    assert (searched.last - searched.first).mean() < 0.75 * len(en.vectors)
    banded = align_in_order(vi, en, load_calibration())
    monkeypatch.setattr(band, "WHOLE_GRID_CELLS", len(vi.vectors) * len(en.vectors))
    whole = align_in_order(vi, en, load_calibration())
    assert [(bead.vi, bead.en) for bead in banded] == [(bead.vi, bead.en) for bead in whole]
    np.testing.assert_allclose([b.score for b in banded], [b.score for b in whole], atol=1e-4)
    assert sum(bead.shape == "1-1" for bead in whole) > 0.95 * common  # an answer that is worth comparing


def test_documents_of_the_usual_size_use_the_whole_grid() -> None:
    vi, en = two_sides(30, 2)
    found = band_of(vi.spans(4.0), en.spans(4.0))
    assert not found.first.any()
    assert (found.last == 30).all()


@pytest.mark.parametrize("sizes", [(701, 577), (577, 701), (151, 2701)])
def test_a_band_holds_both_corners_and_never_goes_back(sizes: tuple[int, int]) -> None:
    vi, en = (Side(meanings(n, n), lengths_of(n, n)).spans(4.0) for n in sizes)
    found = band_of(vi, en)
    assert found.first[0] == 0
    assert (np.diff(found.first) >= 0).all()
    assert found.first.shape == found.last.shape == (sizes[0] + 1,)
    assert found.last[-1] == sizes[1]


@pytest.mark.parametrize("sizes", [(1, 3000), (1500, 2)])
def test_a_sentence_against_thousands(sizes: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(band, "WHOLE_GRID_CELLS", 1000)
    vi, en = (Side(meanings(n, n), lengths_of(n, n)) for n in sizes)
    beads = align_in_order(vi, en, load_calibration())
    assert [i for bead in beads for i in bead.vi] == list(range(sizes[0]))
    assert [j for bead in beads for j in bead.en] == list(range(sizes[1]))
