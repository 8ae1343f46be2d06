"""Find model folders and prove that their files are whole before anything reads them."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from align.encoders.model_folders import EXTRA_FOLDER_VARIABLE as EXTRA_FOLDER_VARIABLE
from align.encoders.model_folders import model_roots as model_roots
from align.encoders.model_folders import pull_folder as pull_folder
from align.encoders.model_folders import user_folder as user_folder
from align.errors import ModelError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MANIFEST_NAME = "model.toml"

_REMEDY = "install align-vi-en anew, or restore the model's folder"
TRANSLATOR_KINDS = ("marian", "nllb", "m2m100", "sentencepiece")
"""Kinds of models that turn text into text; they have `directions` and neither `dim`, `pooling` nor `prefix`."""

_ENTRIES = ("name", "kind", "description", "dim", "max_tokens", "pooling", "prefix", "licence", "origin", "url")
_OF_ENCODERS = {"dim": 0, "pooling": "", "prefix": ""}


@dataclass(frozen=True)
class ModelFile:
    """Size in bytes and SHA-256 (64 hex digits) that a file of a model must have."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Source:
    """Where a file that a model is made of comes from, its size in bytes and its SHA-256 (64 hex digits).

    A size of 0 means that it is not known before the file is fetched; the hash always is.
    """

    url: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What model.toml says: the kind of model, how to run it, where it is from, and its files.

    One with `sources` and without `files` is a recipe: `align.encoders.pull.pull` makes the model from it. A model that
    was made so keeps its sources. `max_tokens` 0 means that texts of any length are encoded whole.
    """

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
    sources: dict[str, Source] = field(default_factory=dict)

    @property
    def is_recipe(self) -> bool:
        """Whether the model has still to be pulled."""
        return bool(self.sources) and not self.files

    @property
    def is_translator(self) -> bool:
        """Whether it turns text into text, and not into vectors."""
        return self.kind in TRANSLATOR_KINDS

    @property
    def directions(self) -> tuple[str, ...]:
        """What a translator can do, of "vi-en" and "en-vi"."""
        return tuple(self.extra.get("directions", ()))

    @property
    def megabytes(self) -> str:
        """Size of all files together, for people; it may be unknown for a recipe."""
        unknown = self.is_recipe and not all(source.size for source in self.sources.values())
        return "? MB" if unknown else f"{self.size / 1e6:.1f} MB"

    @property
    def size(self) -> int:
        """Bytes of all files together; those to fetch, as far as known, if it is a recipe."""
        parts: list[Source] | list[ModelFile] = [*(self.sources if self.is_recipe else self.files).values()]
        return sum(part.size for part in parts)

    @property
    def fingerprint(self) -> str:
        """First 16 hex digits of a hash over the names and hashes of all files."""
        lines = "".join(f"{name} {self.files[name].sha256}\n" for name in sorted(self.files))
        return hashlib.sha256(lines.encode()).hexdigest()[:16]

    def summary(self) -> dict[str, str]:
        """Return what a person wants to know, in the order to show it."""
        facts = {"name": self.name, "description": self.description, "kind": self.kind}
        if self.is_translator:
            facts |= {"directions": ", ".join(self.directions)}
        else:
            facts |= {"dim": str(self.dim), "pooling": self.pooling, "prefix": self.prefix or "none"}
        facts |= {"max_tokens": str(self.max_tokens or "no limit")}
        facts |= {"licence": self.licence, "origin": self.origin, "url": self.url}
        facts |= {"state": f"to pull: align models pull {self.name}" if self.is_recipe else "installed"}
        facts |= {} if self.is_recipe else {"fingerprint": self.fingerprint}
        facts |= {"folder": str(self.folder)}
        facts |= {name: f"{file.size} bytes, sha256 {file.sha256}" for name, file in self.files.items()}
        return facts | {
            f"made from {name}": f"{source.size or '?'} bytes, sha256 {source.sha256}, {source.url}"
            for name, source in self.sources.items()
        }

    def check_pulled(self) -> None:
        """Raise `ModelError` if this is a recipe."""
        if self.is_recipe:
            raise ModelError(f"model {self.name} is not pulled yet; run: align models pull {self.name}")

    def check_sizes(self) -> None:
        """Raise `ModelError` if a file is missing or has another size than the manifest says, or this is a recipe."""
        self.check_pulled()
        for name, file in self.files.items():
            path = self.folder / name
            if not path.is_file():
                raise ModelError(f"{path}: file of model {self.name} is missing ({file.size} bytes); {self._remedy}")
            found = path.stat().st_size
            if found != file.size:
                raise ModelError(f"{path}: {found} bytes, expected {file.size}: the file is damaged; {self._remedy}")

    def check(self) -> None:
        """Do the same for sizes and contents; reads all files, in constant memory."""
        from align.download import file_sha256

        self.check_sizes()
        for name, file in self.files.items():
            path = self.folder / name
            try:
                found = file_sha256(path)
            except OSError as error:
                raise ModelError(f"{path}: cannot be read: {error.strerror}; {self._remedy}") from error
            self._check_hash(path, found, file.sha256)

    def read(self, name: str) -> bytes:
        """Return the content of the file `name`, which is exactly what the hash was taken of.

        Raises:
            ModelError: the manifest does not list the file, or its content is another one.
        """
        self.check_pulled()
        if name not in self.files:
            raise ModelError(f"{self.folder / MANIFEST_NAME}: no file {name!r} is listed; {self._remedy}")
        path = self.folder / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelError(f"{path}: cannot be read: {error.strerror}; {self._remedy}") from error
        self._check_hash(path, hashlib.sha256(content).hexdigest(), self.files[name].sha256)
        return content

    def _check_hash(self, path: Path, found: str, expected: str) -> None:
        if found != expected:
            raise ModelError(f"{path}: sha256 is {found}, expected {expected}: the file is damaged; {self._remedy}")

    @property
    def _remedy(self) -> str:
        if self.sources:
            return f"run: align models pull {self.name}"
        return f"delete {self.folder} and run: align models add" if self.is_translator else _REMEDY


def find_models() -> dict[str, Path]:
    """Return the folder of every model, installed or to pull, by name, sorted.

    A folder counts if it has a model.toml and its name does not start with a dot, as unfinished pulls do.
    """
    found: dict[str, Path] = {}
    for root in model_roots():
        for path in sorted(root.glob(f"[!.]*/{MANIFEST_NAME}")):
            found.setdefault(path.parent.name, path.parent)
    return dict(sorted(found.items()))


def installed() -> tuple[list[Manifest], list[ModelError]]:
    """Return the manifests of all models, recipes too, and an error for every one that cannot be read."""
    manifests, errors = [], []
    for folder in find_models().values():
        try:
            manifests.append(read_manifest(folder))
        except ModelError as error:
            errors.append(error)
    return manifests, errors


def find_manifest(name: str) -> Manifest:
    """Return the manifest of the model `name`, which may be a recipe.

    Raises:
        ModelError: there is none of that name; the message lists those that there are.
    """
    models = find_models()
    if name not in models:
        raise ModelError(f"no model {name!r} is installed; {names_in_words()}")
    return read_manifest(models[name])


def names_in_words(*, translators: bool | None = None) -> str:
    """Return what there is, for messages: "installed: A, B; to pull: C"; of translators, of the others, or of all."""
    manifests = installed()[0]
    recipes = [manifest.folder.name for manifest in manifests if manifest.is_recipe]
    kinds = {manifest.folder.name: manifest.is_translator for manifest in manifests}
    if translators is not None:
        recipes = [name for name in recipes if kinds[name] == translators]
    # A model that cannot be read has a name, but no kind: it is shown with all.
    listed = [name for name in find_models() if translators is None or kinds.get(name) == translators]
    there = ", ".join(name for name in listed if name not in recipes) or "none"
    return f"installed: {there}" + (f"; to pull: {', '.join(recipes)}" if recipes else "")


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


def manifest_text(manifest: Manifest) -> str:
    """Return the model.toml that `read_manifest` reads as `manifest`, its folder aside; equal input, equal text.

    Raises:
        TypeError: `manifest.extra` holds a value that is no text, number, truth value, list or table of such.
    """
    left_out = _OF_ENCODERS if manifest.is_translator else {}
    entries = {name: getattr(manifest, name) for name in _ENTRIES if name not in left_out} | manifest.extra
    files = {name: {"size": file.size, "sha256": file.sha256} for name, file in manifest.files.items()}
    sources = {
        name: {"url": source.url, "size": source.size, "sha256": source.sha256}
        for name, source in manifest.sources.items()
    }
    lines = [f"{_toml(key)} = {_toml(value)}" for key, value in entries.items()]
    for title, tables in (("files", files), ("sources", sources)):
        for name, table in tables.items():
            lines += ["", f"[{title}.{_toml(name)}]", *(f"{key} = {_toml(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool | str):
        # JSON writes both as TOML does, but for one character.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_toml(key)} = {_toml(item)}' for key, item in value.items())}}}"
    raise TypeError(f"{value!r} of type {type(value).__name__} has no form in a model.toml")


def _manifest(folder: Path, table: dict[str, Any]) -> Manifest:
    sources = {
        _plain_name(name): Source(str(source["url"]), int(source["size"]), str(source["sha256"]))
        for name, source in table.pop("sources", {}).items()
    }
    listed = table.pop("files", {}) if sources else table.pop("files")
    if table.get("kind") in TRANSLATOR_KINDS:
        table = _OF_ENCODERS | table
        if not isinstance(table["directions"], list):
            raise TypeError(f"directions is {table['directions']!r}, no list")
    return Manifest(
        folder=folder,
        files={_plain_name(name): ModelFile(int(file["size"]), str(file["sha256"])) for name, file in listed.items()},
        sources=sources,
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
    if Path(name).name != name or name in ("", "..", MANIFEST_NAME):
        raise ValueError(f"{name!r} is no plain file name")
    return name
