"""`align pair`: which articles belong together."""

from __future__ import annotations

import click

from align.cli import options


@click.command()
@click.argument("vi", metavar="VI", type=click.Path())
@click.argument("en", metavar="EN", type=click.Path())
@options.output
@options.pairing
@options.encoder
@options.calibration
@options.encoder_option
@options.cache
@options.encoding
@options.repair_text
@options.threads
def command(
    vi: str,
    en: str,
    output: str,
    pairing: str,
    encoder: str,
    calibration: str | None,
    encoder_options: tuple[str, ...],
    cache: str | None,
    encoding: str | None,
    repair_text: bool,
    threads: int | None,
) -> None:
    """Find which Vietnamese articles of VI and English articles of EN belong together.

    An article may belong to several. Writes TSV with a header: vi_article, en_article, score (share of the shorter
    article's sentences with a counterpart), mode, reason (how the two are to be matched, and why they were taken for a
    pair: similarity of what they say, dates, names and numbers that few others have).

    \b
    Example:
      align pair vi_articles/ en_articles/ -o pairs.tsv
    """
    from align.cli.notes import warnings_as_notes
    from align.cli.progress import progress_bars
    from align.encoders import parse_options
    from align.files import check_writable, write_text
    from align.options import make_options
    from align.pipeline import pair_paths, table_text

    chosen = make_options(
        pairing=pairing,
        encoder=encoder,
        calibration=calibration,
        encoder_options=parse_options(encoder, encoder_options),
        cache=cache,
        encoding=encoding,
        repair=repair_text,
        threads=threads,
    )
    check_writable(output)
    with warnings_as_notes(), progress_bars() as progress:
        table, notes = pair_paths(vi, en, chosen, progress=progress)
    for note in notes:
        click.echo(note, err=True)
    write_text(output, table_text(table))
