r"""Tab-separated values: one pair a line under a header, `vi`, `en` and `probability` first.

A file whose header names the column `id` is in this package's own dialect, the one of `align.corpus.cells`: empty
cells are null and backslashes escape. Any other file is taken literally, as nothing says that `C:\new` holds a line
break: a header with `vi` and `en` among its names, or no header and exactly two columns, Vietnamese and English.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import polars as pl

from align.corpus.cells import decode_column, decode_rows, encode_column
from align.corpus.inputs import WHOLE, Input, OnError, chunks, refuse
from align.corpus.schema import PAIR_SCHEMA, conform
from align.errors import DecodingError, InputError

LEADING = ("vi", "en", "probability")
"""The columns that people look at, before all others."""

_ROWS_AT_ONCE = 65_536


def write_tsv(pairs: pl.DataFrame, stream: BinaryIO) -> None:
    """Write a table of pairs; columns outside the schema follow it.

    Raises:
        InputError: a column has a type that no cell can hold.
    """
    table = conform(pairs)
    stream.write(tsv_head(table))
    for rows in table.iter_slices(_ROWS_AT_ONCE):
        stream.write(tsv_rows(rows))


def tsv_head(table: pl.DataFrame) -> bytes:
    """Return the header of a conformed table."""
    names = pl.Series(table.select(*LEADING, pl.exclude(LEADING)).columns)
    return ("\t".join(encode_column(names)) + "\n").encode()


def tsv_rows(table: pl.DataFrame) -> bytes:
    """Return the lines of a conformed table."""
    cells = pl.DataFrame([encode_column(column) for column in table.select(*LEADING, pl.exclude(LEADING))])
    lines = cells.fill_null("").select(pl.concat_str(pl.all(), separator="\t")).to_series()
    return "".join(f"{line}\n" for line in lines).encode()


def read_tsv(path: Path) -> pl.DataFrame:
    """Return the pairs of a file; columns outside the schema follow it as text.

    Raises:
        InputError: the header or a line does not fit; the message names the file and the line (1-based).
        DecodingError: the file is not UTF-8.
    """
    return next(tsv_batches(Input.of(path), WHOLE))


def tsv_batches(source: Input, size: int, on_error: OnError | None = None) -> Iterator[pl.DataFrame]:
    """Yield what `read_tsv` gives, `size` lines at once; with `on_error` lines that do not fit are left out."""
    lines = source.lines()
    number, first = next(lines, (0, None))
    if isinstance(first, DecodingError):
        raise first
    names = None if first is None else _header(first, source)
    if first is not None and names is None:
        lines = itertools.chain([(number, first)], lines)
    # An empty line is no pair in any dialect: even two empty cells have a tab between them.
    for rows in chunks((row for row in lines if row[1] != ""), size):
        yield conform(_table(rows, names, source, on_error))


def _header(line: str, source: Input) -> list[str] | None:
    """Return the column names, or None when the line is a pair of a file without header."""
    names = line.split("\t")
    if {"vi", "en"} <= set(names):
        if len(set(names)) < len(names):
            raise InputError(f"{source.name}, line 1: a column name stands twice in the header; name every column once")
        return decode_column(pl.Series(names), pl.String())[0].to_list() if "id" in names else names
    if len(names) == 2:
        return None
    raise InputError(
        f"{source.name}, line 1: {len(names)} columns and no header with 'vi' and 'en'; "
        "a file without header has two columns, Vietnamese and English"
    )


def _table(
    rows: list[tuple[int, str | DecodingError]], names: list[str] | None, source: Input, on_error: OnError | None
) -> pl.DataFrame:
    columns = names or ["vi", "en"]
    numbers, lines = _fitting(rows, len(columns), source, on_error)
    cells = pl.Series(lines, dtype=pl.String).str.split("\t")
    own = names is not None and "id" in names
    return decode_rows(
        [_cells(cells.list.get(at).alias(name), own) for at, name in enumerate(columns)],
        lambda row, name: f"{source.name}, line {numbers[row]}: {name}",
        on_error,
    )


def _fitting(
    rows: list[tuple[int, str | DecodingError]], wanted: int, source: Input, on_error: OnError | None
) -> tuple[list[int], list[str]]:
    """Return numbers and texts of the lines that are UTF-8 and have as many columns as the first."""
    numbers, lines = [], []
    for number, line in rows:
        if isinstance(line, DecodingError):
            refuse(line, on_error)
        elif (found := line.count("\t") + 1) != wanted:
            what = f"{found} columns; expected {wanted} as in line 1"
            refuse(InputError(f"{source.name}, line {number}: {what}"), on_error)
        else:
            numbers.append(number)
            lines.append(line)
    return numbers, lines


def _cells(column: pl.Series, own: bool) -> tuple[pl.Series, pl.DataType | None]:
    """Return the cells of a column and their type; texts are unescaped in the own dialect only."""
    dtype = PAIR_SCHEMA.get(column.name, pl.String())
    if column.name != "flags":
        # An empty cell of flags is an empty list; everywhere else it says "unknown".
        column = column.replace({"": None})
    return column, (None if dtype == pl.String and not own else dtype)
