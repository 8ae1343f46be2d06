"""`align beads`: two files of one sentence a line into beads."""

from __future__ import annotations

import click

from align.cli import options


@click.command()
@click.argument("vi", metavar="VI", type=click.Path())
@click.argument("en", metavar="EN", type=click.Path())
@options.output
@options.mode
@options.encoder
@options.calibration
@options.encoder_option
@options.cache
@options.threads
def command(
    vi: str,
    en: str,
    output: str,
    mode: str,
    encoder: str,
    calibration: str | None,
    encoder_options: tuple[str, ...],
    cache: str | None,
    threads: int | None,
) -> None:
    """Align two UTF-8 files of one sentence a line.

    Writes vecalign's form, a bead a line: the 0-based Vietnamese lines, the English ones, the probability.

    \b
    Example:
      align beads --mode parallel article.vi article.en -o article.beads
    """
    from align.cli.notes import warnings_as_notes
    from align.cli.progress import progress_bars
    from align.encoders import load_encoder, parse_options
    from align.files import check_writable, read_lines, write_text
    from align.matching import align_sentences, format_bead

    check_writable(output)
    settings = parse_options(encoder, encoder_options)
    vi_lines, en_lines = read_lines(vi), read_lines(en)
    with warnings_as_notes(), progress_bars() as progress:
        model = load_encoder(encoder, cache=cache, progress=progress, **{"threads": threads, **settings})
        beads = align_sentences(vi_lines, en_lines, encoder=model, mode=mode, calibration=calibration)  # type: ignore[arg-type]
    write_text(output, "".join(format_bead(bead) + "\n" for bead in beads))
