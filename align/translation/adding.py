"""Give a translator that lies somewhere a name: a copy of its files, with their hashes, among the models."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from align.download import file_sha256
from align.encoders.manifest import (
    MANIFEST_NAME,
    Manifest,
    ModelFile,
    find_models,
    manifest_text,
    pull_folder,
    read_manifest,
)
from align.errors import ModelError, OptionError, OutputError
from align.progress import Progress, silent
from align.translation.base import check_direction
from align.translation.engine import DEFAULT_MAX_TOKENS
from align.translation.folders import Layout, inspect
from align.translation.marian import convert_archive, convert_folder
from align.translation.tokenisers import Tokeniser

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


def add_translator(
    name: str,
    origin: str | Path,
    *,
    direction: str | None = None,
    licence: str = "not stated",
    max_tokens: int = DEFAULT_MAX_TOKENS,
    progress: Progress = silent,
) -> Manifest:
    """Put a copy of a translator into the user's folder of models, under a name.

    A model of OPUS-MT in Marian's form, a zip archive or the folder of one, is converted to int8 on the way. The copy
    appears whole or not at all, and the hashes of its files are kept, so that a later change is noticed.

    Args:
        name: what to call it: letters, digits, and . _ + - after the first.
        origin: the folder or archive.
        direction: "vi-en" or "en-vi"; None is for what the files say.
        licence: what may be done with it, for `align models info`.
        max_tokens: longest row that the model takes.
        progress: called as progress("add", done, total).

    Raises:
        ModelError: there is a model of this name, or `origin` is no translator.
        OptionError: the name is none, or the direction cannot be told.
        OutputError: the copy cannot be written.
    """
    if not _NAME.fullmatch(name):
        raise OptionError("name", name, "letters, digits, and . _ + - after the first")
    if name in find_models():
        raise ModelError(f"there is a model {name!r} in {find_models()[name]}; choose another name, or delete that one")
    source, target = Path(origin), pull_folder() / name
    if not source.exists():
        raise ModelError(f"{source}: no such folder or archive")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{name}.") as work:
            progress("add", 0, 1)
            folder = Path(work) / "model"
            folder.mkdir()
            layout = _take(source, folder)
            manifest = _manifest(name, folder, layout, source, direction, licence, max_tokens)
            (folder / MANIFEST_NAME).write_text(manifest_text(manifest), "utf-8")
            os.rename(folder, target)
    except OSError as error:
        raise OutputError(target, error.strerror or str(error)) from error
    progress("add", 1, 1)
    return read_manifest(target)


def _take(source: Path, folder: Path) -> Layout:
    """Bring the files of a translator into `folder`, converted if need be."""
    if source.is_file():
        convert_archive(source, folder)
    elif (source / "decoder.yml").is_file() and not (source / "model.bin").is_file():
        convert_folder(source, folder)
    else:
        for name in inspect(source).files:
            shutil.copyfile(source / name, folder / name)
    return inspect(folder)


def _manifest(
    name: str, folder: Path, layout: Layout, source: Path, direction: str | None, licence: str, max_tokens: int
) -> Manifest:
    found = Tokeniser(folder, layout).directions
    directions = found if direction is None else (check_direction(direction, found or ("vi-en", "en-vi")),)
    if not directions:
        raise OptionError("direction", None, f"vi-en, en-vi: the files of {source} do not say which; give --direction")
    for each in directions:
        layout.target_token(each)
    return Manifest(
        name=name,
        kind=layout.kind,
        folder=folder,
        files={each: ModelFile((folder / each).stat().st_size, file_sha256(folder / each)) for each in layout.files},
        dim=0,
        max_tokens=max_tokens,
        pooling="",
        prefix="",
        licence=licence,
        origin=f"added from {source.name}",
        url="",
        description=f"translator {', '.join(directions)}, added by hand",
        extra={"directions": list(directions)},
    )
