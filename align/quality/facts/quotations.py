"""How much of a sentence is quoted."""

from __future__ import annotations

import re

from align.quality.facts.fact import Fact
from align.quality.facts.line import Line

SHORTEST = 40
"""Characters of a quotation; a few words between quotation marks are a manner of speaking and may agree only."""
_MARK = re.compile(r"[\"“”„«»]")
_SINGLE = re.compile(r"(?<!\w)'(\S[^\"“”]{23,}?\S)'(?!\w)")
_CLOSING = frozenset("”»")
_OPENING = frozenset("“„«")


def find_quotations(line: Line) -> list[Fact]:
    """Return at most one fact: from the first to the last quoted character, its value the quoted characters.

    A quotation that begins or ends in another sentence says little of the other language, whose sentences may be cut
    elsewhere: the fact is optional with value 0, and agrees with every quotation.
    """
    marks = [match.start() for match in _MARK.finditer(line.text)]
    if not marks:
        return [_fact(line, [match.span(1)]) for match in _SINGLE.finditer(line.text)][:1] if "'" in line.text else []
    spans = _spans(line.text, marks)
    if spans is None:
        return [Fact("quotation", 0, line.text[marks[0] :], marks[0], len(line.text), True)]
    return [_fact(line, spans)] if spans else []


def _fact(line: Line, spans: list[tuple[int, int]]) -> Fact:
    start, end, quoted = spans[0][0], spans[-1][1], sum(end - start for start, end in spans)
    return Fact("quotation", quoted, line.text[start:end], start, end, quoted < SHORTEST)


def _spans(text: str, marks: list[int]) -> list[tuple[int, int]] | None:
    """Return what stands between the marks, None when they do not come in twos."""
    if len(marks) % 2:
        return None
    spans = list(zip(marks[::2], marks[1::2], strict=True))
    if any(text[start] in _CLOSING or text[end] in _OPENING for start, end in spans):
        return None
    return [(start + 1, end) for start, end in spans if start + 1 < end]
