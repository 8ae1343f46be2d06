"""Exact nearest neighbours by blocks, and the margins that rest on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from align.matching.spans import Floats

BLOCK = 1024  # rows multiplied at once


@dataclass(frozen=True)
class Neighbourhood:
    """How close each sentence is to its k nearest neighbours on the other side.

    Attributes:
        vi: float64 (n,), mean cosine of each Vietnamese sentence with its k nearest English ones.
        en: float64 (m,), the same the other way.
    """

    vi: NDArray[np.float64]
    en: NDArray[np.float64]


def neighbourhood(vi: Floats, en: Floats, k: int, background: float) -> Neighbourhood:
    """Return the mean cosine with the k nearest neighbours of the other side.

    Where the other side has fewer than k sentences, `background` (the cosine of unrelated sentences) stands for each
    that is missing: without it the only candidate would be its own neighbourhood, and its margin always the same.
    """
    vi_top = np.full((len(vi), k), -np.inf, dtype=np.float32)
    en_top: Floats = np.full((len(en), k), -np.inf, dtype=np.float32)
    for first in range(0, len(vi), BLOCK):
        rows = slice(first, first + BLOCK)
        block = vi[rows] @ en.T
        vi_top[rows] = _largest(block, k)
        en_top = _largest(np.concatenate([en_top, block.T], axis=1), k)
    return Neighbourhood(_mean_of(vi_top, background), _mean_of(en_top, background))


def nearest_mean(queries: Floats, pool: Floats, k: int, background: float) -> NDArray[np.float64]:
    """Return float64 (n,): the mean cosine of each query with its k nearest rows of `pool`."""
    top = np.full((len(queries), k), -np.inf, dtype=np.float32)
    for first in range(0, len(queries), BLOCK):
        rows = slice(first, first + BLOCK)
        top[rows] = _largest(queries[rows] @ pool.T, k)
    return _mean_of(top, background)


def _largest(values: Floats, k: int) -> Floats:
    """Return the k largest values of each row, -inf where there are fewer, in no order."""
    if values.shape[1] < k:
        missing = np.full((len(values), k - values.shape[1]), -np.inf, dtype=np.float32)
        return np.concatenate([values, missing], axis=1)
    return np.partition(values, values.shape[1] - k, axis=1)[:, values.shape[1] - k :]


def _mean_of(top: Floats, background: float) -> NDArray[np.float64]:
    return np.asarray(np.where(np.isfinite(top), top, background).mean(axis=1, dtype=np.float64))
