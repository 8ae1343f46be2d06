"""Progress bars on standard error, for what takes longer than two seconds, when somebody is watching."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from align.progress import Progress, silent

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

PATIENCE = 2.0  # seconds of a stage before its bar appears


@contextlib.contextmanager
def progress_bars() -> Iterator[Progress]:
    """Yield a progress callback that draws bars on a terminal and does nothing elsewhere.

    Nothing is written before the first slow stage, not even the codes that hide the cursor.
    """
    # Not rich's own idea of a terminal: FORCE_COLOR and the like, common in CI, would put bars into log files.
    if not sys.stderr.isatty():
        yield silent
        return
    with contextlib.ExitStack() as stack:
        yield Stages(lambda: stack.enter_context(_new_bars()))


def _new_bars() -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


class Stages:
    """One bar a stage, shown once the stage has taken a while and gone when it is done."""

    def __init__(self, start: Callable[[], Bars], clock: Callable[[], float] = time.monotonic) -> None:
        """Remember how to start the display of bars; it is called once, for the first slow stage."""
        self._start, self._clock = start, clock
        self._bars: Bars | None = None
        self._tasks: dict[str, TaskID] = {}
        self._since: dict[str, float] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take note that `done` of `total` steps of `stage` are finished."""
        started = self._since.setdefault(stage, self._clock())
        if done >= total:
            del self._since[stage]
            if self._bars is not None and stage in self._tasks:
                self._bars.remove_task(self._tasks.pop(stage))
            return
        if self._clock() - started <= PATIENCE:
            return
        if self._bars is None:
            self._bars = self._start()
        if stage in self._tasks:
            self._bars.update(self._tasks[stage], completed=done, total=total)
        else:
            self._tasks[stage] = self._bars.add_task(stage, completed=done, total=total)
