"""Output files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from align.errors import OutputError


@contextlib.contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it is renamed to `path`, on any error it is removed.

    The temporary name keeps the suffixes of `path`, so that writers which look at the ending still work.

    Raises:
        OutputError: the folder does not exist, is not writable, or the disk is full.
    """
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".partial-", suffix="".join(target.suffixes[-2:]))
        os.close(handle)
    except OSError as error:
        raise OutputError(target, error.strerror or str(error)) from error
    partial = Path(name)
    try:
        yield partial
        _adopt_mode(partial, target)
        os.replace(partial, target)
    except OSError as error:
        raise OutputError(target, error.strerror or str(error)) from error
    finally:
        partial.unlink(missing_ok=True)


def _adopt_mode(partial: Path, target: Path) -> None:
    """Give the file the mode that a plain open() would have: mkstemp's 0600 would surprise other readers."""
    if target.exists():
        partial.chmod(target.stat().st_mode & 0o777)
        return
    umask = os.umask(0)
    os.umask(umask)
    partial.chmod(0o666 & ~umask)
