r"""Tab-separated values: one pair a line under a header, `vi`, `en` and `probability` first.

A file whose header names the column `id` is in this package's own dialect, the one of `align.corpus.cells`: empty
cells are null and backslashes escape. Any other file is taken literally, as nothing says that `C:\new` holds a line
break: a header with `vi` and `en` among its names, or no header and exactly two columns, Vietnamese and English.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import polars as pl

from align.corpus.cells import allowed_cell, decode_column, encode_column
from align.corpus.schema import PAIR_SCHEMA, conform
from align.errors import InputError
from align.files import read_lines

LEADING = ("vi", "en", "probability")
"""The columns that people look at, before all others."""

_ROWS_AT_ONCE = 65_536


def write_tsv(pairs: pl.DataFrame, stream: BinaryIO) -> None:
    """Write a table of pairs; columns outside the schema follow it.

    Raises:
        InputError: a column has a type that no cell can hold.
    """
    table = conform(pairs)
    table = table.select(*LEADING, pl.exclude(LEADING))
    stream.write(("\t".join(encode_column(pl.Series(table.columns))) + "\n").encode())
    for rows in table.iter_slices(_ROWS_AT_ONCE):
        cells = pl.DataFrame([encode_column(column) for column in rows]).fill_null("")
        lines = cells.select(pl.concat_str(pl.all(), separator="\t")).to_series()
        stream.write(("\n".join(lines) + "\n").encode())


def read_tsv(path: Path) -> pl.DataFrame:
    """Return the pairs of a file; columns outside the schema follow it as text.

    Raises:
        InputError: the header or a line does not fit; the message names the file and the line (1-based).
        DecodingError: the file is not UTF-8.
    """
    lines = read_lines(path)
    names = _header(lines[0], path) if lines else None
    own = names is not None and "id" in names
    rows = pl.DataFrame({"line": lines}, schema={"line": pl.String}).with_row_index("number", offset=1)
    # An empty line is no pair in any dialect: even two empty cells have a tab between them.
    rows = rows.slice(0 if names is None else 1).filter(pl.col("line") != "")
    cells, numbers = rows["line"].str.split("\t"), rows["number"]
    columns = names or ["vi", "en"]
    _refuse_ragged(cells, len(columns), numbers, path)
    return conform(pl.DataFrame([_column(cells, at, name, own, numbers, path) for at, name in enumerate(columns)]))


def _header(line: str, path: Path) -> list[str] | None:
    """Return the column names, or None when the line is a pair of a file without header."""
    names = line.split("\t")
    if {"vi", "en"} <= set(names):
        if len(set(names)) < len(names):
            raise InputError(f"{path}, line 1: a column name stands twice in the header; name every column once")
        return decode_column(pl.Series(names), pl.String())[0].to_list() if "id" in names else names
    if len(names) == 2:
        return None
    raise InputError(
        f"{path}, line 1: {len(names)} columns and no header with 'vi' and 'en'; "
        "a file without header has two columns, Vietnamese and English"
    )


def _refuse_ragged(cells: pl.Series, wanted: int, numbers: pl.Series, path: Path) -> None:
    found = cells.list.len()
    ragged = found != wanted
    if ragged.any():
        row = ragged.arg_max() or 0
        raise InputError(f"{path}, line {numbers[row]}: {found[row]} columns; expected {wanted} as in line 1")


def _column(cells: pl.Series, at: int, name: str, own: bool, numbers: pl.Series, path: Path) -> pl.Series:
    """Return one typed column; only the own dialect is unescaped."""
    column = cells.list.get(at).alias(name)
    dtype = PAIR_SCHEMA.get(name, pl.String())
    if name != "flags":
        # An empty cell of flags is an empty list; everywhere else it says "unknown".
        column = column.replace({"": None})
    if dtype == pl.String and not own:
        return column
    values, bad = decode_column(column, dtype)
    if bad is not None:
        raise InputError(f"{path}, line {numbers[bad]}: {name} is {column[bad]!r}; allowed: {allowed_cell(dtype)}")
    return values
