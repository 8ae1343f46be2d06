"""JSON lines: one object a line with every field of the pair schema (null where unknown)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from align.corpus.schema import PAIR_SCHEMA, conform
from align.errors import InputError
from align.files import read_lines

_ROWS_AT_ONCE = 65_536
_INT64 = range(-(2**63), 2**63)


def write_jsonl(pairs: pl.DataFrame, stream: BinaryIO) -> None:
    """Write a table of pairs; columns outside the schema follow it."""
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
    for rows in conform(pairs).iter_slices(_ROWS_AT_ONCE):
        stream.writelines(f"{encode(row)}\n".encode() for row in rows.iter_rows(named=True))


def read_jsonl(path: Path) -> pl.DataFrame:
    """Return the pairs of a file; keys outside the schema follow it, blank lines are skipped.

    Raises:
        InputError: a line is no JSON object or a field has another type than the schema's; the message names the
            file and the line (1-based).
        DecodingError: the file is not UTF-8.
    """
    rows = [
        _row(line, f"{path}, line {number}")
        for number, line in enumerate(read_lines(path), 1)
        if line and not line.isspace()
    ]
    table = pl.from_dicts(rows, schema=PAIR_SCHEMA) if rows else pl.DataFrame(schema=PAIR_SCHEMA)
    others = dict.fromkeys(key for row in rows for key in row if key not in PAIR_SCHEMA)
    return conform(table.with_columns(_other(name, [row.get(name) for row in rows]) for name in others))


def _row(line: str, place: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
        if "\\u" in line:
            json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{place}: half a surrogate pair, which is no character") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: not JSON: {error}") from error
    if not isinstance(row, dict):
        raise InputError(f"{place}: JSON, but no object; expected {{...}} with the fields of a pair")
    for name, value in row.items():
        if value is not None and name in _CHECKS:
            row[name] = _checked(name, value, place)
    return row


def _checked(name: str, value: Any, place: str) -> Any:
    fits, allowed = _CHECKS[name]
    if not fits(value):
        raise InputError(f"{place}: {name} is {str(value)[:60]!r}; allowed: {allowed} or null")
    return float(value) if PAIR_SCHEMA[name].is_float() else value


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_whole(value: Any) -> bool:
    return type(value) is int and value in _INT64


def _is_number(value: Any) -> bool:
    return _is_whole(value) or (type(value) is float and math.isfinite(value))


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


_KINDS: dict[pl.DataType, tuple[Callable[[Any], bool], str]] = {
    pl.String(): (_is_text, "text"),
    pl.Float64(): (_is_number, "a finite number"),
    pl.Int64(): (_is_whole, "a whole number"),
    pl.List(pl.Int64()): (_list_of(_is_whole), "a list of whole numbers"),
    pl.List(pl.String()): (_list_of(_is_text), "a list of texts"),
}
_CHECKS = {name: _KINDS[dtype] for name, dtype in PAIR_SCHEMA.items()}


def _other(name: str, values: list[Any]) -> pl.Series:
    """Return a column of unknown type: text, numbers of one kind or truth values as they are, all else as JSON."""
    kinds = {type(value) for value in values if value is not None}
    if (len(kinds) == 1 and kinds <= {str, float, bool}) or (kinds == {int} and all(map(_is_whole_or_null, values))):
        return pl.Series(name, values)
    texts = (json.dumps(value, ensure_ascii=False) for value in values)
    return pl.Series(name, [None if text == "null" else text for text in texts], pl.String())


def _is_whole_or_null(value: Any) -> bool:
    return value is None or _is_whole(value)
