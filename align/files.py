"""Output files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from align.errors import OutputError


@contextlib.contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it is renamed to `path`, on any error it is removed.

    The temporary name keeps the suffixes of `path`, so that writers which look at the ending still work. A device or
    pipe, such as /dev/null, is yielded itself: renaming a file onto it would replace it.

    Raises:
        OutputError: the folder does not exist, is not writable, or the disk is full.
    """
    target = Path(path)
    if target.is_dir():
        raise OutputError(target, os.strerror(errno.EISDIR))
    if target.exists() and not target.is_file():
        with _named(target):
            yield target
        return
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".partial-", suffix="".join(target.suffixes[-2:]))
        os.close(handle)
    except OSError as error:
        raise OutputError(target, error.strerror or str(error)) from error
    partial = Path(name)
    try:
        with _named(target):
            yield partial
            _adopt_mode(partial, target)
            os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


@contextlib.contextmanager
def _named(target: Path) -> Iterator[None]:
    """Turn an error of the system into one that names the file the user asked for."""
    try:
        yield
    except OSError as error:
        raise OutputError(target, error.strerror or str(error)) from error


def _adopt_mode(partial: Path, target: Path) -> None:
    """Give the file the mode that a plain open() would have: mkstemp's 0600 would surprise other readers."""
    if target.exists():
        partial.chmod(target.stat().st_mode & 0o777)
        return
    umask = os.umask(0)
    os.umask(umask)
    partial.chmod(0o666 & ~umask)
