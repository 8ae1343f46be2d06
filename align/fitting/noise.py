"""Make document pairs with known beads out of parallel lines: merge, split, shift, swap and delete sentences.

How often each is done is drawn for each document from the ranges of a register: a register is a way of translating,
from sentence by sentence to retelling. The same lines, seed and register give the same document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from align.matching.beads import Bead
from align.matching.calibration import SHAPES

CLAUSE_END = re.compile(r"[,;:](?=\s)")
LARGEST = max(a + b for a, b in SHAPES)  # sentences of the largest bead

HIGHEST_CHANCE = 0.9
ONE_SIDED = 0.9  # of merges: on one side; the others lose their boundary on both
BOTH_WAYS, ONE_WAY = 0.45, (0.05, 0.85)  # of merges: on the Vietnamese side

Range = tuple[float, float]
Sides = tuple[list[str], list[str], list[Bead]]
"""Vietnamese sentences, English sentences, gold beads."""


@dataclass(frozen=True)
class Register:
    """Ranges of the chance of each change at a line, from which each document draws its own.

    Attributes:
        merge: two neighbouring lines become one sentence on one side, or lose their boundary on both.
        split: a line of one side becomes two sentences at the end of a clause; each side is tried.
        shift: the boundary of two sentences moves by a clause.
        swap: two neighbouring lines change places on one side.
        delete: a line goes from one side, drawn for each side on a logarithmic scale.
        burst: three to eight lines in a row go from one side.
        one_way: the merges of a document are nearly all on the same side, which is drawn; otherwise on either.
    """

    merge: Range
    split: Range
    shift: Range
    swap: Range
    delete: Range
    burst: Range
    one_way: bool = False

    def scaled(self, factor: float) -> Register:
        """Return a register with all chances times `factor`, at most 0.9.

        >>> FAITHFUL.scaled(2).merge
        (0, 0.1)
        """

        def times(limits: Range) -> Range:
            return min(limits[0] * factor, HIGHEST_CHANCE), min(limits[1] * factor, HIGHEST_CHANCE)

        return Register(
            merge=times(self.merge),
            split=times(self.split),
            shift=times(self.shift),
            swap=times(self.swap),
            delete=times(self.delete),
            burst=times(self.burst),
            one_way=self.one_way,
        )


MIXED = Register((0, 0.2), (0, 0.2), (0, 0.06), (0, 0.03), (0.005, 0.3), (0, 0.015))
"""From nearly clean to a condensed story."""
FAITHFUL = Register((0, 0.05), (0, 0.08), (0, 0.02), (0, 0.005), (0.002, 0.02), (0, 0.001))
"""A manual or a contract: sentence by sentence, hardly anything left out."""
EDITED = Register((0.05, 0.2), (0.05, 0.25), (0.01, 0.08), (0, 0.04), (0.01, 0.1), (0, 0.01))
"""A news translation with an editor after the translator."""
CONDENSED = Register((0.05, 0.3), (0, 0.1), (0, 0.05), (0, 0.04), (0.1, 0.45), (0.005, 0.04))
"""A story told again in less space."""
MERGING = Register((0.3, 0.65), (0, 0.2), (0, 0.04), (0, 0.02), (0.005, 0.15), (0, 0.01), one_way=True)
"""Long sentences against short ones: beads of many sentences, up to the largest that the model knows."""
REGISTERS = {"mixed": MIXED, "faithful": FAITHFUL, "edited": EDITED, "condensed": CONDENSED, "merging": MERGING}


@dataclass(frozen=True)
class _Rates:
    """Chances of one document; `delete` holds one for either side, `vi_merges` is among merges the Vietnamese share."""

    merge: float
    split: float
    shift: float
    swap: float
    delete: tuple[float, float]
    burst: float
    vi_merges: float


@dataclass
class Unit:
    """Sentences of the two sides that belong together."""

    vi: list[str]
    en: list[str]

    @property
    def is_bead(self) -> bool:
        """Whether the model knows beads of this shape."""
        return (len(self.vi), len(self.en)) in SHAPES


def corrupt(vi: list[str], en: list[str], seed: int, register: Register = MIXED) -> Sides:
    """Return a changed copy of parallel lines, with gold beads that cover each sentence once."""
    draw = np.random.default_rng(seed)
    rates = _drawn(register, draw)
    units = [Unit([a], [b]) for a, b in zip(vi, en, strict=True)]
    units = _merged(_swapped(units, rates, draw), rates, draw)
    for unit in units:
        for side in (unit.vi, unit.en):
            if len(unit.vi) + len(unit.en) < 4 and draw.random() < rates.split and len(side) == 1:
                side[:] = _clauses(side[0], draw)
            if len(side) == 2 and draw.random() < rates.shift * 4:
                _shift(side)
    return lay_out(_deleted(units, rates, draw))


def _drawn(register: Register, draw: np.random.Generator) -> _Rates:
    return _Rates(
        merge=draw.uniform(*register.merge),
        split=draw.uniform(*register.split),
        shift=draw.uniform(*register.shift),
        swap=draw.uniform(*register.swap),
        delete=(_log_uniform(register.delete, draw), _log_uniform(register.delete, draw)),
        burst=draw.uniform(*register.burst),
        vi_merges=float(draw.choice(ONE_WAY)) if register.one_way else BOTH_WAYS,
    )


def _log_uniform(limits: Range, draw: np.random.Generator) -> float:
    return float(np.exp(draw.uniform(np.log(limits[0]), np.log(limits[1]))))


def _swapped(units: list[Unit], rates: _Rates, draw: np.random.Generator) -> list[Unit]:
    """Swap neighbouring sentences of one side: a crossing, which in order is a 2-2 bead."""
    out, i = [], 0
    while i < len(units):
        if i + 1 < len(units) and draw.random() < rates.swap:
            out.append(Unit([*units[i].vi, *units[i + 1].vi], [*units[i + 1].en, *units[i].en]))
            i += 1
        else:
            out.append(units[i])
        i += 1
    return out


def _merged(units: list[Unit], rates: _Rates, draw: np.random.Generator) -> list[Unit]:
    """Join neighbouring units; one side, at times both, is written as one sentence or loses its boundary."""
    out: list[Unit] = []
    for unit in units:
        if out and draw.random() < rates.merge and _size(out[-1]) + _size(unit) <= LARGEST:
            last = out[-1]
            kind = draw.random()
            if kind < rates.vi_merges:
                out[-1] = Unit([" ".join([*last.vi, *unit.vi])], [*last.en, *unit.en])
            elif kind < ONE_SIDED:
                out[-1] = Unit([*last.vi, *unit.vi], [" ".join([*last.en, *unit.en])])
            else:
                joined = Unit([*last.vi, *unit.vi], [*last.en, *unit.en])
                if len(joined.vi) == 2 and _shift(joined.vi):
                    out[-1] = joined
                else:
                    out.append(unit)
        else:
            out.append(unit)
    return [unit for unit in out if unit.is_bead]


def _size(unit: Unit) -> int:
    return len(unit.vi) + len(unit.en)


def _clauses(line: str, draw: np.random.Generator) -> list[str]:
    """Split a line at a clause end that leaves at least 15 characters on either side."""
    ends = [m.end() for m in CLAUSE_END.finditer(line) if 15 <= m.end() <= len(line) - 15]
    if not ends:
        return [line]
    cut = ends[draw.integers(len(ends))]
    return [line[:cut].strip(), line[cut:].strip()]


def _shift(side: list[str]) -> bool:
    """Move the last clause of the first sentence to the front of the second; say whether there was one."""
    ends = [m.end() for m in CLAUSE_END.finditer(side[0]) if 15 <= m.end() <= len(side[0]) - 10]
    if not ends:
        return False
    side[0], side[1] = side[0][: ends[-1]].strip(), f"{side[0][ends[-1] :].strip()} {side[1]}"
    return True


def _deleted(units: list[Unit], rates: _Rates, draw: np.random.Generator) -> list[Unit]:
    bursting = [0, 0]
    for unit in units:
        for place, side in enumerate((unit.vi, unit.en)):
            if draw.random() < rates.burst:
                bursting[place] = int(draw.integers(3, 9))
            if bursting[place] or draw.random() < rates.delete[place]:
                bursting[place] = max(bursting[place] - 1, 0)
                side.clear()
    return [unit for unit in units if unit.vi or unit.en]


def lay_out(units: list[Unit]) -> Sides:
    """Return the sentences of all units and their beads; of a unit with an empty side each sentence is unaligned."""
    vi: list[str] = []
    en: list[str] = []
    beads = []
    for unit in units:
        rows = tuple(range(len(vi), len(vi) + len(unit.vi)))
        columns = tuple(range(len(en), len(en) + len(unit.en)))
        vi += unit.vi
        en += unit.en
        if rows and columns:
            beads.append(Bead(rows, columns))
        else:
            beads += [Bead((i,), ()) for i in rows] + [Bead((), (j,)) for j in columns]
    return vi, en, beads
