from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.errors import InputError
from align.matching.beads import Bead, covering, format_bead, parse_beads

indices = st.sets(st.integers(0, 500), max_size=4).map(lambda found: tuple(sorted(found)))
beads = st.builds(Bead, indices, indices, st.integers(0, 10_000).map(lambda n: n / 10_000))


@given(st.lists(beads, max_size=8))
def test_beads_survive_being_written_and_read(found: list[Bead]) -> None:
    assert parse_beads(format_bead(bead) for bead in found) == found


@pytest.mark.parametrize("line", ["[0]", "[0]:[1]:", "[a]:[0]", "0:0", "[0]:[1]:0.5:x", "[0 1]:[2]", "[-1]:[0]"])
def test_a_line_that_is_no_bead_is_named(line: str) -> None:
    with pytest.raises(InputError, match=r"gold\.txt, line 2"):
        parse_beads(["[0]:[0]", line], "gold.txt")


def test_a_score_that_is_no_number_is_named() -> None:
    with pytest.raises(InputError, match=r"line 1: the score 'high'"):
        parse_beads(["[0]:[0]:high"])


def test_white_space_and_empty_lines_do_not_matter() -> None:
    assert parse_beads(["", " [0 , 1] : [] : 0.5 \r\n", "\n"]) == [Bead((0, 1), (), 0.5)]


def test_the_shape_counts_sentences() -> None:
    assert Bead((3,), (4, 5)).shape == "1-2"
    assert Bead((), (4,)).shape == "0-1"


def test_sentences_of_no_bead_are_added_and_known_scores_stay() -> None:
    found = [Bead((1,), (0, 1), 0.9), Bead((3,), (), 0.6), Bead((), (3,), 0.7), Bead((5,), (4,), 0.8)]
    assert covering(found, 7, 6) == [
        Bead((0,), (), 1.0),
        Bead((1,), (0, 1), 0.9),
        Bead((2,), (), 1.0),
        Bead((3,), (), 0.6),
        Bead((4,), (), 1.0),
        Bead((), (2,), 1.0),
        Bead((), (3,), 0.7),
        Bead((5,), (4,), 0.8),
        Bead((6,), (), 1.0),
        Bead((), (5,), 1.0),
    ]


@given(st.lists(st.tuples(*[st.integers(0, 2)] * 4), max_size=6), st.integers(0, 3), st.integers(0, 3))
def test_every_index_is_covered_once_and_in_order(
    steps: list[tuple[int, int, int, int]], vi_end: int, en_end: int
) -> None:
    """Beads with left-out sentences before each."""
    found, i, j = [], 0, 0
    for vi_gap, en_gap, a, b in steps:
        i, j = i + vi_gap, j + en_gap
        found.append(Bead(tuple(range(i, i + a + 1)), tuple(range(j, j + b + 1)), 0.5))
        i, j = i + a + 1, j + b + 1
    covered = covering(found, i + vi_end, j + en_end)
    assert [n for bead in covered for n in bead.vi] == list(range(i + vi_end))
    assert [n for bead in covered for n in bead.en] == list(range(j + en_end))
    assert [bead for bead in covered if bead.vi and bead.en] == found
    assert all(bead.score == 1.0 for bead in covered if not (bead.vi and bead.en))
