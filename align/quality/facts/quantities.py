"""Amounts: a number in figures or words with what it counts or measures, and ranges of them."""

from __future__ import annotations

import re
from typing import NamedTuple

from align.quality.facts.fact import Date, Fact
from align.quality.facts.line import Line
from align.quality.facts.measures import Measure, measures
from align.quality.facts.numerals import (
    EN_NUMBER_WORDS,
    EN_SCALES,
    FIGURES,
    VI_NUMBER_WORDS,
    VI_SCALES,
    Numeral,
    decimal_step,
    read_en_words,
    read_figures,
    read_vi_words,
)

YEARS = range(1900, 2100)
"""Whole numbers of four figures that are taken for years when nothing says otherwise."""
_SHORT_SCALES = {
    "vi": re.compile(r"(tr|k|triệu|tỷ|tỉ|nghìn|ngàn|vạn)(?!\w)"),
    "en": re.compile(r"(\s?(?:bn|mn|mln|trn|tn|[mk])|hundred|thousand|million|billion|trillion)(?!\w)"),
}
_SHORT_VALUES = {"tr": 1e6, "k": 1e3, "m": 1e6, "mn": 1e6, "mln": 1e6, "bn": 1e9, "trn": 1e12, "tn": 1e12}
_SHORT_VALUES |= VI_SCALES | EN_SCALES
_NUMBER_SIGN = re.compile(r"no\.\s?$|#$")
_FRACTION_WORDS = re.compile(r"\sphần\s(\w+)")
_EN_FRACTIONS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_EN_FRACTION = re.compile(rf"[\s-]({'|'.join(_EN_FRACTIONS)})(s?)(?!\w)")
_AND_A_HALF = re.compile(r"\sand\sa\shalf(?!\w)(?:\s(thousand|million|billion|trillion))?")
# Words that only a number precedes: after them `ba` is three, not father, and `năm` is five, not year.
_COUNTED = frozenset(
    (
        *("người", "cái", "chiếc", "ngày", "tuần", "giờ", "phút", "giây", "lần", "tỉnh", "quốc", "đứa", "bức", "tấm"),
        *("quyển", "cuốn", "ngôi", "tòa", "căn", "cây", "chuyến", "trận", "vụ", "đội", "nhóm", "huyện", "xã", "thôn"),
        *("làng", "kg", "km", "mét", "tấn", "lít", "tuổi", "tầng", "phòng", "tàu", "quả", "trái", "thập", "thế"),
        *("vòng", "cuộc", "loại", "nghi", "nạn", "thí", "ứng", "bàn", "con"),
    )
)


class Amount(NamedTuple):
    """A number as read: its readings, the place where it ends and whether the words are surely one."""

    readings: tuple[float, ...]
    end: int
    sure: bool = True
    step: float = 0.0
    scaled: float = 1.0


def read_figures_at(line: Line, start: int, index: int, lang: str, *, signed: bool = False) -> Amount | None:
    """Read the number in figures at `start`, with the scale words after it (1,2 tỷ)."""
    match = FIGURES.match(line.low, start)
    if match is None:
        return None
    readings, end = read_figures(match.group(), lang), match.end()
    if not readings:
        return None
    step = decimal_step(match.group())
    short = _SHORT_SCALES[lang].match(line.low, end)
    if short is not None and (
        short[1].strip() != "m" or signed or (lang == "en" and step < 1 and line.text[end] == "m")
    ):
        scale = _SHORT_VALUES[short[1].strip()]
        return Amount(tuple(r * scale for r in readings), short.end(), True, _scaled_step(step, scale), scale)
    after = line.word_from(end, index)
    if (
        after < len(line.words)
        and line.starts[after] <= end + 1
        and line.low[end : line.starts[after]] in ("", " ", "-")
    ):
        found = _read_words(_run(line, after, lang), lang, readings[0], step)
        if found is not None:
            scale = found.value / readings[0] if readings[0] else 1.0
            others = tuple(r * scale for r in readings[1:])
            close = line.ends[after + found.words - 1]
            amount = Amount((found.value, *others), close, True, found.step, scale)
            return _with_rest(line, amount, after + found.words, lang)
    return Amount(readings, end)


def _with_rest(line: Line, amount: Amount, index: int, lang: str) -> Amount:
    """Add what a smaller scale says after a greater one: 1 tỷ 200 triệu."""
    if index >= len(line.words) or line.starts[index] != amount.end + 1 or not line.words[index].isdecimal():
        return amount
    rest = read_figures_at(line, line.starts[index], index, lang)
    if rest is None or not 1 < rest.scaled < amount.scaled or rest.readings[0] >= amount.scaled:
        return amount
    return Amount((amount.readings[0] + rest.readings[0],), rest.end, True, rest.step, amount.scaled)


def read_words_at(line: Line, index: int, lang: str) -> tuple[Amount, int] | None:
    """Read the number in words that starts at word `index`; return it and the number of its words."""
    run = _run(line, index, lang)
    found = _read_words(run, lang)
    if found is None or (run[0] == "năm" and index and _is_number(line.words[index - 1])):
        return None  # 50 năm: fifty years
    after = index + found.words
    sure = found.sure
    if lang == "vi" and found.words == 1:
        if after < index + len(run) and run[1] in VI_NUMBER_WORDS:
            sure = False  # ba bốn người: three or four
        elif not sure and found.value > 2 and _touching(line, index, after):
            sure = line.words[after] in _COUNTED or (line.words[after] == "năm" and line.words[index] != "năm")
    sure = sure and not (found.words == 1 and _is_named(line, index))
    sure = sure and not (index and line.words[index - 1] == "phần")  # N phần mười: N tenths
    return Amount((found.value,), line.ends[after - 1], sure, found.step), found.words


def _is_number(word: str) -> bool:
    return word.isdecimal() or word in VI_NUMBER_WORDS


def _is_named(line: Line, index: int) -> bool:
    """A number with a capital inside a sentence is a name: anh Bảy, Chợ Mười, Channel Four."""
    start = line.starts[index]
    return index > 0 and line.text[start].isupper() and line.text[line.ends[index - 1] : start] == " "


def _touching(line: Line, index: int, after: int) -> bool:
    return after < len(line.words) and line.starts[after] == line.ends[after - 1] + 1


def _read_words(words: list[str], lang: str, figures: float | None = None, step: float = 0.0) -> Numeral | None:
    return read_vi_words(words, figures, step) if lang == "vi" else read_en_words(words, figures, step)


def _run(line: Line, index: int, lang: str) -> list[str]:
    """Return the number words from word `index` on that only spaces (in English hyphens too) part."""
    known = VI_NUMBER_WORDS if lang == "vi" else EN_NUMBER_WORDS
    last = index
    while last < len(line.words) and (line.words[last] in known or (lang == "en" and line.words[last] in ("and", "a"))):
        if last > index and line.low[line.ends[last - 1] : line.starts[last]] not in (" ", "-"):
            break
        last += 1
    return line.words[index:last]


def _scaled_step(step: float, scale: float) -> float:
    return step * scale if step < 1 else 0.0


def amount_at(line: Line, start: int, index: int, lang: str) -> tuple[Fact, Amount] | None:
    """Return the fact of the number in figures at `start`, with the measure at either side, and the number itself."""
    table = measures(lang)
    sign = table.before.search(line.low, max(0, start - 5), start)
    amount = read_figures_at(line, start, index, lang, signed=sign is not None)
    if amount is None:
        return None
    begin = sign.start(1) if sign else start
    return measured(line, begin, amount, lang, table.meaning[sign[1]] if sign else None), amount


def measured(line: Line, begin: int, amount: Amount, lang: str, before: Measure | None = None) -> Fact:
    """Return the fact of an amount with the measure before or after it."""
    table = measures(lang)
    after = table.after.match(line.low, amount.end)
    if after is not None and not _is_measure(line, after, amount):
        after = None
    found = table.meaning[re.sub(r"\s", " ", after[1])] if after else None
    measure = before or found
    if measure is None:
        return _plain(line, begin, amount, lang)
    named_once = before is None or (found is not None and found.kind == "money")  # or twice: US$ 5 dollars
    end = after.end() if after and named_once else amount.end
    value, text = amount.readings[0], line.text[begin:end]
    optional = not amount.sure and value <= 2  # "một đồng", "a mile": as often no number at all
    if measure.kind == "percent":
        return Fact("percent", value, text, begin, end, optional, (*amount.readings, value / 100), amount.step)
    canonical = (value, measure.base) if measure.kind == "money" else (value * measure.factor, measure.base)
    return Fact(measure.kind, canonical, text, begin, end, optional, amount.readings, amount.step)


def _is_measure(line: Line, after: re.Match[str], amount: Amount) -> bool:
    form = after[1]
    if form == "won":  # "in 2012 won": a verb
        return amount.scaled > 1 or amount.readings[0] >= 1e4
    if form in ("g", "k", "v", "t", "l") and line.text[after.start(1)].isupper():  # 5G
        return False
    return "-" not in after.group()[:1] or line.low[after.end() : after.end() + 1] != "-" or len(form) > 2


def _plain(line: Line, begin: int, amount: Amount, lang: str) -> Fact:
    text, value = line.text[begin : amount.end], amount.readings[0]
    if len(text) == 4 and text.isdecimal() and int(text) in YEARS:
        return Fact("date", Date(year=int(text)), text, begin, amount.end, False, (value,))
    if lang == "vi":
        return _vietnamese_fraction(line, begin, amount) or Fact(
            "number", value, text, begin, amount.end, not amount.sure, amount.readings, amount.step
        )
    fraction = _english_fraction(line, begin, amount)
    if fraction is not None:
        return fraction
    first = value == 1 and _NUMBER_SIGN.search(line.low, max(0, begin - 4), begin) is not None  # No. 1: the leading
    pounds = line.low.startswith((" pound", "-pound"), amount.end)  # money or weight: bảng, or kg after conversion
    return Fact(
        "number", value, text, begin, amount.end, first or pounds or not amount.sure, amount.readings, amount.step
    )


def _vietnamese_fraction(line: Line, begin: int, amount: Amount) -> Fact | None:
    """Ba phần tư: three quarters."""
    match = _FRACTION_WORDS.match(line.low, amount.end)
    if match is None:
        return None
    parts = 4.0 if match[1] == "tư" else (read_vi_words([match[1]]) or Numeral(0, 0, False)).value
    if match[1].isdecimal():
        parts = float(match[1])
    if parts < 2:
        return None
    value = amount.readings[0] / parts
    return Fact("number", value, line.text[begin : match.end()], begin, match.end(), False, (value, value * 100))


def _english_fraction(line: Line, begin: int, amount: Amount) -> Fact | None:
    """Two thirds, one quarter, two and a half million."""
    half = _AND_A_HALF.match(line.low, amount.end)
    if half is not None:
        scale = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}.get(half[1], 1.0)
        value = (amount.readings[0] + 0.5) * scale
        return Fact("number", value, line.text[begin : half.end()], begin, half.end(), False, (value,))
    match = _EN_FRACTION.match(line.low, amount.end)
    if match is None or amount.readings[0] > 9 or (amount.readings[0] > 1) != bool(match[2]):
        return None
    value = amount.readings[0] / _EN_FRACTIONS[match[1]]
    optional = match[1] in ("half", "quarter")
    return Fact("number", value, line.text[begin : match.end()], begin, match.end(), optional, (value, value * 100))
