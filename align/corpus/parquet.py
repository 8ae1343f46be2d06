"""Parquet: the pair schema with its own types, read by every data frame library."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from align.corpus.inputs import Input, OnError
from align.corpus.schema import conform
from align.errors import InputError
from align.files import read_bytes

_ROWS_AT_ONCE = 65_536
# Everything that shapes the bytes is fixed: equal tables give equal files.
_FORM: Any = {
    "compression": "zstd",
    "compression_level": 3,
    "statistics": True,
    "row_group_size": _ROWS_AT_ONCE,
    "data_page_size": 1 << 20,
}


def write_parquet(pairs: pl.DataFrame, stream: BinaryIO) -> None:
    """Write a table of pairs; columns outside the schema follow it.

    The table becomes one chunk first: equal tables give equal files.
    """
    buffer = io.BytesIO()
    conform(pairs).rechunk().write_parquet(buffer, **_FORM)
    stream.write(buffer.getbuffer())


class ParquetParts:
    """Writes conformed tables of the same columns into one Parquet file without holding them all.

    Polars has no writer that takes tables one after the other, so they wait in part files, which it then joins as a
    stream.

    Args:
        folder: an empty folder for the parts.
    """

    def __init__(self, folder: Path) -> None:
        """Write nothing yet."""
        self._folder = folder
        self._parts: list[Path] = []
        self._waiting: list[pl.DataFrame] = []

    def write(self, table: pl.DataFrame) -> None:
        """Append a table."""
        self._waiting.append(table)
        if sum(each.height for each in self._waiting) >= _ROWS_AT_ONCE:
            self._flush()

    def joined(self) -> Path:
        """Return the file with all that was written; at least one table must have been."""
        if self._waiting:
            self._flush()
        if len(self._parts) == 1:
            return self._parts[0]
        whole = self._folder / "whole.parquet"
        pl.scan_parquet(self._parts, glob=False, hive_partitioning=False).sink_parquet(whole, **_FORM)
        return whole

    def _flush(self) -> None:
        part = self._folder / f"{len(self._parts)}.parquet"
        with part.open("wb") as stream:
            write_parquet(pl.concat(self._waiting), stream)
        self._parts.append(part)
        self._waiting = []


def read_parquet(path: Path) -> pl.DataFrame:
    """Return the pairs of a file; columns outside the schema follow it.

    Raises:
        InputError: the file is no Parquet file, is damaged, or a column has another type than the schema's.
    """
    data = read_bytes(path)
    with _named(str(path)):
        return conform(pl.read_parquet(io.BytesIO(data)))


def parquet_batches(source: Input, size: int, on_error: OnError | None = None) -> Iterator[pl.DataFrame]:
    """Yield what `read_parquet` gives, `size` rows at once; `on_error` is not called, as columns fit whole or not."""
    at_once = size * max(1, _ROWS_AT_ONCE // size)
    with source.reopenable(plain=True) as file, _named(source.name):
        with file.opened():
            pass  # polars would say in its own way that there is no such file
        rows = pl.scan_parquet(file.path.absolute(), glob=False, hive_partitioning=False)
        height = rows.select(pl.len()).collect().item()
        for start in range(0, max(height, 1), at_once):
            yield from conform(rows.slice(start, at_once).collect()).iter_slices(size)
        if not height:
            yield conform(rows.collect())


@contextlib.contextmanager
def _named(name: str) -> Iterator[None]:
    """Say which file it is that polars or `conform` refuses."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{name}: no Parquet file or a damaged one: {reason}") from error
    except InputError as error:
        raise error if str(error).startswith(name) else InputError(f"{name}: {error}") from error
