"""`align mine`: translations between two pools of sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from align.cli import options

if TYPE_CHECKING:
    from align.matching.approximate import Search


@click.command()
@click.argument("vi", metavar="VI", type=click.Path())
@click.argument("en", metavar="EN", type=click.Path())
@options.output
@click.option("--texts", is_flag=True, help="Also write the sentences, in the columns vi and en.")
@click.option("-k", "--neighbours", type=click.IntRange(min=1), default=4, show_default=True, help="k of the margin.")
@click.option(
    "--search",
    type=click.Choice(["auto", "exact", "faiss"]),
    default="auto",
    show_default=True,
    help="Of neighbours: exact up to 200,000 sentences a side, then faiss (extra faiss) if it is installed.",
)
@options.min_probability
@options.encoder
@options.calibration
@options.encoder_option
@options.cache
@options.threads
def command(
    vi: str,
    en: str,
    output: str,
    texts: bool,
    neighbours: int,
    search: Search,
    min_probability: float,
    encoder: str,
    calibration: str | None,
    encoder_options: tuple[str, ...],
    cache: str | None,
    threads: int | None,
) -> None:
    """Find translations between two UTF-8 files of one sentence a line, in any order, one to one.

    Writes TSV with a header: vi_index, en_index (0-based lines), score (log-odds), probability.

    \b
    Example:
      align mine --texts pool.vi pool.en -o mined.tsv
    """
    from align.cli.notes import warnings_as_notes
    from align.cli.progress import progress_bars
    from align.encoders import load_encoder, parse_options
    from align.files import check_writable, read_lines, write_text
    from align.matching import mine_sentences
    from align.pipeline import table_text, with_texts

    check_writable(output)
    settings = parse_options(encoder, encoder_options)
    vi_lines, en_lines = read_lines(vi), read_lines(en)
    with warnings_as_notes(), progress_bars() as progress:
        model = load_encoder(encoder, cache=cache, progress=progress, **{"threads": threads, **settings})
        mined = mine_sentences(
            vi_lines,
            en_lines,
            encoder=model,
            k=neighbours,
            min_probability=min_probability,
            calibration=calibration,
            search=search,
        )
    if texts:
        mined = with_texts(mined, vi_lines, en_lines)
    write_text(output, table_text(mined))
