"""Grids of random scores, and a slow definition of what is a path through one."""

from __future__ import annotations

import numpy as np

from align.matching.grids import Grid, Step, grid_of

SHAPES = ((1, 1), (1, 2), (2, 1), (2, 2))


def random_grid(rows: int, columns: int, seed: int) -> Grid:
    draw = np.random.default_rng(seed)
    scores = {}
    for a, b in SHAPES:
        values = np.full((rows + 1, columns + 1), -np.inf, dtype=np.float32)
        if a <= rows and b <= columns:
            values[: rows - a + 1, : columns - b + 1] = draw.normal(size=(rows - a + 1, columns - b + 1))
        scores[a, b] = values
    return grid_of(rows, columns, np.zeros(rows + 1, dtype=np.int64), scores, *draw.normal(size=3).tolist())


def all_paths(grid: Grid, i: int = 0, j: int = 0, last: tuple[int, int] = (1, 1)):
    """Enumerate (steps, score): an independent, slow definition of the model; `last` is the shape before."""
    if (i, j) == (grid.rows, grid.columns):
        yield [], 0.0
    steps = [(shape, grid.scores[shape][i, j]) for shape in SHAPES if i + shape[0] <= grid.rows]
    steps = [(shape, score) for shape, score in steps if j + shape[1] <= grid.columns]
    if i < grid.rows and last != (0, 1):
        steps.append(((1, 0), grid.vi_gap + (grid.gap_run if last != (1, 0) else 0.0)))
    if j < grid.columns:
        steps.append(((0, 1), grid.en_gap + (grid.gap_run if last != (0, 1) else 0.0)))
    for shape, score in steps:
        for rest, total in all_paths(grid, i + shape[0], j + shape[1], shape):
            yield [Step(i, j, shape), *rest], float(score) + total
