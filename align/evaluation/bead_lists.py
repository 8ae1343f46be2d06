"""Lists of beads in any of the forms that the evaluations take, as plain tuples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from operator import index as as_index
from typing import Any, Protocol, TypeAlias

from align.errors import InputError, OptionError
from align.evaluation.bead_errors import Key

ONE_DOCUMENT = "document"
"""Name of the document when a list is given in place of a mapping."""


class HasSides(Protocol):
    """Anything with the two sides of a bead, `align.Bead` above all."""

    @property
    def vi(self) -> Sequence[int]:
        """Indices of the Vietnamese sentences."""

    @property
    def en(self) -> Sequence[int]:
        """Indices of the English sentences."""


BeadLike: TypeAlias = HasSides | tuple[Sequence[int], Sequence[int]]
Beads: TypeAlias = Iterable[BeadLike] | Mapping[str, Iterable[BeadLike]]
Lengths: TypeAlias = Sequence[int] | Mapping[str, Sequence[int]]
Texts: TypeAlias = Sequence[str] | Mapping[str, Sequence[str]]


def bead_key(bead: BeadLike, place: str) -> Key:
    """Return the sides of a bead as tuples.

    Raises:
        InputError: indices are negative or not increasing; the message begins with `place`.
        TypeError: an index is no whole number.
    """
    # Not by isinstance: a check against a protocol takes twenty times as long.
    given: Any = bead
    sides = (given.vi, given.en) if hasattr(given, "vi") else given
    vi, en = tuple(map(as_index, sides[0])), tuple(map(as_index, sides[1]))
    for side in (vi, en):
        if side and (side[0] < 0 or any(after <= before for before, after in pairwise(side))):
            raise InputError(f"{place}: bead {list(vi)}:{list(en)}: indices must be 0 or more and increasing")
    return vi, en


def bead_documents(beads: Beads, which: str) -> dict[str, list[Key]]:
    """Return document -> beads; a list is one document.

    Raises:
        InputError: as for `bead_key`; the message begins with `which`, such as "gold".
        TypeError: an index is no whole number.
    """
    documents = beads if isinstance(beads, Mapping) else {ONE_DOCUMENT: beads}
    return {name: [bead_key(bead, f"{which}, {name}") for bead in listed] for name, listed in documents.items()}


def check_kinds(gold: object, predicted: object, **per_sentence: object) -> None:
    """Refuse a mapping beside a list; what is given per sentence has to be None, or of the kind of gold.

    Raises:
        OptionError: one of them is of the other kind.
    """
    by_document = isinstance(gold, Mapping)
    if isinstance(predicted, Mapping) != by_document:
        raise OptionError("predicted", type(predicted).__name__, "a mapping when gold is one, else a list")
    for name, values in per_sentence.items():
        if values is not None and isinstance(values, Mapping) != by_document:
            raise OptionError(name, type(values).__name__, "a mapping when gold is one, else a list")


def check_both(name: str, vi: object, en: object) -> None:
    """Refuse what is given for one language only.

    Raises:
        OptionError: exactly one of the two is None; it is called `vi_NAME` and `en_NAME`.
    """
    if (vi is None) != (en is None):
        raise OptionError(f"en_{name}", type(en).__name__, f"given exactly when vi_{name} is")
