"""Options that several commands take, each written once."""

from __future__ import annotations

import click


def _check_cache(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Find out before the work whether the cache can be written."""
    if value is not None:
        from align.files import check_writable

        check_writable(value)
    return value


encoder = click.option(
    "--encoder",
    metavar="NAME",
    default="e5-small-vien",
    show_default=True,
    help="A name that `align models list` shows, st:MODEL of sentence-transformers, or a plug-in's name.",
)
encoder_option = click.option(
    "--encoder-option",
    "encoder_options",
    metavar="KEY=VALUE",
    multiple=True,
    help="An option of the encoder, such as precision=fp32 or device=cuda; may be given several times.",
)
cache = click.option(
    "--cache",
    metavar="FILE",
    type=click.Path(),
    callback=_check_cache,
    help="Keep sentence vectors in this file, so that the next run encodes only what is new.",
)
calibration = click.option(
    "--calibration",
    metavar="FILE",
    type=click.Path(),
    help="Constants of matching for the encoder, as `align fit` writes them.",
)
threads = click.option("--threads", type=click.IntRange(min=1), help="Cores to use; by default all.")
encoding = click.option("--encoding", help="Encoding of text files, such as tcvn3; by default it is found out.")
repair_text = click.option(
    "--repair-text", is_flag=True, help="Repair damaged characters (mojibake) and say what was changed."
)
mode = click.option(
    "--mode",
    type=click.Choice(["auto", "parallel", "comparable"]),
    default="auto",
    show_default=True,
    help="parallel: translated in order; comparable: only some sentences are shared, in any order; auto: found out.",
)
pairing = click.option(
    "--pairing",
    type=click.Choice(["auto", "name", "content", "all"]),
    default="auto",
    show_default=True,
    help="Which articles are matched: those of one name, those that say the same, both (auto), each with each.",
)
min_probability = click.option(
    "--min-probability",
    type=click.FloatRange(0, 1),
    default=0.4,
    show_default=True,
    help="Pairs less probable are left out.",
)
filters = click.option(
    "--filters",
    metavar="SET|NAMES",
    default="default",
    show_default=True,
    help="default, strict, none, or names joined with commas; see `align filter --list`.",
)
rejects = click.option(
    "--rejects",
    metavar="FILE",
    type=click.Path(),
    help="Write what was left out here, with reason, detail and scores (.tsv .jsonl .parquet).",
)
output = click.option(
    "-o", "--output", metavar="OUT", type=click.Path(), default="-", help="Where to write; - is the standard output."
)
filter_settings = click.option(
    "--set",
    "settings",
    metavar="NAME.FIELD=VALUE",
    multiple=True,
    help="A threshold of a filter, such as length.max_words=80; may be given several times.",
)
back_translate = click.option(
    "--back-translate",
    "translator",
    metavar="MODEL",
    help="Check pairs of uncertain probability with a translator that `align models list` shows, a folder of "
    "CTranslate2, or two with a comma between, one for each direction.",
)
mt_check = click.option(
    "--mt-check",
    type=click.Choice(["chrf", "xent", "both"]),
    default="chrf",
    show_default=True,
    help="chrf: translate and compare; xent: dual cross-entropy, without translating.",
)
mt_direction = click.option(
    "--direction",
    type=click.Choice(["auto", "vi-en", "en-vi", "both"]),
    default="auto",
    show_default=True,
    help="Which way to translate; auto is vi-en if the translator can, for xent every way that it can.",
)
mt_cache = click.option(
    "--mt-cache",
    metavar="FILE",
    type=click.Path(),
    callback=_check_cache,
    help="Keep translations and cross-entropies in this file, so that the next run computes only what is new.",
)
