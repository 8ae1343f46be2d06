"""Reading and writing a corpus in any format, by the ending of its name."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import polars as pl

from align.corpus.jsonl import read_jsonl, write_jsonl
from align.corpus.moses import read_moses, write_moses
from align.corpus.parquet import read_parquet, write_parquet
from align.corpus.tmx import read_tmx, write_tmx
from align.corpus.tsv import read_tsv, write_tsv
from align.corpus.xces import read_xces, write_xces
from align.errors import OptionError
from align.files import compress, whole_file, write_standard_output

STDOUT = "-"
GZIP_ENDING = ".gz"


@dataclass(frozen=True, slots=True)
class Format:
    """How one format is recognised, read and written.

    Attributes:
        endings: the endings of file names that mean this format; with `.gz` behind them the file is compressed.
        read: returns the pairs of a file.
        write: writes pairs to a binary stream; None for a format of several files.
    """

    endings: tuple[str, ...]
    read: Callable[[Path], pl.DataFrame]
    write: Callable[[pl.DataFrame, BinaryIO], None] | None


FORMATS: dict[str, Format] = {
    "tsv": Format((".tsv",), read_tsv, write_tsv),
    "jsonl": Format((".jsonl", ".ndjson"), read_jsonl, write_jsonl),
    "parquet": Format((".parquet",), read_parquet, write_parquet),
    "tmx": Format((".tmx",), read_tmx, write_tmx),
    "moses": Format((), read_moses, None),
    "xces": Format((".xces", ".xces.xml"), read_xces, write_xces),
}
"""Name -> format, in the order in which they are listed to the user."""


def format_of(path: str | Path, override: str | None = None) -> str:
    """Return the name of the format: `override` when given, else by the ending of `path` ("-" is TSV).

    Raises:
        OptionError: there is no such format, or the ending belongs to none.

    >>> format_of("corpus.TSV.gz"), format_of("corpus", "moses"), format_of("-")
    ('tsv', 'moses', 'tsv')
    """
    if override is not None:
        if override not in FORMATS:
            raise OptionError("format", override, ", ".join(FORMATS))
        return override
    if str(path) == STDOUT:
        return "tsv"
    name = Path(path).name.lower().removesuffix(GZIP_ENDING)
    for candidate, known in FORMATS.items():
        if name.endswith(known.endings):
            return candidate
    endings = ", ".join(ending for known in FORMATS.values() for ending in known.endings)
    raise OptionError("corpus file", str(path), f"the endings {endings} (also with .gz), or name the format")


def write_corpus(pairs: pl.DataFrame, path: str | Path, format: str | None = None) -> None:
    """Write a table of pairs; a file appears whole or not at all, and equal tables give equal bytes.

    Args:
        pairs: table of `PAIR_SCHEMA`; missing columns are written as unknown. TSV, JSONL, Parquet and TMX keep other
            columns as well.
        path: file to write, compressed when its name ends in `.gz`; "-" is the standard output. For the format
            "moses" the common part of the names of three files.
        format: a key of `FORMATS`; by default the ending of `path` decides.

    Raises:
        OptionError: the format is unknown, or cannot go to the standard output.
        InputError: the pairs cannot be expressed in the format; the message names the first row (0-based).
        OutputError: the file could not be written.
    """
    name = format_of(path, format)
    write = FORMATS[name].write
    if write is None:
        if str(path) == STDOUT:
            raise OptionError("output", STDOUT, f"a file name, as {name} is a format of several files")
        write_moses(pairs, Path(path))
    elif str(path) == STDOUT:
        write_standard_output(_serialise(pairs, write))
    elif str(path).lower().endswith(GZIP_ENDING):
        data = compress(_serialise(pairs, write))
        with whole_file(path) as partial:
            partial.write_bytes(data)
    else:
        with whole_file(path) as partial, partial.open("wb") as stream:
            write(pairs, stream)


def _serialise(pairs: pl.DataFrame, write: Callable[[pl.DataFrame, BinaryIO], None]) -> bytes:
    buffer = io.BytesIO()
    write(pairs, buffer)
    return buffer.getvalue()


def read_corpus(path: str | Path, format: str | None = None) -> pl.DataFrame:
    """Return the pairs of a corpus file, compressed or not, as a table of `PAIR_SCHEMA`.

    What the file does not hold is null: a TSV of two columns gives texts alone, XCES gives references alone (see
    `align.corpus.fill_texts`). Columns outside the schema come after it.

    Args:
        path: file to read; for the format "moses" the common part of the names of its files.
        format: a key of `FORMATS`; by default the ending of `path` decides.

    Raises:
        OptionError: the format is unknown.
        InputError: the file cannot be read; the message names it and the line (1-based).
    """
    return FORMATS[format_of(path, format)].read(Path(path))
