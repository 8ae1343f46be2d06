"""Vectors of a file of one sentence a line."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from align.encoders.base import Encoder
from align.errors import InputError
from align.files import read_lines, whole_file


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
