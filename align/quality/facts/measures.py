"""What follows or precedes an amount: per cent, units and currencies, from the tables in data/."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_DATA = Path(__file__).parent / "data"
PERCENT = "percent"
_PERCENT_FORMS = {
    "vi": ("%", "phần trăm", "điểm phần trăm", "phần trăm điểm"),
    "en": ("%", "percent", "per cent", "pct", "percentage points", "percentage point", "percent points"),
}
# `5 đồng chí` are five comrades, `một đô thị` is a town: before these words it is no measure.
_NO_MEASURE_BEFORE = {
    "đồng": "chí|nghiệp|đội|bào|minh|phạm|thời|loạt|hương|môn|đảng|hành|hồ|tiền|đẳng|ý|tác|cỏ|ruộng|bằng",
    "đô": "thị|đốc|vật|hộ",
    "xu": "hướng|thế",
    "yên": "tĩnh|lặng|bình|ả|xe|ngựa|tâm|ổn",
    "bảng": "xếp|điểm|vàng|tin|đấu|hiệu|thành|biểu|giá|tính|đen|trắng|chữ|tổng|thống|quảng|a|b|c|d",
    "tệ": "hơn|nhất|nạn|hại",
    "tạ": "ơn|từ|thế|lỗi",
    "tấn": "công|phong",
    "gam": "màu",
    "độ": "tuổi|dài|cao|sâu|ẩm|bền|lớn|rộng",
    "cân": "bằng|nhắc|đối|nặng",
    "oát": "xinh",
}


class Measure(NamedTuple):
    """What an amount measures: `base` is "percent", a currency code, or the base unit that `factor` converts to."""

    kind: str
    base: str
    factor: float = 1.0


class Measures(NamedTuple):
    """The measures of one language: patterns that match right after and right before an amount, and their meaning."""

    after: re.Pattern[str]
    before: re.Pattern[str]
    meaning: dict[str, Measure]


@functools.lru_cache(maxsize=2)
def measures(lang: str) -> Measures:
    """Return the measures of `lang` ("vi" or "en")."""
    column = 0 if lang == "vi" else 1
    meaning = {form: Measure(PERCENT, PERCENT) for form in _PERCENT_FORMS[lang]}
    currencies = {form: Measure("money", row[0]) for row in _rows("currencies.tsv") for form in _forms(row[1 + column])}
    for row in _rows("units.tsv"):
        meaning |= {form: Measure("unit", row[0], float(row[1])) for form in _forms(row[2 + column])}
    meaning |= currencies
    after = "|".join(_pattern(form) for form in sorted(meaning, key=len, reverse=True))
    before = "|".join(re.escape(form) for form in sorted(currencies, key=len, reverse=True) if _stands_before(form))
    return Measures(re.compile(rf"[\s-]?({after})(?!\w)"), re.compile(rf"(?<!\w)({before})\s?$"), meaning)


def _rows(name: str) -> Iterable[list[str]]:
    for line in (_DATA / name).read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("#"):
            yield line.split("\t")


def _forms(cell: str) -> list[str]:
    return [] if cell == "-" else cell.split("|")


def _pattern(form: str) -> str:
    pattern = re.escape(form).replace(r"\ ", r"\s")
    return pattern + (rf"(?! (?:{_NO_MEASURE_BEFORE[form]})(?!\w))" if form in _NO_MEASURE_BEFORE else "")


def _stands_before(form: str) -> bool:
    """Signs and codes stand before amounts too: $5, USD 5."""
    return not form.isalpha() or (len(form) == 3 and form.isascii())
