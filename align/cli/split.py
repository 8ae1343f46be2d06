"""`align split`: articles into sentences."""

from __future__ import annotations

import click

from align.cli import options


@click.command()
@click.argument("files", metavar="FILE...", type=click.Path(), nargs=-1, required=True)
@click.option(
    "--lang",
    type=click.Choice(["vi", "en", "auto"]),
    default="auto",
    show_default=True,
    help="Language of all articles, or auto: what the file says, else detected.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "jsonl", "spans"]),
    default="text",
    show_default=True,
    help="text: a sentence a line; jsonl: with article, offsets and flag; spans: article, start, end.",
)
@click.option("--paragraphs", is_flag=True, help="With text: an empty line after each line of the article.")
@options.encoding
@options.output
def command(files: tuple[str, ...], lang: str, form: str, paragraphs: bool, encoding: str | None, output: str) -> None:
    """Split articles into sentences with character offsets.

    FILE is a file or folder of articles (.txt .html .jsonl .parquet). Offsets are half-open and count code points
    of the article's own text.

    \b
    Example:
      align split --format jsonl article.txt -o sentences.jsonl
    """
    if paragraphs and form != "text":
        raise click.UsageError("--paragraphs goes with --format text only")
    from align.sentences.files import split_files

    problems = split_files(files, output, lang=lang, form=form, paragraphs=paragraphs, encoding=encoding)
    for problem in problems:
        click.echo(problem, err=True)
