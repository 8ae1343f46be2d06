"""From two paths to a corpus: read, split, encode, pair articles, match, score. One function a step, tables between.

The command line and the Python API call the same functions; nothing here prints.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from align._version import __version__
from align.collection import Collection, collect, read_both
from align.corpus import PAIR_SCHEMA, format_of
from align.encoders import Encoder, load_encoder
from align.errors import InputError, OptionError
from align.files import check_writable
from align.matching.api import check_texts
from align.matching.articles import Match, match_articles
from align.matching.calibration import Calibration
from align.matching.choice import calibration_for, given_calibration, label_of
from align.matching.pairing import ArticlePair, pair_sides
from align.options import DEFAULT_FILTERS, Options, Pairing, make_options
from align.pairs import DECIMALS, REJECT_COLUMNS, RowMaker, rounded, settle
from align.progress import Progress, silent
from align.quality.filters import apply_filters, make_filters, summary
from align.quality.translation_check import TranslationCheck
from align.translation import load_translator

ARTICLE_PAIR_SCHEMA: dict[str, pl.DataType] = {
    "vi_article": pl.String(),
    "en_article": pl.String(),
    "score": pl.Float64(),
    "mode": pl.String(),
    "reason": pl.String(),
    "pairs": pl.Int64(),
}
"""Columns of the table of article pairs."""


@dataclass
class Result:
    """What a run gives.

    Attributes:
        pairs: the corpus, columns `align.corpus.PAIR_SCHEMA`.
        article_pairs: columns vi_article, en_article, score, mode, reason, pairs.
        notes: what the user should know: files left out, encodings found.
        refused: how many pairs each filter refused, columns reason and count.
        rejects: what was left out, the same columns as `pairs`, then reason, detail and the filters' scores; None
            unless it was asked for (`Options.keep_rejects`).
    """

    pairs: pl.DataFrame
    article_pairs: pl.DataFrame
    notes: list[str]
    refused: pl.DataFrame
    rejects: pl.DataFrame | None = None


def build_corpus(vi_path: str | Path, en_path: str | Path, **options: object) -> pl.DataFrame:
    """Build a parallel corpus: what `align run` writes.

    Args:
        vi_path, en_path: a file or folder each (.txt .html .jsonl .parquet).
        options: fields of `align.options.Options`.

    Returns:
        One row a pair, columns `align.corpus.PAIR_SCHEMA`, in the order of the Vietnamese articles.

    Raises:
        InputError: a path gives no article of its language.
        OptionError: an option is unknown or its value not allowed.

    >>> corpus = build_corpus("examples/vi/tin-ngan.jsonl", "examples/en/briefs.jsonl")
    >>> corpus.select("vi", "en").row(1)
    ('Mỗi ngày có sáu chuyến, giá vé khứ hồi 180.000 đồng.',
     'There are six trips a day, and a return ticket costs 180,000 dong.')
    """
    return run(vi_path, en_path, make_options(**options)).pairs


def check_output(path: str, form: str | None, inputs: Sequence[str] = ()) -> None:
    """Find out before the work whether the corpus can be written where and how it was asked for.

    Args:
        path: where to write; "-" is the standard output.
        form: the format; None leaves it to the ending of `path`.
        inputs: files that the corpus must not replace.

    Raises:
        OptionError: the format is unknown, or `path` is one of `inputs`.
        OutputError: the folder does not exist or is not writable.
    """
    if path != "-":
        check_writable(path)  # first: that it is a folder says more than that it has no known ending
        if Path(path).absolute() in {Path(other).absolute() for other in inputs}:
            raise OptionError("output", path, "another file than the articles")
    format_of(path, form)


def table_text(table: pl.DataFrame) -> str:
    """Return a table as TSV with a header; floats to six decimals."""
    return table.with_columns(pl.selectors.float().round(DECIMALS)).write_csv(separator="\t")


def with_texts(mined: pl.DataFrame, vi: Sequence[str], en: Sequence[str]) -> pl.DataFrame:
    """Add the columns vi and en to a table of vi_index and en_index."""
    return mined.with_columns(vi=pl.Series(vi).gather(mined["vi_index"]), en=pl.Series(en).gather(mined["en_index"]))


def run(
    vi_path: str | Path, en_path: str | Path, options: Options | None = None, *, progress: Progress = silent
) -> Result:
    """Build a corpus and say how; see `build_corpus`."""
    chosen = options or Options()
    given = given_calibration(chosen.calibration)  # before the work, as the encoder: each may be wrong
    filters = make_filters(chosen.filters)
    check = _translation_check(chosen, progress)
    encoder = _load_encoder(chosen, progress)
    notes: list[str] = []
    vi_articles, en_articles = read_both(vi_path, en_path, chosen, notes, progress)
    calibration = calibration_for(encoder, given)
    vi = collect(vi_articles, "vi", encoder, notes, progress)
    en = collect(en_articles, "en", encoder, notes, progress)
    article_pairs = pair_collections(vi, en, calibration, chosen.pairing, progress)
    matches = match_articles(
        article_pairs,
        vi.sides,
        en.sides,
        calibration,
        mode=chosen.mode,
        min_probability=chosen.min_probability,
        progress=progress,
    )
    rows = RowMaker(vi, en, encoder, calibration, signature(chosen, encoder, calibration, check))
    pairs = rows.kept(matches)
    left_out = rows.left_out(matches, chosen.min_probability) if check or chosen.keep_rejects else None
    if check is not None and left_out is not None:
        pairs, left_out = check_again(pairs, left_out, check, chosen.min_probability)
    pairs, refused = apply_filters(pairs, filters)
    rejects = None if left_out is None else rounded(pl.concat([left_out, refused], how="diagonal"))
    return Result(
        rounded(pairs),
        _describe(matches, vi, en, pairs, keep_all=chosen.pairing in ("name", "all")),
        notes,
        summary(refused),
        rejects if chosen.keep_rejects else None,
    )


def check_again(
    pairs: pl.DataFrame, left_out: pl.DataFrame, check: TranslationCheck, min_probability: float
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Let a translator judge what matching was unsure of, on either side of the threshold.

    Args:
        pairs, left_out: what matching kept, and what it did not with the columns `align.pairs.REJECT_COLUMNS`.
        check: the check; it learns from the pairs of which matching is sure.
        min_probability: of pairs that stay.

    Returns:
        The same two kinds, by the probabilities that the check leaves.
    """
    improbable = pl.col("reason") == "probability"
    doubtful = left_out.filter(improbable).drop(list(REJECT_COLUMNS))
    checked = check.check(pl.concat([pairs, doubtful]), pairs)
    kept, rejected = settle(checked.head(pairs.height), checked.tail(doubtful.height), min_probability)
    return kept, pl.concat([left_out.filter(~improbable), rejected], how="diagonal")


def _translation_check(options: Options, progress: Progress) -> TranslationCheck | None:
    if options.back_translate is None:
        return None
    model = options.back_translate
    translator = load_translator(model, threads=options.threads) if isinstance(model, str | Path) else model
    return TranslationCheck(
        translator,
        method=options.mt_check,
        direction=options.mt_direction,
        cache=options.mt_cache,
        progress=progress,
    )


def _load_encoder(options: Options, progress: Progress) -> Encoder:
    settings = {"threads": options.threads, **options.encoder_options}
    return load_encoder(options.encoder, cache=options.cache, progress=progress, **settings)


def signature(
    options: Options, encoder: Encoder, calibration: Calibration, check: TranslationCheck | None = None
) -> str:
    """Return what a run was made with, in sacrebleu's manner: everything that the rows depend on but the articles.

    The calibration is named where it is not the one that this version has for the encoder, and filters where they are
    not the default ones.
    """
    label = label_of(calibration, encoder)
    return "|".join(
        (
            "align-vi-en",
            f"encoder:{encoder.name}@{encoder.fingerprint}",
            *([] if label is None else [f"calibration:{label}"]),
            f"mode:{options.mode}",
            f"pairing:{options.pairing}",
            f"min_probability:{options.min_probability:g}",
            *([] if options.filters == DEFAULT_FILTERS else [f"filters:{options.filters}"]),
            *([] if check is None else [f"mt:{check.signature}"]),
            f"version:{__version__}",
        )
    )


def pair_articles(
    vi: Sequence[str],
    en: Sequence[str],
    *,
    encoder: Encoder | None = None,
    calibration: Calibration | str | os.PathLike[str] | None = None,
) -> pl.DataFrame:
    """Find which articles belong together by what they say; an article may belong to several.

    Args:
        vi, en: texts of the articles.
        encoder: any encoder; None is the bundled one.
        calibration: as for `align.align_sentences`.

    Returns:
        Columns vi_index, en_index (Int64) and score (Float64, 0 to 1: expected share of the shorter article's
        sentences that have a counterpart), by vi_index.

    Raises:
        InputError: a side is one string, or holds something that is no string.
        ModelError: `calibration` is no file of constants.

    Warns:
        UncalibratedWarning: nothing was fitted for the encoder.
    """
    check_texts("vi", vi, "texts")
    check_texts("en", en, "texts")
    model = encoder or load_encoder()
    constants = calibration_for(model, calibration)
    tables = [pl.DataFrame({"id": [str(n) for n in range(len(texts))], "text": list(texts)}) for texts in (vi, en)]
    vi_side, en_side = (collect(table, lang, model, []) for table, lang in zip(tables, ("vi", "en"), strict=True))
    pairs = pair_sides(vi_side.sides, en_side.sides, constants)
    columns = {
        "vi_index": [pair.vi for pair in pairs],
        "en_index": [pair.en for pair in pairs],
        "score": [pair.score for pair in pairs],
    }
    return pl.DataFrame(columns, schema={"vi_index": pl.Int64, "en_index": pl.Int64, "score": pl.Float64})


def pair_collections(
    vi: Collection, en: Collection, calibration: Calibration, pairing: Pairing, progress: Progress = silent
) -> list[ArticlePair]:
    """Return the article pairs of a run."""
    dates = vi.articles["date"].to_list(), en.articles["date"].to_list()
    arguments = vi.sides, en.sides, calibration
    if pairing == "all" or len(vi.sides) * len(en.sides) == 1:
        everything = itertools.product(range(len(vi.sides)), range(len(en.sides)))
        return pair_sides(*arguments, candidates=everything, dates=dates, keep_all=True, progress=progress)
    by_name = _same_names(vi.articles["id"].to_list(), en.articles["id"].to_list())
    if pairing == "name":
        if not by_name:
            raise InputError("no Vietnamese and English article have the same name; use --pairing content")
        return pair_sides(*arguments, candidates=by_name, dates=dates, keep_all=True, progress=progress)
    expected = by_name if pairing == "auto" else ()
    return pair_sides(*arguments, expected=expected, dates=dates, progress=progress)


def _same_names(vi: Sequence[str], en: Sequence[str]) -> list[tuple[int, int]]:
    """Return the articles whose names differ in their ending and a mark of the language only."""
    places: dict[str, list[int]] = {}
    for j, name in enumerate(en):
        places.setdefault(_plain_name(name), []).append(j)
    return [(i, j) for i, name in enumerate(vi) for j in places.get(_plain_name(name), ())]


def _plain_name(name: str) -> str:
    """Take ending and language mark off the last part of a path: a/vi-flood.txt and a/flood.en.html are a/flood."""
    folder, slash, stem = name.rpartition("/")
    for ending in (".gz", ".txt", ".html", ".htm"):
        stem = stem.removesuffix(ending)
    for mark in ("vi", "en"):
        for joint in "._-":
            stem = stem.removesuffix(joint + mark).removeprefix(mark + joint)
    return folder + slash + stem


def pair_paths(
    vi_path: str | Path, en_path: str | Path, options: Options, *, progress: Progress = silent
) -> tuple[pl.DataFrame, list[str]]:
    """Find which articles of two paths belong together: what `align pair` writes, and what the user should know."""
    given = given_calibration(options.calibration)
    encoder = _load_encoder(options, progress)
    notes: list[str] = []
    articles = read_both(vi_path, en_path, options, notes, progress)
    calibration = calibration_for(encoder, given)
    vi = collect(articles[0], "vi", encoder, notes, progress)
    en = collect(articles[1], "en", encoder, notes, progress)
    pairs = pair_collections(vi, en, calibration, options.pairing, progress)
    matches = [Match(pair, pair.route.mode, []) for pair in pairs]
    return _describe(matches, vi, en, pl.DataFrame(schema=PAIR_SCHEMA)).drop("pairs"), notes


def _describe(
    matches: Sequence[Match], vi: Collection, en: Collection, pairs: pl.DataFrame, *, keep_all: bool = True
) -> pl.DataFrame:
    """Return the table of article pairs, those without a pair of sentences only with `keep_all`."""
    articles = ["vi_article", "en_article"]
    rows = [
        {
            "vi_article": vi.articles["id"][match.pair.vi],
            "en_article": en.articles["id"][match.pair.en],
            "score": round(match.pair.score, DECIMALS),
            "mode": match.mode,
            "reason": match.pair.reason,
        }
        for match in matches
    ]
    schema = {name: dtype for name, dtype in ARTICLE_PAIR_SCHEMA.items() if name != "pairs"}
    counts = pairs.group_by(articles).agg(pairs=pl.len().cast(pl.Int64))
    table = pl.DataFrame(rows, schema=schema).join(counts, on=articles, how="left", maintain_order="left")
    table = table.with_columns(pl.col("pairs").fill_null(0))
    return table if keep_all else table.filter(pl.col("pairs") > 0)
