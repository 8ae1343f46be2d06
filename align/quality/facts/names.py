"""Names that Vietnamese and English write differently, and how they are found in a sentence.

`data/names.tsv` holds them, one name a line: Moskva and Moscow, Liên hợp quốc and United Nations; `data/acronyms.tsv`
holds acronyms that only facts use, not matching.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from align.sentences.folding import fold

NAMES_FILE = Path(__file__).parent / "data" / "names.tsv"
ACRONYMS_FILE = NAMES_FILE.with_name("acronyms.tsv")
WORD = re.compile(r"[^\W_]+")
"""A run of letters and digits."""


@functools.lru_cache(maxsize=65536)
def plain_word(word: str) -> str:
    """Return the word in lower case without diacritics, đ as d.

    >>> plain_word("Đà")
    'da'
    """
    letters = unicodedata.normalize("NFD", word.lower().replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


class Name(NamedTuple):
    """A name of the list as found: words `first` to `last` (half-open) of a sentence, and the key of its line."""

    first: int
    last: int
    key: str


class NameList:
    """Finds the names of one language's column of the list in a sentence; the longest form wins."""

    def __init__(self, forms: Sequence[tuple[str, str]]) -> None:
        """Take (form, key of its line); a form that starts with `=` keeps its capitals, and so do short acronyms."""
        self._any_case: dict[tuple[str, ...], str] = {}
        self._exact: dict[tuple[str, ...], str] = {}
        sizes: dict[str, set[int]] = {}
        for form, key in forms:
            words = tuple(WORD.findall(form.removeprefix("=")))
            if form.startswith("=") or (form.isupper() and len("".join(words)) <= 4):
                self._exact[words] = key
            else:
                self._any_case[tuple(word.lower() for word in words)] = key
            sizes.setdefault(words[0].lower(), set()).add(len(words))
        self._sizes = {word: sorted(lengths, reverse=True) for word, lengths in sizes.items()}

    def find(self, words: Sequence[str]) -> Iterator[str]:
        """Yield the key of each name among the words of a sentence, first to last."""
        return (name.key for name in self.places(words, [word.lower() for word in words]))

    def places(self, words: Sequence[str], lower: Sequence[str]) -> Iterator[Name]:
        """Yield each name among the words of a sentence, given in lower case too, first to last."""
        end = 0
        for place, word in enumerate(lower):
            if place < end or word not in self._sizes:
                continue
            for size in self._sizes[word]:
                last = place + size
                key = self._exact.get(tuple(words[place:last])) or self._any_case.get(tuple(lower[place:last]))
                if key and last <= len(words):
                    yield Name(place, last, key)
                    end = last
                    break


@functools.lru_cache(maxsize=2)
def name_list(lang: str) -> NameList:
    """Return the names of `lang` ("vi" or "en")."""
    column = 0 if lang == "vi" else 1
    forms = []
    for number, _, line in _lines(NAMES_FILE):
        forms += [(fold(form), f"#{number}") for form in line.split("\t")[column].split("|")]
    return NameList(forms)


_NO_NAMES = ("Currencies", "Months", "Days")
"""Sections of the list that are facts of other kinds."""
_WEAK = ("States", "Religions", "Events", "Words", "Economy", "Health", "Technology")
"""Sections whose names translations also say in other words: they may agree, but their lack says little."""
_SURNAMES = ("Nguyen", "Pham")  # parts of a person's name, which is a fact as a whole


@functools.lru_cache(maxsize=2)
def fact_names(lang: str) -> NameList:
    """Return the names and acronyms of `lang` that are facts; the key is the line's first English form."""
    column = 0 if lang == "vi" else 1
    forms = []
    for file in (NAMES_FILE, ACRONYMS_FILE):
        for _, section, line in _lines(file):
            if not section.startswith(_NO_NAMES):
                cells = line.split("\t")
                key = cells[1].split("|")[0].removeprefix("=")
                if key not in _SURNAMES:
                    forms += [(fold(form), key) for form in cells[column].split("|") if form != "-"]
    return NameList(forms)


@functools.lru_cache(maxsize=1)
def weak_names() -> frozenset[str]:
    """Return the keys of names that a faithful translation may leave out or say in other words."""
    lines = [line for file in (NAMES_FILE, ACRONYMS_FILE) for line in _lines(file)]
    return frozenset(
        line.split("\t")[1].split("|")[0].removeprefix("=") for _, section, line in lines if section.startswith(_WEAK)
    )


def _lines(file: Path) -> Iterator[tuple[int, str, str]]:
    """Yield number, section and text of each line of a list."""
    section = ""
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n")):
        if line.startswith("# ---"):
            section = line.removeprefix("# ---").strip()
        elif line and not line.startswith("#"):
            yield number, section, line
