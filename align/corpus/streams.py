"""Bytes and lines of corpus files, plain or gzip-compressed."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

from align.errors import DecodingError, InputError

GZIP_MAGIC = b"\x1f\x8b"


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file, uncompressed when it starts as gzip does (whatever its name).

    Raises:
        InputError: the file cannot be read or its compressed stream is damaged or cut short.
    """
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data.startswith(GZIP_MAGIC) else data
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path}: damaged gzip file: {error}") from error
    except OSError as error:
        raise InputError(f"{path}: not read: {error.strerror or error}") from error


def read_lines(path: Path) -> list[str]:
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
    # gzip.compress would do, but its header differs between versions of Python.
    buffer = io.BytesIO()
    with gzip.GzipFile("", "wb", compresslevel=6, fileobj=buffer, mtime=0) as stream:
        stream.write(data)
    return buffer.getvalue()
