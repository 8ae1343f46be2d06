"""JSONL and Parquet: one article a row, in the columns `id`, `text`, `lang`, `title`, `url`, `date`.

Only `text` is required. A row that cannot be used is reported and the others go on; an optional field of the wrong
type is left out and the article keeps a note about it.
"""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from align.articles.encodings import Decoded, decode, refuse_binary
from align.articles.record import Article, Problem, is_unicode
from align.errors import DecodingError

COLUMNS = ("id", "text", "lang", "title", "url", "date")


def read_jsonl(data: bytes, source: str, key: str, encoding: str | None) -> Iterator[Article | Problem]:
    """Yield one article or problem for each line that is not blank.

    Args:
        data: the bytes of the file.
        source: its path, for messages.
        key: what the ids of rows without an `id` begin with: "KEY#LINE", lines counted from 1.
        encoding: as for `decode`.

    Raises:
        DecodingError: no line can be decoded.
    """
    for number, line, notes in _lines(data, source, encoding):
        place = f"{source}:{number}"
        if isinstance(line, DecodingError):
            yield Problem(place, "damaged UTF-8; mend the line or name the file's encoding with --encoding")
        elif line.strip():
            yield _parse_line(line, source, place, f"{key}#{number}", notes)


def _lines(
    data: bytes, source: str, encoding: str | None
) -> Iterator[tuple[int, str | DecodingError, tuple[str, ...]]]:
    """Yield number, text and notes; when the file as a whole is damaged, the lines that are not are still used."""
    try:
        whole = decode(data, encoding, name=source)
    except DecodingError as error:
        refuse_binary(data, source)
        lines = [_try_utf8(line) for line in data.split(b"\n")]
        if encoding is not None or sum(isinstance(line, Decoded) for line in lines) <= len(lines) / 2:
            raise error  # another encoding
        for number, line in enumerate(lines, 1):
            yield number, line.text if isinstance(line, Decoded) else line, ()
        return
    # Not splitlines(): JSON strings may hold U+2028 and the like as they are.
    for number, text in enumerate(whole.text.split("\n"), 1):
        yield number, text, whole.notes


def _try_utf8(line: bytes) -> Decoded | DecodingError:
    try:
        return decode(line, "utf-8")
    except DecodingError as error:
        return error


def _parse_line(line: str, source: str, place: str, default_id: str, notes: tuple[str, ...]) -> Article | Problem:
    try:
        row = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return Problem(place, f"broken JSON ({error}); each line must be one JSON object")
    if not isinstance(row, dict):
        return Problem(place, f"a JSON {type(row).__name__}, not an object; write {{'id': ..., 'text': ...}}")
    return _to_article(row, source, place, default_id, notes)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def read_parquet(data: bytes, source: str, key: str) -> Iterator[Article | Problem]:
    """Yield one article or problem for each row; other columns are not read.

    Args:
        data: the bytes of the file.
        source: its path, for messages.
        key: what the ids of rows without an `id` begin with: "KEY#ROW", rows counted from 1.
    """
    try:
        schema = pl.read_parquet_schema(io.BytesIO(data))
        if "text" not in schema:
            found = ", ".join(schema) or "none"
            yield Problem(source, f"has no column 'text' (columns: {found}); rename the one with the articles")
            return
        if schema["text"] not in (pl.String, pl.Categorical, pl.Enum):
            yield Problem(source, f"column 'text' is {schema['text']}, not String; write it as text")
            return
        frame = pl.read_parquet(io.BytesIO(data), columns=[name for name in COLUMNS if name in schema])
    # A damaged file can make polars' Rust code panic, which it raises as an exception outside its own family.
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError) as error:
        yield Problem(source, f"not a whole Parquet file ({str(error).strip()}); write it again")
        return
    for number, row in enumerate(frame.iter_rows(named=True), 1):
        yield _to_article(row, source, f"{source} row {number}", f"{key}#{number}", ())


def _to_article(
    row: Mapping[str, Any], source: str, place: str, default_id: str, notes: tuple[str, ...]
) -> Article | Problem:
    text, given = row.get("text"), row.get("id")
    if not isinstance(text, str):
        what = "has no 'text'" if text is None else f"'text' is {_kind(text)}, not a string"
        return Problem(place, f"{what}; give each article its text")
    if given is None or given == "":
        given = default_id
    if isinstance(given, bool) or not isinstance(given, (str, int, float)):
        return Problem(place, f"'id' is {_kind(given)}, not a string or number; give each article its own id")
    if not is_unicode(text) or not is_unicode(str(given)):
        return Problem(place, "holds half of a character (a lone surrogate); write the file again as UTF-8")
    fields: dict[str, str | None] = {}
    for name in ("lang", "title", "url", "date"):
        fields[name], note = _optional(name, row.get(name))
        notes += note
    return Article(str(given), text, source, place, notes=notes, **fields)


def _optional(name: str, value: Any) -> tuple[str | None, tuple[str, ...]]:
    if value is None:
        return None, ()
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat(), ()
    if not isinstance(value, str):
        return None, (f"{name} is {_kind(value)}, not a string: left out",)
    if not is_unicode(value):
        return None, (f"{name} holds half of a character: left out",)
    return read_language(value) if name == "lang" else (value, ())


def read_language(value: str) -> tuple[str | None, tuple[str, ...]]:
    """Return "vi", "en" or None for a language tag such as "vi-VN", and a note when it is neither."""
    primary = value.strip().lower().replace("_", "-").partition("-")[0]
    language = {"vi": "vi", "vie": "vi", "en": "en", "eng": "en"}.get(primary)
    if language is None and primary:
        return None, (f"lang {value!r} is neither vi nor en: left out",)
    return language, ()


def _kind(value: object) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "a number"
    return f"a {type(value).__name__}"
