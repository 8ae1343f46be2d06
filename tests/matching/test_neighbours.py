from __future__ import annotations

import numpy as np
import pytest
from made_vectors import meanings

from align.matching import neighbours
from align.matching.neighbours import nearest_mean, neighbourhood


def naive_means(queries: np.ndarray, pool: np.ndarray, k: int, background: float) -> list[float]:
    means = []
    for query in queries:
        best = sorted((float(query @ other) for other in pool), reverse=True)[:k]
        means.append(sum(best + [background] * (k - len(best))) / k)
    return means


@pytest.mark.parametrize("k", [1, 4, 7])
@pytest.mark.parametrize(("rows", "columns"), [(25, 31), (31, 25), (3, 2), (1, 1), (0, 5), (5, 0)])
def test_means_are_those_of_a_naive_search(rows: int, columns: int, k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "BLOCK", 8)
    vi, en = meanings(rows, 1), meanings(columns, 2)
    found = neighbourhood(vi, en, k, 0.3)
    np.testing.assert_allclose(found.vi, naive_means(vi, en, k, 0.3), atol=1e-6)
    np.testing.assert_allclose(found.en, naive_means(en, vi, k, 0.3), atol=1e-6)
    np.testing.assert_allclose(nearest_mean(vi, en, k, 0.3), found.vi, atol=1e-6)


def test_the_background_stands_for_missing_neighbours() -> None:
    one = meanings(1, 3)
    assert neighbourhood(one, one, 4, 0.2).vi[0] == pytest.approx((1 + 3 * 0.2) / 4)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    vi, en = meanings(100, 4), meanings(90, 5)
    whole = neighbourhood(vi, en, 4, 0.0)
    monkeypatch.setattr(neighbours, "BLOCK", 7)
    blocks = neighbourhood(vi, en, 4, 0.0)
    np.testing.assert_allclose(blocks.vi, whole.vi, atol=1e-6)
    np.testing.assert_allclose(blocks.en, whole.en, atol=1e-6)
