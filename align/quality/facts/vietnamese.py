"""Ordinals and number words of a Vietnamese sentence, and what to look for at a word."""

from __future__ import annotations

import re

from align.quality.facts.common import Found, date_fact, roman_at
from align.quality.facts.fact import Date, Fact
from align.quality.facts.line import Line
from align.quality.facts.numerals import VI_SCALES, VI_UNITS, read_roman, read_vi_words
from align.quality.facts.quantities import measured, read_words_at
from align.quality.facts.vietnamese_dates import find_day, find_decade, find_month, find_year, time_in_words

_ORDINAL = re.compile(r"thứ\s(nhất|nhì|hai|ba|tư|năm|sáu|bảy|bẩy|tám|chín|mười(?: [^\W\d_]+)?|\d{1,3}|[ivxlc]+)(?!\w)")
_ORDINAL_WORDS = {**VI_UNITS, "nhất": 1, "nhì": 2, "mười": 10}
_COUNTING = frozenset(
    (
        *("lần", "hạng", "đứng", "vị", "trí", "thế", "ngôi", "xếp", "người", "cái", "con", "bậc", "tập", "kỷ", "đời"),
        *("khóa", "năm", "ngày", "tuần", "vụ", "trận"),
    )
)
_DAY_WORDS = frozenset(("sáng", "trưa", "chiều", "tối", "đêm", "hôm", "vào", "mỗi"))
_ROMAN_CONTEXT = frozenset(
    (
        *("kỷ", "kỉ", "chương", "phần", "khóa", "khoá", "kỳ", "quý", "thứ", "tập", "điều", "mục", "chiến", "loại"),
        *("cấp", "nhóm", "lần"),
    )
)
_SUNDAY = re.compile(r"(?:chủ|chúa) nhật")
_CENTURY = re.compile(r"thế k[ỷỉ]\s(?:thứ\s)?([ivx]+|\d{1,2})(?!\w)")


def find_ordinal(line: Line, index: int) -> Found | None:
    """Thứ ba is third, or Tuesday where it has a capital, or follows a time of day, or a date in brackets follows."""
    match = _ORDINAL.match(line.low, line.starts[index])
    if match is None:
        return None
    word = match[1]
    roman = read_roman(line.text[match.start(1) : match.end(1)])
    end = match.end()
    if roman is not None:
        value: int | None = roman
    elif word.isdecimal():
        value = int(word)
    elif word.startswith("mười ") and word.split()[1] not in VI_UNITS:
        value, end = 10, match.start(1) + 4
    else:
        value = _ORDINAL_WORDS.get(word) or int((read_vi_words(word.split()) or (0,))[0]) or None
    if value is None:
        return None
    before = line.words[index - 1] if index else ""
    if 2 <= value <= 7 and word not in ("nhì",) and roman is None and _is_weekday(line, match, before):
        day = date_fact(line, match.start(), end, Date(weekday=value - 2))
        capital = line.text[match.start(1)].isupper()
        return [day if capital else day._replace(numbers=(float(value),))], end  # đêm thứ hai: the second night
    optional = value < 3 or (before not in _COUNTING and line.low.startswith(",", end))
    return [Fact("ordinal", value, line.text[match.start() : end], match.start(), end, optional, (float(value),))], end


def _is_weekday(line: Line, match: re.Match[str], before: str) -> bool:
    if before in _COUNTING and before not in _DAY_WORDS and not line.text[match.start(1)].isupper():
        return False
    if line.text[match.start(1)].isupper() or before in _DAY_WORDS:
        return True
    return (
        re.match(r"\s?(?:\(|,?\s?ngày\s|,?\s?\d{1,2}/\d|tuần |hàng tuần)", line.low[match.end() : match.end() + 12])
        is not None
    )


def find_sunday(line: Line, index: int) -> Found | None:
    """Chủ nhật."""
    match = _SUNDAY.match(line.low, line.starts[index])
    return ([date_fact(line, *match.span(), Date(weekday=6))], match.end()) if match else None


def find_century(line: Line, index: int) -> Found | None:
    """Thế kỷ XXI, thế kỷ thứ 19."""
    match = _CENTURY.match(line.low, line.starts[index])
    if match is None:
        return None
    value = int(match[1]) if match[1].isdecimal() else read_roman(match[1].upper())
    if not value:
        return None
    fact = Fact(
        "ordinal", value, line.text[match.start(1) : match.end()], match.start(1), match.end(), False, (float(value),)
    )
    return [fact], match.end()


def find_year_or_number(line: Line, index: int) -> Found | None:
    """Năm 2023; otherwise năm may be five."""
    return find_year(line, index) or find_number(line, index)


def find_number(line: Line, index: int) -> Found | None:
    """A number in words, with what it measures, or a time of day (bảy giờ rưỡi)."""
    found = read_words_at(line, index, "vi")
    if found is None:
        return None
    amount, count = found
    time = time_in_words(line, line.starts[index], amount.end, amount.readings[0])
    if time is not None:
        return [time], time.end
    fact = measured(line, line.starts[index], amount, "vi")
    return [fact], max(fact.end, line.ends[index + count - 1])


def find_half(line: Line, index: int) -> Found | None:
    """Nửa is half, and agrees with 50 %; nửa triệu is a number."""
    start, end = line.starts[index], line.ends[index]
    scale = line.words[index + 1] if index + 1 < len(line.words) else ""
    if scale in ("triệu", "tỷ", "tỉ") and line.starts[index + 1] == end + 1:
        value, end = VI_SCALES[scale] / 2, line.ends[index + 1]
        return [Fact("number", value, line.text[start:end], start, end, False, (value,))], end
    return [Fact("number", 0.5, line.text[start:end], start, end, True, (0.5, 50.0))], end


def find_roman(line: Line, index: int) -> Found | None:
    """A Roman numeral: after chương, quý, khóa ... surely, elsewhere perhaps."""
    return roman_at(line, index, index > 0 and line.words[index - 1] in _ROMAN_CONTEXT)


HANDLERS = {
    "ngày": find_day,
    "tháng": find_month,
    "năm": find_year_or_number,
    "nửa": find_half,
    "thập": find_decade,
    "những": find_decade,
    "thứ": find_ordinal,
    "chủ": find_sunday,
    "chúa": find_sunday,
    "thế": find_century,
    **{word: find_number for word in (*VI_UNITS, "mười") if word not in ("năm", "mốt", "tư", "lăm", "nhăm")},
}
"""What to look for at a word."""
