"""Files: lines in, and output that appears whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import gzip
import io
import os
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from align.errors import DecodingError, InputError, OutputError

GZIP_MAGIC = b"\x1f\x8b"


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


def check_writable(path: str | Path) -> None:
    """Find out, without writing, whether a file could be written; "-", the standard output, always can.

    Raises:
        OutputError: it is a folder, or its folder does not exist or is not writable.
    """
    if str(path) == "-":
        return
    target = Path(path)
    if target.is_dir():
        raise OutputError(target, os.strerror(errno.EISDIR))
    if not target.parent.is_dir():
        raise OutputError(target, f"there is no folder {target.parent}; make it first")
    if not os.access(target if target.exists() else target.parent, os.W_OK):
        raise OutputError(target, os.strerror(errno.EACCES))


@contextlib.contextmanager
def _named(target: Path) -> Iterator[None]:
    """Turn an error of the system into one that names the file the user asked for."""
    try:
        yield
    except BrokenPipeError:
        raise  # the reader of another output, written at the same time, went away
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


def read_bytes(path: str | Path) -> bytes:
    """Return the bytes of a file ("-" is the standard input), uncompressed when it starts as gzip does.

    Raises:
        InputError: the file cannot be read or its compressed stream is damaged or cut short.
    """
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else Path(path).read_bytes()
        return gzip.decompress(data) if data.startswith(GZIP_MAGIC) else data
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path}: damaged gzip file: {error}") from error
    except OSError as error:
        raise InputError(f"{path}: not read: {error.strerror or error}") from error


def read_lines(path: str | Path) -> list[str]:
    r"""Return the lines of a UTF-8 file without their ends, which are `\n` or `\r\n` and nothing else.

    Raises:
        InputError: the file cannot be read.
        DecodingError: the bytes are not UTF-8; the message names the line.
    """
    data = read_bytes(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        raise DecodingError(f"{path}, line {number}: byte 0x{byte:02X} is not UTF-8; save the file as UTF-8") from error
    # str.splitlines would also cut at U+0085, U+2028 and others, which are characters of the text here.
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def compress(data: bytes) -> bytes:
    """Return `data` as gzip without a time stamp or name: equal data give equal bytes."""
    buffer = io.BytesIO()
    with gzip_stream(buffer) as stream:
        stream.write(data)
    return buffer.getvalue()


def gzip_stream(target: BinaryIO) -> gzip.GzipFile:
    """Return a stream that compresses into `target` without a time stamp or name."""
    # gzip.compress would do for `compress`, but its header differs between versions of Python.
    return gzip.GzipFile("", "wb", compresslevel=6, fileobj=target, mtime=0)


def write_text(path: str | Path, text: str) -> None:
    """Write UTF-8 text to a file, whole or not at all; "-" is the standard output.

    Raises:
        OutputError: the file could not be written.
    """
    if str(path) == "-":
        write_standard_output(text.encode("utf-8"))
        return
    with whole_file(path) as partial:
        partial.write_bytes(text.encode("utf-8"))


def write_standard_output(data: bytes) -> None:
    """Write all of `data` to the standard output.

    Raises:
        OutputError: it does not take them, such as a file on a full disk. A reader that went away is the
            `BrokenPipeError` of the system.
    """
    rest = memoryview(data)
    try:
        sys.stdout.flush()
        while rest:
            # An unbuffered stream (python -u) may take less than it is given.
            rest = rest[sys.stdout.buffer.write(rest) :]
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError("standard output", error.strerror or str(error)) from error
