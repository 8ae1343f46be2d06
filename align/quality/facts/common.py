"""What the finders of both languages share."""

from __future__ import annotations

from align.quality.facts.fact import Date, Fact
from align.quality.facts.line import Line
from align.quality.facts.numerals import read_roman

Found = tuple[list[Fact], int]


def date_fact(line: Line, start: int, end: int, date: Date, *, optional: bool = False) -> Fact:
    """Return the fact of a date; a plain number may match its year or its day."""
    parts = tuple(float(part) for part in (date.year, date.day) if part is not None)
    return Fact("date", date, line.text[start:end], start, end, optional, parts)


def decade(line: Line, start: int, end: int, value: int) -> Fact:
    """Return the fact of a decade, given as 1990 or 90."""
    full = value if value > 99 else 1900 + value
    return Fact("decade", full, line.text[start:end], start, end, False, (float(full), float(full % 100)))


def roman_at(line: Line, index: int, sure: bool) -> Found | None:
    """Return the Roman numeral that word `index` is; a single letter, or one with L, C, D, M, only where it is sure."""
    start, end = line.starts[index], line.ends[index]
    word = line.text[start:end]
    value = read_roman(word)
    named = (
        index > 0
        and len(word) > 1
        and start == line.ends[index - 1] + 1
        and line.text[line.starts[index - 1]].isupper()
    )
    sure = sure or (named and not line.text[line.starts[index - 1] : start].strip().isupper())  # Louis XIV
    if value is None or (not sure and (len(word) == 1 or not set(word) <= set("IVX"))):
        return None
    return [Fact("ordinal", value, word, start, end, not sure, (float(value),))], end
