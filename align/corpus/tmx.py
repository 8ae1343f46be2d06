"""TMX 1.4b, the exchange format of translation memories (GALA/LISA OSCAR, 2005).

Every pair is a `tu` with its identity as `tuid`, every other field of the schema a `prop` of the type
`x-align-FIELD`, in the form of `align.corpus.cells`. No document type declaration is written: programs that see one
try to fetch `tmx14.dtd`. The document is valid against it all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import polars as pl

from align._version import __version__
from align.corpus.cells import XML_ILLEGAL, decode_column, decode_rows, encode_column
from align.corpus.inputs import Input, OnError, chunks
from align.corpus.markup import Handler, attribute, escape_text, parse_pieces
from align.corpus.schema import PAIR_SCHEMA, check_texts, conform
from align.errors import DISTRIBUTION, InputError
from align.sentences.folding import fold_whitespace

PROP_PREFIX = "x-align-"

_ROWS_AT_ONCE = 16_384
TMX_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">\n'
    f'<header creationtool="{DISTRIBUTION}" creationtoolversion="{__version__}" segtype="sentence"'
    f' o-tmf="{DISTRIBUTION}" adminlang="en" srclang="vi" datatype="plaintext"/>\n<body>\n'
).encode()
TMX_FOOT = b"</body>\n</tmx>\n"
TMX_UNIT = "a TMX unit"
# Fields that stand outside of `prop` elements, so that every program finds them.
_PLAIN = ("id", "vi", "en")
_SIDES = ("vi", "en")
_LANGUAGES = {"vi": "vi", "vie": "vi", "en": "en", "eng": "en"}
# Elements of `seg` that hold the native codes of a document (TMX 1.4b, section 3.2), not its words.
_CODES = frozenset({"bpt", "ept", "it", "ph", "ut"})


def write_tmx(pairs: pl.DataFrame, stream: BinaryIO) -> None:
    """Write a table of pairs; columns outside the schema become `prop` elements too.

    A text with characters that XML 1.0 forbids shows U+FFFD in its segment; the exact text goes into a `prop`.

    Raises:
        InputError: a pair has no text on one side, or a column has a type that no cell can hold.
    """
    table = conform(pairs)
    check_texts(table, TMX_UNIT)
    stream.write(TMX_HEAD)
    for rows in table.iter_slices(_ROWS_AT_ONCE):
        stream.write(tmx_rows(rows))
    stream.write(TMX_FOOT)


def tmx_rows(table: pl.DataFrame) -> bytes:
    """Return the `tu` elements of a conformed table without null texts."""
    return "".join(_units(table)).encode()


def _units(rows: pl.DataFrame) -> list[str]:
    cells = [(_exact if name in _PLAIN else _props)(name, rows[name]) for name in rows.columns]
    ids = ["" if value is None else attribute("tuid", value) for value in rows["id"]]
    texts = [map(escape_text, rows[side]) for side in _SIDES]
    return [
        f'<tu{tuid}>\n{"".join(props)}<tuv xml:lang="vi"><seg>{vi}</seg></tuv>\n'
        f'<tuv xml:lang="en"><seg>{en}</seg></tuv>\n</tu>\n'
        for tuid, vi, en, *props in zip(ids, *texts, *cells, strict=True)
    ]


def _props(name: str, column: pl.Series) -> list[str]:
    start = f"<prop{attribute('type', PROP_PREFIX + name)}>"
    cells = encode_column(column)
    return ["" if cell is None else f"{start}{escape_text(cell)}</prop>\n" for cell in cells]


def _exact(name: str, texts: pl.Series) -> list[str]:
    """Return a `prop` with the exact text for texts that XML cannot hold as they are, else nothing."""
    forbidden = texts.str.contains(f"[{XML_ILLEGAL}]")
    return _props(name, pl.select(pl.when(forbidden).then(texts)).to_series()) if forbidden.any() else [""] * len(texts)


def read_tmx(path: Path) -> pl.DataFrame:
    """Return the Vietnamese-English pairs of a file, those of other programs included.

    Language tags count by their first part (`vi`, `vi-VN`, `EN_us`); of several variants in one language the first
    is taken. Units without both languages are no pairs and are left out. Inline codes are dropped and what `hi`
    highlights is kept. In files of other programs runs of white space become one space and fields are null.

    Raises:
        InputError: the file is not well-formed, uses entities, is no TMX or has no unit with both languages; or a
            field of ours holds a wrong value. The message names the file and the line (1-based).
    """
    source = Input.of(path)
    reader = _Reader()
    units = list(_units_of(source, reader))
    return conform(_table(units, reader.others, source, None))


def tmx_batches(source: Input, size: int, on_error: OnError | None = None) -> Iterator[pl.DataFrame]:
    """Yield what `read_tmx` gives, `size` units at once; with `on_error` units with a wrong value are left out.

    The file is read twice: the first time proves that it is well-formed to its end and finds its fields.
    """
    with source.reopenable() as file:
        reader = _Reader()
        for _ in _units_of(file, reader):
            pass
        for units in chunks(_units_of(file, _Reader()), size):
            yield conform(_table(units, reader.others, source, on_error))


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit with both languages: its line, its `tuid` ("id") and texts, and our fields as cells."""

    line: int
    texts: dict[str, str | None]
    fields: dict[str, str]


def _units_of(source: Input, reader: _Reader) -> Iterator[_Unit]:
    """Yield the units of a file while it is parsed.

    Raises:
        InputError: as `read_tmx` does, at the end when there is no unit with both languages.
    """
    found = False
    for _ in parse_pieces(source, reader):
        found |= bool(reader.ready)
        yield from reader.ready
        reader.ready.clear()
        if reader.is_tmx is False:
            raise InputError(f"{source.name}: no TMX file: its root element is not 'tmx'")
    if reader.units and not found:
        languages = ", ".join(sorted(reader.languages)) or "none"
        raise InputError(f"{source.name}: no unit has both Vietnamese and English; languages found: {languages}")


def _table(units: list[_Unit], others: Iterable[str], source: Input, on_error: OnError | None) -> pl.DataFrame:
    """Return the typed columns of units; a field with the exact text goes before a segment that XML forbade it in."""
    fields = [name for name in PAIR_SCHEMA if name not in _PLAIN]
    columns = [(_cells(units, name), PAIR_SCHEMA.get(name, pl.String())) for name in (*fields, *others)]
    exact = [decode_column(_cells(units, name), pl.String())[0] for name in _PLAIN]
    plain = [pl.Series(name, [unit.texts[name] for unit in units], pl.String()) for name in _PLAIN]
    texts = [(first.fill_null(second), None) for first, second in zip(exact, plain, strict=True)]
    return decode_rows(
        [*texts, *columns],
        lambda row, name: f"{source.name}, unit at line {units[row].line}: {PROP_PREFIX}{name}",
        on_error,
    )


def _cells(units: list[_Unit], name: str) -> pl.Series:
    return pl.Series(name, [unit.fields.get(name) for unit in units], pl.String())


class _Reader(Handler):
    """Collects the units of a TMX document from the calls of the parser."""

    def __init__(self) -> None:
        super().__init__()
        self.is_tmx: bool | None = None
        self.own = False
        self.units = 0
        self.languages: set[str] = set()
        self.ready: list[_Unit] = []
        self.others: dict[str, None] = {}
        self._depth = 0
        self._line = 0
        self._id: str | None = None
        self._side: str | None = None
        self._prop: str | None = None
        self._segments: dict[str, str] = {}
        self._props: dict[str, str] = {}
        self._codes = 0
        self._parts: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._depth:
            self.is_tmx = name == "tmx"
        self._depth += 1
        if name == "prop":
            kind = attributes.get("type", "")
            self._prop = kind.removeprefix(PROP_PREFIX) if kind.startswith(PROP_PREFIX) else None
            self._parts = []
        elif name == "tuv":
            self._start_variant(attributes)
        elif name == "seg":
            self._parts = []
        elif name in _CODES:
            self._codes += 1
        elif name == "tu":
            self._line, self._id = self.line(), attributes.get("tuid")
            self._segments, self._props = {}, {}
        elif name == "header":
            self.own = attributes.get("creationtool") == DISTRIBUTION

    def _start_variant(self, attributes: dict[str, str]) -> None:
        tag = attributes.get("xml:lang") or attributes.get("lang", "")
        self.languages.add(tag)
        self._side = _LANGUAGES.get(tag.replace("_", "-").partition("-")[0].lower())

    def text(self, characters: str) -> None:
        if self._parts is not None and not self._codes:
            self._parts.append(characters)

    def end(self, name: str) -> None:
        self._depth -= 1
        if name == "prop":
            if self._prop is not None:
                self._props[self._prop] = "".join(self._parts or ())
            self._parts = None
        elif name == "seg":
            if self._side is not None:
                self._segments.setdefault(self._side, "".join(self._parts or ()))
            self._parts = None
        elif name in _CODES:
            self._codes -= 1
        elif name == "tu":
            self._end_unit()

    def _end_unit(self) -> None:
        self.units += 1
        if len(self._segments) < len(_SIDES):
            return
        sides = {side: text if self.own else fold_whitespace(text) for side, text in self._segments.items()}
        self.ready.append(_Unit(self._line, {"id": self._id, **sides}, self._props))
        self.others |= dict.fromkeys(name for name in self._props if name not in PAIR_SCHEMA)
