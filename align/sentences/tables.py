"""The sentences table: one row per sentence of an articles table."""

from __future__ import annotations

from bisect import bisect_right

import polars as pl

from align.errors import InputError
from align.progress import Progress, silent
from align.sentences.boilerplate import flag_lines
from align.sentences.folding import fold
from align.sentences.language import detect_language
from align.sentences.rules import LANGUAGES, check_language
from align.sentences.splitter import Sentence, line_spans, split

SENTENCE_SCHEMA: dict[str, pl.DataType] = {
    "article": pl.String(),  # id of the article
    "lang": pl.String(),
    "index": pl.Int64(),  # 0-based position in the article
    "start": pl.Int64(),  # half-open offsets into the article's text, in code points
    "end": pl.Int64(),
    "text": pl.String(),  # the article's own text between the offsets
    "match_text": pl.String(),  # the form that is embedded and compared
    "flag": pl.String(),  # null, "overlong", or the rule that calls it boilerplate, such as "boilerplate:navigation"
}
"""Column names and types of the sentences table."""

OVERLONG = "overlong"
"""Flag of a sentence of more than `LONGEST_SENTENCE` characters."""

LONGEST_SENTENCE = 5000
"""Characters above which a sentence is flagged "overlong": lists of a law reach 2,000 and more, but 5,000 without a
full stop or line break are data, not prose, and no trainer takes them."""


def split_articles(articles: pl.DataFrame, *, progress: Progress = silent) -> pl.DataFrame:
    """Return the sentences of every article, in the order of the articles (columns: `SENTENCE_SCHEMA`).

    Articles need the columns `id`, `lang` ("vi" or "en") and `text`.

    Raises:
        InputError: an article has no language or another one, or no text.
    """
    columns: dict[str, list[object]] = {name: [] for name in SENTENCE_SCHEMA}
    rows = articles.select("id", "lang", "text").rows()
    for done, (article, lang, text) in enumerate(rows, start=1):
        _check_article(article, lang, text)
        sentences = split(text, lang)
        size = len(sentences)
        columns["article"] += [article] * size
        columns["lang"] += [lang] * size
        columns["index"] += range(size)
        columns["start"] += [sentence.start for sentence in sentences]
        columns["end"] += [sentence.end for sentence in sentences]
        columns["text"] += [sentence.text for sentence in sentences]
        columns["match_text"] += [fold(sentence.text) for sentence in sentences]
        columns["flag"] += flag_sentences(text, sentences)
        progress("split", done, len(rows))
    return pl.DataFrame(columns, schema=SENTENCE_SCHEMA)


def assign_languages(articles: pl.DataFrame, lang: str = "auto") -> tuple[pl.DataFrame, list[tuple[str, str]]]:
    """Return the articles with `lang` filled in, and (id, reason) of those left out.

    "auto" keeps what the file says and detects the rest; articles in neither language, or with too few letters to
    tell, are left out. "vi" or "en" is taken for all.

    Raises:
        OptionError: `lang` is another value.
    """
    if lang != "auto":
        check_language(lang)
        return articles.with_columns(lang=pl.lit(lang, dtype=pl.String)), []
    rows = articles.select("lang", "text").rows()
    found = [given or detect_language(text or "") for given, text in rows]
    known = pl.Series([language in LANGUAGES for language in found], dtype=pl.Boolean)
    named = articles.with_columns(lang=pl.Series(found, dtype=pl.String))
    left_out = named.filter(~known).select("id", "lang").rows()
    return named.filter(known), [
        (name, f"left out: its language seems to be {code}; name it if it is vi or en") for name, code in left_out
    ]


def flag_sentences(text: str, sentences: list[Sentence]) -> list[str | None]:
    """Return for each sentence of `text` null, "overlong" or the rule that calls it boilerplate."""
    spans = line_spans(text)
    starts = [start for start, _ in spans]
    lines = [text[start:end].strip() for start, end in spans]
    flags = flag_lines(lines, [(bisect_right(starts, s.start) - 1, s.text) for s in sentences])
    return [OVERLONG if len(s.text) > LONGEST_SENTENCE else flag for s, flag in zip(sentences, flags, strict=True)]


def _check_article(article: str, lang: str | None, text: str | None) -> None:
    if lang not in LANGUAGES:
        raise InputError(f'article {article!r}: lang is {lang!r}; allowed: "vi", "en"; set it or detect it first')
    if text is None:
        raise InputError(f"article {article!r}: text is null; leave the article out")
