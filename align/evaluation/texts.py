"""The sentences that beads speak of, found beside the gold or where the user says."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from align.errors import InputError
from align.evaluation.bead_lists import BeadLike, bead_key
from align.files import read_lines
from align.sentences.folding import fold_whitespace


@dataclass(frozen=True)
class DocumentTexts:
    """Sentences of documents.

    Attributes:
        vi: document -> Vietnamese sentences, one a line of the file.
        en: document -> English sentences; the same documents.
        left_out: documents without texts where others have them, or whose texts are shorter than the beads say.
    """

    vi: dict[str, list[str]]
    en: dict[str, list[str]]
    left_out: list[str]

    def lengths(self, documents: Iterable[str]) -> tuple[dict[str, list[int]] | None, dict[str, list[int]] | None]:
        """Return document -> lengths of its sentences for both languages, None twice when a document has no texts."""
        names = list(documents)
        if not names or not all(name in self.vi for name in names):
            return None, None
        vi, en = ({name: [text_length(text) for text in side[name]] for name in names} for side in (self.vi, self.en))
        return vi, en


def text_length(text: str) -> int:
    """Return the characters of a sentence in NFC, every run of white space one, none at the ends.

    >>> text_length(" Hà  Nội ")
    6
    """
    return len(unicodedata.normalize("NFC", fold_whitespace(text)))


def find_texts(gold_files: Mapping[str, Path], endings: Sequence[str]) -> DocumentTexts:
    """Read X.vi and X.en beside each gold file X.gold, where both are there.

    Args:
        gold_files: document -> gold file.
        endings: endings of gold files, such as ".gold".

    Raises:
        InputError: a file is not UTF-8 or cannot be read.
    """
    vi, en = {}, {}
    for name, path in gold_files.items():
        files = [path.with_name(f"{_stem(path, endings)}.{lang}") for lang in ("vi", "en")]
        if all(file.is_file() for file in files):
            vi[name], en[name] = map(read_lines, files)
    return DocumentTexts(vi, en, sorted(set(gold_files) - set(vi)) if vi else [])


def read_texts(gold_files: Mapping[str, Path], endings: Sequence[str], vi: Path, en: Path) -> DocumentTexts:
    """Read the texts that the user names: two files for one gold file, or two folders that hold X.vi and X.en.

    Args:
        gold_files: document -> gold file.
        endings: endings of gold files, such as ".gold".
        vi: file with one Vietnamese sentence a line, or folder.
        en: the same in English; the folder may be the same one.

    Raises:
        InputError: a file is missing, is not UTF-8 or cannot be read, or files are given for several documents.
    """
    sides = []
    for place, lang in ((vi, "vi"), (en, "en")):
        if not place.is_dir() and len(gold_files) > 1:
            raise InputError(f"{place}: one file for {len(gold_files)} documents; give the folder that holds X.{lang}")
        files = {
            name: place / f"{_stem(path, endings)}.{lang}" if place.is_dir() else place
            for name, path in gold_files.items()
        }
        sides.append({name: read_lines(file) for name, file in files.items()})
    return DocumentTexts(sides[0], sides[1], [])


def keep_fitting(texts: DocumentTexts, *systems: Mapping[str, Iterable[BeadLike]]) -> DocumentTexts:
    """Leave out the documents of which a bead names a sentence beyond the texts: the files are something else.

    Args:
        texts: the texts.
        systems: document -> beads, of gold and of every system.
    """
    fitting = [name for name in texts.vi if all(_fit(texts, name, beads.get(name, ())) for beads in systems)]
    return DocumentTexts(
        {name: texts.vi[name] for name in fitting},
        {name: texts.en[name] for name in fitting},
        sorted({*texts.left_out, *texts.vi} - set(fitting)),
    )


def _fit(texts: DocumentTexts, name: str, beads: Iterable[BeadLike]) -> bool:
    keys = [bead_key(bead, name) for bead in beads]
    return all(
        max((index for key in keys for index in key[side]), default=-1) < len(lines)
        for side, lines in enumerate((texts.vi[name], texts.en[name]))
    )


def _stem(path: Path, endings: Sequence[str]) -> str:
    ending = max((ending for ending in endings if path.name.endswith(ending)), key=len, default=path.suffix)
    return path.name.removesuffix(ending)
