from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_grids import SHAPES, all_paths, random_grid

from align.matching.grids import Grid
from align.matching.paths import best_paths
from align.matching.posteriors import posteriors

sizes = st.integers(1, 4)


@given(sizes, sizes, st.integers(0, 10_000))
def test_posteriors_are_sums_over_all_paths(rows: int, columns: int, seed: int) -> None:
    grid = random_grid(rows, columns, seed)
    paths = list(all_paths(grid))
    weights = np.exp([score for _, score in paths])
    found = posteriors([grid])[0]
    assert found.log_total == pytest.approx(np.log(weights.sum()), abs=1e-5)  # scores are float32
    expected = {shape: np.zeros((rows + 1, columns + 1)) for shape in SHAPES}
    vi_gaps, en_gaps, runs = np.zeros(rows), np.zeros(columns), 0.0
    for (steps, _), weight in zip(paths, weights / weights.sum(), strict=True):
        shapes = [(1, 1), *(shape for _, _, shape in steps)]
        runs += weight * sum(0 in b and a != b for a, b in itertools.pairwise(shapes))
        for i, j, shape in steps:
            if shape == (1, 0):
                vi_gaps[i] += weight
            elif shape == (0, 1):
                en_gaps[j] += weight
            else:
                expected[shape][i, j] += weight
    for shape in SHAPES:
        np.testing.assert_allclose(found.dense(grid)[:, SHAPES.index(shape)], expected[shape], atol=1e-6)
    np.testing.assert_allclose(found.vi_gaps, vi_gaps, atol=1e-6)
    np.testing.assert_allclose(found.en_gaps, en_gaps, atol=1e-6)
    assert found.gap_runs == pytest.approx(runs, abs=1e-6)


@given(st.lists(st.tuples(sizes, sizes), min_size=2, max_size=4), st.integers(0, 10_000))
def test_grids_are_summed_side_by_side_as_each_alone(shapes: list[tuple[int, int]], seed: int) -> None:
    grids = [random_grid(*size, seed + number) for number, size in enumerate(shapes)]
    for grid, found in zip(grids, posteriors(grids), strict=True):
        alone = posteriors([grid])[0]
        np.testing.assert_allclose(found.dense(grid), alone.dense(grid), rtol=1e-12)
        np.testing.assert_allclose(found.vi_gaps, alone.vi_gaps, rtol=1e-12)
        np.testing.assert_allclose(found.en_gaps, alone.en_gaps, rtol=1e-12)
        assert found.log_total == pytest.approx(alone.log_total)


@given(st.integers(2, 5), st.integers(2, 5), st.integers(0, 10_000))
def test_numbers_that_are_far_apart_are_added_all_the_same(rows: int, columns: int, seed: int) -> None:
    """Scores of hundreds: sums of plain numbers would lose the lesser paths."""
    grid = random_grid(rows, columns, seed)
    table = grid.table * 400
    grid = Grid(rows, columns, grid.start, grid.shapes, table, 100.0, -250.0, -80.0)
    scores = np.array([score for _, score in all_paths(grid)])
    found = posteriors([grid])[0]
    assert found.log_total == pytest.approx(np.logaddexp.reduce(scores), abs=1e-2)  # scores are float32
    best = best_paths([grid])[0]
    assert {tuple(steps): score for steps, score in all_paths(grid)}[tuple(best)] > scores.max() - 1e-2
    weights = np.exp(scores - np.logaddexp.reduce(scores))
    gaps = [sum(step.shape == (1, 0) for step in steps) for steps, _ in all_paths(grid)]
    assert found.vi_gaps.sum() == pytest.approx(weights @ gaps, abs=1e-2)
