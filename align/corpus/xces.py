"""XCES sentence alignment (`cesAlign`), the stand-off form in which OPUS keeps its alignments.

The file holds no text. A `linkGrp` names two documents, a `link` the sentences in them that translate each other:
`xtargets="s1 s2;s1"`, counted from 1. `certainty` is the probability; margin, cosine and chrF stand in attributes of
their names, which OPUS' own tools can set thresholds on. `align.corpus.fill_texts` puts the texts back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from align.corpus.markup import Handler, attribute, parse
from align.corpus.references import sentence_indices, sentence_names
from align.corpus.schema import PAIR_SCHEMA, conform
from align.errors import InputError

_HEADER = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<!DOCTYPE cesAlign PUBLIC "-//CES//DTD XML cesAlign//EN" "">\n<cesAlign version="1.0">\n'
)
_FOOTER = "</cesAlign>\n"
_NEEDED = ("vi_article", "en_article", "vi_sentences", "en_sentences")
_SCORES = {"certainty": "probability", "margin": "margin", "cosine": "cosine", "mt_chrf": "mt_chrf"}
_OWN_ID = re.compile(r"SL([0-9a-f]{16})")


def write_xces(pairs: pl.DataFrame, stream: BinaryIO) -> None:
    """Write the alignment of a table of pairs, grouped by article pair in the order of their first row.

    Texts, offsets, flags and the run are not part of this format. Characters that XML forbids in the name of
    an article become U+FFFD.

    Raises:
        InputError: a pair has no article or no sentences on one side.
    """
    table = conform(pairs)
    for name in _NEEDED:
        column = table[name]
        absent = column.is_null() if name.endswith("article") else column.list.len().fill_null(0) == 0
        if absent.any():
            raise InputError(f"row {absent.arg_max()}: no {name!r}; XCES holds nothing but references to sentences")
    stream.write(_HEADER.encode())
    for group in table.with_row_index("row").partition_by("vi_article", "en_article", maintain_order=True):
        stream.write("".join(_group(group)).encode())
    stream.write(_FOOTER.encode())


def _group(rows: pl.DataFrame) -> Iterator[str]:
    documents = attribute("fromDoc", rows["vi_article"][0]) + attribute("toDoc", rows["en_article"][0])
    yield f'<linkGrp targType="s"{documents}>\n'
    for row in rows.iter_rows(named=True):
        targets = f"{sentence_names(row['vi_sentences'])};{sentence_names(row['en_sentences'])}"
        name = f"SL{row['id'] or row['row'] + 1}"
        scores = "".join(f' {key}="{row[field]!r}"' for key, field in _SCORES.items() if row[field] is not None)
        yield f'<link{attribute("id", name)} xtargets="{targets}"{scores}/>\n'
    yield "</linkGrp>\n"


def read_xces(path: Path) -> pl.DataFrame:
    """Return the links of a file as pairs whose texts and offsets are null.

    `fromDoc` is taken for the Vietnamese side unless its path starts with `en` and that of `toDoc` with `vi`, as in
    OPUS, where the languages stand in alphabetical order. Links with an empty side are no pairs and are left out.

    Raises:
        InputError: the file is not well-formed, uses entities, is no alignment, or a link has references or scores
            that are no numbers; the message names the file and the line (1-based).
    """
    reader = _Reader(path)
    parse(path, reader)
    if not reader.is_alignment:
        raise InputError(f"{path}: no XCES alignment: its root element is not 'cesAlign'")
    return conform(pl.DataFrame(reader.rows, {name: PAIR_SCHEMA[name] for name in _Reader.FIELDS}, orient="row"))


class _Reader(Handler):
    """Collects the links of an alignment from the calls of the parser."""

    FIELDS = ("id", "bead", *_NEEDED, *_SCORES.values())

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.is_alignment: bool | None = None
        self.rows: list[tuple[Any, ...]] = []
        self._documents: tuple[str, str] | None = None
        self._swapped = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self.is_alignment is None:
            self.is_alignment = name == "cesAlign"
        if name == "linkGrp":
            source, target = attributes.get("fromDoc", ""), attributes.get("toDoc", "")
            self._swapped = _language(source) == "en" and _language(target) == "vi"
            self._documents = (target, source) if self._swapped else (source, target)
        elif name == "link" and self.is_alignment:
            self._link(attributes, f"{self.path}, line {self.line()}")

    def _link(self, attributes: dict[str, str], place: str) -> None:
        if self._documents is None:
            raise InputError(f"{place}: a 'link' outside of a 'linkGrp' belongs to no documents")
        sides = _targets(attributes.get("xtargets", ""), place)
        if not all(sides):
            return
        vi, en = reversed(sides) if self._swapped else sides
        own = _OWN_ID.fullmatch(attributes.get("id", ""))
        scores = [_number(attributes.get(key), key, place) for key in _SCORES]
        self.rows.append((own and own[1], f"{len(vi)}-{len(en)}", *self._documents, vi, en, *scores))


def _language(document: str) -> str:
    return document.partition("/")[0].partition("_")[0]


def _targets(text: str, place: str) -> list[list[int]]:
    sides = [sentence_indices(side) for side in text.split(";")]
    if len(sides) != 2 or None in sides:
        raise InputError(f"{place}: xtargets is {text[:60]!r}; allowed: numbered sentences such as 's1 s2;s1'")
    return [side for side in sides if side is not None]


def _number(text: str | None, key: str, place: str) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        raise InputError(f"{place}: {key} is {text!r}; allowed: a number") from None
