"""`align evaluate`: beads, pairs, probabilities, article pairs, blocks, splits and retrieval against gold."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

_Function = TypeVar("_Function", bound=Callable[..., Any])

_PATH = click.Path(exists=True, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_COMPARE = click.option(
    "--compare",
    "other",
    type=_PATH,
    metavar="OTHER_HYP",
    help="Test the difference of a second system by paired bootstrap.",
)
_TEXTS = click.option(
    "--texts",
    nargs=2,
    type=_PATH,
    metavar="VI EN",
    help="Sentences, one a line: two files, or two folders (or one folder twice) with X.vi and X.en. By default X.vi "
    "and X.en beside the gold file X.gold are taken, if they are there.",
)
_DIFF = click.option("--diff", is_flag=True, help="With --compare: also show each place where the two systems differ.")


def _common(function: _Function) -> _Function:
    options = [
        click.option("--bootstrap", "resamples", default=1000, show_default=True, help="Resamples; 0: no intervals."),
        click.option("--seed", default=12345, show_default=True, help="Seed of the bootstrap."),
        click.option("--json", "as_json", is_flag=True, help="Write JSON with all counts instead of a table."),
        click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to a file instead of stdout."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@click.group(name="evaluate")
def command() -> None:
    """Measure beads, mined pairs, probabilities, retrieval or sentence splits against gold.

    Every score comes with its bootstrap 95 % interval and a signature of how it was made.

    \b
    Example:
      align evaluate beads gold/ hyp/
    """


@command.command()
@click.argument("gold", type=_PATH)
@click.argument("hyp", type=_PATH)
@_COMPARE
@_DIFF
@_TEXTS
@click.option("--empty-beads", is_flag=True, help="Count beads with an empty side in precision, as vecalign does.")
@_common
def beads(
    gold: Path,
    hyp: Path,
    other: Path | None,
    diff: bool,
    texts: tuple[Path, Path] | None,
    empty_beads: bool,
    resamples: int,
    seed: int,
    as_json: bool,
    output: Path | None,
) -> None:
    """Score beads, one `[0]:[0, 1]:0.83` a line (the score may be absent).

    GOLD and HYP are files, or folders in which X.gold belongs to X.hyp (or X.gold, X.beads, X.txt). A bead is right
    strictly when gold has it, laxly when it shares a sentence of either language with a gold bead; link scores count
    pairs of sentences. With the texts there are also character scores: strict, each bead weighing as much as its text.

    \b
    Example:
      align evaluate beads gold/ hyp/ --compare other/ --diff -o where.txt
    """
    _check_diff(diff, other)
    if diff and empty_beads:
        raise click.UsageError("--diff shows beads with text on both sides; leave out --empty-beads")
    from align.evaluation.from_files import evaluate_bead_files

    result = evaluate_bead_files(
        gold, hyp, other, texts=texts, diff=diff, empty_beads=empty_beads, resamples=resamples, seed=seed
    )
    _write(result, as_json, output)


@command.command()
@click.argument("gold", type=_PATH)
@click.argument("hyp", type=_PATH)
@_COMPARE
@_DIFF
@_TEXTS
@_common
def mining(
    gold: Path,
    hyp: Path,
    other: Path | None,
    diff: bool,
    texts: tuple[Path, Path] | None,
    resamples: int,
    seed: int,
    as_json: bool,
    output: Path | None,
) -> None:
    """Score mined pairs: line numbers from 0, Vietnamese and English, between tabs.

    GOLD and HYP are files, or folders in which X.gold.tsv belongs to X.hyp.tsv (or X.gold.tsv, X.tsv). Further
    columns are ignored; a header with vi_index and en_index is understood.

    \b
    Example:
      align evaluate mining gold.tsv mined.tsv
      align evaluate mining gold.tsv mined.tsv --compare other.tsv --diff --texts pool.vi pool.en
    """
    _check_diff(diff, other)
    if texts is not None and not diff:
        raise click.UsageError("--texts goes with --diff: mined pairs are scored without texts")
    from align.evaluation.from_files import evaluate_mining_files

    result = evaluate_mining_files(gold, hyp, other, texts=texts, diff=diff, resamples=resamples, seed=seed)
    _write(result, as_json, output)


@command.command()
@click.argument("gold", type=_PATH)
@click.argument("hyp", type=_PATH)
@click.option("--bins", default=10, show_default=True, help="Bins of equal width from 0 to 1.")
@click.option("--svg", type=click.Path(path_type=Path), metavar="FILE", help="Also draw the diagram as an SVG file.")
@_common
def reliability(
    gold: Path,
    hyp: Path,
    bins: int,
    svg: Path | None,
    resamples: int,
    seed: int,
    as_json: bool,
    output: Path | None,
) -> None:
    """Show what stated probabilities are worth: the reliability diagram.

    HYP is a table with vi_index, en_index and probability, as align mine writes it, or beads with scores, such as
    `[0]:[0, 1]:0.83` a line; GOLD has line-number pairs or beads. Both are files, or folders in which X.gold.tsv or
    X.gold belongs to X.hyp.tsv or X.hyp. A proposed pair is right when gold has exactly it; beads with an empty side
    are left out.

    \b
    Example:
      align evaluate reliability gold.tsv mined.tsv --svg diagram.svg
    """
    from align.evaluation.from_files import evaluate_reliability_files
    from align.evaluation.reliability_report import render_reliability
    from align.evaluation.reliability_svg import draw_reliability
    from align.files import check_writable, write_text

    if svg is not None:
        check_writable(svg)
    result = evaluate_reliability_files(gold, hyp, bins=bins, resamples=resamples, seed=seed)
    if svg is not None:
        write_text(svg, draw_reliability(result))
    _write(result, as_json, output, render_reliability(result, ascii_only=output is None and not _shows_blocks()))


@command.command()
@click.argument("gold", type=_FILE)
@click.argument("hyp", type=_FILE)
@_COMPARE
@_common
def pairing(
    gold: Path, hyp: Path, other: Path | None, resamples: int, seed: int, as_json: bool, output: Path | None
) -> None:
    """Score article pairs: names or numbers, Vietnamese and English, between tabs.

    \b
    Example:
      align evaluate pairing gold.tsv pairs.tsv
    """
    from align.evaluation.from_files import evaluate_pairing_files

    _write(evaluate_pairing_files(gold, hyp, other, resamples=resamples, seed=seed), as_json, output)


@command.command()
@click.argument("sents_dir", type=_FOLDER)
@click.argument("hyp_dir", type=_FOLDER)
@_common
def groups(sents_dir: Path, hyp_dir: Path, resamples: int, seed: int, as_json: bool, output: Path | None) -> None:
    """Score beads where gold only tells which sentences belong to the same block.

    SENTS_DIR holds X.blocks.tsv (such as `4,5<tab>4,5` a line, indices from 0), HYP_DIR X.hyp with beads.

    \b
    Example:
      align evaluate groups sents/ hyp/
    """
    from align.evaluation.from_files import evaluate_group_files

    _write(evaluate_group_files(sents_dir, hyp_dir, resamples=resamples, seed=seed), as_json, output)


@command.command()
@click.argument("gold", type=_FILE)
@click.argument("hyp", type=_FILE)
@_COMPARE
@_common
def split(
    gold: Path, hyp: Path, other: Path | None, resamples: int, seed: int, as_json: bool, output: Path | None
) -> None:
    """Score a sentence split: one sentence a line, a blank line after each paragraph.

    \b
    Example:
      align evaluate split gold.vi.txt hyp.vi.txt
    """
    from align.evaluation.from_files import evaluate_split_files

    _write(evaluate_split_files(gold, hyp, other, resamples=resamples, seed=seed), as_json, output)


@command.command()
@click.argument("vi", type=_FILE)
@click.argument("en", type=_FILE)
@click.option("--encoder", default="e5-small-vien", show_default=True, help="Name of the encoder; see align models.")
@click.option("--compare", "other", metavar="NAME", help="Test the difference of a second encoder by paired bootstrap.")
@click.option("-k", default=4, show_default=True, help="Neighbours of the margin.")
@_common
def retrieval(
    vi: Path,
    en: Path,
    encoder: str,
    other: str | None,
    k: int,
    resamples: int,
    seed: int,
    as_json: bool,
    output: Path | None,
) -> None:
    """Score an encoder: how often the nearest line is not the translation (xSIM).

    VI and EN hold one sentence a line; line i of EN translates line i of VI.

    \b
    Example:
      align evaluate retrieval dev.vi dev.en
    """
    from align.encoders import load_encoder
    from align.evaluation.from_files import evaluate_retrieval_files

    names = [name for name in (encoder, other) if name is not None]
    loaded = [load_encoder(name) for name in names]
    encoders = [one.encode for one in loaded]
    result = evaluate_retrieval_files(vi, en, *encoders, k=k, resamples=resamples, seed=seed)
    _write(_naming_encoders(result, [one.name for one in loaded]), as_json, output)


def _naming_encoders(result: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return a result, or a comparison, with the encoders in its signatures."""
    named = {**result, "signature": "|".join([result["signature"], *(f"encoder:{name}" for name in names)])}
    if len(names) > 1:
        named |= {
            which: _naming_encoders(result[which], [name])
            for which, name in zip(("first", "second"), names, strict=True)
        }
    return named


def _check_diff(diff: bool, other: Path | None) -> None:
    if diff and other is None:
        raise click.UsageError("--diff goes with --compare: it shows where two systems differ")


def _shows_blocks() -> bool:
    """Whether the standard output takes block characters, in a terminal or a pipe."""
    return (sys.stdout.encoding or "").lower().replace("-", "").replace("_", "") == "utf8"


def _write(result: Mapping[str, Any], as_json: bool, output: Path | None, rendered: str | None = None) -> None:
    from align.evaluation.report import render, to_json, warnings

    for line in warnings(result):
        click.echo(line, err=True)
    text = to_json(result) if as_json else rendered or render(result)
    if output is None:
        click.echo(text)
        return
    from align.files import whole_file

    with whole_file(output) as path:
        path.write_text(text + "\n", encoding="utf-8")
