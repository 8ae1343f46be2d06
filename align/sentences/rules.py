"""The word lists behind the splitter, read from data files on first use."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from align.errors import OptionError

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")

# Vietnamese articles are full of English names and titles; English ones hold hardly any Vietnamese abbreviation.
_SOURCES: dict[str, tuple[Language, ...]] = {"vi": ("vi", "en"), "en": ("en",)}


@dataclass(frozen=True, slots=True)
class Rules:
    """Word lists of one language, all NFC; `abbreviations.en.txt` says what each section means."""

    joins: frozenset[str]
    number: frozenset[str]
    end: frozenset[str]
    state: frozenset[str]
    closes: frozenset[str]
    before: frozenset[str]
    name: frozenset[str]
    says: frozenset[str]
    openers: frozenset[str]


def check_language(lang: str) -> None:
    """Raise `OptionError` unless `lang` is "vi" or "en"."""
    if lang not in _SOURCES:
        raise OptionError("lang", lang, '"vi" (Vietnamese), "en" (English)')


@cache
def rules_for(lang: str) -> Rules:
    """Return the word lists of `lang`.

    Raises:
        OptionError: `lang` is not "vi" or "en".
    """
    check_language(lang)
    sections: dict[str, set[str]] = {}
    for source in _SOURCES[lang]:
        for section, words in read_sections(f"abbreviations.{source}.txt").items():
            sections.setdefault(section, set()).update(words)
    openers = frozenset(read_lines(f"openers.{lang}.txt"))
    return Rules(**{name: frozenset(words) for name, words in sections.items()}, openers=openers)


def read_lines(name: str) -> list[str]:
    """Return the lines of a data file in NFC, without comments and empty lines."""
    text = (resources.files("align.sentences") / "data" / name).read_text(encoding="utf-8")
    lines = (line.strip() for line in unicodedata.normalize("NFC", text).splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def read_sections(name: str) -> dict[str, list[str]]:
    """Return the lines of a data file by the `[section]` heading that they stand under."""
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in read_lines(name):
        if line.startswith("[") and line.endswith("]"):
            current = sections.setdefault(line[1:-1], [])
        else:
            current.append(line)
    return sections
