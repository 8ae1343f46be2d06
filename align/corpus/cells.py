r"""One value as one line of plain text: the cells of TSV, of Moses' `.ids` and of TMX's `prop` elements.

Numbers have their shortest form that reads back as the same number. Lists are joined with commas. In strings a
backslash starts an escape: `\\` `\t` `\n` `\r`, `\c` for a comma inside a list item, `\e` for the empty string, and
`\uXXXX` for control characters, which XML forbids and line tools stumble on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import polars as pl

from align.corpus.inputs import OnError, refuse
from align.errors import InputError

XML_ILLEGAL = "".join(map(chr, (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF)))
"""Characters that no XML 1.0 document may hold, not even as references (section 2.2), surrogates left aside."""
_LINE_BREAKS = "\x85\u2028\u2029"

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"} | {
    character: f"\\u{ord(character):04x}" for character in XML_ILLEGAL + _LINE_BREAKS
}
_ITEM_ESCAPES = _ESCAPES | {",": "\\c"}
_EMPTY = "\\e"
_UNESCAPES = {escape: character for character, escape in _ITEM_ESCAPES.items()} | {_EMPTY: ""}


def encode_column(column: pl.Series) -> pl.Series:
    r"""Return the cells of a column as strings; nulls stay null, empty lists become empty cells.

    Raises:
        InputError: the column has a type that no cell can hold, such as a struct.

    >>> encode_column(pl.Series("flags", [["crossing", "a,b"], []])).to_list()
    ['crossing,a\\cb', '']
    """
    dtype = column.dtype
    inner = dtype.inner if isinstance(dtype, pl.List) else dtype
    if inner.is_nested() or inner in (pl.Object, pl.Binary):
        raise InputError(f"column {column.name!r} holds {dtype} values; allowed: text, numbers and lists of them")
    if not isinstance(dtype, pl.List):
        return _map(column, _escape(pl.first(), _ESCAPES) if dtype == pl.String else pl.first().cast(pl.String))
    items = pl.first().list.eval(_escape(pl.element(), _ITEM_ESCAPES)) if inner == pl.String else pl.first()
    return _map(column, items.cast(pl.List(pl.String)).list.join(","))


def decode_column(cells: pl.Series, dtype: pl.DataType) -> tuple[pl.Series, list[int]]:
    r"""Return the values of `cells`, and the indices of the cells that are not of type `dtype`.

    The inverse of `encode_column`.

    >>> values, bad = decode_column(pl.Series("vi_end", ["12", "x"]), pl.Int64())
    >>> values.to_list(), bad
    ([12, None], [1])
    """
    if dtype == pl.String:
        return _map(cells, _unescape(pl.first())), []
    if not isinstance(dtype, pl.List):
        values = cells.cast(dtype, strict=False)
        return values, (values.is_null() & cells.is_not_null()).arg_true().to_list()
    none = pl.lit([], dtype=pl.List(pl.String))
    items = _map(cells, pl.when(pl.first() == "").then(none).otherwise(pl.first().str.split(",")))
    if dtype.inner == pl.String:
        return _map(items, pl.first().list.eval(_unescape(pl.element()))), []
    values = items.cast(dtype, strict=False)
    return values, values.list.eval(pl.element().is_null()).list.any().fill_null(False).arg_true().to_list()


def decode_rows(
    columns: Iterable[tuple[pl.Series, pl.DataType | None]], label: Callable[[int, str], str], on_error: OnError | None
) -> pl.DataFrame:
    """Return a table of decoded columns, without the rows that hold a cell of a wrong type.

    Args:
        columns: cells and what they should hold; None takes them literally.
        label: takes a row and the name of a column, returns what a message calls the cell.
        on_error: takes the fault of each row that is left out.

    Raises:
        InputError: a cell is of a wrong type and `on_error` is None.
    """
    values: list[pl.Series] = []
    faults: dict[int, str] = {}
    for cells, dtype in columns:
        column, bad = (cells, []) if dtype is None else decode_column(cells, dtype)
        values.append(column)
        for row in bad[:1] if on_error is None else bad:
            allowed = allowed_cell(column.dtype)
            faults.setdefault(row, f"{label(row, cells.name)} is {cells[row]!r}; allowed: {allowed}")
    for row in sorted(faults):
        refuse(InputError(faults[row]), on_error)
    table = pl.DataFrame(values)
    return table.with_row_index("").filter(~pl.col("").is_in(list(faults))).drop("") if faults else table


def allowed_cell(dtype: pl.DataType) -> str:
    """Say what a cell of a column of this type may hold, for error messages."""
    if isinstance(dtype, pl.List):
        return "whole numbers joined with commas, or nothing"
    return "a whole number or nothing" if dtype.is_integer() else "a number or nothing"


def _map(column: pl.Series, expression: pl.Expr) -> pl.Series:
    return column.to_frame().select(expression.alias(column.name)).to_series()


def _escape(text: pl.Expr, escapes: dict[str, str]) -> pl.Expr:
    return text.str.replace_many(list(escapes), list(escapes.values())).replace({"": _EMPTY})


def _unescape(text: pl.Expr) -> pl.Expr:
    # One pass from left to right: every escape starts with a backslash and none is the start of another.
    return text.str.replace_many(list(_UNESCAPES), list(_UNESCAPES.values()))
