"""Vectors of a file of one sentence a line."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from align.encoders.base import Encoder
from align.errors import InputError, OptionError
from align.files import read_lines, whole_file

Dtype = Literal["float32", "float16"]
DTYPES: tuple[Dtype, ...] = ("float32", "float16")
"""How vectors are stored; half precision takes half the space, and changes cosines by less than 0.001."""


def embed_file(path: str | Path, output: str | Path, encoder: Encoder, dtype: Dtype = "float32") -> int:
    """Write the vectors of the lines of `path` ("-" is the standard input) as .npy (lines, dim) of `dtype`.

    Row i belongs to line i; an empty line has a row, too (`Encoder.encode` says which). Returns the number of lines.

    Raises:
        OptionError: `dtype` is not one of `DTYPES`.
        InputError: the file has no line.
        DecodingError: the file is not UTF-8.
        OutputError: `output` could not be written.
    """
    if dtype not in DTYPES:
        raise OptionError("dtype", dtype, ", ".join(DTYPES))
    lines = read_lines(path)
    if not lines:
        raise InputError(f"{path}: no line in it; give one sentence a line")
    vectors = encoder.encode(lines)
    with whole_file(output) as partial, partial.open("wb") as file:
        np.save(file, vectors.astype(dtype, copy=False), allow_pickle=False)
    return len(lines)
