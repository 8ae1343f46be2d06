"""The free text by which pieces are chosen and centres are measured: open packages, take out their sentences.

Every source is a Debian package pinned by version and sha256 in sources.toml. Files are visited in sorted order,
so the same packages give the same text.
"""

from __future__ import annotations

import fnmatch
import gzip
import hashlib
import re
import struct
import subprocess
import sys
import tarfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SOURCES = Path(__file__).with_name("sources.toml")


@dataclass
class Text:
    """What the packages hold: sentences in the two languages, pairs of messages, dictionary words."""

    vi: list[str] = field(default_factory=list)
    en: list[str] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)  # Vietnamese, English
    vi_words: list[str] = field(default_factory=list)
    en_words: list[str] = field(default_factory=list)


def fetch(packages: Path) -> None:
    """Download the pinned packages that are not yet in the folder `packages`, with apt-get."""
    packages.mkdir(parents=True, exist_ok=True)
    missing = [s for s in _sources() if not (packages / s["file"]).exists()]
    if missing:
        names = [f"{source['package']}={source['version']}" for source in missing]
        subprocess.run(["apt-get", "download", *names], cwd=packages, check=True)


def read(packages: Path) -> Text:
    """Read the text of the packages in the folder `packages`, in the order of sources.toml.

    Raises:
        ValueError: a package is another one than was pinned.
    """
    text = Text()
    for source in _sources():
        archive = packages / source["file"]
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        if found != source["sha256"]:
            raise ValueError(f"{archive}: sha256 is {found}, expected {source['sha256']}")
        for name, content in sorted(_members(archive, list(source["read"])).items()):
            kind = next(kind for pattern, kind in source["read"].items() if fnmatch.fnmatchcase(name, pattern))
            _READERS[kind](content, text)
    text.vi, text.en = _unique(text.vi), _unique(text.en)
    return text


def _members(archive: Path, patterns: list[str]) -> dict[str, bytes]:
    """Return the regular files of a Debian package whose path fits one of the patterns (`*` crosses slashes)."""
    found = {}
    listing = ["dpkg-deb", "--fsys-tarfile", str(archive)]
    with (
        subprocess.Popen(listing, stdout=subprocess.PIPE) as process,
        tarfile.open(fileobj=process.stdout, mode="r|") as tar,
    ):
        for member in tar:
            name = member.name.removeprefix("./")
            if member.isfile() and any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
                content = tar.extractfile(member)
                assert content is not None
                found[name] = content.read()
    if process.returncode:
        raise ValueError(f"{archive}: dpkg-deb failed with status {process.returncode}")
    return found


def _sources() -> list[dict[str, Any]]:
    with SOURCES.open("rb") as file:
        return list(tomllib.load(file)["source"])


def _unique(lines: Iterable[str]) -> list[str]:
    """Fold to NFC and single spaces; drop repetitions, which say nothing about how common a piece is."""
    return list(dict.fromkeys(line for line in map(fold, lines) if line))


def fold(line: str) -> str:
    """Return the line in NFC with single spaces."""
    return " ".join(unicodedata.normalize("NFC", line).split())


class _Blocks(HTMLParser):
    """Collects the text of block elements, without scripts and styles."""

    SILENT = frozenset({"script", "style", "head", "nav"})
    INLINE = frozenset(
        {"a", "b", "code", "em", "i", "img", "kbd", "span", "strong", "sub", "sup", "tt", "u", "acronym"}
    )

    def __init__(self) -> None:
        super().__init__()
        self.blocks, self._silent = [""], 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._silent += tag in self.SILENT
        if tag not in self.INLINE:
            self.blocks.append("")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in self.SILENT))
        if tag not in self.INLINE:
            self.blocks.append("")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.blocks[-1] += data


def _html(content: bytes) -> list[str]:
    parser = _Blocks()
    parser.feed(content.decode("utf-8", errors="replace"))
    return parser.blocks


def _read_html_vi(content: bytes, text: Text) -> None:
    text.vi += _html(content)


def _read_html_en(content: bytes, text: Text) -> None:
    text.en += _html(content)


def _read_man_vi(content: bytes, text: Text) -> None:
    lines = gzip.decompress(content).decode("utf-8", errors="replace").splitlines()
    plain = (
        re.sub(r"\\f[A-Z]|\\[&%]", "", line).replace("\\-", "-") for line in lines if not line.startswith((".", "'"))
    )
    text.vi += plain


def _read_catalogue(content: bytes, text: Text) -> None:
    """Take the message pairs of a compiled gettext catalogue."""
    order = "<" if content[:4] == b"\xde\x12\x04\x95" else ">"
    count, ids, strings = struct.unpack_from(order + "3I", content, 8)
    for i in range(count):
        english, vietnamese = (_message(content, order, table + 8 * i) for table in (ids, strings))
        if english and vietnamese and english != vietnamese:
            text.en.append(english)
            text.vi.append(vietnamese)
            text.pairs.append((fold(vietnamese), fold(english)))


def _message(raw: bytes, order: str, position: int) -> str:
    """Return the singular form at a table entry, without a disambiguating context."""
    length, offset = struct.unpack_from(order + "2I", raw, position)
    whole = raw[offset : offset + length].decode("utf-8", errors="replace").split("\0")[0]
    return re.sub(r"<[^<>]*>|\$[\w|.]+", " ", whole.split("\4")[-1].split("^")[-1])


def _read_glosses_en(content: bytes, text: Text) -> None:
    """Take the definitions and examples of a WordNet data file."""
    text.en += [line.split("|", 1)[1] for line in content.decode("utf-8").splitlines() if "|" in line]


def _dictionary(content: bytes) -> Iterator[str]:
    for line in content.decode("utf-8").splitlines()[1:]:
        word = fold(line.split("/", 1)[0])
        if word:
            yield word


def _read_words_vi(content: bytes, text: Text) -> None:
    text.vi_words += _dictionary(content)


def _read_words_en(content: bytes, text: Text) -> None:
    text.en_words += _dictionary(content)


_READERS: dict[str, Callable[[bytes, Text], None]] = {
    "html-vi": _read_html_vi,
    "html-en": _read_html_en,
    "man-vi": _read_man_vi,
    "catalogue": _read_catalogue,
    "glosses-en": _read_glosses_en,
    "words-vi": _read_words_vi,
    "words-en": _read_words_en,
}
