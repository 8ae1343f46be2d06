"""One process at a time."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from align.errors import OutputError
from align.progress import Progress, silent

_UNSUPPORTED = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


@contextlib.contextmanager
def alone(path: Path, *, stage: str = "wait", progress: Progress = silent, pause: float = 0.2) -> Iterator[None]:
    """Wait until no other process or thread is inside with the same `path`, and keep the others out.

    The file `path` is made, locked, and removed at the end; the lock of a process that was killed is gone with it. On
    network file systems that cannot lock, nobody is kept out.

    Args:
        path: file to lock; its folder exists.
        stage: what progress calls the waiting, as progress(stage, 0, 1).
        progress: told about the waiting, if there is any.
        pause: seconds between two looks.

    Raises:
        OutputError: the file cannot be made.
    """
    waited = False
    while (handle := _taken(path)) is None:
        waited = True
        progress(stage, 0, 1)
        time.sleep(pause)
    try:
        if waited:
            progress(stage, 1, 1)
        yield
    finally:
        # While it is still locked: who opened it in between sees that it is another file by now. Windows does not
        # remove open files; there it stays, which harms nobody.
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(handle)


def _taken(path: Path) -> int | None:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise OutputError(path, error.strerror or str(error)) from error
    try:
        if _lock(handle) and _is_file(handle, path):
            return handle
    except BaseException:
        os.close(handle)
        raise
    os.close(handle)
    return None


def _lock(handle: int) -> bool:
    """Lock the open file unless somebody else has."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in _UNSUPPORTED
    return True


def _is_file(handle: int, path: Path) -> bool:
    """Whether `path` still leads to the open file: the one who held it before may have removed it."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
