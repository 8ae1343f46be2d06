"""Corpora of any size, batch by batch: memory does not grow with the file."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import polars as pl

from align.corpus.formats import GZIP_ENDING, STDOUT, format_of, read_corpus
from align.corpus.inputs import Input, OnError
from align.corpus.jsonl import jsonl_batches, jsonl_rows
from align.corpus.moses import MOSES_UNIT, moses_batches, moses_files
from align.corpus.parquet import ParquetParts, parquet_batches
from align.corpus.schema import PAIR_SCHEMA, check_texts, conform
from align.corpus.tmx import TMX_FOOT, TMX_HEAD, TMX_UNIT, tmx_batches, tmx_rows
from align.corpus.tsv import tsv_batches, tsv_head, tsv_rows
from align.errors import InputError, OptionError
from align.files import gzip_stream, whole_file, write_standard_output

BATCH = 4096
"""Pairs in a batch, where nothing else is asked for."""

WRITABLE = ("tsv", "jsonl", "parquet", "tmx", "moses")
"""The formats that `CorpusWriter` writes; XCES groups the pairs by article and needs all of them at once."""

_READERS: dict[str, Callable[[Input, int, OnError | None], Iterator[pl.DataFrame]]] = {
    "tsv": tsv_batches,
    "jsonl": jsonl_batches,
    "parquet": parquet_batches,
    "tmx": tmx_batches,
    "moses": moses_batches,
}
_UNITS = {"tmx": TMX_UNIT, "moses": MOSES_UNIT}
_PIECE = 1 << 20
_Rows = Callable[[pl.DataFrame], bytes]
_Put = Callable[[pl.DataFrame], object]


@dataclass(frozen=True)
class _TextForm:
    """How a format of one text file begins, goes on and ends."""

    rows: _Rows
    head: _Rows = lambda table: b""
    foot: bytes = b""


_TEXT_FORMS = {
    "tsv": _TextForm(tsv_rows, tsv_head),
    "jsonl": _TextForm(jsonl_rows),
    "tmx": _TextForm(tmx_rows, lambda table: TMX_HEAD, TMX_FOOT),
}


def read_batches(
    path: str | Path, format: str | None = None, *, size: int = BATCH, on_error: OnError | None = None
) -> Iterator[pl.DataFrame]:
    """Yield the pairs of a corpus file in tables of `size` rows, in order: together they are what `read_corpus` gives.

    All tables have the same columns. A file without pairs gives one empty table. JSONL and TMX files are read twice,
    and what cannot be (the standard input, a pipe) is copied to a temporary file. XCES, which holds no texts, is read
    whole and then cut.

    Args:
        path: file to read, compressed or not; "-" is the standard input. For the format "moses" the common part of the
            names of its files.
        format: a key of `FORMATS`; by default the ending of `path` decides.
        size: rows of a table; the last one has fewer, and so has one from which rows were left out.
        on_error: takes the fault of a line that does not fit, which is then left out; None raises it. What spoils the
            whole file, such as XML that is not well-formed or a damaged gzip stream, is raised in any case.

    Raises:
        OptionError: the format is unknown, or the size below 1.
        InputError: the file cannot be read; the message names it and the line (1-based).
    """
    name = format_of(path, format)
    if size < 1:
        raise OptionError("size", size, "1 or more")
    if name == "moses" and str(path) == STDOUT:
        raise OptionError("input", STDOUT, "a file name, as moses is a format of several files")
    if name not in _READERS:
        return read_corpus(path, name).iter_slices(size)
    return _READERS[name](Input.of(path), size, on_error)


class CorpusWriter:
    """Writes a corpus batch by batch; the file appears when the `with` block ends, whole or, on an error, not at all.

    In TSV, JSONL, TMX and Moses files the bytes are those of `write_corpus` for all batches in one table, and Parquet
    gives the same table back. What goes to the standard output goes there at once; a Parquet file is gathered in a
    temporary folder first.

    Args:
        path: file to write, compressed when its name ends in `.gz`; "-" is the standard output. For the format "moses"
            the common part of the names of three files.
        format: one of `WRITABLE`; by default the ending of `path` decides.

    Attributes:
        rows: how many pairs were written so far.

    Raises:
        OptionError: the format is unknown, is XCES, or is Moses for the standard output.
        OutputError: the file could not be written.

    >>> folder = tempfile.TemporaryDirectory()
    >>> with CorpusWriter(f"{folder.name}/corpus.jsonl") as writer:
    ...     writer.write(pl.DataFrame({"vi": ["Xin chào."], "en": ["Hello."]}))
    ...     writer.write(pl.DataFrame({"vi": ["Tạm biệt."], "en": ["Goodbye."]}))
    >>> [batch["en"].to_list() for batch in read_batches(f"{folder.name}/corpus.jsonl", size=1)]
    [['Hello.'], ['Goodbye.']]
    >>> folder.cleanup()
    """

    def __init__(self, path: str | Path, format: str | None = None) -> None:
        """Check the format; nothing is opened yet."""
        self.format = format_of(path, format)
        if self.format not in WRITABLE:
            raise OptionError("format", self.format, f"{', '.join(WRITABLE)}, as the pairs are written one by one")
        if self.format == "moses" and str(path) == STDOUT:
            raise OptionError("output", STDOUT, "a file name, as moses is a format of several files")
        self.path = path
        self.rows = 0
        self._schema: dict[str, pl.DataType] | None = None
        self._block: contextlib.AbstractContextManager[_Put] = self._opened()
        self._put: _Put | None = None

    def __enter__(self) -> CorpusWriter:
        """Open a temporary file beside the target."""
        self._put = self._block.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file and let it appear, or remove it after an error."""
        try:
            if kind is None and self._schema is None:
                self.write(pl.DataFrame(schema=PAIR_SCHEMA))
        except BaseException as own:
            self._block.__exit__(type(own), own, own.__traceback__)
            raise
        self._block.__exit__(kind, error, trace)

    def write(self, batch: pl.DataFrame) -> None:
        """Append the pairs of a table; the first one decides on the columns, in later ones missing columns are null.

        Raises:
            InputError: a column is new or has another type, or the pairs cannot be expressed in the format; the
                message names the row, counted over all batches (0-based).
        """
        assert self._put is not None, "write within a with block"
        table = self._same_columns(conform(batch))
        if self.format in _UNITS:
            check_texts(table, _UNITS[self.format], self.rows)
        self._put(table)
        self.rows += table.height

    def _same_columns(self, table: pl.DataFrame) -> pl.DataFrame:
        if self._schema is None:
            # What is null all along the first batch may be text in the next.
            self._schema = {name: pl.String() if dtype == pl.Null else dtype for name, dtype in table.schema.items()}
        for name in table.columns:
            if name not in self._schema:
                raise InputError(f"column {name!r} is not in the first batch; allowed: {', '.join(self._schema)}")
        none = pl.DataFrame(schema=self._schema).clear(table.height)
        columns = [(table if name in table.columns else none)[name] for name in self._schema]
        try:
            return pl.DataFrame([column.cast(self._schema[column.name]) for column in columns])
        except pl.exceptions.PolarsError as error:
            raise InputError(f"a column has another type than in the first batch: {error}") from error

    @contextlib.contextmanager
    def _opened(self) -> Iterator[_Put]:
        """Yield what appends a conformed table; a block that ends well finishes the file."""
        if self.format == "moses":
            with moses_files(Path(self.path)) as put:
                yield put
        elif self.format == "parquet":
            with _sink(self.path) as write, work_folder(self.path) as folder:
                parts = ParquetParts(folder)
                yield parts.write
                with parts.joined().open("rb") as stream:
                    while piece := stream.read(_PIECE):
                        write(piece)
        else:
            form = _TEXT_FORMS[self.format]
            with _sink(self.path) as write:
                yield _Lines(form, write)
                write(form.foot)


class _Lines:
    """Appends tables in a text format, the head before the first."""

    def __init__(self, form: _TextForm, write: Callable[[bytes], object]) -> None:
        self._form, self._write, self._started = form, write, False

    def __call__(self, table: pl.DataFrame) -> None:
        if not self._started:
            self._write(self._form.head(table))
        self._started = True
        for rows in table.iter_slices(BATCH):
            self._write(self._form.rows(rows))


@contextlib.contextmanager
def _sink(path: str | Path) -> Iterator[Callable[[bytes], object]]:
    """Yield what appends bytes to a file that appears when the block ends well, or to the standard output."""
    if str(path) == STDOUT:
        yield write_standard_output
        return
    with whole_file(path) as partial, partial.open("wb") as stream:
        if str(path).lower().endswith(GZIP_ENDING):
            with gzip_stream(stream) as compressed:
                yield compressed.write
        else:
            yield stream.write


@contextlib.contextmanager
def work_folder(path: str | Path) -> Iterator[Path]:
    """Yield a temporary folder beside an output, as the system's own temporary folder may lie in memory.

    For the standard output or a device it is in the system's all the same.
    """
    target = Path(path)
    elsewhere = str(path) == STDOUT or (target.exists() and not target.is_file())
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=None if elsewhere else target.parent) as folder:
        yield Path(folder)
