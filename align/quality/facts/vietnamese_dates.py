"""Dates and times of a Vietnamese sentence."""

from __future__ import annotations

import re

from align.quality.facts.common import Found, date_fact, decade
from align.quality.facts.fact import Date, Fact, Time
from align.quality.facts.line import Line
from align.quality.facts.numerals import VI_UNITS, read_vi_words

_MONTH_WORDS = {
    "giêng": 1,
    **{word: value for word, value in VI_UNITS.items() if value < 10 and word not in ("mốt", "lăm", "nhăm", "bốn")},
    "mười một": 11,
    "mười hai": 12,
    "mười": 10,
    "chạp": 12,
}
_MONTH = r"(\d{1,2}(?!\d)|" + "|".join(_MONTH_WORDS) + r")(?!\w)"
_YEAR = r"(?:\s?[/-]\s?|,?\s(?:năm\s)?|-)(\d{4})(?!\d)"
_DAY_FIRST = re.compile(
    r"ngày\s(?:mùng\s|mồng\s)?(\d{1,2})(?![\d.,]?\d|h\d|\sgiờ)"
    rf"(?:(?:\s?-\s?|\sđến\s|\svà\s|,\s)(?:ngày\s)?(\d{{1,2}})(?!-\d))?(?:\s?[/.-]\s?(\d{{1,2}})(?:\s?[/.-]\s?(\d{{4}}|\d\d))?"
    rf"|,?\stháng\s{_MONTH}(?:{_YEAR})?)?(?!\d)"
)
_MONTH_FIRST = re.compile(rf"tháng\s{_MONTH}(?:{_YEAR})?")
_YEAR_FIRST = re.compile(r"năm\s(\d{4})(?!\d|[.,]\d)")
_DECADE = re.compile(
    r"(?:(?:thập (?:niên|kỷ|kỉ)|những năm)(?: của)?(?: những năm)?)\s(\d0(?!\d)|\d{3}0(?!\d)|"
    r"(?:hai|ba|bốn|năm|sáu|bảy|tám|chín) mươi)(?: của thế kỷ (?:trước|\w+)| thế kỷ (?:trước|\w+))?"
)
_SLASHED = re.compile(r"(\d{1,2})(?:\s?-\s?(\d{1,2}))?/(\d{1,2})(?:/(\d{4}|\d{2}))?(?![\d/%]|[.,]\d)")
_DOTTED = re.compile(r"(\d{1,2})([.-])(\d{1,2})\2(\d{4})(?!\d)")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?!\d)")
_MONTH_YEAR = re.compile(r"(\d{1,2})/(\d{4})(?!\d)")
_PART = r"(?:\s(sáng|trưa|chiều|tối|đêm))?"
_TIME = re.compile(
    r"(\d{1,2})(?:\s?(?:giờ|h|g)(?![^\W\d])\s?(kém\s)?(\d{1,2}|rưỡi)?(?!\d|\w|[.,]\d)"
    r"|[:.]([0-5]\d)(?:(?<=:\d\d)(?::\d\d)?(?!\d)|\s?giờ(?=\s(?:sáng|trưa|chiều|tối|đêm))))"
    rf"(?:\s?(?:phút|p|')(?!\w))?{_PART}"
)
_WORD_TIME = re.compile(r"\sgiờ(?:\s(kém\s)?(rưỡi|\d{1,2}|[^\W\d_]+))?(?:\sphút)?" + _PART)
_AT = re.compile(r"(?:lúc|từ|đến|trước|sau|khoảng|tới|hồi|vào|quá|đúng)\s(?:khoảng\s)?$")
_DATE_CONTEXT = re.compile(
    r"(?:ngày|hôm|sáng|trưa|chiều|tối|đêm|qua|nay|từ|trước|vào|thứ \w+|nhật|rằm|mùng|lễ|dịp|ngày \d+ và|,|\()\s?\(?$"
)


def find_date_or_time(line: Line, index: int) -> Found | None:
    """Return the dates or the time in figures at word `index`, and where they end."""
    start = line.starts[index]
    for pattern, read in ((_ISO, _iso), (_DOTTED, _dotted), (_MONTH_YEAR, _month_year), (_SLASHED, _slashed)):
        match = pattern.match(line.low, start)
        found = read(line, match) if match else None
        if found:
            return found, found[-1].end
    match = _TIME.match(line.low, start)
    fact = _time(line, match) if match else None
    return ([fact], fact.end) if fact else None


def _valid(day: int, month: int) -> bool:
    return 1 <= day <= 31 and 1 <= month <= 12


def _full_year(figures: str | None) -> int | None:
    if figures is None:
        return None
    return int(figures) if len(figures) == 4 else 2000 + int(figures) - (100 if int(figures) > 60 else 0)


def _iso(line: Line, match: re.Match[str]) -> list[Fact]:
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    return [date_fact(line, *match.span(), Date(year, month, day))] if _valid(day, month) else []


def _dotted(line: Line, match: re.Match[str]) -> list[Fact]:
    day, month = int(match[1]), int(match[3])
    return [date_fact(line, *match.span(), Date(int(match[4]), month, day))] if _valid(day, month) else []


def _month_year(line: Line, match: re.Match[str]) -> list[Fact]:
    month = int(match[1])
    return [date_fact(line, *match.span(), Date(int(match[2]), month))] if 1 <= month <= 12 else []


def _slashed(line: Line, match: re.Match[str]) -> list[Fact]:
    """15/10, 15-17/10, 15/10/2023; two thirds where nothing speaks for a date."""
    first, day, month = match[1], match[2] or match[1], match[3]
    if not _valid(int(day), int(month)) or not _valid(int(first), int(month)):
        return []
    start, year = match.start(), _full_year(match[4])
    if match[2] is None and year is None and int(first) < int(month) <= 10:
        before = line.low[max(0, start - 16) : start]
        if not _DATE_CONTEXT.search(before) and not line.low.startswith((" năm ", " âm"), match.end()):
            value = int(first) / int(month)
            numbers = (value, value * 100, float(first))
            return [Fact("number", value, match.group(), start, match.end(), False, numbers)]
    dates = [date_fact(line, start, match.end(), Date(year, int(month), int(day)))]
    if match[2] is not None:
        dates.insert(0, date_fact(line, start, match.end(1), Date(year, int(month), int(first))))
        dates[1] = date_fact(line, match.start(2), match.end(), Date(year, int(month), int(day)))
    return dates


def _time(line: Line, match: re.Match[str]) -> Fact | None:
    hour, part = int(match[1]), match[5]
    minute = int(match[4]) if match[4] else 30 if match[3] == "rưỡi" else int(match[3] or 0)
    if hour > 24 or minute > 59:
        return None
    bare = match[3] is None and match[4] is None
    if bare and part is None and not _AT.search(line.low, max(0, match.start() - 20), match.start()):
        return None  # 7 giờ: seven hours as often as seven o'clock; the number alone stands
    return _time_fact(
        line, match.start(), match.end(), hour, minute, part, late=bool(match[2]), optional=bare and not part
    )


def _time_fact(
    line: Line, start: int, end: int, hour: int, minute: int, part: str | None, *, late: bool, optional: bool
) -> Fact:
    if late:
        hour, minute = (hour - 1) % 24, 60 - minute
    fixed = hour > 12 or hour == 0 or part is not None
    if (part in ("chiều", "tối") and hour < 12) or (part == "trưa" and hour < 4) or (part == "đêm" and 6 <= hour < 12):
        hour += 12
    elif part == "đêm" and hour == 12:
        hour = 0
    length = hour + minute / 60  # 1h30 may be an hour and a half
    numbers = (float(hour), float(hour % 12), hour * 60.0 + minute, length)
    return Fact("time", Time(hour % 24, minute, fixed), line.text[start:end], start, end, optional, numbers)


def find_day(line: Line, index: int) -> Found | None:
    """Ngày 15, ngày 15/10, ngày 15 tháng 10 năm 2023, ngày 15 và 16/10."""
    match = _DAY_FIRST.match(line.low, line.starts[index])
    if match is None:
        return None
    first, second = int(match[1]), match[2]
    month = int(match[3]) if match[3] else _month_value(match[5]) if match[5] else None
    year = _full_year(match[4] or match[6])
    if not _valid(first, month or 1) or (second and (month is None or not _valid(int(second), month))):
        single = re.compile(r"ngày\s(?:mùng\s|mồng\s)?(\d{1,2})").match(line.low, match.start())
        if single is None or not _valid(first, 1):
            return None
        return [date_fact(line, *single.span(), Date(day=first))], single.end()
    if second is None:
        return [date_fact(line, *match.span(), Date(year, month, first))], match.end()
    one = date_fact(line, match.start(), match.end(1), Date(year, month, first))
    return [one, date_fact(line, match.start(2), match.end(), Date(year, month, int(second)))], match.end()


def _month_value(word: str) -> int:
    return int(word) if word.isdecimal() else _MONTH_WORDS[word]


def find_month(line: Line, index: int) -> Found | None:
    """Tháng 10, tháng Mười, tháng 10/2023; in words without a capital it may be months and a number."""
    match = _MONTH_FIRST.match(line.low, line.starts[index])
    if match is None:
        return None
    month = _month_value(match[1])
    if not 1 <= month <= 12:
        return None
    in_words = not match[1].isdecimal()
    lunar = line.low.startswith((" âm lịch", " âm"), match.end())
    unsure = in_words and not line.text[match.start(1)].isupper() and match[1] not in ("giêng", "chạp")
    if unsure and match[1] in ("một", "năm") and match[2] is None:
        return None
    date = Date(int(match[2]) if match[2] else None, month)
    fact = date_fact(line, *match.span(), date, optional=unsure or lunar)
    if lunar:
        fact = fact._replace(numbers=(float(month),))  # the third lunar month
    return [fact], match.end()


def find_decade(line: Line, index: int) -> Found | None:
    """Thập niên 1990, những năm 90."""
    match = _DECADE.match(line.low, line.starts[index])
    if match is None:
        return None
    figures = match[1]
    words = None if figures.isdecimal() else read_vi_words(figures.split())
    return [decade(line, *match.span(), int(words.value) if words else int(figures))], match.end()


def time_in_words(line: Line, start: int, end: int, value: float) -> Fact | None:
    """Return the time whose hour is the number in words from `start` to `end`: bảy giờ rưỡi, mười giờ đêm."""
    match = _WORD_TIME.match(line.low, end)
    if match is None or value > 24 or value != int(value):
        return None
    late, word, part = bool(match[1]), match[2], match[3]
    minute, close = 0, match.end()
    if word == "rưỡi":
        minute = 30
    elif word and word.isdecimal():
        minute = int(word)
    elif word:
        match_part = re.match(r"\sgiờ(?:\s(sáng|trưa|chiều|tối|đêm))(?!\w)", line.low[end : end + 12])
        part = match_part[1] if match_part else None
        close = end + match_part.end() if match_part else end
    if minute == 0 and part is None:
        return None
    return _time_fact(line, start, close, int(value), minute, part, late=late, optional=False)


def find_year(line: Line, index: int) -> Found | None:
    """Năm 2023."""
    match = _YEAR_FIRST.match(line.low, line.starts[index])
    if match is None:
        return None
    return [date_fact(line, *match.span(), Date(int(match[1])))], match.end()
