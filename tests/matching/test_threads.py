from __future__ import annotations

import numpy as np
import pytest
import threadpoolctl

from align.matching.threads import one_blas_thread


def blas_threads() -> list[int]:
    """Return what numpy's products take; scipy and others may have loaded a library of their own since."""
    known = [library for library in threadpoolctl.threadpool_info() if library["user_api"] == "blas"]
    return [library["num_threads"] for library in known if "numpy" in library["filepath"]]


def test_products_take_one_thread_inside_and_what_they_took_before_outside() -> None:
    before = blas_threads()
    assert before, "numpy's BLAS is not known to threadpoolctl"
    with one_blas_thread():
        assert set(blas_threads()) == {1}
        assert (np.ones((2, 3)) @ np.ones((3, 2)) == 3).all()
    assert blas_threads() == before
    with pytest.raises(RuntimeError), one_blas_thread():
        raise RuntimeError
    assert blas_threads() == before
