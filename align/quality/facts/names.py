"""Names that Vietnamese and English write differently, and how they are found in a sentence.

`data/names.tsv` holds them, one name a line: Moskva and Moscow, Liên hợp quốc and United Nations.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from align.sentences.folding import fold

NAMES_FILE = Path(__file__).parent / "data" / "names.tsv"
WORD = re.compile(r"[^\W_]+")
"""A run of letters and digits."""


def plain_word(word: str) -> str:
    """Return the word in lower case without diacritics, đ as d.

    >>> plain_word("Đà")
    'da'
    """
    letters = unicodedata.normalize("NFD", word.lower().replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


class NameList:
    """Finds the names of one language's column of the list in a sentence; the longest form wins."""

    def __init__(self, forms: Sequence[tuple[str, str]]) -> None:
        """Take (form, key of its line); a form that starts with `=` keeps its capitals, and so do short acronyms."""
        self._any_case: dict[tuple[str, ...], str] = {}
        self._exact: dict[tuple[str, ...], str] = {}
        for form, key in forms:
            words = tuple(WORD.findall(form.removeprefix("=")))
            if form.startswith("=") or (form.isupper() and len("".join(words)) <= 4):
                self._exact[words] = key
            else:
                self._any_case[tuple(word.lower() for word in words)] = key
        self._longest = max(map(len, (*self._any_case, *self._exact)), default=0)

    def find(self, words: Sequence[str]) -> Iterator[str]:
        """Yield the key of each name among the words of a sentence, first to last."""
        lower = [word.lower() for word in words]
        place = 0
        while place < len(words):
            for size in range(min(self._longest, len(words) - place), 0, -1):
                exact = self._exact.get(tuple(words[place : place + size]))
                key = exact or self._any_case.get(tuple(lower[place : place + size]))
                if key:
                    yield key
                    place += size - 1
                    break
            place += 1


@functools.lru_cache(maxsize=2)
def name_list(lang: str) -> NameList:
    """Return the names of `lang` ("vi" or "en")."""
    column = 0 if lang == "vi" else 1
    forms = []
    for number, line in enumerate(NAMES_FILE.read_text(encoding="utf-8").split("\n")):
        if line and not line.startswith("#"):
            forms += [(fold(form), f"#{number}") for form in line.split("\t")[column].split("|")]
    return NameList(forms)
