"""What two articles have in common besides their vectors: names and numbers that few articles have, and their dates.

Two reports of one event repeat its names and figures, which hardly another article of a collection has. An inverted
index finds the articles that share them without comparing every two.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from align.matching.sides import Side
from align.matching.spans import Ints
from align.quality.facts import Date, facts_of
from align.quality.facts.names import WORD, name_list, plain_word

RARE = 20  # articles of a language that have a rare name or number, at most
UNKNOWN = np.iinfo(np.int64).min
"""The day of an article whose date is not known."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ISO_DATE = re.compile(r"(\d{4})[-/]?(\d\d)[-/]?(\d\d)(?!\d)")
_POSTINGS = {"article": pl.Int64(), "key": pl.String()}
_WEIGHTS = {"key": pl.String(), "weight": pl.Int64()}


@dataclass(frozen=True)
class Clues:
    """Rare names and numbers of the articles of both languages.

    Attributes:
        vi, en: for each article what it has of them: names by their line of the list (`#12`) or as a word without
            diacritics, numbers as digits.
        weights: of each, how many articles of a run one expects to look at before finding it on both sides by chance:
            the logarithm, in thousandths.
    """

    vi: list[frozenset[str]]
    en: list[frozenset[str]]
    weights: dict[str, int]

    def shared(self, i: int, j: int) -> list[str]:
        """Return what two articles share, the rarest first, and names before numbers as rare."""
        return sorted(self.vi[i] & self.en[j], key=lambda key: (-self.weights[key], key.isdigit(), key))

    def nearest(self, count: int) -> set[tuple[int, int]]:
        """Return for each article of either language the `count` that share the rarest things; ties: the first."""
        tables = [_postings(keys) for keys in (self.vi, self.en)]
        weights = pl.DataFrame({"key": list(self.weights), "weight": list(self.weights.values())}, schema=_WEIGHTS)
        pairs = (
            tables[0]
            .rename({"article": "vi"})
            .join(weights, on="key")
            .join(tables[1].rename({"article": "en"}), on="key")
            .group_by("vi", "en")
            .agg(pl.col("weight").sum())  # whole numbers: the sum is the same in any order
            .sort("weight", "vi", "en", descending=[True, False, False])
        )
        best = [pairs.group_by(lang, maintain_order=True).head(count).select("vi", "en") for lang in ("vi", "en")]
        return {(i, j) for table in best for i, j in table.rows()}


def clues_of(vi: Sequence[Side], en: Sequence[Side]) -> Clues:
    """Collect the names and numbers that at most `RARE` articles of either language have.

    Sides without texts have none.
    """
    vi_keys = [_names(side) | _numbers(side) for side in vi]
    wanted: set[str] = set().union(*vi_keys)
    en_keys = [(_words(side) | _numbers(side)) & wanted for side in en]
    vi_counts, en_counts = _counts(vi_keys), _counts(en_keys)
    cells = len(vi) * len(en)
    weights = {
        key: round(1000 * math.log(cells / (count * en_counts[key])))
        for key, count in vi_counts.items()
        if count <= RARE and 0 < en_counts.get(key, 0) <= RARE
    }
    rare = weights.keys()
    return Clues([frozenset(keys & rare) for keys in vi_keys], [frozenset(keys & rare) for keys in en_keys], weights)


def _names(side: Side) -> set[str]:
    found = () if side.evidence is None else (*side.evidence.listed, *side.evidence.foreign)
    return set().union(*found)


def _words(side: Side) -> set[str]:
    return set() if side.evidence is None else set().union(*side.evidence.words)


def _numbers(side: Side) -> set[str]:
    """Return the numbers of more than one digit: any two articles share others."""
    found = () if side.evidence is None else side.evidence.numbers
    return {number for number in set().union(*found) if len(number) > 1}


def _counts(keys: Sequence[set[str]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for own in keys:
        for key in own:
            counts[key] = counts.get(key, 0) + 1
    return counts


def _postings(keys: Sequence[frozenset[str]]) -> pl.DataFrame:
    rows = [(article, key) for article, own in enumerate(keys) for key in own]
    return pl.DataFrame(rows, schema=_POSTINGS, orient="row")


def as_written(keys: Sequence[str], en: Side) -> list[str]:
    """Return names and numbers as the English article has them; what it writes alike comes once."""
    found: dict[str, str] = {}
    names = name_list("en")
    for text in en.texts or ():
        places = [match.span() for match in WORD.finditer(text)]
        words = [text[start:end] for start, end in places]
        for name in names.places(words, [word.lower() for word in words]):
            found.setdefault(name.key, text[places[name.first][0] : places[name.last - 1][1]])
        for word in words:
            found.setdefault(plain_word(word), word)
        # 1,500 rather than the 500 that is one of its words
        found.update((re.sub(r"[.,]", "", number), number) for number in _NUMBER.findall(text))
    return list(dict.fromkeys(found.get(key, key) for key in keys))


def day_of(date: str | None, lang: str) -> int:
    """Return the day of a date as its number since 0001-01-01, or `UNKNOWN`.

    >>> day_of("2024-03-05T10:00:00+07:00", "vi") == day_of("5/3/2024", "vi") == day_of("March 5, 2024", "en")
    True
    >>> day_of("3/4/2024", "en") == UNKNOWN  # in April, or in March?
    True
    """
    iso = _ISO_DATE.match((date or "").strip())
    parts = [tuple(map(int, iso.groups()))] if iso else _dates_in(date or "", lang)
    for year, month, day in parts[:1]:
        try:
            return datetime.date(year, month, day).toordinal()
        except ValueError:
            return UNKNOWN
    return UNKNOWN


def _dates_in(text: str, lang: str) -> list[tuple[int, int, int]]:
    values = [fact.value for fact in facts_of(text, lang)]
    return [
        (value.year, value.month, value.day)
        for value in values
        if isinstance(value, Date) and value.year and value.month and value.day and not value.either_order
    ]


def days_apart(vi: int, en: int) -> int | None:
    """Return how many days lie between two days, or None where one is not known."""
    return None if UNKNOWN in (vi, en) else abs(vi - en)


def days_of(dates: Sequence[str | None] | None, lang: str, count: int) -> Ints:
    """Return int64 (count,): the days of dates; None has none."""
    days: NDArray[np.int64] = np.full(count, UNKNOWN, dtype=np.int64)
    if dates is not None:
        known = {date: day_of(date, lang) for date in set(dates)}
        days[:] = [known[date] for date in dates]
    return days
