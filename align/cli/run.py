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
@options.filters
@options.rejects
@options.back_translate
@options.mt_check
@options.mt_direction
@options.mt_cache
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
    filters: str,
    rejects: str | None,
    translator: str | None,
    mt_check: str,
    direction: str,
    mt_cache: str | None,
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
    from align.quality.corpora import check_rejects

    chosen = make_options(
        mode=mode,
        pairing=pairing,
        encoder=encoder,
        calibration=calibration,
        encoder_options=parse_options(encoder, encoder_options),
        cache=cache,
        min_probability=min_probability,
        filters=filters,
        keep_rejects=rejects is not None,
        back_translate=translator,
        mt_check=mt_check,
        mt_direction=direction,
        mt_cache=mt_cache,
        encoding=encoding,
        repair=repair_text,
        threads=threads,
    )
    check_output(output, form, (vi, en))
    others = {"the output": output, "the Vietnamese articles": vi, "the English articles": en}
    caches = {"the cache": cache, "the cache of translations": mt_cache}
    check_rejects(rejects, others | {what: path for what, path in caches.items() if path is not None})
    with warnings_as_notes(), progress_bars() as progress:
        result = run(vi, en, chosen, progress=progress)
    for note in result.notes:
        click.echo(note, err=True)
    for first, second, _, _, reason, pairs in result.article_pairs.rows():
        click.echo(f"{first} + {second}: {pairs} pairs; {reason}", err=True)
    if rejects is not None and result.rejects is not None:
        write_corpus(result.rejects, rejects)
    write_corpus(result.pairs, output, form)
    for reason, count in result.refused.rows():
        click.echo(f"left out by the filter {reason}: {count}", err=True)
    where = "standard output" if output == "-" else output
    click.echo(
        f"{result.pairs.height} pairs of {result.article_pairs.height} article pairs written to {where}", err=True
    )
