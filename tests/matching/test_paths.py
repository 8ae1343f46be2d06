from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from made_grids import all_paths, random_grid

from align.matching.grids import grid_of
from align.matching.paths import best_paths

sizes = st.integers(1, 4)


@given(sizes, sizes, st.integers(0, 10_000))
def test_best_path_is_the_best_of_all_paths(rows: int, columns: int, seed: int) -> None:
    grid = random_grid(rows, columns, seed)
    best, _ = max(all_paths(grid), key=lambda path: path[1])
    assert best_paths([grid])[0] == best


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
