"""Parquet: the pair schema with its own types, read by every data frame library."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

import polars as pl

from align.corpus.schema import conform
from align.errors import InputError
from align.files import read_bytes


def write_parquet(pairs: pl.DataFrame, stream: BinaryIO) -> None:
    """Write a table of pairs; columns outside the schema follow it.

    Everything that shapes the bytes is fixed, and the table is one chunk: equal tables give equal files.
    """
    buffer = io.BytesIO()
    conform(pairs).rechunk().write_parquet(
        buffer, compression="zstd", compression_level=3, statistics=True, row_group_size=65_536, data_page_size=1 << 20
    )
    stream.write(buffer.getbuffer())


def read_parquet(path: Path) -> pl.DataFrame:
    """Return the pairs of a file; columns outside the schema follow it.

    Raises:
        InputError: the file is no Parquet file, is damaged, or a column has another type than the schema's.
    """
    data = read_bytes(path)
    try:
        table = pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{path}: no Parquet file or a damaged one: {reason}") from error
    try:
        return conform(table)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
