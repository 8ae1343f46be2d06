"""How many threads small matrix products may take."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager

import threadpoolctl


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Compute matrix products in the calling thread, in the whole process for as long as it takes.

    The products of in-order matching take microseconds. Threads gain nothing on them, and where another program holds
    a core they wait for one another: a document pair of 10,000 sentences took twenty times as long.
    """
    with _libraries().limit(limits=1, user_api="blas"):
        yield


@functools.cache
def _libraries() -> threadpoolctl.ThreadpoolController:
    return threadpoolctl.ThreadpoolController()  # looks through all libraries that are loaded: once is enough
