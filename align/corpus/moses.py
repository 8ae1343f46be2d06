"""Moses format as OPUS publishes it: `NAME.vi` and `NAME.en`, one segment a line, and `NAME.ids` beside them.

Line n of all three files belongs together. The first four columns of `.ids` are those of OPUS: the two documents and
the sentences in them (`s1 s2`, counted from 1). The other fields of the pair follow, in the form of
`align.corpus.cells`, so that a corpus comes back whole.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import polars as pl

from align.corpus.cells import allowed_cell, decode_column, encode_column
from align.corpus.references import sentence_indices, sentence_names
from align.corpus.schema import PAIR_SCHEMA, conform
from align.errors import InputError
from align.files import read_lines, whole_file
from align.sentences.folding import fold_whitespace

ENDINGS = (".vi", ".en", ".ids")

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
    for side in ("vi", "en"):
        if table[side].null_count():
            row = table[side].is_null().arg_max()
            raise InputError(f"row {row}: no text in {side!r}; Moses files need both; fill it in or leave the row out")
    files = _files(name)
    with contextlib.ExitStack() as stack:
        # Entered first, renamed last: whoever finds `.ids` finds the other two as well.
        parts = {ending: stack.enter_context(whole_file(files[ending])) for ending in reversed(ENDINGS)}
        for side in ("vi", "en"):
            parts[f".{side}"].write_bytes(_lines([fold_whitespace(text) for text in table[side]]))
        parts[".ids"].write_bytes(_lines(_ids(table).to_list()))


def _lines(lines: list[str]) -> bytes:
    # Readers take a byte order mark in front for the encoding's; a text that starts with one needs another.
    mark = "\ufeff" if lines and lines[0].startswith("\ufeff") else ""
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
    files = _files(name)
    sides = {side: read_lines(files[f".{side}"]) for side in ("vi", "en")}
    if len(sides["vi"]) != len(sides["en"]):
        raise InputError(
            f"{files['.vi']} has {len(sides['vi'])} lines, {files['.en']} has {len(sides['en'])}; "
            "line n of one must translate line n of the other"
        )
    texts = [pl.Series(side, lines, pl.String()) for side, lines in sides.items()]
    ids = _read_ids(files[".ids"], len(sides["vi"])) if files[".ids"].exists() else []
    return conform(pl.DataFrame(texts + ids))


def _read_ids(path: Path, height: int) -> list[pl.Series]:
    lines = read_lines(path)
    if len(lines) != height:
        raise InputError(f"{path} has {len(lines)} lines, but the texts have {height}; mend or remove it")
    cells = pl.Series(lines, dtype=pl.String).str.split("\t")
    widths = cells.list.len()
    if (widths == len(_OWN)).all():
        return [_own_column(cells.list.get(at), name, path) for at, name in enumerate(_OWN)]
    if (short := widths < len(_OPUS)).any():
        row = short.arg_max() or 0
        raise InputError(f"{path}, line {row + 1}: {widths[row]} columns; expected {len(_OPUS)} as in OPUS or more")
    articles = [cells.list.get(at).replace({"": None}).alias(name) for at, name in enumerate(_OPUS[:2])]
    return articles + [_sentences(cells.list.get(at + 2), name) for at, name in enumerate(_OPUS[2:])]


def _own_column(column: pl.Series, name: str, path: Path) -> pl.Series:
    if name in ("vi_sentences", "en_sentences"):
        return _sentences(column, name)
    dtype = PAIR_SCHEMA[name]
    cells = column.alias(name) if name == "flags" else column.replace({"": None}).alias(name)
    values, bad = decode_column(cells, dtype)
    if bad is not None:
        raise InputError(f"{path}, line {bad + 1}: {name} is {cells[bad]!r}; allowed: {allowed_cell(dtype)}")
    return values


def _sentences(column: pl.Series, name: str) -> pl.Series:
    # A reference that is no number costs the reference, not the pair: the texts are the good data here.
    indices = [sentence_indices(names) or None for names in column]
    return pl.Series(name, indices, PAIR_SCHEMA[name])


def _files(name: Path) -> dict[str, Path]:
    stem = name.with_suffix("") if name.suffix in ENDINGS else name
    return {ending: stem.with_name(stem.name + ending) for ending in ENDINGS}
