"""Run batches, some at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor


def run_batches(run: Callable[[list[int]], None], batches: Sequence[list[int]], threads: int) -> None:
    """Call `run` with each batch of row numbers, on up to `threads` threads; what it raises is raised."""
    if threads == 1 or len(batches) < 2:
        for batch in batches:
            run(batch)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, batches))
