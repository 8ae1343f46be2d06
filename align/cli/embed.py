"""`align embed`: sentences into vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from align.cli import options

if TYPE_CHECKING:
    from align.encoders.files import Dtype


@click.command()
@click.argument("file", metavar="FILE", type=click.Path())
@click.option(
    "-o", "--output", metavar="OUT.npy", type=click.Path(), required=True, help="Where to write: a row a line."
)
@click.option(
    "--dtype",
    type=click.Choice(["float32", "float16"]),
    default="float32",
    show_default=True,
    help="Of the numbers; float16 takes half the space.",
)
@options.encoder
@options.encoder_option
@options.cache
@options.threads
@click.option("--batch-tokens", type=click.IntRange(min=1), help="Tokens at once; by default what suits the encoder.")
def command(
    file: str,
    output: str,
    dtype: Dtype,
    encoder: str,
    encoder_options: tuple[str, ...],
    cache: str | None,
    threads: int | None,
    batch_tokens: int | None,
) -> None:
    """Write the sentence vectors of a text file.

    FILE is UTF-8 with one sentence a line, Vietnamese or English; - is the standard input. The vectors have
    length 1: the dot product of two is their cosine.

    \b
    Example:
      align embed sentences.vi -o vectors.vi.npy
    """
    from align.cli.progress import progress_bars
    from align.encoders import load_encoder, parse_options
    from align.encoders.files import embed_file
    from align.files import check_writable

    check_writable(output)
    settings = {"threads": threads, "batch_tokens": batch_tokens, **parse_options(encoder, encoder_options)}
    with progress_bars() as progress:
        loaded = load_encoder(encoder, cache=cache, progress=progress, **settings)
        count = embed_file(file, output, loaded, dtype)
    click.echo(f"{output}: {count} vectors of {loaded.dim} numbers, {loaded.name} {loaded.fingerprint}", err=True)
