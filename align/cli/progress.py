"""Progress bars on standard error, for what takes longer than two seconds, when somebody is watching."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from align.progress import Progress, silent

PATIENCE = 2.0  # seconds of a stage before its bar appears


@contextlib.contextmanager
def progress_bars() -> Iterator[Progress]:
    """Yield a progress callback that draws bars on a terminal and does nothing elsewhere."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield silent
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console, transient=True) as bars:
        yield _Stages(bars)


class _Stages:
    """One bar a stage, shown once the stage has taken a while and gone when it is done."""

    def __init__(self, bars: object) -> None:
        self._bars = bars
        self._tasks: dict[str, int] = {}
        self._since: dict[str, float] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        bars = self._bars
        started = self._since.setdefault(stage, time.monotonic())
        if done >= total:
            self._since.pop(stage)
            if stage in self._tasks:
                bars.remove_task(self._tasks.pop(stage))  # type: ignore[attr-defined]
        elif stage in self._tasks:
            bars.update(self._tasks[stage], completed=done, total=total)  # type: ignore[attr-defined]
        elif time.monotonic() - started > PATIENCE:
            self._tasks[stage] = bars.add_task(stage, completed=done, total=total)  # type: ignore[attr-defined]
