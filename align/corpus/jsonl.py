"""JSON lines: one object a line with every field of the pair schema (null where unknown)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from align.corpus.inputs import Input, OnError, chunks, refuse
from align.corpus.schema import PAIR_SCHEMA, conform
from align.errors import DecodingError, InputError

_ROWS_AT_ONCE = 65_536
_INT64 = range(-(2**63), 2**63)


def write_jsonl(pairs: pl.DataFrame, stream: BinaryIO) -> None:
    """Write a table of pairs; columns outside the schema follow it.

    Raises:
        InputError: a column holds bytes, which JSON has no form for.
    """
    for rows in conform(pairs).iter_slices(_ROWS_AT_ONCE):
        stream.write(jsonl_rows(rows))


def jsonl_rows(table: pl.DataFrame) -> bytes:
    """Return the lines of a conformed table; dates and decimals become text, numbers that are not finite null."""
    finite = table.with_columns(pl.when(pl.selectors.float().is_finite()).then(pl.selectors.float()))
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_as_text).encode
    try:
        return "".join(f"{encode(row)}\n" for row in finite.iter_rows(named=True)).encode()
    except ValueError as error:  # a number that is not finite, deep inside another program's column
        raise InputError(f"a column outside the schema does not fit JSON: {error}; drop it") from error


def _as_text(value: object) -> str:
    if isinstance(value, (date, time, timedelta, Decimal)):
        return str(value)
    raise ValueError(f"a value of the type {type(value).__name__}")


def read_jsonl(path: Path) -> pl.DataFrame:
    """Return the pairs of a file; keys outside the schema follow it, blank lines are skipped.

    Raises:
        InputError: a line is no JSON object or a field has another type than the schema's; the message names the
            file and the line (1-based).
        DecodingError: the file is not UTF-8.
    """
    others = _Others()
    rows = list(others.noted(_rows(Input.of(path))))
    return _table(rows, others)


def jsonl_batches(source: Input, size: int, on_error: OnError | None = None) -> Iterator[pl.DataFrame]:
    """Yield what `read_jsonl` gives, `size` lines at once; with `on_error` lines that do not fit are left out.

    The file is read twice, as a later line may show that a key outside the schema holds values of several kinds.
    """
    with source.reopenable() as file:
        others = _Others()
        for _ in others.noted(_rows(file, on_error and _silent)):
            pass
        for rows in chunks(_rows(file, on_error), size):
            yield _table(rows, others)


def _silent(fault: InputError) -> None:
    """Leave it to the second reading to tell."""


def _rows(source: Input, on_error: OnError | None = None) -> Iterator[dict[str, Any]]:
    for number, line in source.lines():
        try:
            if isinstance(line, DecodingError):
                raise line
            if line and not line.isspace():
                yield _row(line, f"{source.name}, line {number}")
        except InputError as fault:
            refuse(fault, on_error)


def _table(rows: list[dict[str, Any]], others: _Others) -> pl.DataFrame:
    table = pl.from_dicts(rows, schema=PAIR_SCHEMA) if rows else pl.DataFrame(schema=PAIR_SCHEMA)
    return conform(table.with_columns(others.columns(rows)))


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


_PLAIN: dict[type, pl.DataType | None] = {str: pl.String(), float: pl.Float64(), bool: pl.Boolean(), int: pl.Int64()}


class _Others:
    """The keys outside the schema in their order, and what kinds of values each holds.

    Text, numbers of one kind and truth values are columns of their own type; all else is text with JSON in it.
    """

    def __init__(self) -> None:
        self._kinds: dict[str, set[type]] = {}

    def noted(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Pass the rows on, taking note of their keys."""
        for row in rows:
            for name, value in row.items():
                if name not in PAIR_SCHEMA:
                    self._kinds.setdefault(name, set()).update(_kind(value))
            yield row

    def columns(self, rows: list[dict[str, Any]]) -> list[pl.Series]:
        return [_column(name, kinds, [row.get(name) for row in rows]) for name, kinds in self._kinds.items()]


def _kind(value: Any) -> tuple[type, ...]:
    if value is None:
        return ()
    return (object,) if type(value) is int and value not in _INT64 else (type(value),)


def _column(name: str, kinds: set[type], values: list[Any]) -> pl.Series:
    dtype = _PLAIN.get(next(iter(kinds))) if len(kinds) == 1 else None
    if dtype is not None:
        return pl.Series(name, values, dtype)
    texts = (json.dumps(value, ensure_ascii=False) for value in values)
    return pl.Series(name, [None if text == "null" else text for text in texts], pl.String())
