"""The two sides of a run: articles of one language each, read, split and encoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from align.articles import read_articles
from align.encoders import Encoder
from align.errors import InputError
from align.matching.clauses import clause_encoder
from align.matching.evidence import evidence_of
from align.matching.sides import Side
from align.matching.spans import Floats, check_pooling, text_lengths
from align.matching.yardstick import language_centre
from align.options import Options
from align.progress import Progress, silent
from align.sentences import assign_languages, fold_whitespace, split_articles
from align.sentences.tables import LONGEST_SENTENCE, OVERLONG

LANGUAGE_NAMES = {"vi": "Vietnamese", "en": "English"}
SENTENCE_ENDS = (".", "!", "?", "…", ":", ";", ",")
CLOSING = "\"”’'»)]"  # marks that may follow the end of a sentence


class Span(NamedTuple):
    """Consecutive sentences of an article: rows [first, last) of the sentences table."""

    article: int
    first: int
    last: int


@dataclass(frozen=True)
class Collection:
    """The articles of one language, split and encoded.

    Attributes:
        articles: articles table.
        sentences: sentences table without boilerplate; `rows` says which belong to which article.
        vectors: float32 (sentences, dim), unit rows.
        rows: start and end row of each article in `sentences`.
        sides: one for each article.
    """

    articles: pl.DataFrame
    sentences: pl.DataFrame
    vectors: Floats
    rows: list[tuple[int, int]]
    sides: list[Side]

    def span(self, article: int, sentences: tuple[int, ...]) -> Span:
        """Return where a bead's sentences are in `sentences`."""
        first = self.rows[article][0]
        return Span(article, first + sentences[0], first + sentences[-1] + 1)

    def columns(self, lang: str, spans: Sequence[Span]) -> dict[str, list[Any]]:
        """Return one side's columns of the corpus."""
        indices, starts, ends = (self.sentences[name].to_list() for name in ("index", "start", "end"))
        ids, texts = self.articles["id"].to_list(), self.articles["text"].to_list()
        offsets = [(starts[span.first], ends[span.last - 1]) for span in spans]
        return {
            lang: [fold_whitespace(texts[s.article][a:b]) for s, (a, b) in zip(spans, offsets, strict=True)],
            f"{lang}_article": [ids[span.article] for span in spans],
            f"{lang}_sentences": [indices[span.first : span.last] for span in spans],
            f"{lang}_start": [start for start, _ in offsets],
            f"{lang}_end": [end for _, end in offsets],
        }

    def span_vectors(self, spans: Sequence[Span], encoder: Encoder) -> Floats:
        """Return float32 (n, dim): the sentence's vector, or that of several sentences as one joined text."""
        vectors = self.vectors[[span.first for span in spans]]
        texts = self.sentences["match_text"].to_list()
        longer = [place for place, span in enumerate(spans) if span.last - span.first > 1]
        if longer:
            joined = [" ".join(texts[spans[place].first : spans[place].last]) for place in longer]
            vectors[longer] = encoder.encode(joined)
        return vectors


def read_both(
    vi_path: str | Path, en_path: str | Path, options: Options, notes: list[str], progress: Progress
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read the Vietnamese and the English articles; what is left out is named in `notes`.

    Raises:
        InputError: a path holds no article of its language; the message says when the two seem to be swapped.
    """
    vi, en = (_read_known(path, options, notes, progress) for path in (vi_path, en_path))
    if set(vi["lang"]) == {"en"} and set(en["lang"]) == {"vi"}:
        raise InputError(f"{vi_path} is English and {en_path} Vietnamese: swapped; give the Vietnamese path first")
    return _in_language(vi_path, vi, "vi", notes), _in_language(en_path, en, "en", notes)


def _read_known(path: str | Path, options: Options, notes: list[str], progress: Progress) -> pl.DataFrame:
    found = read_articles(path, encoding=options.encoding, repair=options.repair, progress=progress)
    notes += [str(problem) for problem in found.problems]
    notes += [f"{name}: {note}" for name, own in found.table.select("id", "notes").rows() for note in own or ()]
    known, left_out = assign_languages(found.table)
    reasons = [f"{name}: {reason}" for name, reason in left_out]
    notes += reasons
    if not known.height:
        more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
        raise InputError(f"{path}: no article in Vietnamese or English: {reasons[0]}{more}")
    return known


def _in_language(path: str | Path, articles: pl.DataFrame, lang: str, notes: list[str]) -> pl.DataFrame:
    wanted = articles.filter(pl.col("lang") == lang)
    if not wanted.height:
        asked, held = LANGUAGE_NAMES[lang], LANGUAGE_NAMES[articles["lang"][0]]
        raise InputError(
            f"{path}: no {asked} article, all {articles.height} are {held}; "
            "give the Vietnamese path first, then the English"
        )
    others = articles.filter(pl.col("lang") != lang)
    notes += [f"{name}: language is {code}, not {lang}; left out" for name, code in others.select("id", "lang").rows()]
    return wanted


def collect(
    articles: pl.DataFrame, lang: str, encoder: Encoder, notes: list[str], progress: Progress = silent
) -> Collection:
    """Split, leave boilerplate out, and encode the articles of one language; overlong sentences go to `notes`."""
    sentences = split_articles(articles.with_columns(lang=pl.lit(lang)), progress=progress)
    overlong = sentences.filter(pl.col("flag") == OVERLONG).group_by("article", maintain_order=True).len()
    notes += [
        f"{name}: {count} times more than {LONGEST_SENTENCE} characters without the end of a sentence; left out"
        for name, count in overlong.rows()
    ]
    sentences = sentences.filter(pl.col("flag").is_null() & (pl.col("match_text") != ""))
    vectors = encoder.encode(sentences["match_text"].to_list())
    counts = dict(sentences.group_by("article").len().rows())
    rows, start = [], 0
    for article in articles["id"]:
        rows.append((start, start + counts.get(article, 0)))
        start = rows[-1][1]
    texts, places = sentences["match_text"].to_list(), _places(sentences)
    sides = [_side(texts[a:b], places[a:b], vectors[a:b], lang, encoder) for a, b in rows]
    return Collection(articles, sentences, vectors, rows, sides)


def _places(sentences: pl.DataFrame) -> NDArray[np.int64]:
    """Return the place of each sentence in its article; one place stays free on either side of a heading.

    Matching joins only sentences whose places follow one another, and a heading (what ends without a mark) is no part
    of a sentence.
    """
    texts = sentences["text"].to_list()
    heads = np.array([not text.rstrip(CLOSING).endswith(SENTENCE_ENDS) for text in texts], dtype=np.int64)
    before = np.cumsum(heads)
    return np.asarray(sentences["index"].to_numpy() + 2 * before - heads)


def _side(texts: list[str], places: NDArray[np.int64], vectors: Floats, lang: str, encoder: Encoder) -> Side:
    def encode_spans(ranges: Sequence[tuple[int, int]]) -> Floats:
        return encoder.encode([" ".join(texts[start:end]) for start, end in ranges])

    return Side(
        vectors,
        text_lengths(texts),
        language_centre(encoder, lang),
        positions=places,
        encode_spans=encode_spans,
        evidence=evidence_of(texts, lang),
        encode_clauses=clause_encoder(texts, lang, encoder.encode),
        pooling=check_pooling(encoder.pooling),
        texts=texts,
    )
