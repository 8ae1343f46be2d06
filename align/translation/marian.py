"""Models of OPUS-MT as they are published, a zip archive in Marian's form, into the form of CTranslate2."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from align.errors import ModelError, OutputError

TOKENISERS = ("source.spm", "target.spm")
CONVERTED = ("model.bin", "config.json", "shared_vocabulary.json", *TOKENISERS)
"""What a conversion makes: OPUS-MT has one vocabulary for both sides."""

_DECODER = "decoder.yml"
_LIMITS = {_DECODER: 1 << 20, ".spm": 1 << 26, ".yml": 1 << 26, ".npz": 1 << 32}
"""Largest size in bytes of a member by its name or ending: archives of OPUS-MT stay far below."""


def convert_archive(archive: Path, target: Path, *, quantization: str = "int8") -> None:
    """Write the files `CONVERTED` into the folder `target`, made of the zip archive of a Marian model.

    Of the archive only decoder.yml, the weights and vocabularies that it names, source.spm and target.spm are read;
    they have to be plain files of plain names and reasonable sizes.

    Raises:
        ModelError: it is no such archive, it is damaged, or CTranslate2 cannot convert what is in it.
        OutputError: a file cannot be written.
    """
    with tempfile.TemporaryDirectory(dir=target, prefix=".unpacked-") as unpacked:
        _unpack(archive, Path(unpacked))
        convert_folder(Path(unpacked), target, quantization=quantization, called=archive)


def convert_folder(folder: Path, target: Path, *, quantization: str = "int8", called: Path | None = None) -> None:
    """Do the same with the folder of a Marian model; messages name it `called`.

    Raises:
        ModelError: it is no such folder, a file is damaged, or CTranslate2 cannot convert what is in it.
        OutputError: a file cannot be written.
    """
    called = called or folder
    weights, vocabularies = _named_files(folder, called)
    missing = [name for name in (weights, *vocabularies, *TOKENISERS) if not (folder / name).is_file()]
    if missing:
        raise ModelError(f"{called}: {', '.join(missing)} missing; allowed: a Marian model of OPUS-MT, whole")
    if len(set(vocabularies)) != 1:
        raise ModelError(f"{called}: {len(vocabularies)} vocabularies; allowed: one for both sides, as OPUS-MT has")
    _check_weights(folder / weights, called)
    with tempfile.TemporaryDirectory(dir=target, prefix=".converted-") as made:
        _convert(folder / weights, folder / vocabularies[0], Path(made) / "model", called, quantization)
        try:
            for name in TOKENISERS:
                shutil.copyfile(folder / name, target / name)
            for path in (Path(made) / "model").iterdir():
                path.replace(target / path.name)
        except OSError as error:
            raise OutputError(target, error.strerror or str(error)) from error


def _convert(weights: Path, vocabulary: Path, target: Path, called: Path, quantization: str) -> None:
    from ctranslate2.converters import MarianConverter

    try:
        # The same file twice is one vocabulary, which the converter writes once.
        MarianConverter(str(weights), [str(vocabulary)] * 2).convert(str(target), quantization=quantization)
    except OSError as error:
        raise OutputError(target, error.strerror or str(error)) from error
    except MemoryError as error:
        raise ModelError(f"{called}: out of memory while it was converted; do that on a larger machine") from error
    except Exception as error:  # the converter raises whatever its reading of damaged files comes to
        said = " ".join(str(error).split()) or type(error).__name__
        raise ModelError(f"{called}: CTranslate2 cannot convert the model: {said}; fetch it anew") from error


def _named_files(folder: Path, called: Path) -> tuple[str, list[str]]:
    """Return the names of the weights and the vocabularies as decoder.yml has them."""
    import yaml

    try:
        table = yaml.safe_load((folder / _DECODER).read_text("utf-8"))
        weights, vocabularies = table["models"][0], list(table["vocabs"])
    except (OSError, ValueError, KeyError, TypeError, IndexError, yaml.YAMLError) as error:
        said = " ".join(str(error).split())
        raise ModelError(f"{called}: {_DECODER} does not say the names of model and vocabulary ({said})") from error
    for name in (weights, *vocabularies):
        if not isinstance(name, str) or Path(name).name != name or name in ("", ".."):
            raise ModelError(f"{called}: {_DECODER} names {name!r}; allowed: plain names of files beside it")
    return weights, vocabularies


def _check_weights(path: Path, called: Path) -> None:
    """An .npz is a zip archive itself: what it unpacks to is bounded, too."""
    with _opened(path, called) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > _LIMITS[".npz"]:
        raise ModelError(f"{called}: {path.name} unpacks to {size} bytes; allowed: at most {_LIMITS['.npz']}")


def _unpack(archive: Path, folder: Path) -> None:
    with _opened(archive, archive) as opened:
        _extract(opened, archive, _DECODER, folder)
        weights, vocabularies = _named_files(folder, archive)
        for name in dict.fromkeys((weights, *vocabularies, *TOKENISERS)):
            _extract(opened, archive, name, folder)


@contextlib.contextmanager
def _opened(path: Path, called: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ModelError(f"{called}: is no zip archive that can be read ({error}); fetch it anew") from error
    except OSError as error:
        raise ModelError(f"{called}: cannot be read: {error.strerror or error}") from error


def _extract(archive: zipfile.ZipFile, path: Path, name: str, folder: Path) -> None:
    """Write one member under its name, which the caller has found to be plain."""
    members = [member for member in archive.infolist() if member.filename == name]
    if len(members) != 1:
        raise ModelError(f"{path}: {len(members)} members {name}, expected 1; allowed: an archive of OPUS-MT")
    limit = _LIMITS.get(name) or _LIMITS.get(Path(name).suffix, 0)
    if members[0].file_size > limit:
        raise ModelError(f"{path}: {name} has {members[0].file_size} bytes; allowed: at most {limit}")
    try:
        target = (folder / name).open("wb")
    except OSError as error:
        raise OutputError(folder / name, error.strerror or str(error)) from error
    with target, archive.open(members[0]) as source:
        _copy(source, target, folder / name, limit, path)


def _copy(source: IO[bytes], target: IO[Any], path: Path, limit: int, archive: Path) -> None:
    """Copy no more than `limit` bytes, whatever the archive says of the size."""
    written = 0
    while chunk := source.read(1 << 20):
        written += len(chunk)
        if written > limit:
            raise ModelError(f"{archive}: {path.name} has more than {limit} bytes")
        try:
            target.write(chunk)
        except OSError as error:
            raise OutputError(path, error.strerror or str(error)) from error
