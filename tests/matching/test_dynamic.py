from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.matching.dynamic import Grid, Step, best_paths, grid_of, posteriors

SHAPES = ((1, 1), (1, 2), (2, 1), (2, 2))


def random_grid(rows: int, columns: int, seed: int) -> Grid:
    draw = np.random.default_rng(seed)
    scores = {}
    for a, b in SHAPES:
        values = np.full((rows + 1, columns + 1), -np.inf, dtype=np.float32)
        if a <= rows and b <= columns:
            values[: rows - a + 1, : columns - b + 1] = draw.normal(size=(rows - a + 1, columns - b + 1))
        scores[a, b] = values
    return grid_of(
        rows, columns, np.zeros(rows + 1, dtype=np.int64), scores, float(draw.normal()), float(draw.normal())
    )


def all_paths(grid: Grid, i: int = 0, j: int = 0, after_en_gap: bool = False):
    """Enumerate (steps, score): an independent, slow definition of the model."""
    if (i, j) == (grid.rows, grid.columns):
        yield [], 0.0
    steps = [(shape, grid.scores[shape][i, j]) for shape in SHAPES if i + shape[0] <= grid.rows]
    steps = [(shape, score) for shape, score in steps if j + shape[1] <= grid.columns]
    if i < grid.rows and not after_en_gap:
        steps.append(((1, 0), grid.vi_gap))
    if j < grid.columns:
        steps.append(((0, 1), grid.en_gap))
    for shape, score in steps:
        for rest, total in all_paths(grid, i + shape[0], j + shape[1], shape == (0, 1)):
            yield [Step(i, j, shape), *rest], float(score) + total


sizes = st.integers(1, 4)


@given(sizes, sizes, st.integers(0, 10_000))
def test_best_path_is_the_best_of_all_paths(rows: int, columns: int, seed: int) -> None:
    grid = random_grid(rows, columns, seed)
    best, _ = max(all_paths(grid), key=lambda path: path[1])
    assert best_paths([grid])[0] == best


@given(sizes, sizes, st.integers(0, 10_000))
def test_posteriors_are_sums_over_all_paths(rows: int, columns: int, seed: int) -> None:
    grid = random_grid(rows, columns, seed)
    paths = list(all_paths(grid))
    weights = np.exp([score for _, score in paths])
    found = posteriors([grid])[0]
    assert found.log_total == pytest.approx(np.log(weights.sum()), abs=1e-5)  # scores are float32
    expected = {shape: np.zeros((rows + 1, columns + 1)) for shape in SHAPES}
    vi_gaps, en_gaps = np.zeros(rows), np.zeros(columns)
    for (steps, _), weight in zip(paths, weights / weights.sum(), strict=True):
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


@given(st.integers(6, 12), st.integers(6, 12), st.integers(0, 10_000))
def test_a_band_that_holds_the_likely_paths_gives_the_whole_grids_answer(rows: int, columns: int, seed: int) -> None:
    whole = random_grid(rows, columns, seed)
    slope = columns / rows
    diagonal = (np.arange(rows + 1) * slope).astype(int)
    inside = np.abs(np.arange(columns + 1)[None, :] - diagonal[:, None]) <= 2
    limited = {shape: np.where(inside, values, np.float32(-50)) for shape, values in whole.scores.items()}
    limited = {shape: np.where(np.isfinite(whole.scores[shape]), values, -np.inf) for shape, values in limited.items()}
    start = np.maximum.accumulate(np.maximum(diagonal - 4, 0))
    width = int((np.minimum(diagonal + 4, columns) - start).max()) + 1
    banded = {}
    for shape, values in limited.items():
        rows_of_band = np.full((rows + 1, width), -np.inf, dtype=np.float32)
        for i in range(rows + 1):
            part = values[i, start[i] : start[i] + width]
            rows_of_band[i, : len(part)] = part
        banded[shape] = rows_of_band
    full = grid_of(rows, columns, whole.start, limited, 0.1, 0.2)
    band = grid_of(rows, columns, start, banded, 0.1, 0.2)
    full_path = best_paths([full])[0]
    if all(abs(step.en - diagonal[step.vi]) <= 2 for step in full_path):
        assert best_paths([band])[0] == full_path


@given(st.lists(st.tuples(sizes, sizes), min_size=2, max_size=4), st.integers(0, 10_000))
def test_grids_are_searched_side_by_side_as_each_alone(shapes: list[tuple[int, int]], seed: int) -> None:
    grids = [random_grid(*size, seed + number) for number, size in enumerate(shapes)]
    assert best_paths(grids) == [best_paths([grid])[0] for grid in grids]
    for grid, found in zip(grids, posteriors(grids), strict=True):
        alone = posteriors([grid])[0]
        np.testing.assert_allclose(found.dense(grid), alone.dense(grid), rtol=1e-12)
        np.testing.assert_allclose(found.vi_gaps, alone.vi_gaps, rtol=1e-12)
        np.testing.assert_allclose(found.en_gaps, alone.en_gaps, rtol=1e-12)
        assert found.log_total == pytest.approx(alone.log_total)
