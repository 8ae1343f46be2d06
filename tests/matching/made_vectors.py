"""Seeded vectors that behave like those of sentences: a drifting topic, a meaning each, noise in translation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from align.matching.sides import Side
from align.matching.spans import Floats, unit_rows

DIM = 128


def meanings(count: int, seed: int, dim: int = DIM) -> Floats:
    """Return float32 (count, dim) unit rows; neighbours are somewhat alike, as in an article."""
    draw = np.random.default_rng(seed)
    rows = np.empty((count, dim))
    topic = np.zeros(dim)
    for place in range(count):
        topic = 0.9 * topic + 0.3 * draw.normal(size=dim)
        rows[place] = topic + draw.normal(size=dim)
    return unit_rows(rows)


def translated(vectors: Floats, seed: int, noise: float = 0.4) -> Floats:
    """Return the vectors with noise whose length is the share `noise` of theirs."""
    draw = np.random.default_rng(seed)
    return unit_rows(vectors + noise * draw.normal(size=vectors.shape) / np.sqrt(vectors.shape[1]))


def lengths_of(count: int, seed: int) -> NDArray[np.float64]:
    """Return float64 (count,): characters of sentences."""
    return np.random.default_rng(seed).integers(40, 200, count).astype(np.float64)


def two_sides(count: int, seed: int, noise: float = 0.4) -> tuple[Side, Side]:
    """Return two sides that translate each other one to one."""
    vectors, lengths = meanings(count, seed), lengths_of(count, seed)
    return Side(translated(vectors, seed + 1, noise), lengths), Side(translated(vectors, seed + 2, noise), lengths)


def part(side: Side, rows: NDArray[np.int64]) -> Side:
    """Return the side with these sentences only."""
    return Side(side.vectors[rows], side.lengths[rows])
