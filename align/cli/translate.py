"""`align translate`: sentences from one language into the other."""

from __future__ import annotations

import click

from align.cli import options


@click.command()
@click.argument("file", metavar="FILE", type=click.Path())
@click.option(
    "--model",
    metavar="NAME",
    required=True,
    help="A translator that `align models list` shows, or a folder in the form of CTranslate2.",
)
@click.option(
    "--direction",
    type=click.Choice(["vi-en", "en-vi"]),
    help="From which language into which; needed if the model can do both or its files do not say.",
)
@options.output
@click.option(
    "--score",
    metavar="TRANSLATIONS",
    type=click.Path(),
    help="Do not translate: write the cross-entropy of each line of this file, in nats per token, given the line of "
    "FILE; the lower, the better.",
)
@click.option("--beam", type=click.IntRange(min=1), default=4, show_default=True, help="Hypotheses kept; 1 is greedy.")
@click.option(
    "--batch-tokens",
    type=click.IntRange(min=1),
    default=2048,
    show_default=True,
    help="Tokens at once; a larger number needs more memory.",
)
@options.threads
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="What computes; auto is a GPU if there is one.",
)
def command(
    file: str,
    model: str,
    direction: str | None,
    output: str,
    score: str | None,
    beam: int,
    batch_tokens: int,
    threads: int | None,
    device: str,
) -> None:
    """Translate a text file, or score a translation of it.

    FILE is UTF-8 with one sentence a line; - is the standard input. Each line gives one line. Models come with
    `align models pull opus-mt-vi-en`, see `align models list`.

    \b
    Example:
      align translate sentences.vi --model opus-mt-vi-en -o sentences.en
    """
    from align.cli.notes import warnings_as_notes
    from align.cli.progress import progress_bars
    from align.errors import OptionError
    from align.files import check_writable
    from align.translation import load_translator
    from align.translation.files import score_files, translate_file

    check_writable(output)
    with progress_bars() as progress, warnings_as_notes():
        translator = load_translator(
            model,
            direction=direction,
            threads=threads,
            device=device,
            beam=beam,
            batch_tokens=batch_tokens,
            progress=progress,
        )
        if len(translator.directions) > 1:
            raise OptionError("direction", direction, f"vi-en, en-vi: {translator.name} can do both")
        chosen = translator.directions[0]
        if score is None:
            count = translate_file(file, output, translator, chosen)
        else:
            count = score_files(file, score, output, translator, chosen)
    done = "translated" if score is None else "scored"
    click.echo(f"{count} lines {done}, {chosen}, {translator.name} {translator.fingerprint}", err=True)
