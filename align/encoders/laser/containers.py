"""The two containers of torch.save, opened without torch: zip (torch 1.6 and later) and the older stream.

    zip     ROOT/data.pkl is the pickle, ROOT/data/KEY the raw elements of storage KEY; nothing is compressed
    legacy  pickles of a magic number, of 1001, of facts about the system and of the object, a pickled list of keys,
            then for every key its count of elements (int64) and the raw elements

Older still is a tar archive (torch 0.1.9 and before), which is refused by name.
"""

from __future__ import annotations

import io
import os
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from align.encoders.laser.pickled import RefusedError, StorageRecord, TensorRecord, read_pickle

MAX_PICKLE = 64 * 1024 * 1024
"""Bytes of data.pkl that are looked at: that of LASER2 has about 1 MB, most of it the dictionary."""

_ZIP_MAGIC = b"PK\x03\x04"
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_LEGACY_START = b"\x80\x02\x8a\x0a" + _LEGACY_MAGIC.to_bytes(10, "little")
_LEGACY_VERSION = 1001
_TAR_MAGIC, _TAR_MAGIC_AT = b"ustar", 257


@dataclass(frozen=True)
class Saved:
    """The object that was saved, with a `TensorRecord` for every tensor, and the elements of all storages by key."""

    content: Any
    storages: dict[str, NDArray[Any]]

    def array(self, tensor: TensorRecord) -> NDArray[Any]:
        """Return the values of a tensor as a read-only view; the record is known to lie inside its storage."""
        flat = self.storages[tensor.storage.key]
        steps = [stride * flat.itemsize for stride in tensor.strides]
        return np.lib.stride_tricks.as_strided(flat[tensor.offset :], tensor.shape, steps, writeable=False)


def load(path: Path) -> Saved:
    """Read a file that torch.save wrote.

    Raises:
        RefusedError: the file is none of the two containers, damaged, or has content that is not allowed.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(_TAR_MAGIC_AT + len(_TAR_MAGIC))
        file.seek(0)
        return _reader(start)(file)


def _reader(start: bytes) -> Callable[[BinaryIO], Saved]:
    if start.startswith(_ZIP_MAGIC):
        return _read_zip
    if start.startswith(_LEGACY_START):
        return _read_legacy
    if start[_TAR_MAGIC_AT:] == _TAR_MAGIC:
        raise RefusedError("it is a tar archive of torch 0.1; save it anew with a later torch")
    raise RefusedError("it is neither a zip archive nor a stream that torch.save wrote")


def _read_zip(file: BinaryIO) -> Saved:
    try:
        with zipfile.ZipFile(file) as archive:
            return _read_archive(archive)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, struct.error) as error:
        raise RefusedError(f"the zip archive is damaged: {error}") from error


def _read_archive(archive: zipfile.ZipFile) -> Saved:
    entries = _entries(archive)
    pickles = [name for name in entries if name.count("/") == 1 and name.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise RefusedError(f"the zip archive has {len(pickles)} entries named data.pkl; torch.save writes 1")
    root = pickles[0].removesuffix("data.pkl")
    order = f"{root}byteorder"
    if order in entries and archive.read(order) != b"little":
        raise RefusedError("its numbers are big-endian; save it on a little-endian machine")
    if entries[pickles[0]] > MAX_PICKLE:
        raise RefusedError(f"{pickles[0]} has {entries[pickles[0]]} bytes; allowed: {MAX_PICKLE}")
    content, records = read_pickle(io.BytesIO(archive.read(pickles[0])))
    storages = {}
    for record in records.values():
        name = f"{root}data/{record.key}"
        if name not in entries:
            raise RefusedError(f"the zip archive has no entry {name}")
        _check_size(record, entries[name])
        storages[record.key] = np.frombuffer(archive.read(name), record.dtype)
    return Saved(content, storages)


def _entries(archive: zipfile.ZipFile) -> dict[str, int]:
    """Return the sizes of all entries, which must be of different names and stored as they are."""
    sizes = {}
    for entry in archive.infolist():
        if entry.filename in sizes:
            raise RefusedError(f"the zip archive has two entries {entry.filename!r:.80}")
        # Compressed, a few bytes could become many gigabytes.
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size or entry.flag_bits & 1:
            raise RefusedError(f"the entry {entry.filename!r:.80} is compressed or encrypted; torch.save stores")
        sizes[entry.filename] = entry.file_size
    return sizes


def _read_legacy(file: BinaryIO) -> Saved:
    size = os.fstat(file.fileno()).st_size
    if read_pickle(file)[0] != _LEGACY_MAGIC or read_pickle(file)[0] != _LEGACY_VERSION:
        raise RefusedError(f"it is a stream of another version; allowed: {_LEGACY_VERSION}")
    system = read_pickle(file)[0]
    if type(system) is not dict or system.get("little_endian") is not True:
        raise RefusedError("its numbers are not said to be little-endian; save it on a little-endian machine")
    content, records = read_pickle(file)
    keys = read_pickle(file)[0]
    if type(keys) is not list or any(type(key) is not str for key in keys) or sorted(keys) != sorted(records):
        raise RefusedError("the storages that follow are not those that the tensors need")
    storages = {key: _read_storage(file, records[key], size) for key in keys}
    return Saved(content, storages)


def _read_storage(file: BinaryIO, record: StorageRecord, size: int) -> NDArray[Any]:
    header = file.read(8)
    if len(header) < 8:
        raise RefusedError(f"the file is cut short before storage {record.key}")
    _check_size(record, struct.unpack("<q", header)[0] * record.dtype.itemsize)
    wanted = record.count * record.dtype.itemsize
    # Asked before memory is: the count is but a number in the file.
    if wanted > size - file.tell():
        raise RefusedError(f"the file is cut short in storage {record.key}: {wanted} bytes are to follow")
    return np.frombuffer(file.read(wanted), record.dtype)


def _check_size(record: StorageRecord, found: int) -> None:
    wanted = record.count * record.dtype.itemsize
    if found != wanted:
        raise RefusedError(f"storage {record.key} has {found} bytes, but its {record.count} elements take {wanted}")
