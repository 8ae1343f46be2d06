"""Corpus files as streams: opened once or several times, read in pieces, line by line; faults that do not end it."""

from __future__ import annotations

import contextlib
import gzip
import io
import itertools
import shutil
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from align.errors import DecodingError, InputError
from align.files import GZIP_MAGIC

OnError = Callable[[InputError], None]
"""Takes the fault of one row, which is left out; the rest of the file is read on."""

WHOLE = sys.maxsize
"""The size of a batch that holds all rows of any file."""

_Item = TypeVar("_Item")
_STDIN = "-"
_BOM = b"\xef\xbb\xbf"
_PIECE = 1 << 20


def refuse(fault: InputError, on_error: OnError | None) -> None:
    """Raise the fault of a row, or hand it to who wants to go on without the row."""
    if on_error is None:
        raise fault
    on_error(fault)


def chunks(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    """Yield the items in lists of `size`, the last one perhaps shorter; no items are one empty list.

    >>> list(chunks("abc", 2)), list(chunks("", 2))
    ([['a', 'b'], ['c']], [[]])
    """
    rest = iter(items)
    chunk = list(itertools.islice(rest, size))
    yield chunk
    while len(chunk) == size and (chunk := list(itertools.islice(rest, size))):
        yield chunk


@dataclass(frozen=True)
class Input:
    """A file to read.

    Attributes:
        path: what to open, compressed or not; "-" is the standard input.
        name: what messages call it.
    """

    path: Path
    name: str

    @classmethod
    def of(cls, path: str | Path) -> Input:
        """Return the input of a path under its own name."""
        return cls(Path(path), str(path))

    @contextlib.contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Yield the file as a stream of bytes, uncompressed when it starts as gzip does.

        Raises:
            InputError: it cannot be read, or its compressed stream is damaged or cut short.
        """
        with self._named(), contextlib.ExitStack() as stack:
            standard = cast(io.BufferedReader, sys.stdin.buffer)
            stream = standard if str(self.path) == _STDIN else stack.enter_context(self.path.open("rb"))
            if stream.peek(len(GZIP_MAGIC))[: len(GZIP_MAGIC)] == GZIP_MAGIC:
                yield stack.enter_context(gzip.GzipFile(fileobj=stream, mode="rb"))  # type: ignore[misc]
            else:
                yield stream

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes of the file, a megabyte at once."""
        with self.opened() as stream:
            while piece := stream.read(_PIECE):
                yield piece

    def lines(self) -> Iterator[tuple[int, str | DecodingError]]:
        r"""Yield the lines of a UTF-8 file with their numbers (from 1), without their ends, `\n` or `\r\n`.

        In place of a line that is not UTF-8 stands the error that says so.
        """
        with self.opened() as stream:
            for number, raw in enumerate(stream, 1):
                data = raw.removeprefix(_BOM) if number == 1 else raw
                try:
                    yield number, data.decode().removesuffix("\n").removesuffix("\r")
                except UnicodeDecodeError as error:
                    what = f"byte 0x{data[error.start]:02X} is not UTF-8; save the file as UTF-8"
                    yield number, DecodingError(f"{self.name}, line {number}: {what}")

    def line_count(self) -> int:
        """Return the number of lines that `lines` yields."""
        count, last = 0, b""
        for piece in self.pieces():
            count, last = count + piece.count(b"\n"), piece
        return count + (last[-1:] not in (b"", b"\n"))

    @contextlib.contextmanager
    def reopenable(self, *, plain: bool = False) -> Iterator[Input]:
        """Yield an input that can be opened several times: this one, or a temporary copy of a pipe.

        With `plain` the copy is also made for a compressed file, for readers that want an uncompressed one.
        """
        regular = str(self.path) != _STDIN and (self.path.is_file() or not self.path.exists())
        if regular and not (plain and self._is_compressed()):
            yield self
            return
        with tempfile.TemporaryDirectory(prefix="align-") as folder:
            copy = Path(folder, "input")
            with self.opened() as stream, copy.open("wb") as target:
                shutil.copyfileobj(stream, target, _PIECE)
            yield Input(copy, self.name)

    def _is_compressed(self) -> bool:
        with self._named(), self.path.open("rb") as stream:
            return stream.read(len(GZIP_MAGIC)) == GZIP_MAGIC

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise InputError(f"{self.name}: damaged gzip file: {error}") from error
        except OSError as error:
            raise InputError(f"{self.name}: not read: {error.strerror or error}") from error
