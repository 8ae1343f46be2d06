"""Make files of pairs of which about half are right: what `align score` is given."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from align.encoders import Encoder
from align.fitting.documents import Document
from align.quality.facts import facts_of
from align.quality.facts.english_dates import MONTHS, WEEKDAYS
from align.quality.facts.numerals import FIGURES
from align.sentences.folding import fold

WAYS = ("kept", "shifted", "rival", "vi half", "en half", "more")
CHANCES = (0.5, 0.1, 0.2, 0.06, 0.07, 0.07)
CHANGED = 0.25
"""Wanted share, among spoilt pairs, of those in which a number or a date is changed and nothing else."""
MOST_CHANGED = 0.5
"""Highest share among the spoilt pairs that state a number or a date: the others show what a missing one tells."""

SPANS = ((1, 12), (13, 24), (25, 31), (32, 59), (60, 100))
"""A small number stays in its span (months, hours, days, minutes, percent), so that dates and times stay possible."""
YEARS, NEAR_YEARS = (1500, 2100), 10

_WORD = re.compile(r"\S+(?:[\u00a0\u202f\u2009]\d{3}(?!\d))*")  # 1 250 000 is one word
_MONTHS = tuple(MONTHS)[:12]  # full names stand first, short ones after them
_VI_DAYS = ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật")
_VI_MONTHS = (
    *("tháng giêng", "tháng hai", "tháng ba", "tháng tư", "tháng năm", "tháng sáu", "tháng bảy", "tháng tám"),
    *("tháng chín", "tháng mười", "tháng mười một", "tháng mười hai"),
)
# Names of dates by language: what may stand in the place of what, and what it means.
_NAMES: Mapping[str, tuple[Mapping[str, int], ...]] = {
    "vi": ({name: day for day, name in enumerate(_VI_DAYS)}, {name: month for month, name in enumerate(_VI_MONTHS)}),
    "en": (
        WEEKDAYS,
        {name: MONTHS[name] for name in _MONTHS},
        {name: month for name, month in MONTHS.items() if name not in _MONTHS},
    ),
}


class Place(NamedTuple):
    """Figures or the name of a day or month in a sentence in NFC: half-open offsets, and what may stand there."""

    start: int
    end: int
    others: tuple[str, ...]


def spoilt_file(collection: Document, encoder: Encoder, seed: int) -> tuple[list[str], list[str], list[bool]]:
    """Return both sides of a file of pairs, and which are right: each with the chance of a half.

    What a pair is spoilt by is drawn: the next line's English; the English most like its own of the whole collection;
    the first or second half of either side alone; the next line's English as well; or, where either side has one, a
    number or a date of one side changed. That is done so often that it makes `CHANGED` of the spoilt pairs, if that
    takes no more than `MOST_CHANGED` of those that have one. Whether `compare_facts` sees a change plays no part.

    The same collection and seed give the same file.
    """
    draw = np.random.default_rng(seed)
    gold = [(bead.vi[0], bead.en[0]) for bead in collection.gold]
    nearest = _rivals([collection.en[j] for _, j in gold], encoder)
    places = [(places_to_change(collection.vi[i], "vi"), places_to_change(collection.en[j], "en")) for i, j in gold]
    change = _chance_of_change([bool(vi or en) for vi, en in places])
    vi, en, right = [], [], []
    for place, (i, j) in enumerate(gold):
        following = collection.en[gold[(place + 1) % len(gold)][1]]
        way = draw.choice(WAYS, p=CHANCES)
        left, other = collection.vi[i], collection.en[j]
        if way != "kept" and any(places[place]) and draw.random() < change:
            left, other = _with_a_change(left, other, *places[place], draw)
        elif way == "shifted":
            other = following
        elif way == "rival":
            other = collection.en[gold[nearest[place]][1]]
        elif way == "more":
            other = f"{other} {following}"
        elif way == "vi half":
            left = _half(left, draw)
        elif way == "en half":
            other = _half(other, draw)
        vi.append(left)
        en.append(other)
        right.append((left, other) == (collection.vi[i], collection.en[j]))
    return vi, en, right


def places_to_change(text: str, lang: str) -> list[Place]:
    """Return where a sentence, in NFC, has a number in figures or the name of a weekday or month, by position.

    Figures that share a word with letters are left alone: MH370, 7h30, 15th, addresses. Names count where they are
    surely dates: not in `may`, `thứ hai` as second, Sunday Times.

    >>> [(place.start, place.others[:3]) for place in places_to_change("It grew 4.5% in May 2019.", "en")]
    [(8, ('1.5', '2.5', '3.5')), (16, ('January', 'February', 'March')), (20, ('2009', '2010', '2011'))]

    Raises:
        OptionError: `lang` is neither "vi" nor "en".
    """
    text = unicodedata.normalize("NFC", text)
    return sorted([*_figures(text), *_names(text, lang)])


def other_figures(figures: str) -> tuple[str, ...]:
    """Return plausible other numbers, with the same separators.

    Whole numbers up to 100 stay within their span of `SPANS`, what may be a year is at most `NEAR_YEARS` away, of all
    others one digit that is not 0 is another one. An hour never becomes the same one on the other clock.

    >>> other_figures("8.000")
    ('1.000', '2.000', '3.000', '4.000', '5.000', '6.000', '7.000', '9.000')
    >>> other_figures("27"), other_figures("07")[:2]
    (('25', '26', '28', '29', '30', '31'), ('01', '02'))
    """
    if figures.isdecimal():
        value, width = int(figures), len(figures) if figures.startswith("0") else 0
        if value <= SPANS[-1][1] and len(figures) <= 3:
            low, high = next(span for span in SPANS if value <= span[1])
            return tuple(f"{n:0{width}}" for n in range(low, high + 1) if (n - value) % 12)
        if len(figures) == 4 and YEARS[0] <= value < YEARS[1]:
            return tuple(str(n) for n in range(value - NEAR_YEARS, value + NEAR_YEARS + 1) if n != value)
    digits = [place for place, mark in enumerate(figures) if mark.isdecimal()]
    told = [place for place in digits if int(figures[place])] or digits[-1:]
    return tuple(
        figures[:place] + digit + figures[place + 1 :]
        for place in told
        for digit in "123456789"
        if int(digit) != int(figures[place])
    )


def _figures(text: str) -> Iterator[Place]:
    for word in _WORD.finditer(text):
        if not any(mark.isalpha() for mark in word.group()):
            for match in FIGURES.finditer(text, *word.span()):
                yield Place(*match.span(), other_figures(match.group()))


def _names(text: str, lang: str) -> Iterator[Place]:
    for fact in facts_of(text, lang):
        if fact.kind == "date" and not fact.optional:
            for names in _NAMES[lang]:
                # The longest first: `tháng mười` begins `tháng mười hai`. English days may stand in the plural.
                known = "|".join(sorted(names, key=len, reverse=True))
                for match in re.compile(rf"(?<!\w)(?:{known})(?=s?(?!\w))", re.I).finditer(text, fact.start, fact.end):
                    own = names[match.group().lower()]
                    others = [_in_case_of(match.group(), name) for name, value in names.items() if value != own]
                    yield Place(*match.span(), tuple(others))


def _in_case_of(written: str, name: str) -> str:
    """Give the words of a name the capitals of those in whose place they stand."""
    pairs = zip_longest(name.split(), written.split(), fillvalue="")
    return " ".join(word.capitalize() if like[:1].isupper() else word for word, like in pairs if word)


def _with_a_change(
    vi: str, en: str, vi_places: Sequence[Place], en_places: Sequence[Place], draw: np.random.Generator
) -> tuple[str, str]:
    """Change a number or a date of one side; each is as likely."""
    chosen = int(draw.integers(len(vi_places) + len(en_places)))
    if chosen < len(vi_places):
        return _changed(vi, vi_places[chosen], draw), en
    return vi, _changed(en, en_places[chosen - len(vi_places)], draw)


def _changed(text: str, place: Place, draw: np.random.Generator) -> str:
    text = unicodedata.normalize("NFC", text)
    return text[: place.start] + place.others[draw.integers(len(place.others))] + text[place.end :]


def _chance_of_change(has_place: Sequence[bool]) -> float:
    """Return the chance of a change for a spoilt pair that has a number or a date."""
    share = sum(has_place) / max(len(has_place), 1)
    return min(CHANGED / share, MOST_CHANGED) if share else 0.0


def _rivals(texts: Sequence[str], encoder: Encoder) -> NDArray[np.int64]:
    """Return for each text the place of the one most like it."""
    vectors = encoder.encode([fold(text) for text in texts])
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    return np.asarray(cosines.argmax(axis=1))


def _half(text: str, draw: np.random.Generator) -> str:
    words = text.split()
    middle = (len(words) + 1) // 2
    return " ".join(words[:middle] if draw.random() < 0.5 else words[middle:]) or text
