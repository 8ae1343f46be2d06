"""Make the training text of the bundled encoder: Vietnamese-English pairs from freely licensed packages.

    python build.py -o pairs.tsv.gz                      # download the packages of sources.toml, read, clean, write
    python build.py -o pairs.tsv.gz --packages DIR       # keep the downloads in DIR, use those that are there
    python build.py -o pairs.tsv.gz --figures FILE.tsv   # also write what each source gave and lost

Needs align itself and the clients apt-get, dpkg-deb, npm and pip. One line is one pair: Vietnamese, English, source,
register, document, position, separated by tabs; pairs of one document stand together in its order. The same packages
give the same bytes.
"""

from __future__ import annotations

import argparse
import fnmatch
import gzip
import hashlib
import io
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import ParseError

import catalogues
import clean
import documents
from packages import Package, download, members, verify

from align.files import whole_file

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SOURCES = Path(__file__).with_name("sources.toml")
WITHHELD = Path(__file__).with_name("withheld.txt")

BOTH_IN_ONE: dict[str, Callable[[bytes], list[tuple[str, str]]]] = {
    "gettext": catalogues.gettext,
    "po": catalogues.po,
    "debconf": catalogues.debconf,
}
KEYED: dict[str, Callable[[bytes], dict[str, str]]] = {
    "json": catalogues.json_messages,
    "php": catalogues.php_messages,
    "chromium": catalogues.chromium_messages,
    "openttd": catalogues.openttd_messages,
}
BY_NAME: dict[str, documents.Reader] = {"html-id": documents.html_by_id, "fortunes": documents.fortunes}
ANCHORED: dict[str, documents.Reader] = {"svg": documents.svg}
IN_ORDER: dict[str, documents.Reader] = {
    "html": documents.html,
    "mallard": documents.mallard,
    "paragraphs": documents.paragraphs,
}


@dataclass(frozen=True)
class Source:
    """Where one part of the text stands: `vi` are path patterns; `swap` turns such a path into the English one."""

    name: str
    register: str
    format: str
    package: str
    vi: list[str]
    english: str = ""  # the package of the English files, if it is another one
    swap: list[list[str]] = field(default_factory=list)
    without: list[str] = field(default_factory=list)  # documents that others use for measuring
    marks: str = "text"  # see clean.plain
    limit: int = 1_000_000  # pairs at most, so that no source drowns the others


@dataclass(frozen=True)
class Pair:
    """One line of the result; `position` is its number in the document, counting the pairs that were refused."""

    vi: str
    en: str
    source: str
    register: str
    document: str
    position: int


def load() -> tuple[dict[str, Package], list[Source]]:
    """Read sources.toml: the packages by name, and the sources in the order in which repetitions are settled."""
    with SOURCES.open("rb") as file:
        table = tomllib.load(file)
    return {p["name"]: Package(**p) for p in table["package"]}, [Source(**s) for s in table["source"]]


def raw_pairs(
    source: Source, packages: dict[str, Package], folder: Path
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield each document's name and its pairs as they stand in the files."""
    vietnamese = members(verify(packages[source.package], folder), source.vi)
    vietnamese = {n: c for n, c in vietnamese.items() if not any(fnmatch.fnmatchcase(n, w) for w in source.without)}
    if source.format in BOTH_IN_ONE:
        for name, content in vietnamese.items():
            yield name, BOTH_IN_ONE[source.format](content)
        return
    english_names = {name: _swapped(name, source.swap) for name in vietnamese}
    english = members(
        verify(packages[source.english or source.package], folder), set(map(_literal, english_names.values()))
    )
    for name, content in vietnamese.items():
        if english_names[name] in english:
            yield name, join(source.format, content, english[english_names[name]])


def _swapped(name: str, swap: list[list[str]]) -> str:
    for old, new in swap:
        name = name.replace(old, new)
    return name


def _literal(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)


def join(form: str, vietnamese: bytes, english: bytes) -> list[tuple[str, str]]:
    """Pair the texts of a Vietnamese file and an English one of the same format."""
    if form in KEYED:
        v, e = (KEYED[form](content) for content in (vietnamese, english))
        return [(v[key], e[key]) for key in e if key in v]
    try:
        if form in BY_NAME:
            return documents.pair_by_name(BY_NAME[form](vietnamese), BY_NAME[form](english))
        if form in ANCHORED:
            return documents.pair_between_anchors(ANCHORED[form](vietnamese), ANCHORED[form](english))
        return documents.pair_in_order(IN_ORDER[form](vietnamese), IN_ORDER[form](english))
    except ParseError:  # a page that is no well-formed XML is left out like one of another structure
        return []


def cleaned(source: Source, raw: Iterable[tuple[str, list[tuple[str, str]]]], lost: Counter[str]) -> Iterator[Pair]:
    """Yield the pairs of a source that are training text, by document; count the others in `lost`."""
    for document, pairs in raw:
        candidates = (found for texts in pairs for found in _candidates(texts, source.marks))
        for position, (v, e, reason) in enumerate(candidates):
            reason = reason or clean.refusal(v, e)
            if reason:
                lost[reason] += 1
            else:
                yield Pair(v, e, source.name, source.register, document, position)


def _candidates(texts: tuple[str, str], marks: str) -> Iterator[tuple[str, str, str]]:
    """Yield the sentence pairs of one message or paragraph, each with the reason why it is none, if there is one."""
    vietnamese, english = (clean.plain(text, marks) for text in texts)
    if vietnamese.casefold() == english.casefold():  # documents are translated in part
        yield vietnamese, english, "untranslated"
        return
    if marks == "ui":
        vietnamese, english = clean.without_accelerators(vietnamese, english)
    filled = clean.fill(vietnamese, english)
    if filled is None:
        yield vietnamese, english, "placeholders"
        return
    for v, e in clean.sentences(*filled):
        yield v, e, ""


def unique(pairs: Iterable[Pair], seen: set[str], secret: set[str], lost: Counter[str]) -> Iterator[Pair]:
    """Yield the pairs of which neither side was seen before nor is in `secret`, case and punctuation apart.

    A text with two translations would be a wrong negative of itself in contrastive training.
    """
    for pair in pairs:
        keys = {clean.digest(pair.vi), clean.digest(pair.en)}
        if keys & secret:
            lost["withheld"] += 1
        elif keys & seen:
            lost["repeated"] += 1
        else:
            seen |= keys
            yield pair


def withheld() -> set[str]:
    """Return the digests of texts that stand in evaluation sets too (written by check_overlap.py)."""
    return set(WITHHELD.read_text(encoding="ascii").split()) if WITHHELD.exists() else set()


def limited(pairs: list[Pair], limit: int) -> list[Pair]:
    """Return at most `limit` pairs in their order, chosen by a hash of their text: long texts before short ones."""

    def rank(pair: Pair) -> tuple[bool, bytes]:
        return len(pair.en.split()) < 5, hashlib.sha256(pair.en.encode()).digest()

    chosen = set(sorted(pairs, key=rank)[:limit])
    return [pair for pair in pairs if pair in chosen]


def write(pairs: Iterable[Pair], path: Path) -> None:
    """Write the pairs as compressed lines, the same bytes for the same pairs."""
    with (
        whole_file(path) as part,
        part.open("wb") as file,
        gzip.GzipFile("", "wb", 9, file, mtime=0) as zipped,
        io.TextIOWrapper(zipped, encoding="utf-8", newline="\n") as text,
    ):
        for p in pairs:
            text.write("\t".join((p.vi, p.en, p.source, p.register, p.document, str(p.position))) + "\n")


def figures(pairs: list[Pair], lost: dict[str, Counter[str]]) -> str:
    """Return a table of what each source gave and what it lost to which reason."""
    reasons = sorted({reason for counter in lost.values() for reason in counter})
    lines = ["\t".join(("source", "register", "documents", "pairs", "vi_words", "en_words", *reasons))]
    for name in lost:
        own = [pair for pair in pairs if pair.source == name]
        words = (str(sum(len(text.split()) for text in side)) for side in ([p.vi for p in own], [p.en for p in own]))
        counts = (str(lost[name][reason]) for reason in reasons)
        register = own[0].register if own else ""
        lines.append("\t".join((name, register, str(len({p.document for p in own})), str(len(own)), *words, *counts)))
    return "\n".join(lines) + "\n"


def build(folder: Path, skip_missing: bool = False) -> tuple[list[Pair], dict[str, Counter[str]]]:
    """Return all pairs of the packages in `folder` (downloaded where missing) and what each source lost.

    Raises:
        ValueError: a package cannot be had and `skip_missing` is False, or has other bytes than the pinned ones.
    """
    packages, sources = load()
    gone = {package.name for package in download(packages.values(), folder)}
    if gone and not skip_missing:
        names = ", ".join(f"{name} {packages[name].version}" for name in sorted(gone))
        raise ValueError(f"not to be had: {names}; pin other versions in {SOURCES.name}, or run with --skip-missing")
    sources = [source for source in sources if not {source.package, source.english} & gone]
    pairs: list[Pair] = []
    lost: dict[str, Counter[str]] = {}
    seen: set[str] = set()
    secret = withheld()
    for source in sources:
        counter = lost.setdefault(source.name, Counter())
        found = list(unique(cleaned(source, raw_pairs(source, packages, folder), counter), seen, secret, counter))
        kept = limited(found, source.limit)
        counter["over the limit"] += len(found) - len(kept)
        pairs += kept
        print(f"{source.name}: {len(kept)} pairs", file=sys.stderr)
    return pairs, lost


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--packages", type=Path)
    parser.add_argument("--figures", type=Path)
    parser.add_argument("--skip-missing", action="store_true", help="do without packages that cannot be downloaded")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        pairs, lost = build((options.packages or Path(temporary)).resolve(), options.skip_missing)
    write(pairs, options.output)
    if options.figures:
        options.figures.write_text(figures(pairs, lost), encoding="utf-8")


if __name__ == "__main__":
    main()
