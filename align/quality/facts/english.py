"""Dates, times, ordinals and number words of an English sentence."""

from __future__ import annotations

import re

from align.quality.facts.fact import Date, Fact, Time
from align.quality.facts.line import Line
from align.quality.facts.numerals import EN_NUMBER_WORDS, EN_SCALES
from align.quality.facts.quantities import measured, read_words_at
from align.quality.facts.vietnamese import Found, decade, roman_at

_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
_SHORT_MONTHS = {name[:3]: number for number, name in enumerate(_MONTH_NAMES, start=1) if name != "may"} | {"sept": 9}
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)} | _SHORT_MONTHS
_WEEKDAYS = {
    name: number
    for number, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
}
_NAME = "(" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_YEAR = r"(?:,?\s(?:of\s)?(\d{4})(?![\d%]|[.,]\d))?"
_AND = r"(?:\s?-\s?|\s(?:to|and|or|&)\s)"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_MONTH_DAY = re.compile(
    rf"{_NAME}\s(?:the\s)?{_DAY}(?![\w%:]|[.,]\d|\s?(?:per|a\.?m|p\.?m))(?:{_AND}{_DAY}(?!\w))?{_YEAR}"
)
_MONTH_YEAR = re.compile(rf"{_NAME},?\s(?:of\s)?(\d{{4}})(?![\d%]|[.,]\d)")
_DAY_MONTH = re.compile(rf"{_DAY}(?:{_AND}{_DAY})?\s(?:of\s)?{_NAME}(?!\w){_YEAR}")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?(?![\d/%]|[.,]\d)")
_DOTTED = re.compile(r"(\d{1,2})([.-])(\d{1,2})\2(\d{4})(?!\d)")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?!\d)")
_MONTH_SLASH_YEAR = re.compile(r"(\d{1,2})/(\d{4})(?!\d)")
_TITLE = re.compile(r"\s(?!(?:Morning|Afternoon|Evening|Night)(?!\s[A-Z])|[JFMASOND][a-z]+\.?\s\d)[A-Z]")
_TIME = re.compile(
    r"(\d{1,2})(?:[:.]([0-5]\d))?(?::\d\d)?\s?-?(a\.?\s?m|p\.?\s?m)\b\.?"
    r"|(\d{1,2}):([0-5]\d)(?::\d\d)?(?!\d|\.\d)|(\d{1,2})\s?o'clock|(\d{1,2})h([0-5]\d)(?!\w)"
)
_PART = re.compile(
    r"\s(?:o'clock\s)?(?:(in the morning|this morning)|(in the afternoon|in the evening|at night|this evening))"
)
_ORDINAL = re.compile(r"(\d{1,4})(st|nd|rd|th)(?!\w)")
_DECADE = re.compile(r"(\d{3}0|\d0)'?s(?!\w)")
_WORD_CLOCK = re.compile(r"\s(?:o'clock|(a\.?m|p\.?m)\b\.?)")
_BEFORE_MONTH = frozenset(
    (
        *("in", "of", "by", "since", "until", "till", "last", "next", "this", "early", "late", "mid", "from", "to"),
        *("through", "before", "after", "during", "each", "every", "on", "between"),
    )
)
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


def find_date_or_time(line: Line, index: int) -> Found | None:
    """Return the dates, time, decade or ordinal in figures at word `index`, and where they end."""
    start = line.starts[index]
    for pattern, read in _READERS:
        match = pattern.match(line.low, start)
        found = read(line, match) if match else None
        if found:
            return found, found[-1].end
    return None


def _date(line: Line, start: int, end: int, date: Date, *, optional: bool = False) -> Fact:
    parts = tuple(float(part) for part in (date.year, date.day) if part is not None)
    return Fact("date", date, line.text[start:end], start, end, optional, parts)


def _whole(text: str | None) -> int | None:
    return None if text is None else int(text)


def _iso(line: Line, match: re.Match[str]) -> list[Fact]:
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return []
    return [_date(line, *match.span(), Date(year, month, day))]


def _numeric(line: Line, match: re.Match[str], one: int, other: int, year: int | None) -> list[Fact]:
    """15/10 and 10/15 are clear; 3/4 may be either."""
    day, month = (one, other) if other <= 12 and one > 12 else (other, one)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return []
    either = one <= 12 and other <= 12
    if year is None and one < other <= 10 and not line.low.endswith(("on ", "by ", "since "), 0, match.start()):
        value = one / other
        return [
            Fact("number", value, match.group(), *match.span(), False, (value, value * 100, float(one), float(other)))
        ]
    return [_date(line, *match.span(), Date(year, month, day, None, either))]


def _slashed(line: Line, match: re.Match[str]) -> list[Fact]:
    figures = match[3]
    year = None if figures is None else int(figures) if len(figures) == 4 else 2000 + int(figures)
    return _numeric(line, match, int(match[1]), int(match[2]), year)


def _dotted(line: Line, match: re.Match[str]) -> list[Fact]:
    return _numeric(line, match, int(match[1]), int(match[3]), int(match[4]))


def _month_slash_year(line: Line, match: re.Match[str]) -> list[Fact]:
    month = int(match[1])
    return [_date(line, *match.span(), Date(int(match[2]), month))] if 1 <= month <= 12 else []


def _day_month(line: Line, match: re.Match[str]) -> list[Fact]:
    """15 October 2023, 15th of October, 15-17 October."""
    first, second = int(match[1]), _whole(match[2])
    capital = line.text[match.start(3)].isupper()
    if not capital or not 1 <= first <= 31 or (second is not None and not 1 <= second <= 31):
        return []
    month, year = _MONTHS[match[3]], _whole(match[4])
    if second is None:
        return [_date(line, *match.span(), Date(year, month, first))]
    one = _date(line, match.start(), match.end(1), Date(year, month, first))
    return [one, _date(line, match.start(2), match.end(), Date(year, month, second))]


def _time(line: Line, match: re.Match[str]) -> list[Fact]:
    half = match[3][0] if match[3] else None
    hour = int(match[1] or match[4] or match[6] or match[7])
    minute = int(match[2] or match[5] or match[8] or 0)
    fact = _time_fact(line, *match.span(), hour, minute, half)
    return [fact] if fact else []


def _time_fact(line: Line, start: int, end: int, hour: int, minute: int, half: str | None) -> Fact | None:
    if hour > 24 or minute > 59:
        return None
    part = _PART.match(line.low, end)
    if part is not None and half is None:
        half, end = ("a" if part[1] else "p"), part.end()
    fixed = half is not None or hour > 12 or hour == 0
    if half is not None and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    numbers = (float(hour), float(hour % 12), hour * 60.0 + minute)
    return Fact("time", Time(hour % 24, minute, fixed), line.text[start:end], start, end, False, numbers)


def _ordinal(line: Line, match: re.Match[str]) -> list[Fact]:
    value = int(match[1])
    return [Fact("ordinal", value, match.group(), *match.span(), False, (float(value),))]


def _decade(line: Line, match: re.Match[str]) -> list[Fact]:
    return [decade(line, *match.span(), int(match[1]))]


_READERS = (
    (_ISO, _iso),
    (_DOTTED, _dotted),
    (_MONTH_SLASH_YEAR, _month_slash_year),
    (_SLASHED, _slashed),
    (_TIME, _time),
    (_DAY_MONTH, _day_month),
    (_ORDINAL, _ordinal),
    (_DECADE, _decade),
)


def find_month(line: Line, index: int) -> Found | None:
    """October 15, October 2023, October; May and March only with a capital and not where they are verbs."""
    start = line.starts[index]
    if not line.text[start].isupper():
        return None
    match = _MONTH_DAY.match(line.low, start)
    if match is not None and 1 <= int(match[2]) <= 31:
        return _month_days(line, match)
    match = _MONTH_YEAR.match(line.low, start)
    month = _MONTHS[line.words[index]]
    if match is not None:
        return [_date(line, *match.span(), Date(int(match[2]), month))], match.end()
    end = line.ends[index]
    if line.words[index] in _SHORT_MONTHS and not line.low.startswith(".", end):
        return None
    sure = line.words[index] not in ("may", "march", "august") or (index > 0 and line.words[index - 1] in _BEFORE_MONTH)
    return [_date(line, start, end, Date(None, month), optional=not sure)], end


def _month_days(line: Line, match: re.Match[str]) -> Found:
    month, day, second, year = _MONTHS[match[1]], int(match[2]), match[3], _whole(match[4])
    if second is None or not 1 <= int(second) <= 31:
        return [_date(line, *match.span(), Date(year, month, day))], match.end()
    one = _date(line, match.start(), match.end(2), Date(year, month, day))
    return [one, _date(line, match.start(3), match.end(), Date(year, month, int(second)))], match.end()


def find_weekday(line: Line, index: int) -> Found | None:
    """Monday, Mondays."""
    start, end = line.starts[index], line.ends[index]
    if not line.text[start].isupper():
        return None
    weekday = _WEEKDAYS[line.words[index].removesuffix("s")]
    title = _TITLE.match(line.text, end) is not None  # Sunday Times, Saturday Night Live
    return [_date(line, start, end, Date(weekday=weekday), optional=title)], end


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
        time = _time_fact(line, start, clock.end(), int(amount.readings[0]), 0, half)
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
    **dict.fromkeys(_MONTHS, find_month),
    **{name + ending: find_weekday for name in _WEEKDAYS for ending in ("", "s")},
    **dict.fromkeys(EN_NUMBER_WORDS, find_number),
    **dict.fromkeys(_ORDINALS, find_ordinal),
    **dict.fromkeys(_DECADES, find_decade),
    "a": find_article,
    "half": find_half,
    "quarter": find_quarter,
}
"""What to look for at a word."""
