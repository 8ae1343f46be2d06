"""Names and acronyms of a sentence."""

from __future__ import annotations

import functools
import re

from align.quality.facts.fact import Fact
from align.quality.facts.line import Line
from align.quality.facts.names import fact_names, plain_word, weak_names
from align.sentences.folding import fold
from align.vietnamese import is_syllable

# Surnames that hardly any transcribed Chinese or Korean name has: three capitalised syllables after one are a person,
# whom English calls by the same letters. Lý, Trần, Vương ... may be Li, Chen, Wang.
_SURNAMES = frozenset(
    ("nguyễn", "phạm", "bùi", "đỗ", "huỳnh", "võ", "phan", "đinh", "lê", "ngô", "đặng", "trần", "hoàng")
)
_SURE_SURNAMES = frozenset(("nguyễn", "phạm", "bùi", "đỗ", "huỳnh", "võ", "phan", "đinh", "lê"))
_MIDDLE_NAMES = frozenset(("văn", "thị"))
PLAIN_SURNAMES = frozenset(plain_word(name) for name in _SURE_SURNAMES)
_TITLES = frozenset(("mr", "mrs", "ms", "dr", "prof", "professor"))
_HYPHENATED = re.compile(r"(?<![\w-])[^\W\d_]+(?:-[^\W\d_]+)+(?![\w-])")


def find_names(line: Line, lang: str) -> list[Fact]:
    """Return listed names and acronyms, Vietnamese persons and, in Vietnamese, foreign names."""
    words = [line.text[start:end] for start, end in zip(line.starts, line.ends, strict=True)]
    lower = line.words
    if lang == "vi":
        words, lower = list(map(_folded, words)), list(map(_folded, lower))
    facts = _listed(line, words, lower, lang)
    taken: set[int] = set()
    for fact in facts:
        taken.update(range(fact.start, fact.end))
    capitals = [
        index
        for index, word in enumerate(words)
        if word[0].isupper() and len(word) > 1 and line.starts[index] not in taken
    ]
    if not capitals:
        return facts
    unlisted = _vietnamese_side(line, words, capitals, taken) if lang == "vi" else _english_side(line, words, capitals)
    inside = [(fact.start, fact.end) for fact in unlisted if " " in fact.text]
    listed = [fact for fact in facts if not any(start <= fact.start and fact.end <= end for start, end in inside)]
    return listed + unlisted  # Huế is a town, Lê Thị Huế a person


@functools.lru_cache(maxsize=65536)
def _folded(word: str) -> str:
    return fold(word)


def _listed(line: Line, words: list[str], lower: list[str], lang: str) -> list[Fact]:
    facts, weak = [], weak_names()
    for name in fact_names(lang).places(words, lower):
        start, end = line.starts[name.first], line.ends[name.last - 1]
        text = line.text[start:end]
        acronym = text.isupper() and text.isascii() and 2 <= len(text) <= 6 and name.last == name.first + 1
        optional = not acronym and (
            text.islower()
            or line.low.endswith("giờ ", 0, start)  # giờ Việt Nam: a time zone
            or name.key in weak
            or (lang == "vi" and name.last == name.first + 1 and _may_be_common(line, words, name.first))
        )
        facts.append(Fact("acronym" if acronym else "name", name.key, text, start, end, optional))
    return facts


def _may_be_common(line: Line, words: list[str], index: int) -> bool:
    """A name of one Vietnamese syllable (Anh, Đức, Nga) may be a word at the start, or part of a person's name."""
    if not is_syllable(words[index]):
        return False
    beside = [place for place in (index - 1, index + 1) if 0 <= place < len(words)]
    return index == 0 or _opens(line, index) or any(words[place][0].isupper() for place in beside)


def _opens(line: Line, index: int) -> bool:
    """Say whether a word stands where even a common word has a capital: after a stop, a colon or a quotation mark."""
    return index == 0 or line.text[line.ends[index - 1] : line.starts[index]].strip() not in ("", ",", "-", "/", "&")


def _vietnamese_side(line: Line, words: list[str], capitals: list[int], taken: set[int]) -> list[Fact]:
    facts: list[Fact] = []
    used: set[int] = set()
    for match in _HYPHENATED.finditer(line.text) if "-" in line.text else ():
        if match.group()[0].isupper() and match.start() not in taken:
            value = plain_word(match.group().replace("-", ""))
            facts.append(Fact("name", value, match.group(), *match.span(), True))
            used.update(index for index in capitals if match.start() <= line.starts[index] < match.end())
    follow = {index for index in capitals if _is_foreign(words[index])}
    for index in capitals:
        if index in used:
            continue
        size = _person(line, words, index)
        if size:
            used.update(range(index, index + size))
            start, end = line.starts[index], line.ends[index + size - 1]
            value = " ".join(plain_word(word) for word in words[index : index + size])
            facts.append(Fact("name", value, line.text[start:end], start, end))
        elif _is_foreign(words[index]):
            last = index + 1
            while last in follow and line.text[line.ends[last - 1] : line.starts[last]] == " ":
                last += 1
            used.update(range(index, last))
            start, end = line.starts[index], line.ends[last - 1]
            value = " ".join(plain_word(word) for word in words[index:last])
            facts.append(Fact("name", value, line.text[start:end], start, end))
    return facts


@functools.lru_cache(maxsize=65536)
def _is_foreign(word: str) -> bool:
    return len(word) > 2 and not word.isupper() and word.isalpha() and not is_syllable(word)


def _person(line: Line, words: list[str], index: int) -> int:
    """Return how many words the Vietnamese person's name at `index` has, 0 when none begins there."""
    if words[index].lower() not in _SURNAMES:
        return 0
    last = index + 1
    while (
        last < len(words)
        and last - index < 5
        and words[last][0].isupper()
        and line.text[line.ends[last - 1] : line.starts[last]] == " "
    ):
        last += 1
    parts = [word.lower() for word in words[index:last]]
    sure = parts[0] in _SURE_SURNAMES or not _MIDDLE_NAMES.isdisjoint(parts[1:-1])
    return len(parts) if len(parts) >= 3 and sure and all(map(is_syllable, parts)) else 0


def _english_side(line: Line, words: list[str], capitals: list[int]) -> list[Fact]:
    facts, last = [], -1
    for index in capitals:
        if index <= last:
            continue
        before = words[index - 1].lower() if index else ""
        start = line.starts[index]
        if plain_word(words[index]) in PLAIN_SURNAMES:
            last = _capitals_from(line, words, index) - 1
            if last - index >= 2:
                value = " ".join(plain_word(word) for word in words[index : last + 1])
                facts.append(Fact("name", value, line.text[start : line.ends[last]], start, line.ends[last]))
        elif before in _TITLES and words[index].isalpha() and not words[index].isupper():
            last = _capitals_from(line, words, index) - 1
            surname = line.starts[last], line.ends[last]
            facts.append(Fact("name", plain_word(words[last]), line.text[slice(*surname)], *surname))
    return facts


def _capitals_from(line: Line, words: list[str], index: int) -> int:
    """Return the index after the last of the capitalised words from `index` on that only spaces part."""
    last = index + 1
    while last < len(words) and words[last][0].isupper() and line.text[line.ends[last - 1] : line.starts[last]] == " ":
        last += 1
    return last
