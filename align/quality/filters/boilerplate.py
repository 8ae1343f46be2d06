"""Lines of a web page that are no part of its article."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import ClassVar

import polars as pl

from align.quality.filters.base import PairFilter
from align.quality.filters.words import folded
from align.sentences.boilerplate import folded_rule

_LETTERLESS = "letterless"
_LONGEST = 300  # characters of a line of boilerplate
_SHORT = 6  # words: a longer line that only begins as navigation does ("Watch: ...") may be text
_BYLINE = re.compile(
    r"(?:By|BY|Theo|Bài|Tin|Bài, ảnh|Bài và ảnh|Tin, ảnh|Phóng viên|PV|Story by|Words by|Text by):? ([\w .,&'-]{4,100})"
)
_BETWEEN_NAMES = frozenset(["and", "và", "in", "tại", "from", "từ"])
_WEAK = frozenset(["opening", "byline"])
"""Rules that count only when the other side is boilerplate too."""


@dataclass(frozen=True)
class Boilerplate(PairFilter):
    """Refuses pairs with a side that is a share button, a copyright line, a byline, a photo credit or navigation.

    The rules are those of `align.sentences.boilerplate` and the phrases of `data/boilerplate.txt`: a whole side must
    have the form of boilerplate. Letterless sides are left to the filter `copied`.

    Scores: the name of the rule for either side, null for text. A longer line that only begins as navigation does
    ("opening") and a byline ("By" and names; titles have that form too) are refused when the other side is boilerplate
    as well.
    """

    dates: bool = True
    """Refuse bare dates too."""

    name: ClassVar[str] = "boilerplate"
    columns: ClassVar = {"boilerplate_vi": pl.String(), "boilerplate_en": pl.String()}

    def score_pair(self, vi: str, en: str) -> tuple[str | None, str | None]:
        """Return the rule that either side falls under."""
        return _rule(vi), _rule(en)

    def reason(self, vi: str | None, en: str | None) -> str | None:
        """Name the side and the rule."""
        both = vi is not None and en is not None
        for side, rule in (("vi", vi), ("en", en)):
            if rule is not None and (self.dates or rule != "date") and (both or rule not in _WEAK):
                return f"{side} is boilerplate: {rule}"
        return None


def _rule(text: str) -> str | None:
    plain = folded(text)
    if len(plain) > _LONGEST:
        return None
    rule = (folded_rule(plain) or "").removeprefix("boilerplate:")
    if not rule or rule == _LETTERLESS:
        if _is_byline(plain):
            return "byline"
        if _phrases().match(plain.lower()) is None:
            return None
        rule = "navigation"
    return "opening" if rule == "navigation" and len(plain.split()) > _SHORT else rule


def _is_byline(plain: str) -> bool:
    match = _BYLINE.fullmatch(plain)
    if match is None:
        return False
    names = [word for word in match[1].split() if word not in _BETWEEN_NAMES and word.strip(".,&-")]
    return 2 <= len(names) <= 12 and all(word[0].isupper() for word in names)


@cache
def _phrases() -> re.Pattern[str]:
    """Return one pattern of all phrases of the data file: a phrase that ends in ... opens a line, others are whole."""
    text = (resources.files("align.quality.filters") / "data" / "boilerplate.txt").read_text(encoding="utf-8")
    lines = [line for line in map(folded, text.splitlines()) if line and not line.startswith("#")]
    opening = [re.escape(line[:-3].lower()) for line in lines if line.endswith("...")]
    whole = [re.escape(line.lower()) for line in lines if not line.endswith("...")]
    return re.compile(rf"\W*(?:(?:{'|'.join(opening)})|(?:{'|'.join(whole)})\W*$)")
