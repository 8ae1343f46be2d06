"""`align models`: what is installed, and whether it is whole."""

from __future__ import annotations

import click


@click.group()
def command() -> None:
    """List, describe, check and locate models.

    Models are found in the package and, first, in the folder that the environment variable ALIGN_MODELS names.

    \b
    Example:
      align models verify
    """


@command.command("list")
def list_() -> None:
    """List the installed models: name, kind, dimensions, megabytes, description.

    \b
    Example:
      align models list
    """
    from align.encoders.manifest import installed

    manifests, errors = installed()
    for model in manifests:
        click.echo(f"{model.name}\t{model.kind}\t{model.dim}\t{model.size / 1e6:.1f} MB\t{model.description}")
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


@command.command("verify")
@click.argument("name", required=False)
def verify(name: str | None) -> None:
    """Check sizes and SHA-256 of the files of one model, or of all.

    \b
    Example:
      align models verify e5-small-vien
    """
    from align.encoders.manifest import find_manifest, find_models

    for each in [name] if name else find_models():
        manifest = find_manifest(each)
        manifest.check()
        click.echo(f"{manifest.name}\tok\t{len(manifest.files)} files\t{manifest.fingerprint}")


@command.command("where")
@click.argument("name", required=False)
def where(name: str | None) -> None:
    """Print the folder of a model, or the folders that are searched for models.

    \b
    Example:
      align models where e5-small-vien
    """
    from align.encoders.manifest import find_manifest, model_roots

    for folder in [find_manifest(name).folder] if name else model_roots():
        click.echo(folder)
