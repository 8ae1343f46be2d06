"""`align verify`: prove a corpus against its articles."""

from __future__ import annotations

import click

from align.cli import options


@click.command()
@click.argument("corpus", type=click.Path())
@click.argument("vi", type=click.Path())
@click.argument("en", type=click.Path())
@click.option("--from", "source_format", metavar="FORMAT", help="Format of CORPUS; by default its ending decides.")
@options.encoding
@options.repair_text
@click.option("--no-split", is_flag=True, help="Do not split the articles again to prove the sentence indices.")
def command(
    corpus: str,
    vi: str,
    en: str,
    source_format: str | None,
    encoding: str | None,
    repair_text: bool,
    no_split: bool,
) -> None:
    """Prove every pair of CORPUS against the articles VI and EN (files or folders).

    A pair is proved when its texts are the articles' own between the offsets, its sentences span these offsets and
    its id is the hash of all this. Faults are printed one a line, rows counted from 0, and the exit code is 1.

    \b
    Example:
      align verify corpus.tsv vi_articles/ en_articles/
    """
    from align.articles import read_articles
    from align.corpus import read_corpus, verify_corpus
    from align.errors import InputError

    pairs = read_corpus(corpus, source_format)
    articles = [read_articles(path, encoding=encoding, repair=repair_text) for path in (vi, en)]
    for problem in (problem for side in articles for problem in side.problems):
        click.echo(str(problem), err=True)
    faults = verify_corpus(pairs, *(side.table for side in articles), resplit=not no_split)
    for fault in faults:
        click.echo(str(fault))
    if faults:
        bad = len({fault.row for fault in faults})
        raise InputError(f"{corpus}: {bad} of {pairs.height} pairs are not proved ({len(faults)} faults)")
    click.echo(f"verified {pairs.height} pairs: all offsets proved")
