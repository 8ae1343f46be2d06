"""Numbers in figures, in words and in Roman numerals, in both languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

FIGURES = re.compile(r"\d+(?:[.,]\d+)*(?:[\u00a0\u202f\u2009]\d{3}(?!\d))*")
"""A number in figures, with the separators of either language."""
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3})+")
_ROMAN = re.compile(r"(?=[IVXLCDM])M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


class Numeral(NamedTuple):
    """A number that was read from words.

    Attributes:
        value: the number.
        words: how many words it took.
        sure: False when the words are only sometimes a number.
        step: what the last written digit is worth when a scale word rounds it (1.2 billion: 1e8), else 0.
    """

    value: float
    words: int
    sure: bool
    step: float = 0.0


def read_figures(figures: str, lang: str) -> tuple[float, ...]:
    """Return the readings of a number in figures, the language's own first; none for figures such as 1.2.3.

    One separator before three digits is a thousands separator in one language and a decimal one in the other, and
    authors mix them up, so that both readings are given.

    >>> read_figures("1.000,5", "vi"), read_figures("1,000.5", "en"), read_figures("1.250", "vi")
    ((1000.5,), (1000.5,), (1250.0, 1.25))
    """
    figures = re.sub(r"\s", "", figures)
    if figures.isdigit():
        return (float(figures),)
    separators = [mark for mark in figures if mark in ".,"]
    if len(set(separators)) == 2:
        return _both_separators(figures, separators)
    mark = separators[0]
    grouped = _GROUPED.fullmatch(figures) is not None and not figures.startswith("0")
    if len(separators) > 1:
        return (float(figures.replace(mark, "")),) if grouped else ()
    whole, decimal = float(figures.replace(mark, "")), float(figures.replace(",", "."))
    if not grouped:
        return (decimal,)
    own = (mark == ".") == (lang == "vi")
    return (whole, decimal) if own else (decimal, whole)


def _both_separators(figures: str, separators: list[str]) -> tuple[float, ...]:
    first, last = separators[0], separators[-1]
    whole, _, decimals = figures.rpartition(last)
    if last in whole or _GROUPED.fullmatch(whole) is None:
        return ()
    return (float(f"{whole.replace(first, '')}.{decimals}"),)


def decimal_step(figures: str) -> float:
    """Return what the last digit after the decimal separator is worth; 1 without decimals.

    >>> decimal_step("1,25")
    0.01
    """
    tail = re.split("[.,]", figures)
    return float(10 ** -len(tail[-1])) if len(tail) == 2 and len(tail[-1]) != 3 else 1.0


def read_roman(word: str) -> int | None:
    """Return the value of a Roman numeral in capitals, None for other words.

    >>> read_roman("XXI"), read_roman("IIX")
    (21, None)
    """
    if _ROMAN.fullmatch(word) is None:
        return None
    values = [_ROMAN_VALUES[letter] for letter in word]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))


_VI_DIGITS = ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_VI_AFTER_TEN = {"mốt": 1, "tư": 4, "lăm": 5, "nhăm": 5}
VI_UNITS = {word: value for value, word in enumerate(_VI_DIGITS, start=1)} | {"bẩy": 7} | _VI_AFTER_TEN
VI_SCALES = {"mươi": 10.0, "chục": 10.0, "trăm": 100.0, "nghìn": 1e3, "ngàn": 1e3, "vạn": 1e4} | {
    "triệu": 1e6,
    "tỷ": 1e9,
    "tỉ": 1e9,
}
_VI_BIG = frozenset(("nghìn", "ngàn", "vạn", "triệu", "tỷ", "tỉ"))
_VI_SURE = frozenset(("bốn", "sáu", "bảy", "bẩy", "tám", "mười"))
VI_NUMBER_WORDS = frozenset((*VI_UNITS, *VI_SCALES, "mười", "linh", "lẻ", "rưỡi"))


def read_vi_words(words: Sequence[str], figures: float | None = None, step: float = 0.0) -> Numeral | None:
    """Read a Vietnamese number from the start of `words`; `figures` is a number in figures that stands before them.

    >>> read_vi_words("hai mươi mốt ngày".split()).value, read_vi_words("một trăm linh năm".split()).value
    (21.0, 105.0)
    >>> read_vi_words("hai mươi năm".split())  # twenty years: 25 would be `hai mươi lăm`
    Numeral(value=20.0, words=2, sure=True, step=0.0)
    """
    reader = _VietnameseNumber(words, figures, step)
    return reader.read()


class _VietnameseNumber:
    """`total` holds what was closed by a scale, `group` what stands before the next one, `last` the word before."""

    def __init__(self, words: Sequence[str], figures: float | None, step: float) -> None:
        self._words = words
        self._total, self._group = 0.0, figures
        self._last, self._scale = "", float("inf")
        self._step, self._from_figures, self._closed = step, figures is not None, False

    def read(self) -> Numeral | None:
        count = 0
        while count < len(self._words) and not self._closed:
            following = self._words[count + 1] if count + 1 < len(self._words) else ""
            if not self._take(self._words[count], following):
                break
            self._last = self._words[count]
            count += 1
        while count and self._words[count - 1] in ("linh", "lẻ"):
            count -= 1
        if count == 0:
            return None
        year_and_a_half = count == 2 and self._words[0] == "năm" and self._words[1] == "rưỡi"
        sure = (count > 1 and not year_and_a_half) or self._from_figures or self._words[0] in _VI_SURE
        exact = self._step in (0.0, 1.0) or self._scale == float("inf")
        return Numeral(self._total + (self._group or 0.0), count, sure, 0.0 if exact else self._step * self._scale)

    def _take(self, word: str, following: str) -> bool:
        if word in VI_UNITS:
            return self._take_unit(word, following)
        if word == "mười":
            if self._group is not None and self._last != "trăm":
                return False
            self._group = (self._group or 0.0) + 10
            return True
        if word in ("linh", "lẻ"):
            return self._last in ("trăm", *_VI_BIG) and following in VI_UNITS
        if word == "rưỡi":
            return self._take_half()
        return self._take_scale(word, following)

    def _take_unit(self, word: str, following: str) -> bool:
        after_ten = self._last in ("mười", "mươi", "linh", "lẻ")
        if word in _VI_AFTER_TEN:
            allowed = after_ten
        elif word == "năm" and (self._last or self._from_figures) and self._last not in ("linh", "lẻ"):
            allowed = following in VI_SCALES  # else it is the year
        else:
            allowed = after_ten or (self._group is None and not self._last) or following in VI_SCALES
        if self._last in VI_UNITS or (self._from_figures and not self._last) or not allowed:
            return False
        self._group = (self._group or 0.0) + VI_UNITS[word]
        return True

    def _take_half(self) -> bool:
        if self._last in VI_SCALES:
            self._total += VI_SCALES[self._last] / 2
        elif self._last in VI_UNITS or (self._from_figures and not self._last):
            self._group = (self._group or 0.0) + 0.5
        else:
            return False
        self._closed = True  # nothing follows a half
        return True

    def _take_scale(self, word: str, following: str) -> bool:
        scale = VI_SCALES.get(word)
        if scale is None:
            return False
        if word in ("mươi", "chục", "trăm"):
            return self._take_small_scale(word, scale)
        if self._group is None:
            if self._last not in _VI_BIG or scale <= self._scale:
                return False
            self._total *= scale  # nghìn tỷ
            self._scale *= scale
            return True
        if scale >= self._scale:
            return False
        self._total, self._group, self._scale = self._total + self._group * scale, None, scale
        return True

    def _take_small_scale(self, word: str, scale: float) -> bool:
        if self._from_figures and not self._last:
            self._group = (self._group or 0.0) * scale
            return word != "mươi"
        if self._last not in VI_UNITS or self._group is None:
            return False
        unit = VI_UNITS[self._last]
        self._group += unit * (scale - 1)
        return True


_EN_TO_TWELVE = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_EN_TEENS = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_EN_SMALL = {word: value for value, word in enumerate(("zero", *_EN_TO_TWELVE, *_EN_TEENS))}
_EN_TENS = {
    word: 10 * value
    for value, word in enumerate(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2)
}
EN_SCALES = {"dozen": 12.0, "hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
EN_NUMBER_WORDS = frozenset((*_EN_SMALL, *_EN_TENS, *EN_SCALES))
_EN_UNSURE = frozenset(("zero", "one", "two", "dozen"))


def read_en_words(words: Sequence[str], figures: float | None = None, step: float = 0.0) -> Numeral | None:
    """Read an English number from the start of `words`; `figures` is a number in figures that stands before them.

    >>> read_en_words("one hundred and five".split()).value, read_en_words("twenty one".split()).value
    (105.0, 21.0)
    >>> read_en_words("a million people".split())
    Numeral(value=1000000.0, words=2, sure=True, step=0.0)
    """
    total, group, count, scale = 0.0, figures, 0, float("inf")
    last = "figures" if figures is not None else ""
    for place, word in enumerate(words):
        following = words[place + 1] if place + 1 < len(words) else ""
        if word in EN_SCALES:
            value = EN_SCALES[word]
            if group is None and last not in ("thousand", "million"):
                group = 1.0
                if total:
                    break
            if value <= 100:
                group = (group or 1.0) * value
            elif group is None:
                total, scale = total * value, scale * value
            elif value >= scale:
                break
            else:
                total, group, scale = total + group * value, None, value
        elif word in _EN_TENS and last in ("", "hundred", "and", "thousand", "million", "billion"):
            group = (group or 0.0) + _EN_TENS[word]
        elif word in _EN_SMALL and _takes_small(word, last):
            group = (group or 0.0) + _EN_SMALL[word]
        elif not _joins(word, last, following):
            break
        last = word
        count += 1
    if count and words[count - 1] == "and":
        count -= 1
    if count == 0:
        return None
    value = total + (group or 0.0)
    rounded = step not in (0.0, 1.0) and scale != float("inf")
    sure = figures is not None or (words[0] not in _EN_UNSURE if count == 1 else words[:count] != ["a", "dozen"])
    return Numeral(value, count, sure, step * scale if rounded else 0.0)


def _takes_small(word: str, last: str) -> bool:
    if last in _EN_TENS:
        return 0 < _EN_SMALL[word] < 10
    return last in ("", "hundred", "and", "thousand", "million", "billion")


def _joins(word: str, last: str, following: str) -> bool:
    """Say whether `and` or `a` belongs to the number: a hundred and five, but not two and three."""
    if word == "and":
        return last in EN_SCALES and last != "dozen" and (following in _EN_SMALL or following in _EN_TENS)
    return word == "a" and not last and following in EN_SCALES
