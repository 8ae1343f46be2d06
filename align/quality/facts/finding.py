"""All facts of a sentence."""

from __future__ import annotations

import re

from align.errors import OptionError
from align.quality.facts import english, english_dates, vietnamese, vietnamese_dates
from align.quality.facts.addresses import find_addresses
from align.quality.facts.fact import Fact
from align.quality.facts.line import Line, line_of, read_line
from align.quality.facts.naming import find_names
from align.quality.facts.quotations import find_quotations
from align.quality.facts.ranges import figures_facts

LANGUAGES = ("vi", "en")
_FIGURES = "0123456789"
_FIGURE = re.compile("[0-9]")
_ROMANS = frozenset(
    tens + units
    for tens in ("", "x", "xx", "xxx")
    for units in ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
) - {""}
_WORDS = {
    "vi": dict.fromkeys(_ROMANS, vietnamese.find_roman) | vietnamese.HANDLERS,
    "en": dict.fromkeys(_ROMANS, english.find_roman) | english.HANDLERS,
}
_DATES = {"vi": vietnamese_dates.find_date_or_time, "en": english_dates.find_date_or_time}
# +84 24 3825 4135, 0243.825.4135, 1900 1234, 098-765-4321
_PHONE = re.compile(r"(?:\+\d{1,3}|0\d{1,3}|1[89]00)(?:[ .-]?\(?\d{2,4}\)?){1,4}(?![\w%/]|[.,]\d)")
_CODE = re.compile(r"(?<![\w-])[A-ZĐ][^\W\d_]{0,9}-?\d{1,6}[A-Za-z]?(?!\w|[.,]\d)")
_BARE_FIGURES = re.compile(r"(?<![\w.,/-])\d{7,}(?![\w%]|[.,/-]\d)")


def facts_of(text: str, lang: str) -> tuple[Fact, ...]:
    """Return the facts of a sentence, by position.

    >>> [(fact.kind, fact.text, fact.value) for fact in facts_of("Giá 1,2 tỷ đồng, tăng 5%.", "vi")]
    [('money', '1,2 tỷ đồng', (1200000000.0, 'VND')), ('percent', '5%', 5.0)]

    Raises:
        OptionError: `lang` is neither "vi" nor "en".
    """
    if lang not in LANGUAGES:
        raise OptionError("lang", lang, '"vi" or "en"')
    return tuple(facts_of_line(read_line(text), lang))


def facts_of_line(line: Line, lang: str) -> list[Fact]:
    """Return the facts of a sentence that was made ready."""
    facts, rest = find_addresses(line)
    if rest is not line.text:
        line = line_of(rest)
    facts += _undisputed(_amounts(line, lang), find_names(line, lang))
    facts += find_quotations(line)
    facts.sort(key=_place)
    return facts


def _undisputed(amounts: list[Fact], names: list[Fact]) -> list[Fact]:
    """Return both without overlaps: a number inside a name is part of it (Thế chiến II), else the amount holds."""
    if not amounts or not names:
        return amounts + names
    kept = [it for it in amounts if not any(_yields(it, name) for name in names)]
    return kept + [name for name in names if not any(it.start < name.end and name.start < it.end for it in kept)]


def _yields(amount: Fact, name: Fact) -> bool:
    if amount.optional and amount.start < name.end and name.start < amount.end:
        return True
    return name.start < amount.start and amount.end <= name.end


def _place(fact: Fact) -> tuple[int, int]:
    return fact.start, fact.end


def _amounts(line: Line, lang: str) -> list[Fact]:
    facts: list[Fact] = []
    codes = _codes(line) if _FIGURE.search(line.text) else {}
    handlers, dates = _WORDS[lang], _DATES[lang]
    end = 0
    for index, word in enumerate(line.words):
        start = line.starts[index]
        if start < end:
            continue
        if start in codes:
            facts.append(codes[start])
            end = codes[start].end
            continue
        if word[0] in _FIGURES:
            found = dates(line, index) or figures_facts(line, index, lang)
        else:
            handler = handlers.get(word)
            if handler is None:
                continue
            found = handler(line, index)
        if found is not None:
            facts += found[0]
            end = found[1]
    return facts


def _codes(line: Line) -> dict[int, Fact]:
    """Return telephone numbers and names with figures (A320, F-16, MH370) by the place of their first word."""
    found = {}
    for match in _CODE.finditer(line.text):
        start, end = match.span()
        value = match.group().replace("-", "").upper()
        figures = re.sub(r"\D", "", value)
        optional = value[:3].isalpha()  # Sheet1, COVID-19: translations have Trang1, the coronavirus
        found[start] = Fact("code", value, match.group(), start, end, optional, (float(figures),))
    for pattern in (_PHONE, _BARE_FIGURES):
        for match in pattern.finditer(line.text):
            figures = re.sub(r"\D", "", match.group())
            if 8 <= len(figures) <= 14 or pattern is _BARE_FIGURES:
                start = match.start() + match.group().startswith("+")
                fact = Fact("code", figures, match.group(), match.start(), match.end(), False, (float(figures),))
                found.setdefault(start, fact)
    return found
