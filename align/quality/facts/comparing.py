"""What the facts of a Vietnamese and an English sentence agree in, and what one side has alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from align.errors import InputError
from align.quality.facts.agreement import agree
from align.quality.facts.excuses import telling
from align.quality.facts.fact import Fact
from align.quality.facts.finding import facts_of_line
from align.quality.facts.line import Line, read_line
from align.quality.facts.names import WORD, plain_word
from align.quality.facts.naming import PLAIN_SURNAMES

MOST_FACTS = 200
"""A text with more is a table or a list, in which everything agrees with something: it is not compared."""


class Agreement(NamedTuple):
    """Two facts that say the same."""

    vi: Fact
    en: Fact


class Mismatch(NamedTuple):
    """A fact of one side that the other lacks, or two facts of one kind that stand against each other."""

    kind: str
    vi: Fact | None
    en: Fact | None

    @property
    def label(self) -> str:
        """`number:5|7` or `number:1.2 billion|missing`; of quotations the number of quoted characters."""
        texts = [_shown(fact) for fact in (self.vi, self.en) if fact is not None]
        return f"{self.kind}:{'|'.join(texts) if len(texts) == 2 else texts[0] + '|missing'}"


class Comparison(NamedTuple):
    """Facts of a pair that agree and that do not, the Vietnamese side first, by position."""

    agreed: tuple[Agreement, ...]
    mismatches: tuple[Mismatch, ...]

    @property
    def labels(self) -> list[str]:
        """The labels of the mismatches."""
        return [mismatch.label for mismatch in self.mismatches]


def compare_facts(vi: str, en: str) -> Comparison:
    """Compare the facts of a Vietnamese sentence with those of its English translation.

    >>> compare_facts("Dự án trị giá 1,2 tỷ USD.", "The project is worth $1.2 billion.").labels
    []
    >>> compare_facts("Có 5 người bị thương ngày 15/10.", "Seven people were hurt on October 15.").labels
    ['number:5|Seven']
    """
    return _compare(_Side(vi, "vi"), _Side(en, "en"))


def compare_batch(vi: Sequence[str], en: Sequence[str]) -> list[Comparison]:
    """Compare sentence by sentence; see `compare_facts`.

    Raises:
        InputError: the two sides have not the same number of sentences.
    """
    if len(vi) != len(en):
        raise InputError(
            f"{len(vi)} Vietnamese and {len(en)} English sentences; allowed: one English for each Vietnamese"
        )
    # A sentence that stands in many pairs, as a candidate of mining does, is read once.
    vi_sides = {text: _Side(text, "vi") for text in dict.fromkeys(vi)}
    en_sides = {text: _Side(text, "en") for text in dict.fromkeys(en)}
    return [_compare(vi_sides[one], en_sides[other]) for one, other in zip(vi, en, strict=True)]


class _Side:
    """One side's facts, and its words as names are compared by, made when they are needed."""

    def __init__(self, text: str, lang: str) -> None:
        self.line: Line = read_line(text)
        self.facts = facts_of_line(self.line, lang)
        self._plain: dict[str, int] | None = None

    @property
    def plain(self) -> dict[str, int]:
        """Return each word without diacritics and the index where it first stands."""
        if self._plain is None:
            found: dict[str, int] = {}
            for index, word in enumerate(self.line.words):
                found.setdefault(plain_word(word), index)
            self._plain = found
        return self._plain

    def name_at(self, index: int, like: Fact) -> Fact:
        """Return the name that holds word `index`, or the word as a fact of its own."""
        start, end = self.line.starts[index], self.line.ends[index]
        for fact in self.facts:
            if fact.start <= start and end <= fact.end and fact.kind in ("name", "acronym"):
                return fact
        return Fact(like.kind, like.value, self.line.text[start:end], start, end)


def _compare(vi: _Side, en: _Side) -> Comparison:
    if not (vi.facts or en.facts) or max(len(vi.facts), len(en.facts)) > MOST_FACTS:
        return Comparison((), ())
    agreed: list[Agreement] = []
    used: set[int] = set()
    found = [_partner(fact, en) for fact in vi.facts]
    order = sorted(range(len(found)), key=lambda place: vi.facts[place].optional)
    for place in order:
        partner, fact = found[place], vi.facts[place]
        if partner is not None and not (fact.optional and id(partner) in used):
            agreed.append(Agreement(fact, partner))
            used.add(id(partner))
    agreed.sort(key=_vietnamese_place)
    alone_vi = [fact for fact, partner in zip(vi.facts, found, strict=True) if partner is None]
    alone_en = []
    for fact in en.facts:
        if id(fact) not in used:
            partner = _partner(fact, vi)
            if partner is None:
                alone_en.append(fact)
            elif not fact.optional:
                agreed.append(Agreement(partner, fact))
    return Comparison(tuple(agreed), _mismatches(alone_vi, alone_en, vi, en) if alone_vi or alone_en else ())


def _vietnamese_place(agreement: Agreement) -> int:
    return agreement.vi.start


def _partner(fact: Fact, other: _Side) -> Fact | None:
    """Return the other side's fact that says the same: one of the same kind and value before any other."""
    best = None
    for theirs in other.facts:
        if theirs.kind == fact.kind and theirs.value == fact.value:
            return theirs
        if best is None and agree(fact, theirs):
            best = theirs
    if best is None and fact.kind in ("name", "acronym"):
        return _name_in_words(fact, other)
    if best is None and fact.kind == "score" and isinstance(fact.value, tuple):
        return _both_numbers(fact, other)
    return best


def _both_numbers(score: Fact, other: _Side) -> Fact | None:
    """A score may be two numbers on the other side."""
    found = [
        next((fact for fact in other.facts if fact.kind in ("number", "ordinal") and value in fact.numbers), None)
        for value in score.numbers
    ]
    return found[0] if all(found) and found[0] is not found[1] else None


def _name_in_words(fact: Fact, other: _Side) -> Fact | None:
    """A name that the other side has letter by letter, or nearly so: Lavrov, Pu-tin, Sergey; the last word may do."""
    if fact.kind == "acronym":
        index = other.plain.get(plain_word(fact.text))
        return None if index is None else other.name_at(index, fact)
    words = [plain_word(word) for word in WORD.findall(fact.text)]
    wanted = words if fact.value == " ".join(words) else [*words, "".join(words)]
    indices = [_index_of(word, other) for word in wanted]
    last = indices[-1]
    if last is None:
        found = [index for index in indices if index is not None]
        foreign = len(wanted) == len(words) and words[0] not in PLAIN_SURNAMES  # of a Vietnamese only the last will do
        last = found[-1] if foreign and len(found) * 2 > len(wanted) else None
    return None if last is None else other.name_at(last, fact)


def _index_of(word: str, other: _Side) -> int | None:
    index = other.plain.get(word)
    if index is not None or len(word) < 4:
        return index
    for theirs, place in other.plain.items():
        if abs(len(theirs) - len(word)) <= 3 and theirs[:1] == word[:1] and _alike(word, theirs):
            return place
    return None


def _alike(one: str, other: str) -> bool:
    """Sergey and Sergei, Kurdistan and Kurdistani: the same beginning, or the same consonants."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= 4 and longer.startswith(shorter):
        return True
    return len(shorter) >= 5 and _skeleton(one) == _skeleton(other)


_VOWELS = str.maketrans(dict.fromkeys("aeiouyhw", ""))


def _skeleton(word: str) -> str:
    """Return the consonants, one for those that transcriptions mix up."""
    hard = word.replace("ph", "f").replace("ck", "k").replace("c", "k").replace("q", "k").replace("z", "s")
    return re.sub(r"(.)\1", r"\1", hard.translate(_VOWELS))


def _shown(fact: Fact) -> str:
    return f"{fact.value} characters" if fact.kind == "quotation" else fact.text


def _mismatches(alone_vi: list[Fact], alone_en: list[Fact], vi: _Side, en: _Side) -> tuple[Mismatch, ...]:
    low_vi, low_en = vi.line.low, en.line.low
    own, other = telling(alone_vi, alone_en, low_vi, low_en), telling(alone_en, alone_vi, low_en, low_vi)
    found = []
    paired: set[int] = set()
    for fact in own:
        same = [theirs for theirs in other if _comparable(fact, theirs)]
        if len(same) == 1 and sum(_comparable(ours, same[0]) for ours in own) == 1:
            paired.add(id(same[0]))
            found.append(Mismatch(fact.kind, fact, same[0]))
        else:
            found.append(Mismatch(fact.kind, fact, None))
    found += [Mismatch(fact.kind, None, fact) for fact in other if id(fact) not in paired]
    return tuple(_with_short_quotation(mismatch, alone_vi, alone_en) for mismatch in found)


def _with_short_quotation(mismatch: Mismatch, alone_vi: list[Fact], alone_en: list[Fact]) -> Mismatch:
    """Name what the other side does quote, little as it is."""
    if mismatch.kind != "quotation":
        return mismatch
    quoted_vi = next((fact for fact in alone_vi if fact.kind == "quotation"), None)
    quoted_en = next((fact for fact in alone_en if fact.kind == "quotation"), None)
    return Mismatch("quotation", mismatch.vi or quoted_vi, mismatch.en or quoted_en)


def _comparable(one: Fact, other: Fact) -> bool:
    return one.kind == other.kind or {one.kind, other.kind} == {"name", "acronym"}
