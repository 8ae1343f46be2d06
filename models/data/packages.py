"""The pinned packages that the text comes from: download them with their own clients, check them, open them.

A package is named in sources.toml with its version, file name and sha256, so that everybody reads the same bytes.
"""

from __future__ import annotations

import fnmatch
import hashlib
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

CONTROL = "control/"  # where the control files of a Debian package are found among its members


@dataclass(frozen=True)
class Package:
    """One pinned package; `origin` is "debian", "npm" or "pypi"."""

    name: str
    origin: str
    version: str
    file: str
    sha256: str
    licence: str


def download(packages: Iterable[Package], folder: Path) -> list[Package]:
    """Download the packages that are not yet in `folder`, each with its client; return those that could not be had.

    Debian keeps one version of a package in a release and the newest of its security updates, so a pinned version
    may be gone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [package for package in packages if not (folder / package.file).exists()]
    debian = [package for package in missing if package.origin == "debian"]
    # All at once is quick; one version that is gone makes the whole command fail, so then one by one.
    if debian and not _run(["apt-get", "download", "-q", *map(_pinned, debian)], folder):
        for package in debian:
            _run(["apt-get", "download", "-q", _pinned(package)], folder)
    for package in missing:
        if package.origin != "debian":
            _run(_command(package), folder)
    return [package for package in missing if not (folder / package.file).exists()]


def _pinned(package: Package) -> str:
    return f"{package.name}={package.version}"


def _run(command: list[str], folder: Path) -> bool:
    return subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def _command(package: Package) -> list[str]:
    if package.origin == "npm":
        return ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    # Wheels of any Python: the text inside is read, nothing is run.
    return [*pip, "--ignore-requires-python", "--dest", ".", f"{package.name}=={package.version}"]


def verify(package: Package, folder: Path) -> Path:
    """Return the path of a downloaded package.

    Raises:
        ValueError: its bytes are not the pinned ones.
    """
    path = folder / package.file
    with path.open("rb") as file:
        found = hashlib.sha256()
        while block := file.read(1 << 20):
            found.update(block)
    if found.hexdigest() != package.sha256:
        raise ValueError(f"{path}: sha256 is {found.hexdigest()}, expected {package.sha256}")
    return path


def members(archive: Path, patterns: Iterable[str]) -> dict[str, bytes]:
    """Return the regular files of a package whose path fits one of the patterns (`*` crosses slashes), by path.

    Paths have no leading "./" and, in an npm package, no leading "package/". The control files of a Debian package
    are found under "control/".
    """
    wanted = list(patterns)
    found = {
        name: content for name, content in _files(archive, wanted) if any(fnmatch.fnmatchcase(name, p) for p in wanted)
    }
    return dict(sorted(found.items()))


def _files(archive: Path, patterns: list[str]) -> Iterator[tuple[str, bytes]]:
    if archive.suffix == ".deb":
        if any(not pattern.startswith(CONTROL) for pattern in patterns):
            yield from _debian(archive, "--fsys-tarfile", "", patterns)
        if any(pattern.startswith(CONTROL) for pattern in patterns):
            yield from _debian(archive, "--ctrl-tarfile", CONTROL, patterns)
    elif archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
                    yield name, wheel.read(name)
    else:
        with tarfile.open(archive, "r:gz") as tar:
            yield from _tar(tar, "package/", "", patterns)


def _debian(archive: Path, part: str, prefix: str, patterns: list[str]) -> Iterator[tuple[str, bytes]]:
    with subprocess.Popen(["dpkg-deb", part, str(archive)], stdout=subprocess.PIPE) as process:
        stream: IO[bytes] | None = process.stdout
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            yield from _tar(tar, "./", prefix, patterns)
    if process.returncode:
        raise ValueError(f"{archive}: dpkg-deb failed with status {process.returncode}")


def _tar(tar: tarfile.TarFile, strip: str, prefix: str, patterns: list[str]) -> Iterator[tuple[str, bytes]]:
    for member in tar:
        name = prefix + member.name.removeprefix(strip)
        if member.isfile() and any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
            content = tar.extractfile(member)
            assert content is not None
            yield name, content.read()
