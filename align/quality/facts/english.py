"""Ordinals and number words of an English sentence, and what to look for at a word."""

from __future__ import annotations

import re

from align.quality.facts.common import Found, decade, roman_at
from align.quality.facts.english_dates import MONTHS, WEEKDAYS, find_month, find_weekday, time_fact
from align.quality.facts.fact import Fact
from align.quality.facts.line import Line
from align.quality.facts.numerals import EN_NUMBER_WORDS, EN_SCALES
from align.quality.facts.quantities import measured, read_words_at

_WORD_CLOCK = re.compile(r"\s(?:o'clock|(a\.?m|p\.?m)\b\.?)")
_ORDINALS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "eleventh": 11,
    "twelfth": 12,
    "thirteenth": 13,
    "fourteenth": 14,
    "fifteenth": 15,
    "sixteenth": 16,
    "seventeenth": 17,
    "eighteenth": 18,
    "nineteenth": 19,
    "twentieth": 20,
    "thirtieth": 30,
    "hundredth": 100,
}
_DECADES = {"twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70} | {
    "eighties": 80,
    "nineties": 90,
}
_TENS = {word: value * 10 for value, word in enumerate(("twenty", "thirty", "forty", "fifty", "sixty"), start=2)} | {
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_ROMAN_CONTEXT = frozenset(
    (
        *("chapter", "part", "article", "war", "volume", "section", "act", "phase", "class", "type", "title", "book"),
        *("annex", "appendix", "grade", "quarter", "tier", "level", "category", "stage", "schedule", "table"),
    )
)
_HALF = re.compile(r"half\s(?:an?\s)?(?:(hundred|thousand|million|billion|dozen)(?!\w))?")


def find_number(line: Line, index: int) -> Found | None:
    """A number in words, with what it measures, an ordinal (twenty-first) or a time of day (seven p.m.)."""
    found = read_words_at(line, index, "en")
    if found is None:
        return None
    amount, count = found
    start, after = line.starts[index], index + count
    if after < len(line.words) and line.words[after] in _ORDINALS and line.starts[after] == amount.end + 1:
        value = int(amount.readings[0]) + _ORDINALS[line.words[after]]
        if line.words[after - 1] in (*_TENS, *EN_SCALES) and line.low[amount.end] in " -":
            end = line.ends[after]
            return [Fact("ordinal", value, line.text[start:end], start, end, False, (float(value),))], end
    clock = _WORD_CLOCK.match(line.low, amount.end)
    if clock is not None and amount.readings[0] <= 12:
        half = clock[1][0] if clock[1] else None
        time = time_fact(line, start, clock.end(), int(amount.readings[0]), 0, half)
        if time is not None:
            return [time], time.end
    if count == 1 and line.words[index] in ("hundred", "thousand", "million", "billion", "trillion"):
        return None  # "thousand-year", "multi million": a scale without a number
    fact = measured(line, start, amount, "en")
    return [fact], fact.end


def find_article(line: Line, index: int) -> Found | None:
    """A hundred, a million."""
    after = index + 1
    if after < len(line.words) and line.words[after] in EN_SCALES and line.starts[after] == line.ends[index] + 1:
        return find_number(line, index)
    return None


def find_half(line: Line, index: int) -> Found | None:
    """Half may be a number (half a million), and agrees with 50 %."""
    match = _HALF.match(line.low, line.starts[index])
    if match is None or match[1] is None:
        start, end = line.starts[index], line.ends[index]
        return [Fact("number", 0.5, line.text[start:end], start, end, True, (0.5, 50.0))], end
    value = EN_SCALES[match[1]] / 2
    return [Fact("number", value, line.text[match.start() : match.end()], *match.span(), False, (value,))], match.end()


def find_ordinal(line: Line, index: int) -> Found | None:
    """First and second are words of many uses; third and above are numbers."""
    start, end, value = line.starts[index], line.ends[index], _ORDINALS[line.words[index]]
    tail = line.words[index + 1] if index + 1 < len(line.words) else ""
    optional = value < 3 or tail in ("party", "parties", "quarter", "world")
    numbers = (float(value), 1 / value, 100 / value)  # "a third" is a part
    return [Fact("ordinal", value, line.text[start:end], start, end, optional, numbers)], end


def find_quarter(line: Line, index: int) -> Found | None:
    """A quarter may be 25 %, three months or a stage of a cup."""
    start, end = line.starts[index], line.ends[index]
    return [Fact("number", 0.25, line.text[start:end], start, end, True, (0.25, 25.0))], end


def find_decade(line: Line, index: int) -> Found | None:
    """The nineties."""
    start, end = line.starts[index], line.ends[index]
    return [decade(line, start, end, _DECADES[line.words[index]])], end


def find_roman(line: Line, index: int) -> Found | None:
    """A Roman numeral: after chapter, part ... surely, elsewhere perhaps."""
    return roman_at(line, index, index > 0 and line.words[index - 1] in _ROMAN_CONTEXT)


HANDLERS = {
    **dict.fromkeys(MONTHS, find_month),
    **{name + ending: find_weekday for name in WEEKDAYS for ending in ("", "s")},
    **dict.fromkeys(EN_NUMBER_WORDS, find_number),
    **dict.fromkeys(_ORDINALS, find_ordinal),
    **dict.fromkeys(_DECADES, find_decade),
    "a": find_article,
    "half": find_half,
    "quarter": find_quarter,
}
"""What to look for at a word."""
