"""The bead: which sentences of the two sides belong together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from align.errors import InputError

_SIDE = r"\[\s*((?:\d+\s*(?:,\s*\d+\s*)*)?)\]"
_LINE = re.compile(rf"\s*{_SIDE}\s*:\s*{_SIDE}\s*(?::\s*(\S+)\s*)?")


@dataclass(frozen=True, slots=True)
class Bead:
    """Sentences that translate each other.

    Attributes:
        vi: 0-based indices of the Vietnamese sentences, increasing; empty for 0-1 beads.
        en: 0-based indices of the English sentences, increasing; empty for 1-0 beads.
        score: probability of the bead, 0 to 1.

    >>> Bead((0,), (0, 1), 0.83)
    Bead(vi=(0,), en=(0, 1), score=0.83)
    """

    vi: tuple[int, ...]
    en: tuple[int, ...]
    score: float = 0.0

    @property
    def shape(self) -> str:
        """Number of sentences on either side, such as "1-2"."""
        return f"{len(self.vi)}-{len(self.en)}"


def covering(beads: Sequence[Bead], vi_count: int, en_count: int) -> list[Bead]:
    """Return beads in order with a 1-0 or 0-1 bead (probability 1) added for every sentence that none holds.

    In a run of unaligned sentences the Vietnamese ones come first.

    >>> covering([Bead((1,), (0,), 0.9)], 2, 2)
    [Bead(vi=(0,), en=(), score=1.0), Bead(vi=(1,), en=(0,), score=0.9), Bead(vi=(), en=(1,), score=1.0)]
    """
    vi_alone = {bead.vi[0]: bead for bead in beads if not bead.en}
    en_alone = {bead.en[0]: bead for bead in beads if not bead.vi}
    covered: list[Bead] = []
    vi_next = en_next = 0
    for bead in [*(bead for bead in beads if bead.vi and bead.en), Bead((vi_count,), (en_count,))]:
        covered += [vi_alone.get(i, Bead((i,), (), 1.0)) for i in range(vi_next, bead.vi[0])]
        covered += [en_alone.get(j, Bead((), (j,), 1.0)) for j in range(en_next, bead.en[0])]
        covered.append(bead)
        vi_next, en_next = bead.vi[-1] + 1, bead.en[-1] + 1
    return covered[:-1]


def format_bead(bead: Bead) -> str:
    """Return vecalign's form of a bead with its score to four decimals.

    >>> format_bead(Bead((0,), (0, 1), 0.83))
    '[0]:[0, 1]:0.8300'
    """
    return f"{list(bead.vi)}:{list(bead.en)}:{bead.score:.4f}"


def parse_beads(lines: Iterable[str], source: str = "<beads>") -> list[Bead]:
    """Read beads in vecalign's form; the score may be absent (it is then 0).

    Raises:
        InputError: a line is no bead; the message names `source` and the line number.

    >>> parse_beads(["[0]:[0, 1]:0.83", "[]:[2]"])
    [Bead(vi=(0,), en=(0, 1), score=0.83), Bead(vi=(), en=(2,), score=0.0)]
    """
    beads = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            beads.append(_parse_bead(line, f"{source}, line {number}"))
    return beads


def _parse_bead(line: str, place: str) -> Bead:
    found = _LINE.fullmatch(line.rstrip("\r\n"))
    if not found:
        raise InputError(f"{place}: {line.strip()[:80]!r} is no bead; expected a form such as [0]:[0, 1]:0.83")
    try:
        score = float(found[3] or 0)
    except ValueError:
        raise InputError(f"{place}: the score {found[3]!r} is not a number") from None
    return Bead(_indices(found[1]), _indices(found[2]), score)


def _indices(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part.strip())
