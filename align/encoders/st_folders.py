"""Models in the format of sentence-transformers on disk: finding them, and proof that reading them runs no code."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from align.errors import ModelError, OptionError

_SUFFIXES = (".json", ".txt", ".model", ".safetensors", ".bpe", ".vocab", ".tiktoken")  # what a model is read from
_OTHER_ENGINES = ["onnx/*", "openvino/*"]
_WITHOUT_WEIGHTS = ("Pooling", "Normalize", "Dropout")
_OWN_MODULES = "sentence_transformers."
_FAMILY = "sentence-transformers"  # the hub's owner of a name without one

Modules = list[tuple[str, Path]]
"""Class name and folder of each step of a model, in order."""


def full_name(name: str) -> str:
    """Return "owner/model" for a name on the hub."""
    return name if "/" in name else f"{_FAMILY}/{name}"


def find_folder(name: str, revision: str | None, *, quiet: bool) -> Path:
    """Return the folder `name`, or that into which the hub's client has put the model of this name.

    Raises:
        ModelError: there is no such folder, and the hub has no such model or cannot be reached.
        OptionError: a revision is asked of a folder.
    """
    if name and Path(name).is_dir():
        if revision is not None:
            raise OptionError("revision", revision, "none for a folder, only for a model of the hub")
        return Path(name)
    if name.count("/") > 1 or name.startswith(("/", ".", "~")) or "\\" in name or not name:
        raise ModelError(f"st:{name}: there is no such folder")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError, RepositoryNotFoundError

    full = full_name(name)
    wanted = [f"*{suffix}" for suffix in _SUFFIXES]
    try:
        with _quiet_downloads(quiet):
            return Path(
                snapshot_download(full, revision=revision, allow_patterns=wanted, ignore_patterns=_OTHER_ENGINES)
            )
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise ModelError(f"st:{name}: there is no such folder, and the hub has no model {full!r}") from error
    except LocalEntryNotFoundError as error:
        raise ModelError(
            f"st:{name}: there is no such folder, and the hub cannot be reached; "
            "check the connection, or give the folder of a copy"
        ) from error
    except Exception as error:  # whatever the HTTP library under the hub's client raises
        raise ModelError(f"st:{name}: the hub did not give {full!r}: {first_line(error)}") from error


@contextlib.contextmanager
def _quiet_downloads(quiet: bool) -> Iterator[None]:
    """Switch the hub's progress bars off while nobody watches."""
    from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    if not quiet or are_progress_bars_disabled():
        yield
        return
    disable_progress_bars()
    try:
        yield
    finally:
        enable_progress_bars()


def read_modules(folder: Path) -> Modules:
    """Return the steps of a model, after proof that loading them runs no foreign code.

    Raises:
        ModelError: the folder is no such model, has code of its own, or weights in another form than safetensors.
    """
    path = folder / "modules.json"
    try:
        entries = [(str(entry["type"]), str(entry["path"])) for entry in json.loads(path.read_text("utf-8"))]
    except OSError as error:
        raise ModelError(
            f"{folder}: no sentence-transformers model, modules.json cannot be read: {error.strerror}"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: is damaged: {first_line(error)}") from error
    modules = []
    for kind, where in entries:
        if not kind.startswith(_OWN_MODULES):
            raise ModelError(f"{path}: the module {kind!r} is code of the model's own, which is not run")
        if Path(where).name != where or where == "..":  # empty, or a plain name
            raise ModelError(f"{path}: {where!r} is no folder inside the model")
        name = kind.rpartition(".")[2]
        if name not in _WITHOUT_WEIGHTS and not any((folder / where).glob("*.safetensors")):
            raise ModelError(
                f"{folder / where}: no weights in safetensors form, and no other is read, since it can run code; where "
                "you trust the model, convert it: SentenceTransformer(FOLDER).save(NEW_FOLDER)"
            )
        modules.append((name, folder / where))
    if not modules:
        raise ModelError(f"{path}: lists no module")
    return modules


def pooling_of(folder: Path, modules: Modules) -> str:
    """Return how vectors of sentences combine: "max" if the model ends in a maximum over tokens, otherwise "mean".

    Raises:
        ModelError: the configuration of the pooling cannot be read.
    """
    names = [name for name, _ in modules if name not in ("Normalize", "Dropout")]
    if names[-1] != "Pooling":
        return "mean"
    path = [place for name, place in modules if name == "Pooling"][-1] / "config.json"
    try:
        config = json.loads(path.read_text("utf-8"))
        # Since version 5 one name or a list of them; before, a truth value for each.
        mode = config.get("pooling_mode")
        legacy = [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True]
    except (OSError, ValueError, AttributeError) as error:
        raise ModelError(f"{path}: cannot be read: {first_line(error)}") from error
    return "max" if mode in ("max", ["max"]) or (mode is None and legacy == ["pooling_mode_max_tokens"]) else "mean"


def fingerprint_of(folder: Path, modules: Modules, options: list[str]) -> str:
    """Return 16 hex digits of a hash over all files that a model is read from, and `options`, which change vectors.

    Raises:
        ModelError: a file cannot be read.
    """
    lines = [json.dumps(options)]
    for place in sorted({folder, *(place for _, place in modules)}):
        if not place.is_dir():
            continue  # a module without a configuration, such as 2_Normalize
        for path in sorted(place.iterdir()):
            if path.suffix in _SUFFIXES and path.is_file():
                lines.append(f"{path.relative_to(folder).as_posix()} {_sha256(path)}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}") from error
    return digest.hexdigest()


def first_line(error: Exception) -> str:
    """Return the kind of an error of somebody else's, and the first line of what it says."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
