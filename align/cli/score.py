"""`align score`: scores for the pairs of any corpus."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from align.cli import options

if TYPE_CHECKING:
    import polars as pl

    from align.progress import Progress


@click.command()
@click.argument("source", metavar="IN", type=click.Path())
@options.output
@click.option("--from", "source_format", metavar="FORMAT", help="Format of IN; by default its ending decides.")
@click.option("--format", "form", metavar="FORMAT", help="Format of OUT; by default its ending decides.")
@options.encoder
@options.calibration
@options.encoder_option
@options.cache
@options.threads
@options.back_translate
@options.mt_check
@options.mt_direction
@options.mt_cache
def command(
    source: str,
    output: str,
    source_format: str | None,
    form: str | None,
    encoder: str,
    calibration: str | None,
    encoder_options: tuple[str, ...],
    cache: str | None,
    threads: int | None,
    translator: str | None,
    mt_check: str,
    direction: str,
    mt_cache: str | None,
) -> None:
    """Score the corpus IN, anyone's TSV, JSONL, Parquet, TMX or Moses files ("-" is the standard input), as a stream.

    Fills probability, margin, cosine, and in flags the facts that disagree; with --back-translate also mt_chrf (and
    mt_xent) of pairs that are uncertain. Scores that were there are replaced, texts and provenance stay. The margin
    of a pair is relative to the 4,096 pairs that it is read with. A TSV without header has two columns, Vietnamese and
    English. Lines that do not fit are named and left out.

    \b
    Example:
      align score theirs.tmx -o scored.tsv
      align score theirs.tmx -o scored.tsv --back-translate opus-mt-vi-en
      align score pairs.tsv | align filter - --min-probability 0.9 -o clean.tsv
    """
    from align.cli.faults import Faults
    from align.cli.notes import warnings_as_notes
    from align.cli.progress import progress_bars
    from align.encoders import parse_options
    from align.quality.corpora import check_outputs, score_corpus

    settings = parse_options(encoder, encoder_options)
    check_outputs(source, output, form)
    faults = Faults()
    with warnings_as_notes(), progress_bars() as progress:
        score = _scorer(encoder, {"threads": threads, **settings}, calibration, cache, progress)
        check = _checker(translator, threads, mt_check, direction, mt_cache, progress)
        count = score_corpus(
            source, output, score, check=check, source_format=source_format, target_format=form, on_error=faults
        )
    faults.conclude()
    click.echo(f"{count} pairs scored, written to {'standard output' if output == '-' else output}", err=True)


def _scorer(
    encoder: str, settings: dict[str, Any], calibration: str | None, cache: str | None, progress: Progress
) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Return what scores one batch."""
    from functools import partial

    from align.encoders import load_encoder
    from align.quality.scoring import make_scorer, score_pairs

    model = load_encoder(encoder, cache=cache, progress=progress, **settings)
    return partial(score_pairs, scorer=make_scorer(model, calibration=calibration))


def _checker(
    translator: str | None, threads: int | None, method: str, direction: str, cache: str | None, progress: Progress
) -> Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame] | None:
    """Return what checks one batch with a translator, None without one."""
    if translator is None:
        return None
    from align.quality.translation_check import TranslationCheck
    from align.translation import load_translator

    return TranslationCheck(
        load_translator(translator, threads=threads, progress=progress),
        method=method,  # type: ignore[arg-type]  # one of click's choices
        direction=direction,  # type: ignore[arg-type]
        cache=cache,
        progress=progress,
    ).check
