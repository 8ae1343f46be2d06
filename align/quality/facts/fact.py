"""A fact: a number, date, name or the like that a sentence states and that its translation has to state too."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

KINDS = (
    "number",
    "percent",
    "money",
    "unit",
    "ordinal",
    "score",
    "code",
    "decade",
    "date",
    "time",
    "name",
    "acronym",
    "url",
    "quotation",
)
"""Every kind of fact."""


class Date(NamedTuple):
    """Parts of a date, None where not said; `weekday` 0 is Monday.

    `either_order`: day and month may be the other way round, as in the English 3/4/2023.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    either_order: bool = False


class Time(NamedTuple):
    """A time of day. `fixed` says that the hour is that of the 24-hour clock; otherwise 7 may be 19."""

    hour: int
    minute: int = 0
    fixed: bool = False


class Fact(NamedTuple):
    """One fact of a sentence.

    Attributes:
        kind: one of `KINDS`.
        value: what is compared, the same for both languages: float for a number, percentage or fraction, (amount,
            currency), (amount, base unit), int for an ordinal or a decade, `Date`, `Time`, str for the rest.
        text: the words of the sentence that state it.
        start, end: half-open offsets of these words into the sentence; into its NFC form where it is not NFC.
        optional: the words only sometimes state it (`năm` is five or year): it may agree, but is never missing.
        numbers: plain numbers by which a fact of another kind may match it ("5 km" and "5").
        step: what the last written digit of a rounded number is worth (1.2 billion: 1e8); 0 when it is exact.
    """

    kind: str
    value: Hashable
    text: str
    start: int
    end: int
    optional: bool = False
    numbers: tuple[float, ...] = ()
    step: float = 0.0
