"""Files of torch.save put together byte by byte, so that they can say what torch would never write."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

CONTAINERS = ("zip", "legacy")


def plain(value: Any) -> bytes:
    """The operations that build a value of Python's own types."""
    return pickle.dumps(value, 2)[2:-1]


def name(module: str, member: str) -> bytes:
    """The operation that names a class or function."""
    return b"c" + f"{module}\n{member}\n".encode()


def group(*parts: bytes) -> bytes:
    """The operations that build a tuple of what the parts build."""
    return b"(" + b"".join(parts) + b"t"


def table(**entries: bytes) -> bytes:
    """The operations that build a dict."""
    return b"}(" + b"".join(plain(key) + value for key, value in entries.items()) + b"u"


def storage(key: str, count: int, kind: str = "FloatStorage", legacy: bool = False) -> bytes:
    """The operations that ask for the storage of a tensor."""
    identity = [plain("storage"), name("torch", kind), plain(key), plain("cuda:0"), plain(count)]
    return group(*identity, *([b"N"] if legacy else [])) + b"Q"


def tensor(source: bytes, shape: tuple[int, ...], strides: tuple[int, ...], offset: int = 0) -> bytes:
    """The operations that build a tensor as a view of a storage."""
    hooks = name("collections", "OrderedDict") + b")R"
    arguments = group(source, plain(offset), plain(shape), plain(strides), b"\x89", hooks)
    return name("torch._utils", "_rebuild_tensor_v2") + arguments + b"R"


def whole(content: bytes) -> bytes:
    """A pickle of protocol 2."""
    return b"\x80\x02" + content + b"."


def write(path: Path, container: str, content: bytes, storages: dict[str, bytes], itemsize: int = 4) -> Path:
    """Write a pickle and the storages it asks for; all elements are taken to have `itemsize` bytes."""
    path.write_bytes({"zip": _zip, "legacy": _legacy}[container](content, storages, itemsize))
    return path


def _zip(content: bytes, storages: dict[str, bytes], itemsize: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("archive/data.pkl", content)
        for key, elements in storages.items():
            archive.writestr(f"archive/data/{key}", elements)
        archive.writestr("archive/version", b"3\n")
    return out.getvalue()


def _legacy(content: bytes, storages: dict[str, bytes], itemsize: int) -> bytes:
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    head = b"".join(pickle.dumps(part, 2) for part in (0x1950A86A20F9469CFC6C, 1001, system))
    tail = b"".join(struct.pack("<q", len(elements) // itemsize) + elements for elements in storages.values())
    return head + content + pickle.dumps(list(storages), 2) + tail
