"""One article on its way into the table, and one thing that could not be used."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Problem:
    """A file or row that could not be used."""

    source: str  # path, with the line or row when there is one
    message: str  # why, and what to do

    def __str__(self) -> str:
        """Return `SOURCE: MESSAGE`."""
        return f"{self.source}: {self.message}"


@dataclass(frozen=True)
class Article:
    """A row of the articles table (see `ARTICLE_SCHEMA`)."""

    id: str
    text: str
    source: str
    place: str = ""  # source with line or row, for messages only
    lang: str | None = None
    title: str | None = None
    url: str | None = None
    date: str | None = None
    notes: tuple[str, ...] = ()


def is_unicode(text: str) -> bool:
    """Tell whether `text` can be written as UTF-8: JSON escapes can hold half of a character (a lone surrogate)."""
    return _SURROGATE.search(text) is None
