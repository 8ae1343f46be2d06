"""Dates and times of an English sentence, and ordinals and decades in figures."""

from __future__ import annotations

import re

from align.quality.facts.common import Found, date_fact, decade
from align.quality.facts.fact import Date, Fact, Time
from align.quality.facts.line import Line

_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
_SHORT_MONTHS = {name[:3]: number for number, name in enumerate(_MONTH_NAMES, start=1) if name != "may"} | {"sept": 9}
MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)} | _SHORT_MONTHS
WEEKDAYS = {
    name: number
    for number, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
}
_NAME = "(" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
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
_BEFORE_MONTH = frozenset(
    (
        *("in", "of", "by", "since", "until", "till", "last", "next", "this", "early", "late", "mid", "from", "to"),
        *("through", "before", "after", "during", "each", "every", "on", "between"),
    )
)


def find_date_or_time(line: Line, index: int) -> Found | None:
    """Return the dates, time, decade or ordinal in figures at word `index`, and where they end."""
    start = line.starts[index]
    for pattern, read in _READERS:
        match = pattern.match(line.low, start)
        found = read(line, match) if match else None
        if found:
            return found, found[-1].end
    return None


def _whole(text: str | None) -> int | None:
    return None if text is None else int(text)


def _iso(line: Line, match: re.Match[str]) -> list[Fact]:
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return []
    return [date_fact(line, *match.span(), Date(year, month, day))]


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
    return [date_fact(line, *match.span(), Date(year, month, day, None, either))]


def _slashed(line: Line, match: re.Match[str]) -> list[Fact]:
    figures = match[3]
    year = None if figures is None else int(figures) if len(figures) == 4 else 2000 + int(figures)
    return _numeric(line, match, int(match[1]), int(match[2]), year)


def _dotted(line: Line, match: re.Match[str]) -> list[Fact]:
    return _numeric(line, match, int(match[1]), int(match[3]), int(match[4]))


def _month_slash_year(line: Line, match: re.Match[str]) -> list[Fact]:
    month = int(match[1])
    return [date_fact(line, *match.span(), Date(int(match[2]), month))] if 1 <= month <= 12 else []


def _day_month(line: Line, match: re.Match[str]) -> list[Fact]:
    """15 October 2023, 15th of October, 15-17 October."""
    first, second = int(match[1]), _whole(match[2])
    capital = line.text[match.start(3)].isupper()
    if not capital or not 1 <= first <= 31 or (second is not None and not 1 <= second <= 31):
        return []
    month, year = MONTHS[match[3]], _whole(match[4])
    if second is None:
        return [date_fact(line, *match.span(), Date(year, month, first))]
    one = date_fact(line, match.start(), match.end(1), Date(year, month, first))
    return [one, date_fact(line, match.start(2), match.end(), Date(year, month, second))]


def _time(line: Line, match: re.Match[str]) -> list[Fact]:
    half = match[3][0] if match[3] else None
    hour = int(match[1] or match[4] or match[6] or match[7])
    minute = int(match[2] or match[5] or match[8] or 0)
    fact = time_fact(line, *match.span(), hour, minute, half)
    return [fact] if fact else []


def time_fact(line: Line, start: int, end: int, hour: int, minute: int, half: str | None) -> Fact | None:
    """Return the time of day with `half` "a" or "p" (None where it is not said), None when there is no such time."""
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
    month = MONTHS[line.words[index]]
    if match is not None:
        return [date_fact(line, *match.span(), Date(int(match[2]), month))], match.end()
    end = line.ends[index]
    if line.words[index] in _SHORT_MONTHS and not line.low.startswith(".", end):
        return None
    sure = line.words[index] not in ("may", "march", "august") or (index > 0 and line.words[index - 1] in _BEFORE_MONTH)
    return [date_fact(line, start, end, Date(None, month), optional=not sure)], end


def _month_days(line: Line, match: re.Match[str]) -> Found:
    month, day, second, year = MONTHS[match[1]], int(match[2]), match[3], _whole(match[4])
    if second is None or not 1 <= int(second) <= 31:
        return [date_fact(line, *match.span(), Date(year, month, day))], match.end()
    one = date_fact(line, match.start(), match.end(2), Date(year, month, day))
    return [one, date_fact(line, match.start(3), match.end(), Date(year, month, int(second)))], match.end()


def find_weekday(line: Line, index: int) -> Found | None:
    """Monday, Mondays."""
    start, end = line.starts[index], line.ends[index]
    if not line.text[start].isupper():
        return None
    weekday = WEEKDAYS[line.words[index].removesuffix("s")]
    title = _TITLE.match(line.text, end) is not None  # Sunday Times, Saturday Night Live
    return [date_fact(line, start, end, Date(weekday=weekday), optional=title)], end
