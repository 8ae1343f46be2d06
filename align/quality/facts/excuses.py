"""What the other side says in another way, so that its lack is no mismatch."""

from __future__ import annotations

import re

from align.quality.facts.agreement import measured, one_currency, share_number
from align.quality.facts.fact import Date, Fact

_RELATIVE_YEAR = re.compile(
    r"\b(?:last|this|next|previous|past|following) year|\byear (?:ago|earlier)|năm (?:ngoái|nay|tới|sau|trước|qua)"
)
_RELATIVE_DAY = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|last night|this (?:morning|afternoon|evening))\b"
    r"|hôm (?:qua|nay|kia)|ngày mai|(?:sáng|trưa|chiều|tối|đêm) (?:qua|nay|mai)|cùng ngày|the same day"
)
_RELATIVE_MONTH = re.compile(r"\b(?:last|this|next) (?:month|week)|(?:tháng|tuần) (?:trước|này|tới|sau|qua)")
_OTHER_CLOCK = re.compile(r"\bgmt\b|\butc\b|giờ việt nam|giờ địa phương|giờ hà nội|local time|giờ gmt|\bedt\b|\best\b")


def telling(facts: list[Fact], others: list[Fact], low: str, other_low: str) -> list[Fact]:
    """Return the facts whose lack tells something: not those that the other side says in another way.

    Such are last year, yesterday, miles for kilometres, the time of another zone. `low` and `other_low` are the two
    sentences in lower case, the facts' own first.
    """
    found = [fact for fact in facts if not fact.optional and not _excused(fact, others, other_low)]
    if any(fact.kind == "time" for fact in found) and (_OTHER_CLOCK.search(low) or _OTHER_CLOCK.search(other_low)):
        return [fact for fact in found if fact.kind != "time"]
    return found


def _excused(fact: Fact, others: list[Fact], low: str) -> bool:
    if fact.kind == "unit":
        return any(_converted(measured(fact)[1], measured(theirs)[1]) for theirs in others if theirs.kind == "unit")
    if fact.kind == "money":
        return any(_exchanged(fact, theirs) for theirs in others if theirs.kind == "money")
    if isinstance(fact.value, Date):
        return _date_excused(fact.value, others, low)
    return False


def _converted(base: str, other: str) -> bool:
    return base != other and base.partition(":")[0] == other.partition(":")[0]


def _exchanged(one: Fact, other: Fact) -> bool:
    """Another amount in another currency; the same amount in another currency is wrong."""
    return not one_currency(measured(one)[1], measured(other)[1]) and not share_number(one, other)


def _date_excused(date: Date, others: list[Fact], low: str) -> bool:
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
