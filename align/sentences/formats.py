"""Text forms of a sentences table."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator
from itertools import groupby

import polars as pl

from align.errors import OptionError
from align.sentences.splitter import line_spans

FORMATS = ("text", "jsonl", "spans")
_JSON_COLUMNS = ("article", "lang", "index", "start", "end", "text", "flag")


def sentence_lines(sentences: pl.DataFrame, form: str) -> Iterator[str]:
    """Yield the lines of a sentences table, each with its line break.

    `form` is "text" (one sentence a line), "jsonl" (an object a line: article, lang, index, start, end, text, flag)
    or "spans" (article, start, end between tabs; half-open code point offsets).

    Raises:
        OptionError: `form` is none of these.
    """
    if form not in FORMATS:
        raise OptionError("format", form, ", ".join(FORMATS))
    for row in sentences.iter_rows(named=True):
        if form == "text":
            yield f"{row['text']}\n"
        elif form == "jsonl":
            yield json.dumps({name: row[name] for name in _JSON_COLUMNS}, ensure_ascii=False) + "\n"
        else:
            yield f"{row['article']}\t{row['start']}\t{row['end']}\n"


def paragraph_lines(sentences: pl.DataFrame, articles: pl.DataFrame) -> Iterator[str]:
    """Yield one sentence a line and an empty line after each line of the article, the form of splitter gold."""
    texts = dict(articles.select("id", "text").iter_rows())
    rows = sentences.select("article", "start", "text").iter_rows()
    for article, group in groupby(rows, key=lambda row: row[0]):
        starts = [start for start, _ in line_spans(texts[article])]
        for _, line in groupby(group, key=lambda row: bisect_right(starts, row[1])):
            yield from (f"{text}\n" for _, _, text in line)
            yield "\n"
