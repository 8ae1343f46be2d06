"""`align run`: two paths of articles in, a corpus out."""

from __future__ import annotations

import click

from align.cli import options


@click.command()
@click.argument("vi", metavar="VI", type=click.Path())
@click.argument("en", metavar="EN", type=click.Path())
@click.option(
    "-o", "--output", metavar="OUT", type=click.Path(), required=True, help="Corpus to write; - is the standard output."
)
@click.option("--format", "form", metavar="FORMAT", help="tsv jsonl parquet tmx moses xces; by default OUT's ending.")
@options.mode
@options.pairing
@options.encoder
@options.calibration
@options.encoder_option
@options.cache
@options.min_probability
@options.encoding
@options.repair_text
@options.threads
def command(
    vi: str,
    en: str,
    output: str,
    form: str | None,
    mode: str,
    pairing: str,
    encoder: str,
    calibration: str | None,
    encoder_options: tuple[str, ...],
    cache: str | None,
    min_probability: float,
    encoding: str | None,
    repair_text: bool,
    threads: int | None,
) -> None:
    """Build a parallel corpus from the Vietnamese articles VI and the English articles EN.

    VI and EN are files or folders (.txt .html .jsonl .parquet). Articles of another language are left out and named.

    \b
    Example:
      align run vi_articles/ en_articles/ -o corpus.tsv
      align run --min-probability 0.9 vi.jsonl en.jsonl -o corpus.tmx
    """
    from align.cli.notes import warnings_as_notes
    from align.cli.progress import progress_bars
    from align.corpus import write_corpus
    from align.encoders import parse_options
    from align.options import make_options
    from align.pipeline import check_output, run

    chosen = make_options(
        mode=mode,
        pairing=pairing,
        encoder=encoder,
        calibration=calibration,
        encoder_options=parse_options(encoder, encoder_options),
        cache=cache,
        min_probability=min_probability,
        encoding=encoding,
        repair=repair_text,
        threads=threads,
    )
    check_output(output, form)
    with warnings_as_notes(), progress_bars() as progress:
        result = run(vi, en, chosen, progress=progress)
    for note in result.notes:
        click.echo(note, err=True)
    for first, second, _, _, reason, pairs in result.article_pairs.rows():
        click.echo(f"{first} + {second}: {pairs} pairs; {reason}", err=True)
    write_corpus(result.pairs, output, form)
    where = "standard output" if output == "-" else output
    click.echo(
        f"{result.pairs.height} pairs of {result.article_pairs.height} article pairs written to {where}", err=True
    )
