"""`align why`: one pair traced from its articles to the decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from align.cli import options

if TYPE_CHECKING:
    from align.quality.surroundings import Surroundings
    from align.quality.tracing import Occurrence, Trace

_NAMES = {"vi": "Vietnamese", "en": "English"}


@click.command()
@click.argument("identity", metavar="ID")
@click.argument("files", metavar="FILE...", type=click.Path(), nargs=-1, required=True)
@click.option("--from", "source_format", metavar="FORMAT", help="Format of FILE; by default its ending decides.")
@click.option(
    "--articles",
    nargs=2,
    metavar="VI EN",
    type=click.Path(),
    help="The articles of the run: shows the pair in them, and the sentences that it competed with.",
)
@click.option(
    "--filters", "spec", metavar="SET|NAMES", help="Whose verdicts to show; by default all that look at one pair."
)
@options.filter_settings
@click.option("--encoder", metavar="NAME", help="For the neighbours; by default the one that the pair's run names.")
@options.calibration
@options.encoder_option
@options.cache
@options.encoding
@options.repair_text
@options.threads
@click.option("--json", "as_json", is_flag=True, help="Write JSON in place of text.")
def command(
    identity: str,
    files: tuple[str, ...],
    source_format: str | None,
    articles: tuple[str, str] | None,
    spec: str | None,
    settings: tuple[str, ...],
    encoder: str | None,
    calibration: str | None,
    encoder_options: tuple[str, ...],
    cache: str | None,
    encoding: str | None,
    repair_text: bool,
    threads: int | None,
    as_json: bool,
) -> None:
    """Say why the pair ID is in a corpus or not.

    FILE is a corpus or a file of rejects; ID the first digits of the pair's id, as many as make it the only one. Shows
    where the pair stands, its scores, what its probability is made of, the facts that agree and that do not, each
    filter's verdict, and other pairs that use its sentences.

    \b
    Example:
      align why 9f33940d corpus.tsv rejects.tsv
      align why 9f33940d corpus.tsv --articles vi_articles/ en_articles/
    """
    from align.cli.faults import Faults
    from align.cli.filter import chosen_filters
    from align.quality.tracing import trace_pair

    if settings and spec is None:
        raise click.UsageError("--set goes with --filters")
    filters = None if spec is None else chosen_filters(spec, None, settings)
    faults = Faults()
    trace = trace_pair(identity, files, format=source_format, filters=filters, on_error=faults)
    faults.conclude()
    sides: Sequence[Surroundings] = ()
    if articles is not None:
        told = {"calibration": calibration, "cache": cache, "encoding": encoding, "repair": repair_text}
        sides = _read_sides(trace, articles, encoder, encoder_options, {**told, "threads": threads})
    if as_json:
        import json

        whole = {**asdict(trace), "surroundings": [asdict(side) for side in sides]}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2, default=str))
        return
    for line in _text(trace, sides):
        click.echo(line)


def _read_sides(
    trace: Trace, articles: tuple[str, str], encoder: str | None, encoder_options: tuple[str, ...], told: dict[str, Any]
) -> Sequence[Surroundings]:
    """Read the articles around the pair; notes go to standard error."""
    from align.cli.notes import warnings_as_notes
    from align.cli.progress import progress_bars
    from align.encoders import parse_options
    from align.options import Options, make_options
    from align.quality.surroundings import read_surroundings
    from align.quality.tracing import encoder_of

    made = encoder_of(trace.pair["run"])
    name = encoder or (made[0] if made else Options.encoder)
    chosen = make_options(encoder=name, encoder_options=parse_options(name, encoder_options), **told)
    with warnings_as_notes(), progress_bars() as progress:
        sides, notes = read_surroundings(trace.pair, *articles, chosen, progress=progress)
    for note in notes:
        click.echo(note, err=True)
    return sides


def _text(trace: Trace, sides: Sequence[Surroundings]) -> Iterator[str]:
    """Yield the lines of the text form, a section for each thing there is to say."""
    yield f"pair {trace.id}"
    for occurrence in trace.found:
        yield f"  {_decision(occurrence)}"
    yield from _pair(trace.pair)
    yield from _section("scores", _scores(trace))
    yield from _section("probability", _weighing(trace))
    agreed = [f"agree: {fact}" for fact in trace.facts.agreed]
    yield from _section("facts", [*agreed, *(f"disagree: {label}" for label in trace.facts.mismatches)] or ["none"])
    yield from _section("filters", _verdicts(trace))
    yield from _section("other pairs with its sentences", _others(trace) or ["none"])
    for side in sides:
        yield from _around(side)


def _decision(found: Occurrence) -> str:
    where = f"{found.file}, row {found.row}"
    return f"kept: {where}" if found.reason is None else f"refused by {found.reason}: {found.detail} ({where})"


def _pair(pair: dict[str, Any]) -> Iterator[str]:
    for side, name in _NAMES.items():
        yield from ("", f"{name}: {pair[side] if pair[side] is not None else '(no text)'}")
        if pair[f"{side}_article"] is not None:
            sentences = ", ".join(map(str, pair[f"{side}_sentences"] or ())) or "not known"
            yield f"  {pair[f'{side}_article']}, sentences {sentences}, characters {_span(pair, side)}"


def _span(pair: dict[str, Any], side: str) -> str:
    start, end = pair[f"{side}_start"], pair[f"{side}_end"]
    return "not known" if start is None or end is None else f"{start}:{end}"


def _scores(trace: Trace) -> Iterator[str]:
    from align.quality.tracing import SCORES

    pair = trace.pair
    for name in SCORES:
        yield f"{name}: {_value(pair[name])}"
    yield f"bead: {_value(pair['bead'])}"
    yield f"flags: {', '.join(pair['flags'] or ()) or 'none'}"
    yield f"run: {_value(pair['run'])}"


def _weighing(trace: Trace) -> list[str]:
    """Return what the probability is made of: matching alone, then what each kind of fact adds, in log-odds."""
    found = trace.weighing
    if found is None:
        return ["what it is made of is not known"]
    alone = "not known" if found.without_facts is None else f"{found.without_facts:.4f}"
    added = [f"{name.replace('_', ' ')}: {value:+.2f}" for name, value in found.facts.items()]
    return [f"without facts: {alone} ({found.kind})", *added] + ([] if added else ["facts add nothing"])


def _verdicts(trace: Trace) -> Iterator[str]:
    """Yield one line a filter: keeps or refuses, its scores, and whether it is of the default set."""
    width = max((len(each.filter) for each in trace.verdicts), default=0)
    for each in trace.verdicts:
        scores = [f"{name} {_value(value)}" for name, value in each.scores.items() if value not in (None, "")]
        remarks = [", ".join(scores)] * bool(scores) + ["not in the default set"] * (not each.default)
        verdict = "keeps" if each.reason is None else f"refuses: {each.reason}"
        yield f"{each.filter:{width}}  {verdict}" + (f"  ({'; '.join(remarks)})" if remarks else "")


def _others(trace: Trace) -> list[str]:
    lines = [
        f"{each.pair['id']} {_decision(each)}: {each.pair['vi'] or ''} | {each.pair['en'] or ''}"
        for each in trace.others
    ]
    return lines + ([f"and {trace.more_others} more"] if trace.more_others else [])


def _around(side: Surroundings) -> Iterator[str]:
    """Yield the article around one side, the pair marked, and the neighbours of that side."""
    if side.lines:
        lines = (f"{'>' if line.own else ' '} {line.index}: {line.text}" for line in side.lines)
        yield from _section(f"in {side.article}", lines)
    neighbours = (
        f"{'>' if each.own else ' '} cosine {each.cosine:.4f}, margin {each.margin:.4f}: {each.text}"
        f"  ({each.article}, sentence {each.index})"
        for each in side.neighbours
    )
    yield from _section(f"nearest to the {_NAMES[side.side]} side", neighbours)


def _section(title: str, lines: Iterator[str] | Sequence[str]) -> Iterator[str]:
    yield from ("", f"{title}:")
    yield from (f"  {line}" for line in lines)


def _value(value: Any) -> str:
    """Return a score as people read it; null is "not known"."""
    if value is None:
        return "not known"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
