"""What the facts of a Vietnamese and an English sentence agree in, and what one side has alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from align.errors import InputError
from align.quality.facts.fact import Date, Fact, Time
from align.quality.facts.finding import facts_of_line
from align.quality.facts.line import Line, read_line
from align.quality.facts.names import plain_word

EXACT = 1e-9  # relative; what floating point leaves of 1.2 billion against 1200 million
QUOTED_TIMES = 2.0  # one side quotes more than so many times what the other does
QUOTED_MORE = 40  # and at least so many characters more
_AMOUNTS = frozenset(("number", "percent", "money", "unit", "ordinal", "date", "time", "decade", "code", "score"))
_COMPATIBLE = frozenset(frozenset(pair) for pair in (("ordinal", "date"), ("decade", "date"), ("ordinal", "decade")))
_ANY_OF = {"dollar": frozenset(("USD", "AUD", "CAD", "SGD", "HKD", "NZD")), "pound": frozenset(("GBP",))}
_ANY_OF |= {"franc": frozenset(("CHF",)), "peso": frozenset(("PHP",))}
_RELATIVE_YEAR = re.compile(
    r"\b(?:last|this|next|previous|past|following) year|\byear (?:ago|earlier)|năm (?:ngoái|nay|tới|sau|trước|qua)"
)
_RELATIVE_DAY = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|last night|this (?:morning|afternoon|evening))\b"
    r"|hôm (?:qua|nay|kia)|ngày mai|(?:sáng|trưa|chiều|tối|đêm) (?:qua|nay|mai)|cùng ngày|the same day"
)
_RELATIVE_MONTH = re.compile(r"\b(?:last|this|next) (?:month|week)|(?:tháng|tuần) (?:trước|này|tới|sau|qua)")
_OTHER_CLOCK = re.compile(r"\bgmt\b|\butc\b|giờ việt nam|giờ địa phương|giờ hà nội|local time|giờ gmt|\bedt\b|\best\b")


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
    return [compare_facts(one, other) for one, other in zip(vi, en, strict=True)]


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

    def word_fact(self, index: int, like: Fact) -> Fact:
        start, end = self.line.starts[index], self.line.ends[index]
        return Fact(like.kind, like.value, self.line.text[start:end], start, end)


def _compare(vi: _Side, en: _Side) -> Comparison:
    if not vi.facts and not en.facts:
        return Comparison((), ())
    vi_match = _partners(vi, en)
    en_match: list[Fact | None] = [None] * len(en.facts)
    agreed: list[Agreement] = []
    for fact, partner in zip(vi.facts, vi_match, strict=True):
        if partner is not None:
            agreed.append(Agreement(fact, partner))
            en_match = [fact if theirs is partner else known for theirs, known in zip(en.facts, en_match, strict=True)]
    for place, fact in enumerate(en.facts):
        if en_match[place] is None:
            partner = _partner(fact, vi, en)
            if partner is not None:
                en_match[place] = partner
                agreed.append(Agreement(partner, fact))
    alone_vi = [fact for fact, partner in zip(vi.facts, vi_match, strict=True) if partner is None and not fact.optional]
    alone_en = [fact for fact, partner in zip(en.facts, en_match, strict=True) if partner is None and not fact.optional]
    return Comparison(tuple(agreed), _mismatches(alone_vi, alone_en, vi, en) if alone_vi or alone_en else ())


def _partners(vi: _Side, en: _Side) -> list[Fact | None]:
    return [_partner(fact, en, vi) for fact in vi.facts]


def _partner(fact: Fact, other: _Side, own: _Side) -> Fact | None:
    """Return the other side's fact that says the same: one of the same kind and value before any other."""
    best = None
    for theirs in other.facts:
        if theirs.kind == fact.kind and theirs.value == fact.value:
            return theirs
        if best is None and _agree(fact, theirs):
            best = theirs
    if best is None and fact.kind in ("name", "acronym"):
        return _name_in_words(fact, other)
    if best is None and fact.kind == "score" and isinstance(fact.value, tuple):
        return _both_numbers(fact, other)
    return best


def _agree(one: Fact, other: Fact) -> bool:
    if one.kind == other.kind:
        return _SAME_KIND.get(one.kind, _same_value)(one, other)
    if one.kind in _AMOUNTS and other.kind in _AMOUNTS:
        compatible = "number" in (one.kind, other.kind) or frozenset((one.kind, other.kind)) in _COMPATIBLE
        return compatible and "score" not in (one.kind, other.kind) and _share_number(one, other)
    return {one.kind, other.kind} == {"name", "acronym"} and one.value == other.value


def _same_value(one: Fact, other: Fact) -> bool:
    return one.value == other.value


def _share_number(one: Fact, other: Fact) -> bool:
    step = max(one.step, other.step)
    return any(_close(a, b, step) for a in one.numbers for b in other.numbers)


def _close(one: float, other: float, step: float) -> bool:
    return abs(one - other) <= max(EXACT * max(abs(one), abs(other)), step / 2 * (1 + EXACT))


def _same_money(one: Fact, other: Fact) -> bool:
    return _one_currency(_measured(one)[1], _measured(other)[1]) and _share_number(one, other)


def _same_unit(one: Fact, other: Fact) -> bool:
    (amount, base), (other_amount, other_base) = _measured(one), _measured(other)
    if base != other_base:
        return {base, other_base} in _DEGREES and _share_number(one, other)
    return _close(amount, other_amount, max(one.step, other.step))


def _measured(fact: Fact) -> tuple[float, str]:
    """Return amount and currency, or amount and base unit."""
    assert isinstance(fact.value, tuple)
    amount, base = fact.value
    return float(amount), str(base)


_DEGREES = ({"temperature:degree", "temperature:c"}, {"temperature:degree", "temperature:f"})


def _same_date(one: Fact, other: Fact) -> bool:
    ours, theirs = one.value, other.value
    assert isinstance(ours, Date)
    assert isinstance(theirs, Date)
    if _dates_agree(ours, theirs):
        return True
    if theirs.either_order:
        return _dates_agree(ours, theirs._replace(month=theirs.day, day=theirs.month))
    return ours.either_order and _dates_agree(ours._replace(month=ours.day, day=ours.month), theirs)


def _dates_agree(ours: Date, theirs: Date) -> bool:
    """Every part that both state is the same, and there is one."""
    both = [(a, b) for a, b in zip(ours[:4], theirs[:4], strict=True) if a is not None and b is not None]
    return bool(both) and all(a == b for a, b in both)


def _same_time(one: Fact, other: Fact) -> bool:
    ours, theirs = one.value, other.value
    assert isinstance(ours, Time)
    assert isinstance(theirs, Time)
    if ours.minute != theirs.minute:
        return False
    return ours.hour == theirs.hour or (not (ours.fixed and theirs.fixed) and (ours.hour - theirs.hour) % 12 == 0)


def _same_name(one: Fact, other: Fact) -> bool:
    if one.value == other.value:
        return True
    ours, theirs = str(one.value).split(), str(other.value).split()
    return len(ours) > 2 and len(theirs) > 2 and sorted(ours) == sorted(theirs)


def _same_quotation(one: Fact, other: Fact) -> bool:
    if one.optional or other.optional:
        return True
    less, more = sorted((int(str(one.value)), int(str(other.value))))
    return more <= QUOTED_TIMES * less or more - less < QUOTED_MORE


_SAME_KIND = {
    "number": _share_number,
    "percent": _share_number,
    "money": _same_money,
    "unit": _same_unit,
    "date": _same_date,
    "time": _same_time,
    "name": _same_name,
    "quotation": _same_quotation,
}


def _both_numbers(score: Fact, other: _Side) -> Fact | None:
    """A score may be two numbers on the other side."""
    found = [
        next((fact for fact in other.facts if fact.kind in ("number", "ordinal") and value in fact.numbers), None)
        for value in score.numbers
    ]
    return found[0] if all(found) else None


def _name_in_words(fact: Fact, other: _Side) -> Fact | None:
    """A name that the other side has letter by letter, or nearly so: Lavrov, Pu-tin, Nguyễn Văn Nam, Sergey."""
    if fact.kind == "acronym":
        index = other.plain.get(plain_word(fact.text))
        return None if index is None else other.word_fact(index, fact)
    parts = str(fact.value).lower().split()
    wanted = (
        parts[-1:]
        if fact.value == plain_word(fact.text.replace("-", ""))
        else [plain_word(w) for w in fact.text.split()]
    )
    indices = [_index_of(word, other) for word in wanted]
    if len(wanted) >= 3 and None in indices[:-1] and indices[-1] is not None:
        indices = indices[-1:]  # Mr Nam: English repeats the given name alone
    if None in indices or not indices:
        return None
    first = indices[-1]
    return other.word_fact(first, fact) if first is not None else None


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
    alone_vi, alone_en = _without_excused(alone_vi, alone_en, en), _without_excused(alone_en, alone_vi, vi)
    if any(fact.kind == "time" for fact in (*alone_vi, *alone_en)) and (
        _OTHER_CLOCK.search(vi.line.low) or _OTHER_CLOCK.search(en.line.low)
    ):
        alone_vi, alone_en = [f for f in alone_vi if f.kind != "time"], [f for f in alone_en if f.kind != "time"]
    found = []
    paired: set[int] = set()
    for fact in alone_vi:
        same = [other for other in alone_en if _comparable(fact, other)]
        if len(same) == 1 and sum(_comparable(other, same[0]) for other in alone_vi) == 1:
            paired.add(id(same[0]))
            found.append(Mismatch(fact.kind, fact, same[0]))
        else:
            found.append(Mismatch(fact.kind, fact, None))
    found += [Mismatch(fact.kind, None, fact) for fact in alone_en if id(fact) not in paired]
    return tuple(found)


def _comparable(one: Fact, other: Fact) -> bool:
    return one.kind == other.kind or {one.kind, other.kind} == {"name", "acronym"}


def _without_excused(facts: list[Fact], others: list[Fact], other: _Side) -> list[Fact]:
    """Leave out what the other side says in another way: last year, yesterday, miles for kilometres."""
    return [fact for fact in facts if not _excused(fact, others, other)]


def _excused(fact: Fact, others: list[Fact], other: _Side) -> bool:
    if fact.kind == "unit":
        return any(_converted(_measured(fact)[1], _measured(theirs)[1]) for theirs in others if theirs.kind == "unit")
    if fact.kind == "money":
        return any(_exchanged(fact, theirs) for theirs in others if theirs.kind == "money")
    if isinstance(fact.value, Date):
        return _date_excused(fact.value, others, other)
    return False


def _converted(base: str, other: str) -> bool:
    return base != other and base.partition(":")[0] == other.partition(":")[0]


def _exchanged(one: Fact, other: Fact) -> bool:
    """Another amount in another currency; the same amount in another currency is wrong."""
    return not _one_currency(_measured(one)[1], _measured(other)[1]) and not _share_number(one, other)


def _one_currency(ours: str, theirs: str) -> bool:
    return ours == theirs or theirs in _ANY_OF.get(ours, ()) or ours in _ANY_OF.get(theirs, ())


def _date_excused(date: Date, others: list[Fact], other: _Side) -> bool:
    low = other.line.low
    if date.year is not None and date.month is None and date.day is None:
        return _RELATIVE_YEAR.search(low) is not None
    if date.weekday is not None or date.day is not None:
        if _RELATIVE_DAY.search(low) is not None:
            return True
    elif date.month is not None and _RELATIVE_MONTH.search(low) is not None:
        return True
    theirs = [fact.value for fact in others if isinstance(fact.value, Date)]
    return any(
        (date.weekday is None) != (it.weekday is None) and not _year_only(it) and not _year_only(date) for it in theirs
    )


def _year_only(date: Date) -> bool:
    return date.month is None and date.day is None and date.weekday is None
