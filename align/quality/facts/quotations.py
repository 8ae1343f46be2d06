"""How much of a sentence is quoted."""

from __future__ import annotations

import re

from align.quality.facts.fact import Fact
from align.quality.facts.line import Line

SHORTEST = 25
"""Characters of a quotation; a word or two between quotation marks are a manner of speaking."""
_MARK = re.compile(r"[\"“”„«»]")
_SINGLE = re.compile(r"(?<!\w)'(\S[^\"“”]{23,}?\S)'(?!\w)")
_CLOSING = frozenset("”»")
_OPENING = frozenset("“„«")


def find_quotations(line: Line) -> list[Fact]:
    """Return at most one fact: from the first to the last quoted character, its value the quoted characters.

    A quotation that begins or ends in another sentence leaves one mark; a plain mark does not say which side of it is
    quoted, and the fact is optional with value 0.
    """
    marks = [match.start() for match in _MARK.finditer(line.text)]
    if not marks:
        return [_fact(line, *match.span(1), match.end(1) - match.start(1)) for match in _SINGLE.finditer(line.text)][:1]
    spans, sure = _spans(line.text, marks)
    long = [(start, end) for start, end in spans if end - start >= SHORTEST]
    if not sure:
        return [_fact(line, marks[0], len(line.text), 0, optional=True)]
    if not long:
        return []
    return [_fact(line, long[0][0], long[-1][1], sum(end - start for start, end in long))]


def _fact(line: Line, start: int, end: int, quoted: int, *, optional: bool = False) -> Fact:
    return Fact("quotation", quoted, line.text[start:end], start, end, optional)


def _spans(text: str, marks: list[int]) -> tuple[list[tuple[int, int]], bool]:
    """Return what stands between the marks, and whether that is sure."""
    spans: list[tuple[int, int]] = []
    opened: int | None = None
    for number, place in enumerate(marks):
        if opened is not None:
            if text[place] not in _OPENING:
                spans.append((opened + 1, place))
                opened = None
        elif text[place] in _CLOSING:
            if number:
                return spans, False
            spans.append((0, place))
        else:
            opened = place
    if opened is not None:
        if text[opened] not in _OPENING:
            return spans, False
        spans.append((opened + 1, len(text)))
    return spans, True
