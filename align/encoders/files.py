"""Vectors of a file of one sentence a line."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from align.encoders.base import Encoder
from align.errors import DecodingError, InputError
from align.files import whole_file


def embed_file(path: str | Path, output: str | Path, encoder: Encoder) -> int:
    """Write the vectors of the lines of `path` ("-" is the standard input) as float32 .npy (lines, dim).

    Row i belongs to line i; an empty line has a row, too (`Encoder.encode` says which). Returns the number of lines.

    Raises:
        InputError: the file has no line.
        DecodingError: the file is not UTF-8.
        OutputError: `output` could not be written.
    """
    lines = read_lines(path)
    if not lines:
        raise InputError(f"{path}: no line in it; give one sentence a line")
    vectors = encoder.encode(lines)
    with whole_file(output) as partial, partial.open("wb") as file:
        np.save(file, vectors, allow_pickle=False)
    return len(lines)


def read_lines(path: str | Path) -> list[str]:
    """Return the lines of a UTF-8 file, without line ends; only LF and CR LF end a line.

    Raises:
        DecodingError: the file is not UTF-8; the message has the number of the line, from 1.
    """
    raw = sys.stdin.buffer.read() if str(path) == "-" else Path(path).read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = raw.count(b"\n", 0, error.start) + 1
        raise DecodingError(f"{path}: line {number} is not UTF-8; convert the file to UTF-8 first") from error
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    # What follows the last line end is a line only if there is something.
    return lines if lines[-1] else lines[:-1]
