"""Put the texts back into a corpus that holds references alone, such as one read from XCES."""

from __future__ import annotations

from typing import Any

import polars as pl

from align.corpus.identity import pair_ids
from align.corpus.schema import PAIR_SCHEMA, conform
from align.corpus.sources import LANGUAGE_NAMES, SIDES, Source
from align.errors import InputError
from align.sentences.folding import fold_whitespace


def fill_texts(pairs: pl.DataFrame, vi_articles: pl.DataFrame, en_articles: pl.DataFrame) -> pl.DataFrame:
    """Return `pairs` with text, offsets and bead filled in where the text is null, from articles and sentences.

    An identity that is null is computed; one that is there stays, so that `verify_corpus` can tell whether the
    articles are still the same.

    Args:
        pairs: table of `PAIR_SCHEMA`.
        vi_articles, en_articles: tables of `ARTICLE_SCHEMA`.

    Raises:
        InputError: a row names an article or a sentence that is not there; the message names the row (0-based).
    """
    table = conform(pairs)
    for side, articles in zip(SIDES, (vi_articles, en_articles), strict=True):
        table = _fill_side(table, Source(side, articles))
    shape = pl.format("{}-{}", pl.col("vi_sentences").list.len(), pl.col("en_sentences").list.len())
    return table.with_columns(bead=pl.col("bead").fill_null(shape), id=table["id"].fill_null(pair_ids(table)))


def _fill_side(table: pl.DataFrame, source: Source) -> pl.DataFrame:
    side = source.side
    names = (side, f"{side}_start", f"{side}_end")
    rows = table.select(*names, f"{side}_article", f"{side}_sentences").iter_rows()
    filled = [
        (text, start, end) if text is not None else _span(source, article, indices, row)
        for row, (text, start, end, article, indices) in enumerate(rows)
    ]
    columns = pl.DataFrame(filled, {name: PAIR_SCHEMA[name] for name in names}, orient="row")
    return table.with_columns(columns.get_columns())


def _span(source: Source, article: str | None, indices: list[int] | None, row: int) -> tuple[Any, ...]:
    """Return text, start and end of some sentences of an article."""
    if article is None or not indices:
        raise InputError(f"row {row}: neither text nor sentences on the side {source.side!r}; nothing to fill in from")
    if article not in source.texts:
        raise InputError(f"row {row}: {article!r} is not among the {LANGUAGE_NAMES[source.side]} articles")
    sentences = source.sentences(article)
    if min(indices) < 0 or max(indices) >= len(sentences):
        raise InputError(f"row {row}: sentences {indices} of {article!r}, which has {len(sentences)}")
    start, end = sentences[indices[0]].start, sentences[indices[-1]].end
    return fold_whitespace(source.texts[article][start:end]), start, end
