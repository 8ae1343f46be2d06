"""TMX 1.4b, the exchange format of translation memories (GALA/LISA OSCAR, 2005).

Every pair is a `tu` with its identity as `tuid`, every other field of the schema a `prop` of the type
`x-align-FIELD`, in the form of `align.corpus.cells`. No document type declaration is written: programs that see one
try to fetch `tmx14.dtd`. The document is valid against it all the same.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import BinaryIO

import polars as pl

from align._version import __version__
from align.corpus.cells import XML_ILLEGAL, allowed_cell, decode_column, encode_column
from align.corpus.markup import Handler, attribute, escape_text, parse
from align.corpus.schema import PAIR_SCHEMA, conform
from align.errors import DISTRIBUTION, InputError
from align.sentences.folding import fold_whitespace

PROP_PREFIX = "x-align-"

_ROWS_AT_ONCE = 16_384
_HEADER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">\n'
    f'<header creationtool="{DISTRIBUTION}" creationtoolversion="{__version__}" segtype="sentence"'
    f' o-tmf="{DISTRIBUTION}" adminlang="en" srclang="vi" datatype="plaintext"/>\n<body>\n'
)
_FOOTER = "</body>\n</tmx>\n"
# Fields that stand outside of `prop` elements, so that every program finds them.
_PLAIN = ("id", "vi", "en")
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
    if (row := (table["vi"].is_null() | table["en"].is_null()).arg_true()).len():
        raise InputError(f"row {row[0]}: a TMX unit needs both texts; fill in the texts or leave the row out")
    stream.write(_HEADER.encode())
    for rows in table.iter_slices(_ROWS_AT_ONCE):
        stream.write("".join(_units(rows)).encode())
    stream.write(_FOOTER.encode())


def _units(rows: pl.DataFrame) -> list[str]:
    """Return the `tu` elements of some rows."""
    cells = [(_exact if name in _PLAIN else _props)(name, rows[name]) for name in rows.columns]
    ids = ["" if value is None else attribute("tuid", value) for value in rows["id"]]
    texts = [map(escape_text, rows[side]) for side in ("vi", "en")]
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
    reader = _Reader()
    parse(path, reader)
    if not reader.is_tmx:
        raise InputError(f"{path}: no TMX file: its root element is not 'tmx'")
    if reader.units and not reader.lines:
        found = ", ".join(sorted(reader.languages)) or "none"
        raise InputError(f"{path}: no unit has both Vietnamese and English; languages found: {found}")
    return conform(pl.DataFrame(_columns(reader, path)))


def _columns(reader: _Reader, path: Path) -> list[pl.Series]:
    """Return the typed columns of what was read."""
    columns = []
    for name, sparse in reader.fields.items():
        dtype = PAIR_SCHEMA.get(name, pl.String())
        cells = pl.Series(name, [sparse.get(row) for row in range(len(reader.lines))], pl.String())
        values, bad = decode_column(cells, dtype)
        if bad is not None:
            place = f"{path}, unit at line {reader.lines[bad]}"
            raise InputError(f"{place}: {PROP_PREFIX}{name} is {cells[bad]!r}; allowed: {allowed_cell(dtype)}")
        columns.append(values)
    exact = {column.name: column for column in columns}
    plain = {"id": reader.ids} | reader.texts
    texts = {name: pl.Series(name, values, pl.String()) for name, values in plain.items()}
    texts |= {name: exact.pop(name).fill_null(texts[name]) for name in _PLAIN if name in exact}
    return [*texts.values(), *exact.values()]


class _Reader(Handler):
    """Collects the units of a TMX document from the calls of the parser."""

    def __init__(self) -> None:
        super().__init__()
        self.is_tmx = False
        self.own = False
        self.units = 0
        self.languages: set[str] = set()
        self.lines: list[int] = []
        self.ids: list[str | None] = []
        self.texts: dict[str, list[str]] = {"vi": [], "en": []}
        self.fields: defaultdict[str, dict[int, str]] = defaultdict(dict)
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
        if len(self._segments) < len(self.texts):
            return
        row = len(self.lines)
        self.lines.append(self._line)
        self.ids.append(self._id)
        for side, segment in self._segments.items():
            self.texts[side].append(segment if self.own else fold_whitespace(segment))
        for name, value in self._props.items():
            self.fields[name][row] = value
