from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_vectors import meanings

from align.matching import neighbours
from align.matching.neighbours import nearest, nearest_both, nearest_mean, neighbourhood
from align.matching.rows import LazyRows


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


def small_integers(rows: int, seed: int) -> np.ndarray:
    """Rows whose products are small integers: exact in any order of addition, and often equal."""
    return np.random.default_rng(seed).integers(-1, 2, (rows, 6)).astype(np.float32)


def naive_places(queries: np.ndarray, pool: np.ndarray, k: int) -> list[list[int]]:
    """Sort by falling cosine, then place; -1 where there are fewer than k."""
    found = []
    for query in queries:
        order = sorted(range(len(pool)), key=lambda place: (-float(query @ pool[place]), place))[:k]
        found.append(order + [-1] * (k - len(order)))
    return found


@given(
    rows=st.integers(0, 40),
    columns=st.integers(0, 40),
    k=st.integers(1, 6),
    seed=st.integers(0, 1000),
    block=st.integers(1, 20),
    tile=st.integers(1, 20),
)
@settings(max_examples=150, deadline=None)
def test_neighbours_are_those_of_a_naive_search(
    rows: int, columns: int, k: int, seed: int, block: int, tile: int
) -> None:
    vi, en = small_integers(rows, seed), small_integers(columns, seed + 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "BLOCK", block)
        patch.setattr(neighbours, "TILE", tile)
        found = nearest_both(vi, en, k)
        alone = nearest(vi, en, k)
        tiled = neighbourhood(vi, en, k, 0.3), nearest_mean(vi, en, k, 0.3)
    for queries, pool, own in ((vi, en, found[0]), (en, vi, found[1]), (vi, en, alone)):
        expected = naive_places(queries, pool, k)
        assert own.places.reshape(-1, k).tolist() == expected
        cosines = np.column_stack([queries @ pool.T, np.full(len(queries), -np.inf)])  # the place -1 is the last
        assert own.cosines.reshape(-1, k).tolist() == [
            c[row].tolist() for c, row in zip(cosines, expected, strict=True)
        ]
    np.testing.assert_allclose(tiled[0].vi, naive_means(vi, en, k, 0.3), atol=1e-6)
    np.testing.assert_allclose(tiled[0].en, naive_means(en, vi, k, 0.3), atol=1e-6)
    np.testing.assert_array_equal(tiled[1], tiled[0].vi)


def test_equally_near_ones_come_in_their_order() -> None:
    vectors = np.repeat(np.eye(4, dtype=np.float32), 5, axis=0)
    found, other = nearest_both(vectors, vectors, 3)
    assert (
        found.places.tolist()
        == other.places.tolist()
        == [[5 * n, 5 * n + 1, 5 * n + 2] for n in range(4) for _ in range(5)]
    )


def test_half_precision_moves_cosines_by_rounding_only() -> None:
    vi, en = meanings(60, 8), meanings(50, 9)
    halves = LazyRows(vi.astype(np.float16)), LazyRows(en.astype(np.float16))
    exact, stored = nearest_both(vi, en, 4)[0], nearest_both(*halves, 4)[0]
    np.testing.assert_allclose(stored.cosines, exact.cosines, atol=1e-3)
    assert (stored.places[:, 0] == exact.places[:, 0]).mean() > 0.95
