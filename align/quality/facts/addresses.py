"""Addresses that a translation leaves as they are: URLs, e-mail addresses, handles and hashtags."""

from __future__ import annotations

import re

from align.quality.facts.fact import Fact
from align.quality.facts.line import Line

_SIGN = re.compile(r"://|www\.|@|#|[a-z]\.(?:com|org|net|vn|edu|gov|info|io)\b")
_ADDRESS = re.compile(
    r"(?:https?://|ftp://|www\.)[^\s<>\"“”]+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w@])(?:[a-z0-9-]+\.)+(?:com|org|net|vn|edu|gov|info|io)(?:/[^\s<>\"“”]*)?(?![\w@])"
    r"|(?<![\w&])[@#][^\W\d_]\w*",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?)]}'\"”’…"


def find_addresses(line: Line) -> tuple[list[Fact], str]:
    """Return the addresses, and the text with spaces in their places (the text itself when there are none)."""
    if not _SIGN.search(line.low):
        return [], line.text
    facts, text = [], line.text
    for match in _ADDRESS.finditer(line.text):
        found = match.group().rstrip(_TRAILING)
        start, end = match.start(), match.start() + len(found)
        facts.append(Fact("url", _canonical(found), found, start, end))
        text = text[:start] + " " * len(found) + text[end:]
    return facts, text


def _canonical(address: str) -> str:
    """Return the address without scheme, `www.` and closing slash; the host in lower case.

    >>> _canonical("https://www.Example.org/Tin/")
    'example.org/Tin'
    """
    bare = re.sub(r"^(?:https?://|ftp://)?(?:www\.)?", "", address, flags=re.IGNORECASE).rstrip("/")
    host, slash, path = bare.partition("/")
    return host.lower() + slash + path
