"""`align convert`: a corpus from one format to another."""

from __future__ import annotations

import click

from align.cli import options


@click.command()
@click.argument("source", metavar="IN", type=click.Path())
@click.argument("target", metavar="OUT", type=click.Path())
@click.option("--from", "source_format", metavar="FORMAT", help="Format of IN; by default its ending decides.")
@click.option("--to", "target_format", metavar="FORMAT", help="Format of OUT; by default its ending decides.")
@click.option(
    "--articles",
    nargs=2,
    metavar="VI EN",
    type=click.Path(),
    help="Articles (files or folders) to fill in the texts from, for an IN without texts, such as XCES.",
)
@options.encoding
@options.repair_text
def command(
    source: str,
    target: str,
    source_format: str | None,
    target_format: str | None,
    articles: tuple[str, str] | None,
    encoding: str | None,
    repair_text: bool,
) -> None:
    """Convert the corpus IN to OUT ("-" is the standard output).

    Formats: tsv, jsonl, parquet, tmx, moses, xces. Moses names three files, OUT.vi, OUT.en and OUT.ids. XCES holds
    references to sentences and no text.

    \b
    Example:
      align convert corpus.parquet corpus.tmx
      align convert corpus.tsv corpus --to moses
    """
    from align.corpus import fill_texts, format_of, read_corpus, write_corpus

    format_of(target, target_format)
    pairs = read_corpus(source, source_format)
    if articles:
        from align.articles import read_articles

        vi, en = (read_articles(path, encoding=encoding, repair=repair_text).table for path in articles)
        pairs = fill_texts(pairs, vi, en)
    write_corpus(pairs, target, target_format)
    click.echo(f"{pairs.height} pairs written to {target}", err=True)
