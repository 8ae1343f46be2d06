from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.matching.routing import COVERAGE_OF_PARALLEL, route


def naive_longest_rise(values: list[int]) -> int:
    for size in range(len(values), 0, -1):
        for chosen in itertools.combinations(values, size):
            if all(a < b for a, b in itertools.pairwise(chosen)):
                return size
    return 0


@given(st.permutations(range(8)), st.integers(0, 8))
def test_order_is_the_share_of_the_longest_rise(columns: list[int], count: int) -> None:
    pairs = [(i, j, 0.9) for i, j in enumerate(columns[:count])]
    expected = naive_longest_rise(columns[:count]) / count if count else 0.0
    assert route(pairs, 8, 8).order == pytest.approx(expected)


def test_pairs_in_order_that_cover_both_sides_are_parallel() -> None:
    found = route([(i, i, 0.95) for i in range(10)], 10, 12)
    assert found.mode == "parallel"
    assert (found.vi_coverage, found.en_coverage) == pytest.approx((0.95, 9.5 / 12))
    assert found.reason == "parallel: 100 % in order, 95 % of vi and 79 % of en matched"


def test_pairs_out_of_order_are_comparable() -> None:
    found = route([(i, 9 - i, 0.95) for i in range(10)], 10, 10)
    assert found.mode == "comparable"
    assert found.reason == "comparable: 10 % in order, 95 % of vi and 95 % of en matched"


def test_the_less_matched_side_must_be_covered_too() -> None:
    pairs = [(i, i, 1.0) for i in range(10)]
    below = int(10 / COVERAGE_OF_PARALLEL) + 1
    assert route(pairs, 10, below).mode == route(pairs, below, 10).mode == "comparable"
    assert route(pairs, 10, below - 2).mode == route(pairs, below - 2, 10).mode == "parallel"


def test_the_pairs_order_in_the_list_does_not_matter() -> None:
    pairs = [(i, i, 0.8) for i in range(6)]
    assert route(pairs[::-1], 6, 6) == route(pairs, 6, 6)


def test_unlikely_pairs_count_for_coverage_but_not_for_order() -> None:
    sure = [(i, i, 1.0) for i in range(4)]
    found = route([*sure, (4, 0, 0.25), (5, 1, 0.25)], 6, 6)
    assert found.order == 1.0
    assert found.vi_coverage == pytest.approx(4.5 / 6)


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (0, 5), (5, 5)])
def test_nothing_found_is_comparable(rows: int, columns: int) -> None:
    found = route([], rows, columns)
    assert (found.mode, found.order, found.vi_coverage, found.en_coverage) == ("comparable", 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("count", "sentences", "mode"), [(40, 150, "parallel"), (25, 94, "comparable"), (40, 250, "comparable")]
)
def test_a_long_run_in_order_is_parallel_though_a_third_of_it_is_matched(count: int, sentences: int, mode: str) -> None:
    assert route([(3 * i, 3 * i, 0.99) for i in range(count)], sentences, sentences).mode == mode


def test_a_long_run_with_jumps_back_is_comparable() -> None:
    pairs = [(i, (i + 20) % 40, 0.99) for i in range(40)]
    assert route(pairs, 60, 60).mode == "comparable"
