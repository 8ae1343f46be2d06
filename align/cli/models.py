"""`align models`: what is there, whether it is whole, and how to get what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from align.encoders.manifest import Manifest


@click.group()
def command() -> None:
    """List, describe, pull, add, check and locate models.

    Models are found in the folder that the environment variable ALIGN_MODELS names, then in the user's own folder, then
    in the package.

    \b
    Example:
      align models pull laser2
    """


@command.command("list")
def list_() -> None:
    """List the models: name, kind, dimensions, megabytes, description, and whether it is installed or to pull.

    A translator has no dimensions. Encoders that other distributions offer (entry points of the group align.encoders)
    come last.

    \b
    Example:
      align models list
    """
    from align.encoders.manifest import installed
    from align.encoders.plugins import plugin_names, plugin_path
    from align.errors import ModelError

    manifests, errors = installed()
    for model in manifests:
        dim = "-" if model.is_translator else model.dim
        columns = (model.name, model.kind, dim, model.megabytes, model.description)
        click.echo("\t".join(map(str, (*columns, "to pull" if model.is_recipe else "installed"))))
    for name in plugin_names():
        try:
            click.echo(f"{name}\tplug-in\t-\t-\t{plugin_path(name)}\tinstalled")
        except ModelError as refused:
            errors.append(refused)
    for error in errors:
        click.echo(f"align: warning: {error}", err=True)


@command.command("info")
@click.argument("name")
def info(name: str) -> None:
    """Describe a model: origin, licence, fingerprint, files.

    \b
    Example:
      align models info e5-small-vien
    """
    from align.encoders.manifest import find_manifest

    for key, value in find_manifest(name).summary().items():
        click.echo(f"{key}\t{value}")


@command.command("pull")
@click.argument("name")
@click.option(
    "--from",
    "source",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False),
    help="Take the files from this folder; nothing is downloaded.",
)
@click.option("--mirror", metavar="URL", help="Download from URL/FILE instead of the address that the model names.")
@click.option(
    "--precision",
    type=click.Choice(["int8", "fp32", "both"]),
    default="int8",
    show_default=True,
    help="Which networks to make: int8 is a quarter of the size and faster, fp32 exact.",
)
@click.option("--keep-checkpoint", is_flag=True, help="Keep the file that the networks are made from.")
def pull(name: str, source: str | None, mirror: str | None, precision: str, keep_checkpoint: bool) -> None:
    """Fetch the weights of a model and make it ready to run.

    It goes to the folder that ALIGN_MODELS names, else to the user's own. Every file is checked by its SHA-256; a
    download that was broken off goes on where it ended. What laser_encoders has downloaded is used.

    \b
    Example:
      align models pull laser2 --precision both
    """
    from align.cli.progress import progress_bars
    from align.encoders import pull as pulling

    if source is not None and mirror is not None:
        raise click.UsageError("--from and --mirror exclude each other: nothing is downloaded with --from")
    there = pulling.is_whole(name, precision=precision, keep_checkpoint=keep_checkpoint)
    with progress_bars() as progress:
        manifest = pulling.pull(
            name,
            source=source,
            base_url=mirror,
            precision=precision,
            keep_checkpoint=keep_checkpoint,
            progress=progress,
        )
    click.echo(f"{_row(manifest, 'there already' if there else 'pulled')}\t{manifest.folder}")


@command.command("add")
@click.argument("name")
@click.argument("folder", metavar="FOLDER|ARCHIVE", type=click.Path(exists=True))
@click.option(
    "--direction",
    type=click.Choice(["vi-en", "en-vi"]),
    help="What the translator does, if its files do not say.",
)
@click.option("--licence", default="not stated", show_default=True, help="What `align models info` shall say of it.")
@click.option(
    "--max-tokens",
    type=click.IntRange(min=8),
    default=512,
    show_default=True,
    help="Longest sentence that the model takes, in tokens.",
)
def add(name: str, folder: str, direction: str | None, licence: str, max_tokens: int) -> None:
    """Add a translator of your own under a name.

    FOLDER is what a converter of CTranslate2 wrote, with the sentencepiece models, or a model of OPUS-MT, which is
    converted; ARCHIVE is a zip file of OPUS-MT. The files are copied, with their SHA-256, so that a later change of
    them is noticed.

    \b
    Example:
      align models add my-mt my-model-ct2/ --direction vi-en
    """
    from align.cli.progress import progress_bars
    from align.translation.adding import add_translator

    with progress_bars() as progress:
        manifest = add_translator(
            name, folder, direction=direction, licence=licence, max_tokens=max_tokens, progress=progress
        )
    click.echo(f"{_row(manifest, 'added')}\t{manifest.folder}")


@command.command("verify")
@click.argument("name", required=False)
@click.option(
    "--against",
    metavar="ORACLE",
    type=click.Choice(["laser-encoders"]),
    help="Compare tokens and vectors with this program, too: laser-encoders.",
)
@click.option(
    "--checkpoint",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="What that program loads; by default the checkpoint in the model's folder (pull --keep-checkpoint).",
)
def verify(name: str | None, against: str | None, checkpoint: str | None) -> None:
    """Check sizes and SHA-256 of the files of one model, or of all that are installed.

    \b
    Example:
      align models verify e5-small-vien
    """
    from align.encoders.manifest import find_manifest, find_models

    if (against is not None and name is None) or (checkpoint is not None and against is None):
        raise click.UsageError("--against needs the NAME of a model, and --checkpoint needs --against")
    for each in [name] if name else find_models():
        manifest = find_manifest(each)
        if name is None and manifest.is_recipe:
            click.echo(f"{manifest.name}\tto pull")
            continue
        manifest.check()
        click.echo(_row(manifest, "ok"))
        if against is not None:
            _compare(manifest, against, checkpoint)


@command.command("where")
@click.argument("name", required=False)
def where(name: str | None) -> None:
    """Print the folder of a model, or the folders that are searched for models.

    \b
    Example:
      align models where e5-small-vien
    """
    from align.encoders.manifest import find_manifest, model_roots

    if name is None:
        for root in model_roots():
            click.echo(root)
        return
    manifest = find_manifest(name)
    manifest.check_pulled()
    click.echo(manifest.folder)


def _row(manifest: Manifest, state: str) -> str:
    return f"{manifest.name}\t{state}\t{len(manifest.files)} files\t{manifest.fingerprint}"


def _compare(manifest: Manifest, oracle: str, checkpoint: str | None) -> None:
    """Print a row of figures for each network of a model; a difference ends the program."""
    from align.encoders.laser.against import compare
    from align.encoders.preparations import PRECISIONS, network_name
    from align.errors import ModelError

    precisions = [each for each in PRECISIONS["both"] if network_name(each) in manifest.files]
    if not precisions:
        raise ModelError(f"model {manifest.name} of kind {manifest.kind!r} cannot be compared with {oracle}")
    different = []
    for precision in precisions:
        found = compare(manifest, oracle, checkpoint=checkpoint, precision=precision)
        click.echo("\t".join([manifest.name, *(f"{key}: {value}" for key, value in found.summary().items())]))
        different += [] if found.agrees else [precision]
    if different:
        raise ModelError(f"model {manifest.name} ({', '.join(different)}) differs from {oracle}; see the row above")
