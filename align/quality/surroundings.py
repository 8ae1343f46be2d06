"""What stands around a pair: its sentences in their articles, and the sentences that it competed with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from align.collection import Collection, collect, read_both
from align.corpus.sources import SIDES, Side
from align.encoders import Encoder, load_encoder
from align.errors import InputError
from align.matching.choice import calibration_for
from align.matching.neighbours import nearest_mean
from align.options import Options
from align.progress import Progress, silent
from align.quality.corpora import DECIMALS
from align.quality.tracing import encoder_of
from align.sentences import fold, fold_whitespace, split

CONTEXT = 2  # sentences before and after the pair
NEIGHBOURS = 4  # k of the margin, and sentences that are shown


@dataclass(frozen=True)
class Line:
    """A sentence of an article; `own` says that it is of the pair."""

    index: int
    text: str
    own: bool


@dataclass(frozen=True)
class Neighbour:
    """A sentence of the other language near to one side of the pair.

    Attributes:
        article, index: where it stands; the index is 0-based.
        text: the article's own text, white space folded.
        cosine, margin: with that side of the pair.
        own: it is of the pair itself.
    """

    article: str
    index: int
    text: str
    cosine: float
    margin: float
    own: bool


@dataclass(frozen=True)
class Surroundings:
    """One side of a pair in its article.

    Attributes:
        side: "vi" or "en".
        article: its name, None where the pair has none.
        lines: the sentences before, of and after the pair.
        neighbours: the nearest sentences of the other language, nearest first.
    """

    side: str
    article: str | None
    lines: tuple[Line, ...]
    neighbours: tuple[Neighbour, ...]


def surroundings(
    pair: Mapping[str, Any], vi: Collection, en: Collection, encoder: Encoder, background: float
) -> tuple[Surroundings, Surroundings]:
    """Show both sides of a pair in their articles, and what else was near to them.

    Args:
        pair: fields of `align.corpus.PAIR_SCHEMA`.
        vi, en: the articles of the run, split and encoded.
        encoder: the encoder of the run.
        background: the cosine of unrelated sentences (`Calibration.mining.background`).
    """
    return (
        _surroundings(pair, "vi", vi, en, encoder, background),
        _surroundings(pair, "en", en, vi, encoder, background),
    )


def read_surroundings(
    pair: Mapping[str, Any], vi_path: str | Path, en_path: str | Path, options: Options, *, progress: Progress = silent
) -> tuple[tuple[Surroundings, Surroundings], list[str]]:
    """Read, split and encode the articles of a run, and show a pair in them; see `surroundings`.

    All articles are encoded, as the margin rests on all; `options.cache` saves it the next time.

    Returns:
        Both sides, and what the user should know.

    Raises:
        InputError: a path gives no article of its language, or the pair is not in its articles.
        ModelError: the encoder is not there.
    """
    notes: list[str] = []
    tables = read_both(vi_path, en_path, options, notes, progress)
    for side, table in zip(SIDES, tables, strict=True):
        _check_article(pair, side, table)
    settings = {"threads": options.threads, **options.encoder_options}
    encoder = load_encoder(options.encoder, cache=options.cache, progress=progress, **settings)
    made = encoder_of(pair["run"])
    if made is not None and made != (encoder.name, encoder.fingerprint):
        notes.append(
            f"the pair was made with the encoder {'@'.join(made)}, but {encoder.name}@{encoder.fingerprint} is used"
        )
    background = calibration_for(encoder, options.calibration).mining.background
    vi, en = (collect(table, side, encoder, [], progress) for side, table in zip(SIDES, tables, strict=True))
    return surroundings(pair, vi, en, encoder, background), notes


def _check_article(pair: Mapping[str, Any], side: str, articles: pl.DataFrame) -> None:
    """Refuse articles in which the pair is not."""
    name, start, end = pair[f"{side}_article"], pair[f"{side}_start"], pair[f"{side}_end"]
    if name is None:
        return
    texts = articles.filter(pl.col("id") == name)["text"]
    if not len(texts):
        raise InputError(f"{name!r} is not among the articles given for {side}; give those that the corpus is of")
    if None not in (start, end, pair[side]) and fold_whitespace(texts[0][start:end]) != pair[side]:
        raise InputError(
            f"{name!r} has another text at {start}:{end} than the pair; give the articles that the corpus is of, and "
            "the same --encoding and --repair-text"
        )


def _surroundings(
    pair: Mapping[str, Any], side: Side, own: Collection, other: Collection, encoder: Encoder, background: float
) -> Surroundings:
    return Surroundings(
        side,
        pair[f"{side}_article"],
        _lines(pair, side, own.articles),
        _neighbours(pair, side, own, other, encoder, background),
    )


def _lines(pair: Mapping[str, Any], side: Side, articles: pl.DataFrame) -> tuple[Line, ...]:
    """Return the sentences of the pair with `CONTEXT` before and after them."""
    name, start, end = pair[f"{side}_article"], pair[f"{side}_start"], pair[f"{side}_end"]
    if None in (name, start, end):
        return ()
    [text] = articles.filter(pl.col("id") == name)["text"]
    sentences = split(text, side)
    lines = [
        Line(index, fold_whitespace(each.text), each.start < end and each.end > start)
        for index, each in enumerate(sentences)
    ]
    own = [line.index for line in lines if line.own]
    return tuple(lines[max(0, own[0] - CONTEXT) : own[-1] + CONTEXT + 1]) if own else ()


def _neighbours(
    pair: Mapping[str, Any], side: Side, own: Collection, other: Collection, encoder: Encoder, background: float
) -> tuple[Neighbour, ...]:
    """Return the sentences of the other language that are nearest to one side of the pair."""
    query = encoder.encode([fold(pair[side] or "")])
    cosines = (other.vectors @ query[0]).astype(np.float64)
    nearest = np.argsort(-cosines, kind="stable")[:NEIGHBOURS]
    means = nearest_mean(query, other.vectors, NEIGHBOURS, background) + nearest_mean(
        other.vectors[nearest], own.vectors, NEIGHBOURS, background
    )
    margins = cosines[nearest] / np.maximum(means / 2, 1e-6)
    rows = other.sentences[nearest.tolist()].select("article", "index", "text", "start", "end").iter_rows()
    lang = "en" if side == "vi" else "vi"
    place = (pair[f"{lang}_article"], pair[f"{lang}_start"], pair[f"{lang}_end"])
    return tuple(
        Neighbour(
            article,
            index,
            fold_whitespace(text),
            round(float(cosines[row]), DECIMALS),
            round(float(margin), DECIMALS),
            None not in place and article == place[0] and start < place[2] and end > place[1],
        )
        for row, margin, (article, index, text, start, end) in zip(nearest, margins, rows, strict=True)
    )
