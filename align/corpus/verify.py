"""Prove a corpus against the articles that it was made from."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from align.corpus.identity import ID_COLUMNS, pair_id
from align.corpus.schema import conform
from align.corpus.sources import LANGUAGE_NAMES, SIDES, Source
from align.errors import InputError
from align.sentences.folding import fold_whitespace


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a row of a corpus that its articles disprove.

    Attributes:
        row: 0-based row of the table.
        id: identity that the row claims, or None.
        what: the fault in words.
    """

    row: int
    id: str | None
    what: str

    def __str__(self) -> str:
        """Return the fault as one line."""
        return f"row {self.row} ({self.id or 'no id'}): {self.what}"


def verify_corpus(
    pairs: pl.DataFrame,
    vi_articles: pl.DataFrame,
    en_articles: pl.DataFrame,
    *,
    resplit: bool = True,
) -> list[Fault]:
    """Return every fault of a corpus, by row; an empty list proves it.

    For every pair and either side the text is the article's own between the offsets, white space folded; the
    sentence indices increase, agree with the bead and, when the article is split again, span the same offsets; no
    sentence is used twice within a pair of articles. The probability is within 0 to 1 and the identity is the hash
    of the content.

    Args:
        pairs: table of `PAIR_SCHEMA`.
        vi_articles, en_articles: tables of `ARTICLE_SCHEMA`, read with the same options as for the corpus.
        resplit: split the articles again; False for a corpus whose sentences another splitter made.

    Raises:
        InputError: no pair has a text, as in XCES: there is nothing to prove.
    """
    if pairs.height and conform(pairs).select(pl.col("vi", "en").is_null().all()).row(0) == (True, True):
        raise InputError(
            "the corpus holds references without texts, which prove nothing; fill them in with "
            "align convert --articles VI EN first"
        )
    sources = [Source(side, articles) for side, articles in zip(SIDES, (vi_articles, en_articles), strict=True)]
    used: dict[tuple[Any, ...], int] = {}
    faults = []
    for number, row in enumerate(conform(pairs).iter_rows(named=True)):
        found = list(_row_faults(row))
        for source in sources:
            found += _text_faults(row, source)
            found += _sentence_faults(row, source, resplit)
            found += _reuse_faults(row, source.side, number, used)
        faults += [Fault(number, row["id"], what) for what in found]
    return faults


def _row_faults(row: dict[str, Any]) -> Iterator[str]:
    identity = pair_id(*(row[name] for name in ID_COLUMNS))
    if row["id"] != identity:
        yield f"id is {row['id']!r}, but the content gives {identity!r}"
    if row["probability"] is not None and not 0 <= row["probability"] <= 1:
        yield f"probability is {row['probability']}; allowed: 0 to 1"
    sides = (row["vi_sentences"], row["en_sentences"])
    if None not in sides:
        shape = "-".join(str(len(side)) for side in sides)
        if row["bead"] != shape:
            yield f"bead is {row['bead']!r}, but the sentence lists give {shape!r}"


def _text_faults(row: dict[str, Any], source: Source) -> Iterator[str]:
    """Check the text of one side against the article between the offsets."""
    side = source.side
    article, start, end = row[f"{side}_article"], row[f"{side}_start"], row[f"{side}_end"]
    if not row[side]:
        yield f"{side} is empty"
    elif article is None or start is None or end is None:
        yield f"{side} has no article or no offsets, so nothing proves it"
    elif article not in source.texts:
        yield f"{article!r} is not among the {LANGUAGE_NAMES[side]} articles"
    elif not 0 <= start < end <= len(source.texts[article]):
        yield f"{side} offsets {start}:{end} are outside of {article!r} (0:{len(source.texts[article])})"
    elif (own := fold_whitespace(source.texts[article][start:end])) != row[side]:
        yield f"{side} is {_short(row[side])}, but {article!r} has {_short(own)} at {start}:{end}"


def _sentence_faults(row: dict[str, Any], source: Source, resplit: bool) -> Iterator[str]:
    """Check the sentence indices of one side, against the article split again if asked for."""
    side = source.side
    indices, article = row[f"{side}_sentences"], row[f"{side}_article"]
    if not indices:
        yield f"{side}_sentences is empty"
    elif any(right <= left for left, right in itertools.pairwise(indices)):
        yield f"{side}_sentences {indices} do not increase"
    elif resplit and article in source.texts:
        sentences = source.sentences(article)
        if indices[0] < 0 or indices[-1] >= len(sentences):
            yield f"{side}_sentences {indices} are outside of {article!r}, which has {len(sentences)} sentences"
            return
        start, end = sentences[indices[0]].start, sentences[indices[-1]].end
        if (start, end) != (row[f"{side}_start"], row[f"{side}_end"]):
            yield (
                f"{side}_sentences {indices} of {article!r} span {start}:{end}, "
                f"but the offsets are {row[f'{side}_start']}:{row[f'{side}_end']}"
            )


def _reuse_faults(row: dict[str, Any], side: str, number: int, used: dict[tuple[Any, ...], int]) -> Iterator[str]:
    """Note the sentences of one side as used within the pair of articles; beads of a pair are disjoint."""
    for index in row[f"{side}_sentences"] or ():
        first = used.setdefault((side, row["vi_article"], row["en_article"], index), number)
        if first != number:
            yield f"{side} sentence {index} of {row[f'{side}_article']!r} is used by row {first} already"


def _short(text: str, width: int = 60) -> str:
    return repr(text if len(text) <= width else text[: width - 1] + "…")
