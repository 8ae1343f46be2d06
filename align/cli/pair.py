"""`align pair`: which articles belong together."""

from __future__ import annotations

import click


@click.command()
@click.argument("vi", metavar="VI", type=click.Path())
@click.argument("en", metavar="EN", type=click.Path())
@click.option(
    "-o",
    "--output",
    metavar="OUT.tsv",
    type=click.Path(),
    default="-",
    help="Where to write; - is the standard output.",
)
@click.option(
    "--pairing",
    type=click.Choice(["auto", "name", "content", "all"]),
    default="auto",
    show_default=True,
    help="Which articles are looked at: those of one name, those that say the same, both (auto), each with each.",
)
@click.option("--encoder", default="e5-small-vien", show_default=True, help="A name that `align models list` shows.")
@click.option("--encoding", help="Encoding of text files; by default it is found out.")
@click.option("--repair-text", is_flag=True, help="Repair damaged characters (mojibake).")
@click.option("--threads", type=click.IntRange(min=1), help="Cores to use; by default all.")
def command(
    vi: str,
    en: str,
    output: str,
    pairing: str,
    encoder: str,
    encoding: str | None,
    repair_text: bool,
    threads: int | None,
) -> None:
    """Find which Vietnamese articles of VI and English articles of EN belong together.

    An article may belong to several. Writes TSV with a header: vi_article, en_article, score (share of the shorter
    article's sentences with a counterpart), mode, reason.

    \b
    Example:
      align pair vi_articles/ en_articles/ -o pairs.tsv
    """
    from align.cli.progress import progress_bars
    from align.files import check_writable, write_text
    from align.pipeline import make_options, pair_paths, table_text

    options = make_options(pairing=pairing, encoder=encoder, encoding=encoding, repair=repair_text, threads=threads)
    check_writable(output)
    with progress_bars() as progress:
        table, notes = pair_paths(vi, en, options, progress=progress)
    for note in notes:
        click.echo(note, err=True)
    write_text(output, table_text(table))
