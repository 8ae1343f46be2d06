"""What the facts of a Vietnamese and an English sentence agree in, and what one side has alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from align.errors import InputError
from align.quality.facts.fact import Date, Fact, Time
from align.quality.facts.finding import facts_of_line
from align.quality.facts.line import Line, read_line
from align.quality.facts.names import WORD, plain_word
from align.quality.facts.naming import PLAIN_SURNAMES

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

    def name_at(self, index: int, like: Fact) -> Fact:
        """Return the name that holds word `index`, or the word as a fact of its own."""
        start, end = self.line.starts[index], self.line.ends[index]
        for fact in self.facts:
            if fact.start <= start and end <= fact.end and fact.kind in ("name", "acronym"):
                return fact
        return Fact(like.kind, like.value, self.line.text[start:end], start, end)


def _compare(vi: _Side, en: _Side) -> Comparison:
    if not vi.facts and not en.facts:
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
    less, more = sorted((int(str(one.value)), int(str(other.value))))
    return less == 0 or more <= QUOTED_TIMES * less or more - less < QUOTED_MORE


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
    own, other = _telling(alone_vi, alone_en, vi, en), _telling(alone_en, alone_vi, en, vi)
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


def _telling(facts: list[Fact], others: list[Fact], own: _Side, other: _Side) -> list[Fact]:
    """Return the facts whose lack tells something: not those that the other side says in another way.

    Last year, yesterday, miles for kilometres, the time of another time zone.
    """
    found = [fact for fact in facts if not fact.optional and not _excused(fact, others, other)]
    if any(fact.kind == "time" for fact in found) and any(_OTHER_CLOCK.search(it.line.low) for it in (own, other)):
        return [fact for fact in found if fact.kind != "time"]
    return found


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
