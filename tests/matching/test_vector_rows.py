from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_vectors import meanings

from align.errors import InputError
from align.matching import rows as rows_module
from align.matching.rows import LazyRows, blocks, check_rows, mean_of_rows, row_products, whole
from align.matching.spans import centre_of, unit_rows


def stored(path: Path, vectors: np.ndarray, dtype: str) -> np.memmap:
    np.save(path, vectors.astype(dtype))
    return np.load(path, mmap_mode="r")


def test_a_stored_half_precision_matrix_is_read_in_parts(tmp_path: Path) -> None:
    vectors = meanings(40, 1)
    rows = check_rows("vi", stored(tmp_path / "vi.npy", 3 * vectors, "float16"))
    assert isinstance(rows, LazyRows)
    assert (len(rows), rows.shape) == (40, vectors.shape)
    for places in (slice(3, 9), np.array([7, 0, 7])):
        assert rows[places].dtype == np.float32
        np.testing.assert_allclose(rows[places], vectors[places], atol=1e-3)
        np.testing.assert_allclose(np.linalg.norm(rows[places], axis=1), 1, atol=1e-6)


def test_a_stored_float32_matrix_gives_the_rows_of_the_array(tmp_path: Path) -> None:
    vectors = 2 * meanings(9, 2)
    rows = check_rows("vi", stored(tmp_path / "vi.npy", vectors, "float32"))
    assert isinstance(rows, LazyRows)
    np.testing.assert_array_equal(whole(rows), check_rows("vi", vectors))


def test_what_is_no_float_matrix_is_read_as_an_array() -> None:
    assert isinstance(check_rows("vi", [[3, 4]]), np.ndarray)
    assert isinstance(check_rows("vi", meanings(3, 1)), np.ndarray)
    with pytest.raises(InputError, match=r"vi has the shape \(2,\)"):
        check_rows("vi", np.zeros(2, dtype=np.float16))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_the_row_that_is_not_finite_is_named(value: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "BLOCK", 4)
    vectors = meanings(11, 3).astype(np.float16)
    vectors[9, 2] = value
    with pytest.raises(InputError, match="en_vectors, row 9: holds a value that is not finite"):
        check_rows("en_vectors", vectors)


def test_centred_rows_are_those_of_the_array(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "BLOCK", 4)
    vectors, prior = meanings(11, 4), meanings(1, 5)[0]
    lazy = LazyRows(vectors)
    for known, weight in ((None, 0.0), (prior, 3.0)):
        np.testing.assert_allclose(mean_of_rows(lazy, known, weight), centre_of(vectors, known, weight), atol=1e-7)
    centre = mean_of_rows(vectors, prior, 3.0)
    np.testing.assert_array_equal(LazyRows(vectors, centre)[:], unit_rows(vectors - centre))


def test_products_of_pairs_come_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "BLOCK", 4)
    vi, en = meanings(11, 6), meanings(7, 7)
    first, second = np.array([0, 10, 3, 3, 5]), np.array([6, 0, 2, 1, 5])
    np.testing.assert_allclose(row_products(vi, LazyRows(en), first, second), (vi @ en.T)[first, second], atol=1e-6)


def test_blocks_cover_everything_once() -> None:
    assert list(blocks(10, 4)) == [slice(0, 4), slice(4, 8), slice(8, 10)]
    assert list(blocks(0, 4)) == []
