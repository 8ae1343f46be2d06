"""What it takes, kind by kind, to make a model of the files that its recipe fetches."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from align.encoders.manifest import MANIFEST_NAME, Manifest
from align.errors import MissingExtraError, ModelError
from align.files import whole_file
from align.progress import Progress

PRECISIONS = {"int8": ("int8",), "fp32": ("fp32",), "both": ("int8", "fp32")}
"""What `precision` may be, and the precisions of network that it stands for."""


def network_name(precision: str) -> str:
    """Return the name of the file that holds the network of a LASER model in one precision."""
    return f"network-{precision}.onnx"


@dataclass(frozen=True)
class Request:
    """What the user wants of a model: a key of `PRECISIONS`, and whether the checkpoint is to stay in its folder."""

    precision: str = "int8"
    keep_checkpoint: bool = False


def _all_sources(recipe: Manifest, request: Request) -> tuple[str, ...]:
    return tuple(recipe.sources)


def _nothing_needed(recipe: Manifest) -> None:
    return


def _nothing_made(folder: Path, recipe: Manifest, names: Sequence[str], progress: Progress) -> None:
    return


@dataclass(frozen=True)
class Preparation:
    """How models of one kind are made; as it stands, of the files as they are fetched.

    Attributes:
        files: names, for a recipe and a request, of the files of the finished model: sources, and what is made.
        check: raises `MissingExtraError` if something is not installed without which the model is of no use; called
            before anything is fetched.
        make: make(folder, recipe, names, progress) writes the files `names`, which are no sources, into `folder`, where
            all sources are by then, their hashes checked.
        caches: folders where other programs keep the same files; "~" is the user's home. They are read only, and only
            files whose hash fits are taken.
    """

    files: Callable[[Manifest, Request], tuple[str, ...]] = _all_sources
    check: Callable[[Manifest], None] = _nothing_needed
    make: Callable[[Path, Manifest, Sequence[str], Progress], None] = _nothing_made
    caches: tuple[str, ...] = ()


def preparation(recipe: Manifest) -> Preparation:
    """Return how models of the recipe's kind are made."""
    return PREPARATIONS.get(recipe.kind, Preparation())


def _laser_files(recipe: Manifest, request: Request) -> tuple[str, ...]:
    checkpoint = _named(recipe, "checkpoint")
    tokeniser = [name for name in recipe.sources if name != checkpoint]
    networks = [network_name(precision) for precision in PRECISIONS[request.precision]]
    return (*tokeniser, *networks, *([checkpoint] if request.keep_checkpoint else []))


def _check_laser(recipe: Manifest) -> None:
    if importlib.util.find_spec("onnxruntime") is None:
        raise MissingExtraError(f"the model {recipe.name}", "laser")


def _make_laser(folder: Path, recipe: Manifest, names: Sequence[str], progress: Progress) -> None:
    from align.encoders.laser.checkpoint import read_checkpoint
    from align.encoders.laser.convert import convert
    from align.encoders.laser.tokeniser import read_cvocab, write_cvocab

    checkpoint = read_checkpoint(folder / _named(recipe, "checkpoint"))
    if checkpoint.dim != recipe.dim:
        raise ModelError(f"{checkpoint.path}: its vectors have {checkpoint.dim} numbers, the recipe says {recipe.dim}")
    cvocab = folder / _named(recipe, "cvocab")
    try:
        checkpoint.check_dictionary(read_cvocab(cvocab.read_bytes()))
    except ModelError:
        # The original takes ids from the checkpoint alone, so the checkpoint is right.
        with whole_file(cvocab) as partial:
            partial.write_bytes(write_cvocab(checkpoint.dictionary))
    for done, name in enumerate(names):
        progress("convert", done, len(names))
        convert(checkpoint, folder / name, "fp32" if name == network_name("fp32") else "int8")
    progress("convert", len(names), len(names))


def _named(recipe: Manifest, entry: str) -> str:
    """Return the name of a source that the recipe's entry `entry` gives."""
    name = str(recipe.extra.get(entry))
    if name not in recipe.sources:
        allowed = ", ".join(recipe.sources)
        raise ModelError(f"{recipe.folder / MANIFEST_NAME}: {entry} is {name!r}; allowed: a source ({allowed})")
    return name


def _marian_files(recipe: Manifest, request: Request) -> tuple[str, ...]:
    from align.translation.marian import CONVERTED

    return (*CONVERTED, *([_named(recipe, "archive")] if request.keep_checkpoint else []))


def _make_marian(folder: Path, recipe: Manifest, names: Sequence[str], progress: Progress) -> None:
    from align.translation.marian import convert_archive

    progress("convert", 0, 1)
    convert_archive(folder / _named(recipe, "archive"), folder)
    progress("convert", 1, 1)


PREPARATIONS: dict[str, Preparation] = {
    "marian": Preparation(files=_marian_files, make=_make_marian),
    "laser": Preparation(_laser_files, _check_laser, _make_laser, ("~/.cache/laser_encoders",)),
}
"""By kind of model; a kind that is not here needs no step after fetching."""
