"""Do two facts say the same? Rules for facts of one kind and of different kinds."""

from __future__ import annotations

from align.quality.facts.fact import Date, Fact, Time

EXACT = 1e-9  # relative; what floating point leaves of 1.2 billion against 1200 million
QUOTED_TIMES = 2.0  # one side quotes more than so many times what the other does
QUOTED_MORE = 40  # and at least so many characters more
_AMOUNTS = frozenset(("number", "percent", "money", "unit", "ordinal", "date", "time", "decade", "code", "score"))
_COMPATIBLE = frozenset(frozenset(pair) for pair in (("ordinal", "date"), ("decade", "date"), ("ordinal", "decade")))
_ANY_OF = {"dollar": frozenset(("USD", "AUD", "CAD", "SGD", "HKD", "NZD")), "pound": frozenset(("GBP",))}
_ANY_OF |= {"franc": frozenset(("CHF",)), "peso": frozenset(("PHP",))}


def agree(one: Fact, other: Fact) -> bool:
    """Say whether two facts state the same; a number agrees with the number in a date, an amount, an ordinal."""
    if one.kind == other.kind:
        return _SAME_KIND.get(one.kind, _same_value)(one, other)
    if one.kind in _AMOUNTS and other.kind in _AMOUNTS:
        compatible = "number" in (one.kind, other.kind) or frozenset((one.kind, other.kind)) in _COMPATIBLE
        return compatible and "score" not in (one.kind, other.kind) and share_number(one, other)
    return {one.kind, other.kind} == {"name", "acronym"} and one.value == other.value


def _same_value(one: Fact, other: Fact) -> bool:
    return one.value == other.value


def share_number(one: Fact, other: Fact) -> bool:
    """Say whether any readings of the two are the same number, up to the rounding of the coarser."""
    step = max(one.step, other.step)
    return any(_close(a, b, step) for a in one.numbers for b in other.numbers)


def _close(one: float, other: float, step: float) -> bool:
    return abs(one - other) <= max(EXACT * max(abs(one), abs(other)), step / 2 * (1 + EXACT))


def _same_money(one: Fact, other: Fact) -> bool:
    return one_currency(measured(one)[1], measured(other)[1]) and share_number(one, other)


def _same_unit(one: Fact, other: Fact) -> bool:
    (amount, base), (other_amount, other_base) = measured(one), measured(other)
    if base != other_base:
        return {base, other_base} in _DEGREES and share_number(one, other)
    return _close(amount, other_amount, max(one.step, other.step))


def measured(fact: Fact) -> tuple[float, str]:
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
    "number": share_number,
    "percent": share_number,
    "money": _same_money,
    "unit": _same_unit,
    "date": _same_date,
    "time": _same_time,
    "name": _same_name,
    "quotation": _same_quotation,
}


def one_currency(ours: str, theirs: str) -> bool:
    """Say whether two codes may be one currency: the plain dollar is every dollar."""
    return ours == theirs or theirs in _ANY_OF.get(ours, ()) or ours in _ANY_OF.get(theirs, ())
