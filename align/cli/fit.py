"""`align fit`: the constants of matching for an encoder, from gold."""

from __future__ import annotations

import click

from align.cli import options

_PARTS = ("in-order", "mining", "comparable", "trust")


@click.command()
@click.argument("data", metavar="DATA_DIR", type=click.Path())
@options.output
@options.encoder
@options.encoder_option
@click.option(
    "--only",
    "parts",
    type=click.Choice(_PARTS),
    multiple=True,
    help="Fit this part alone; may be given several times. By default all that there is gold for.",
)
@click.option(
    "--start",
    metavar="FILE",
    type=click.Path(),
    help="Constants for what is not fitted; by default the bundled encoder's, rescaled for another encoder.",
)
@click.option(
    "--folds/--no-folds", default=True, help="Measure what the constants are worth, by two folds of articles."
)
@click.option(
    "--check",
    metavar="FILE",
    type=click.Path(),
    help="Write nothing; fail if the fit gives other constants than this file has.",
)
@options.cache
@options.threads
def command(
    data: str,
    output: str,
    encoder: str,
    encoder_options: tuple[str, ...],
    parts: tuple[str, ...],
    start: str | None,
    folds: bool,
    check: str | None,
    cache: str | None,
    threads: int | None,
) -> None:
    """Fit the constants of matching for an encoder on the gold in DATA_DIR.

    Found by what they are, in DATA_DIR and below: X.vi and X.en, one sentence a line, with X.gold (beads in order such
    as `[0]:[0, 1]`), with X.gold.tsv (index pairs in any order), or line by line without gold, of which changed copies
    are made; pool.vi, pool.en and gold.tsv. What there is no gold for is not fitted, and the file's head says so.

    \b
    Example:
      align fit gold/ --encoder laser2 -o calibration.toml
      align run vi/ en/ --encoder laser2 --calibration calibration.toml -o corpus.tsv
    """
    from pathlib import Path

    from align.cli.notes import warnings_as_notes
    from align.cli.progress import progress_bars
    from align.encoders import load_encoder, parse_options
    from align.errors import InputError
    from align.files import check_writable, write_text
    from align.fitting import differences, fit_calibration, read_material
    from align.matching.calibration import read_calibration

    check_writable(output)
    settings = parse_options(encoder, encoder_options)
    known = None if start is None else read_calibration(start)
    if check is not None:
        read_calibration(check)  # now, and not after minutes
    material = read_material(Path(data))
    with warnings_as_notes(), progress_bars() as progress:
        model = load_encoder(encoder, cache=cache, progress=progress, **{"threads": threads, **settings})
        measured = folds and check is None
        found = fit_calibration(material, model, parts=parts or _PARTS, start=known, folds=measured, progress=progress)
    for remark in found.remarks:
        click.echo(remark, err=True)
    if check is None:
        write_text(output, found.text)
        return
    others = differences(Path(check), found.calibration)
    if others:
        raise InputError(f"{check}: the fit gives other constants in {', '.join(others)}")
    click.echo(f"{check}: the fit gives these constants", err=True)
