"""Find model folders and prove that their files are whole before anything reads them."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import align
from align.errors import ModelError, OptionError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EXTRA_FOLDER_VARIABLE = "ALIGN_MODELS"
"""Environment variable that names one more folder of model folders; it is searched first."""

MANIFEST_NAME = "model.toml"

_REMEDY = "install align-vi-en anew, or restore the model's folder"


@dataclass(frozen=True)
class ModelFile:
    """Size in bytes and SHA-256 (64 hex digits) that a file of a model must have."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What model.toml says: the kind of model, how to run it, where it is from, and its files."""

    name: str
    kind: str
    folder: Path
    files: dict[str, ModelFile]
    dim: int
    max_tokens: int
    pooling: str
    prefix: str
    licence: str
    origin: str
    url: str
    description: str
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files.values())

    @property
    def fingerprint(self) -> str:
        """First 16 hex digits of a hash over the names and hashes of all files."""
        lines = "".join(f"{name} {self.files[name].sha256}\n" for name in sorted(self.files))
        return hashlib.sha256(lines.encode()).hexdigest()[:16]

    def summary(self) -> dict[str, str]:
        """Return what a person wants to know, in the order to show it."""
        facts = {"name": self.name, "description": self.description, "kind": self.kind, "dim": str(self.dim)}
        facts |= {"pooling": self.pooling, "prefix": self.prefix or "none", "max_tokens": str(self.max_tokens)}
        facts |= {"licence": self.licence, "origin": self.origin, "url": self.url}
        facts |= {"fingerprint": self.fingerprint, "folder": str(self.folder)}
        return facts | {name: f"{file.size} bytes, sha256 {file.sha256}" for name, file in self.files.items()}

    def check_sizes(self) -> None:
        """Raise `ModelError` if a file is missing or has another size than the manifest says."""
        for name, file in self.files.items():
            path = self.folder / name
            if not path.is_file():
                raise ModelError(f"{path}: file of model {self.name} is missing ({file.size} bytes); {_REMEDY}")
            found = path.stat().st_size
            if found != file.size:
                raise ModelError(f"{path}: {found} bytes, expected {file.size}: the file is damaged; {_REMEDY}")

    def check(self) -> None:
        """Raise `ModelError` if a file is missing or has another size or content; reads all of them."""
        self.check_sizes()
        for name in self.files:
            self.read(name)

    def read(self, name: str) -> bytes:
        """Return the content of the file `name`, which is exactly what the hash was taken of.

        Raises:
            ModelError: the manifest does not list the file, or its content is another one.
        """
        if name not in self.files:
            raise ModelError(f"{self.folder / MANIFEST_NAME}: no file {name!r} is listed; {_REMEDY}")
        path = self.folder / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelError(f"{path}: cannot be read: {error.strerror}; {_REMEDY}") from error
        found, expected = hashlib.sha256(content).hexdigest(), self.files[name].sha256
        if found != expected:
            raise ModelError(f"{path}: sha256 is {found}, expected {expected}: the file is damaged; {_REMEDY}")
        return content


def model_roots() -> list[Path]:
    """Return the existing folders that hold model folders, the one that wins first.

    `ALIGN_MODELS` comes first; then align/models, where a wheel has them; then models/ beside the package, where a
    checkout has them.

    Raises:
        OptionError: `ALIGN_MODELS` names no folder.
    """
    package = Path(align.__file__).resolve().parent
    roots = [root for root in (package / "models", package.parent / "models") if root.is_dir()]
    named = os.environ.get(EXTRA_FOLDER_VARIABLE)
    if not named:
        return roots
    if not Path(named).is_dir():
        raise OptionError(EXTRA_FOLDER_VARIABLE, named, "an existing folder")
    return [Path(named), *roots]


def find_models() -> dict[str, Path]:
    """Return the folder of every model that is installed, by name, sorted; a folder counts if it has a model.toml."""
    found: dict[str, Path] = {}
    for root in model_roots():
        for path in sorted(root.glob(f"*/{MANIFEST_NAME}")):
            found.setdefault(path.parent.name, path.parent)
    return dict(sorted(found.items()))


def installed() -> tuple[list[Manifest], list[ModelError]]:
    """Return the manifests of all installed models, and an error for every one that cannot be read."""
    manifests, errors = [], []
    for folder in find_models().values():
        try:
            manifests.append(read_manifest(folder))
        except ModelError as error:
            errors.append(error)
    return manifests, errors


def find_manifest(name: str) -> Manifest:
    """Return the manifest of the installed model `name`.

    Raises:
        ModelError: there is none of that name; the message lists those that there are.
    """
    models = find_models()
    if name not in models:
        raise ModelError(f"no model {name!r} is installed; installed: {', '.join(models) or 'none'}")
    return read_manifest(models[name])


def read_manifest(folder: str | Path) -> Manifest:
    """Read model.toml in `folder`; the files themselves are not touched.

    Raises:
        ModelError: the file is missing, is no TOML, or lacks an entry.
    """
    path = Path(folder) / MANIFEST_NAME
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ModelError(f"{path}: cannot be read: {reason}; {_REMEDY}") from error
    try:
        return _manifest(Path(folder), table)
    except KeyError as error:
        raise ModelError(f"{path}: the entry {error} is missing; {_REMEDY}") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{path}: an entry has a value of the wrong kind ({error}); {_REMEDY}") from error


def _manifest(folder: Path, table: dict[str, Any]) -> Manifest:
    files = {
        _plain_name(name): ModelFile(int(file["size"]), str(file["sha256"]))
        for name, file in table.pop("files").items()
    }
    return Manifest(
        folder=folder,
        files=files,
        name=str(table.pop("name")),
        kind=str(table.pop("kind")),
        dim=int(table.pop("dim")),
        max_tokens=int(table.pop("max_tokens")),
        pooling=str(table.pop("pooling")),
        prefix=str(table.pop("prefix")),
        licence=str(table.pop("licence")),
        origin=str(table.pop("origin")),
        url=str(table.pop("url")),
        description=str(table.pop("description")),
        extra=table,
    )


def _plain_name(name: str) -> str:
    """A manifest is data from elsewhere: it must not lead out of its folder."""
    if Path(name).name != name or name in (".", ".."):
        raise ValueError(f"{name!r} is no plain file name")
    return name
