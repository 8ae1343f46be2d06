"""`align filter`: the pairs of a corpus that filters keep, and the others with their reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from align.cli import options

if TYPE_CHECKING:
    from align.quality.corpora import Filtered


def _list(ctx: click.Context, parameter: click.Parameter, asked: bool) -> None:
    """Print the filters with their thresholds and end."""
    if not asked:
        return
    from align.quality.filters import DEFAULT, FILTERS, STRICT, threshold_fields

    for name, kind in FILTERS.items():
        sets = [label for label, chosen in (("default", DEFAULT), ("strict", STRICT)) if name in chosen]
        click.echo(f"{name} ({', '.join(sets) or 'in no set'}): {(kind.__doc__ or '').partition(chr(10))[0]}")
        for each in threshold_fields(name):
            strict = STRICT.get(name, {}).get(each.name, each.default)
            change = "" if strict == each.default else f" (strict: {strict})"
            click.echo(f"    {name}.{each.name}={each.default}{change}")
    ctx.exit()


@click.command()
@click.argument("source", metavar="IN", type=click.Path())
@options.output
@click.option("--from", "source_format", metavar="FORMAT", help="Format of IN; by default its ending decides.")
@click.option("--format", "form", metavar="FORMAT", help="Format of OUT; by default its ending decides.")
@click.option(
    "--rejects",
    metavar="FILE",
    type=click.Path(),
    help="Write the other pairs with reason, detail and scores (.tsv .jsonl .parquet).",
)
@click.option(
    "--filters",
    "spec",
    metavar="SET|NAMES",
    default="default",
    show_default=True,
    help="default, strict, none, or names joined with commas (`default,headline` adds one).",
)
@click.option(
    "--min-probability",
    type=click.FloatRange(0, 1),
    help="Also refuse pairs less probable; those without a probability are kept (see `align score`).",
)
@options.filter_settings
@click.option(
    "--list",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list,
    help="List the filters, their thresholds and what each set changes of them.",
)
def command(
    source: str,
    output: str,
    source_format: str | None,
    form: str | None,
    rejects: str | None,
    spec: str,
    min_probability: float | None,
    settings: tuple[str, ...],
) -> None:
    """Filter the corpus IN, anyone's TSV, JSONL, Parquet, TMX or Moses files ("-" is the standard input), as a stream.

    Each pair is shown to the filters in turn; the first that refuses it is the reason. A TSV without header has two
    columns, Vietnamese and English. Lines that do not fit are named and left out. A summary goes to standard error.

    \b
    Example:
      align filter corpus.tsv -o clean.tsv --rejects rejects.tsv
      align filter theirs.tmx -o clean.parquet --filters strict --set length.max_words=80
    """
    from align.cli.faults import Faults
    from align.quality.corpora import check_outputs, filter_corpus

    filters = chosen_filters(spec, min_probability, settings)
    check_outputs(source, output, form, rejects)
    faults = Faults()
    found = filter_corpus(
        source, output, filters, rejects=rejects, source_format=source_format, target_format=form, on_error=faults
    )
    faults.conclude()
    if min_probability is not None and found.without_probability:
        click.echo(
            f"pairs without a probability, not judged by it: {found.without_probability}; see align score", err=True
        )
    for line in _summary(found, output, rejects):
        click.echo(line, err=True)


def chosen_filters(spec: str, min_probability: float | None, settings: tuple[str, ...]) -> list[Any]:
    """Return the filters that the options name."""
    from align.quality.filters import make_filters

    thresholds = dict(map(_threshold, settings))
    if min_probability is not None:
        spec += ",probability"
        thresholds["probability_min"] = min_probability
    return make_filters(spec, **thresholds)


def _threshold(setting: str) -> tuple[str, Any]:
    """Return name and value of NAME.FIELD=VALUE; a value that is no number, true or false is text."""
    import json

    name, equals, value = setting.partition("=")
    filter_name, point, field = name.strip().partition(".")
    if not (equals and point and filter_name and field):
        raise click.BadParameter(f"{setting!r}; expected NAME.FIELD=VALUE, such as length.max_words=80")
    try:
        found = json.loads(value)
    except ValueError:
        found = value
    return f"{filter_name}_{field}", found if isinstance(found, (bool, int, float)) else value


def _summary(found: Filtered, output: str, rejects: str | None) -> list[str]:
    """Return the lines that say how many pairs were kept and what the others were refused for."""
    where = "standard output" if output == "-" else output
    refused = found.read - found.kept
    lines = [f"{found.kept} of {found.read} pairs ({_share(found.kept, found.read)}) written to {where}"]
    if refused:
        lines.append(f"{refused} pairs refused" + (f", written to {rejects}" if rejects else "") + ":")
        width = max(map(len, found.reasons))
        digits = len(str(max(found.reasons.values())))
        lines += [
            f"  {name:{width}}  {count:{digits}}  {_share(count, found.read)}" for name, count in found.reasons.items()
        ]
    return lines


def _share(count: int, total: int) -> str:
    return f"{100 * count / total:.1f} %" if total else "0.0 %"
