"""The pair schema: one row of the corpus (DESIGN, section 5)."""

from __future__ import annotations

import polars as pl

from align.errors import InputError

PAIR_SCHEMA: dict[str, pl.DataType] = {
    "id": pl.String(),  # 16 hex digits, hash of articles, offsets and texts
    "vi": pl.String(),  # the article's own text between the offsets, white space folded to single spaces
    "en": pl.String(),
    "probability": pl.Float64(),  # calibrated chance that the pair is a translation, 0..1
    "margin": pl.Float64(),  # ratio margin (Artetxe & Schwenk 2019)
    "cosine": pl.Float64(),
    "bead": pl.String(),  # number of sentences on either side, such as "1-2"
    "vi_article": pl.String(),
    "en_article": pl.String(),
    "vi_sentences": pl.List(pl.Int64()),  # 0-based indices into the article's sentences
    "en_sentences": pl.List(pl.Int64()),
    "vi_start": pl.Int64(),  # half-open character (code point) offsets into the article's text
    "vi_end": pl.Int64(),
    "en_start": pl.Int64(),
    "en_end": pl.Int64(),
    "flags": pl.List(pl.String()),  # remarks on the pair, such as "crossing"; empty when there are none
    "mt_chrf": pl.Float64(),  # chrF of the back-translation, 0..100; null when it was not asked for
    "run": pl.String(),  # signature of the run that made the row
}
"""Column names and types, in the order in which every format writes them."""


def conform(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return `pairs` with every column of `PAIR_SCHEMA` first, in its order and type, then its other columns.

    Missing columns are filled with nulls, or with empty lists for `flags`: a pair without remarks has none, it is
    not unknown. A score that is not finite is no score and becomes null. Whole numbers
    that another program stored as floats (a column of integers with gaps) become integers again.

    Raises:
        InputError: a column holds values that are not of the schema's type.

    >>> conform(pl.DataFrame({"vi": ["Xin chào."], "en": ["Hello."], "probability": [1]})).columns[:4]
    ['id', 'vi', 'en', 'probability']
    """
    others = [name for name in pairs.columns if name not in PAIR_SCHEMA]
    known = [_conform_column(pairs, name, dtype) for name, dtype in PAIR_SCHEMA.items()]
    return pl.DataFrame(known).with_columns(pairs.select(others).get_columns())


def check_texts(pairs: pl.DataFrame, unit: str, first_row: int = 0) -> None:
    """Refuse a table with pairs that lack a text, for formats without a place for them.

    Args:
        pairs: table with the columns vi and en.
        unit: what the format makes of a pair, such as "a TMX unit".
        first_row: 0-based number of the first row, for the message.

    Raises:
        InputError: a text is null; the message names the row.
    """
    rows = (pairs["vi"].is_null() | pairs["en"].is_null()).arg_true()
    if len(rows):
        row = first_row + rows[0]
        raise InputError(f"row {row}: {unit} needs both texts; fill in the texts or leave the row out")


def _conform_column(pairs: pl.DataFrame, name: str, dtype: pl.DataType) -> pl.Series:
    column = pairs[name] if name in pairs.columns else pl.Series(name, [None] * pairs.height, dtype=dtype)
    try:
        typed = column.cast(dtype, strict=True)
    except pl.exceptions.PolarsError as error:
        raise InputError(f"column {name!r} holds {column.dtype} values that are not all {dtype}") from error
    if dtype.is_integer() and column.dtype.is_float() and not typed.cast(pl.Float64).equals(column.cast(pl.Float64)):
        raise InputError(f"column {name!r} holds fractions; allowed: whole numbers")
    if dtype.is_float():
        return typed.set(~typed.is_finite(), None)
    if name == "flags":
        return typed.to_frame().select(pl.first().fill_null(pl.lit([], dtype=dtype))).to_series()
    return typed
