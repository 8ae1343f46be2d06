"""Moses format as OPUS publishes it: `NAME.vi` and `NAME.en`, one segment a line, and `NAME.ids` beside them.

Line n of all three files belongs together. The first four columns of `.ids` are those of OPUS: the two documents and
the sentences in them (`s1 s2`, counted from 1). The other fields of the pair follow, in the form of
`align.corpus.cells`, so that a corpus comes back whole.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import polars as pl

from align.corpus.cells import decode_rows, encode_column
from align.corpus.inputs import WHOLE, Input, OnError, chunks, refuse
from align.corpus.references import sentence_indices, sentence_names
from align.corpus.schema import PAIR_SCHEMA, check_texts, conform
from align.errors import DecodingError, InputError
from align.files import whole_file
from align.sentences.folding import fold_whitespace

ENDINGS = (".vi", ".en", ".ids")

MOSES_UNIT = "a line of Moses files"

_SIDES = ("vi", "en")
_OPUS = ("vi_article", "en_article", "vi_sentences", "en_sentences")
_OWN = (*_OPUS, "probability", *(name for name in PAIR_SCHEMA if name not in (*_OPUS, "vi", "en", "probability")))


def write_moses(pairs: pl.DataFrame, name: Path) -> None:
    """Write `NAME.vi`, `NAME.en` and `NAME.ids`; no file is replaced before all three are written.

    `name` may have one of the three endings, which is then taken off. A segment is one line: runs of white space
    become one space. Columns outside the schema have no place in this format and are left out.

    Raises:
        InputError: a pair has no text on one side.
        OutputError: a file could not be written.
    """
    table = conform(pairs)
    check_texts(table, MOSES_UNIT)
    with moses_files(name) as write:
        write(table)


@contextlib.contextmanager
def moses_files(name: Path) -> Iterator[Callable[[pl.DataFrame], None]]:
    """Yield a function that appends conformed tables to the three files; they appear when the block ends well."""
    files = _files(name)
    with contextlib.ExitStack() as stack:
        # Entered first, renamed last: whoever finds `.ids` finds the other two as well.
        parts = {ending: stack.enter_context(whole_file(files[ending])) for ending in reversed(ENDINGS)}
        streams = {ending: stack.enter_context(part.open("wb")) for ending, part in parts.items()}

        def write(table: pl.DataFrame) -> None:
            for side in _SIDES:
                streams[f".{side}"].write(_lines([fold_whitespace(text) for text in table[side]], streams[f".{side}"]))
            streams[".ids"].write(_lines(_ids(table).to_list(), streams[".ids"]))

        yield write


def _lines(lines: list[str], stream: BinaryIO) -> bytes:
    # Readers take a byte order mark in front for the encoding's; a text that starts with one needs another.
    mark = "\ufeff" if lines and lines[0].startswith("\ufeff") and not stream.tell() else ""
    return (mark + "".join(f"{line}\n" for line in lines)).encode()


def _ids(table: pl.DataFrame) -> pl.Series:
    names = [
        pl.Series(name, [None if indices is None else sentence_names(indices) for indices in table[name]], pl.String())
        for name in ("vi_sentences", "en_sentences")
    ]
    rest = [encode_column(table[name]) for name in _OWN if name not in ("vi_sentences", "en_sentences")]
    cells = pl.DataFrame([*rest, *names]).select(_OWN).fill_null("")
    return cells.select(pl.concat_str(pl.all(), separator="\t")).to_series()


def read_moses(name: Path) -> pl.DataFrame:
    """Return the pairs of `NAME.vi` and `NAME.en`, with what `NAME.ids` says when it is there.

    An `.ids` file of OPUS gives the articles and the sentences, where these are numbered (`3` or `s3`).

    Raises:
        InputError: a file is missing, the files differ in length or a line of `.ids` does not fit; the message names
            the file and the line (1-based).
        DecodingError: a file is not UTF-8.
    """
    return next(moses_batches(Input.of(name), WHOLE))


def moses_batches(source: Input, size: int, on_error: OnError | None = None) -> Iterator[pl.DataFrame]:
    """Yield what `read_moses` gives, `size` lines at once; with `on_error` lines that do not fit are left out."""
    files = _files(source.path)
    with contextlib.ExitStack() as stack:
        names = [files[ending] for ending in ENDINGS if ending != ".ids" or files[ending].exists()]
        inputs = [stack.enter_context(Input.of(name).reopenable()) for name in names]
        _check_lengths(inputs)
        width = _ids_width(inputs)
        for rows in chunks(zip(*(each.lines() for each in inputs), strict=True), size):
            numbers, lines = _fitting(rows, inputs[-1].name, width, on_error)
            yield conform(decode_rows(_columns(lines, width), _label(inputs[-1].name, numbers), on_error))


def _label(file: str, numbers: list[int]) -> Callable[[int, str], str]:
    return lambda row, name: f"{file}, line {numbers[row]}: {name}"


def _check_lengths(inputs: list[Input]) -> None:
    vi, en, *ids = (each.line_count() for each in inputs)
    if vi != en:
        raise InputError(
            f"{inputs[0].name} has {vi} lines, {inputs[1].name} has {en}; "
            "line n of one must translate line n of the other"
        )
    if ids and ids[0] != vi:
        raise InputError(f"{inputs[2].name} has {ids[0]} lines, but the texts have {vi}; mend or remove it")


def _ids_width(inputs: list[Input]) -> int:
    """Return how many columns every line of `.ids` must have: all of ours if the first has, else those of OPUS."""
    if len(inputs) < len(ENDINGS):
        return 0
    first = next(inputs[2].lines(), (0, ""))[1]
    return len(_OWN) if isinstance(first, str) and first.count("\t") + 1 == len(_OWN) else len(_OPUS)


def _fitting(
    rows: list[tuple[tuple[int, str | DecodingError], ...]], name: str, width: int, on_error: OnError | None
) -> tuple[list[int], list[tuple[str, ...]]]:
    """Return numbers and texts of the lines that are UTF-8 in every file and wide enough in `.ids`."""
    numbers, lines = [], []
    for row in rows:
        number = row[0][0]
        texts = tuple(text for _, text in row if isinstance(text, str))
        found = texts[-1].count("\t") + 1 if texts else 0
        if len(texts) < len(row):
            refuse(next(text for _, text in row if isinstance(text, DecodingError)), on_error)
        elif width and (found < width or found > width == len(_OWN)):
            wanted = f"{len(_OWN)} as in line 1" if width == len(_OWN) else f"{width} as in OPUS or more"
            refuse(InputError(f"{name}, line {number}: {found} columns; expected {wanted}"), on_error)
        else:
            numbers.append(number)
            lines.append(texts)
    return numbers, lines


def _columns(lines: list[tuple[str, ...]], width: int) -> list[tuple[pl.Series, pl.DataType | None]]:
    """Return texts and cells; a column that is as it should be already has no type to decode."""
    columns: list[tuple[pl.Series, pl.DataType | None]] = [
        (pl.Series(side, [row[at] for row in lines], pl.String()), None) for at, side in enumerate(_SIDES)
    ]
    if not width:
        return columns
    cells = pl.Series([row[-1] for row in lines], dtype=pl.String).str.split("\t")
    for at, name in enumerate(_OWN[:width]):
        column = cells.list.get(at).alias(name)
        if name.endswith("_sentences"):
            columns.append((_sentences(column, name), None))
        elif name == "flags":  # an empty cell is an empty list here
            columns.append((column, PAIR_SCHEMA[name]))
        else:
            columns.append((column.replace({"": None}), PAIR_SCHEMA[name] if width == len(_OWN) else None))
    return columns


def _sentences(column: pl.Series, name: str) -> pl.Series:
    # A reference that is no number costs the reference, not the pair: the texts are the good data here.
    indices = [sentence_indices(names) or None for names in column]
    return pl.Series(name, indices, PAIR_SCHEMA[name])


def _files(name: Path) -> dict[str, Path]:
    stem = name.with_suffix("") if name.suffix in ENDINGS else name
    return {ending: stem.with_name(stem.name + ending) for ending in ENDINGS}
