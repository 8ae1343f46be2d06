"""Make document pairs with known beads out of parallel lines: merge, split, shift, swap and delete sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from align.matching import Bead

CLAUSE_END = re.compile(r"[,;:](?=\s)")


@dataclass(frozen=True)
class Rates:
    """Chance of each change at a line; `delete` holds one for either side."""

    merge: float
    split: float
    shift: float
    swap: float
    delete: tuple[float, float]
    burst: float


ORDERS = ("kept", "blocks", "shuffled")
ORDER_CHANCES = (0.35, 0.45, 0.2)


@dataclass
class Unit:
    """Sentences of the two sides that belong together."""

    vi: list[str]
    en: list[str]


def draw_rates(draw: np.random.Generator) -> Rates:
    """Draw a document's rates: from nearly clean to a condensed story."""
    return Rates(
        merge=draw.uniform(0, 0.2),
        split=draw.uniform(0, 0.2),
        shift=draw.uniform(0, 0.06),
        swap=draw.uniform(0, 0.03),
        delete=(_log_uniform(draw), _log_uniform(draw)),
        burst=draw.uniform(0, 0.015),
    )


def _log_uniform(draw: np.random.Generator) -> float:
    return float(np.exp(draw.uniform(np.log(0.005), np.log(0.3))))


def corrupt(vi: list[str], en: list[str], seed: int) -> tuple[list[str], list[str], list[Bead]]:
    """Return the sentences of both sides and the gold beads of a changed copy of parallel lines."""
    draw = np.random.default_rng(seed)
    rates = draw_rates(draw)
    units = [Unit([a], [b]) for a, b in zip(vi, en, strict=True)]
    units = _swapped(units, rates, draw)
    units = _merged(units, rates, draw)
    for unit in units:
        for side in (unit.vi, unit.en):
            if len(unit.vi) + len(unit.en) < 4 and draw.random() < rates.split:
                side[:] = [part for line in side for part in _clauses(line, draw)][:3] if len(side) == 1 else side
            if len(side) == 2 and draw.random() < rates.shift * 4:
                _shift(side)
    return _laid_out(_deleted(units, rates, draw))


def _swapped(units: list[Unit], rates: Rates, draw: np.random.Generator) -> list[Unit]:
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


def _merged(units: list[Unit], rates: Rates, draw: np.random.Generator) -> list[Unit]:
    """Join neighbouring units; one side, at times both, is written as one sentence or loses its boundary."""
    out: list[Unit] = []
    for unit in units:
        if out and draw.random() < rates.merge and len(out[-1].vi) + len(out[-1].en) + len(unit.vi) + len(unit.en) <= 6:
            last = out[-1]
            kind = draw.random()
            if kind < 0.45:
                out[-1] = Unit([" ".join([*last.vi, *unit.vi])], [*last.en, *unit.en])
            elif kind < 0.9:
                out[-1] = Unit([*last.vi, *unit.vi], [" ".join([*last.en, *unit.en])])
            else:
                joined = Unit([*last.vi, *unit.vi], [*last.en, *unit.en])
                if len(joined.vi) == 2 and _shift(joined.vi):
                    out[-1] = joined
                else:
                    out.append(unit)
        else:
            out.append(unit)
    return [unit for unit in out if max(len(unit.vi), len(unit.en)) <= 3]


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


def _deleted(units: list[Unit], rates: Rates, draw: np.random.Generator) -> list[Unit]:
    bursting = [0, 0]
    for unit in units:
        for place, side in enumerate((unit.vi, unit.en)):
            if draw.random() < rates.burst:
                bursting[place] = int(draw.integers(3, 9))
            if bursting[place] or draw.random() < rates.delete[place]:
                bursting[place] = max(bursting[place] - 1, 0)
                side.clear()
    return [unit for unit in units if unit.vi or unit.en]


def _laid_out(units: list[Unit]) -> tuple[list[str], list[str], list[Bead]]:
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


def condense(vi: list[str], en: list[str], seed: int) -> tuple[list[str], list[str], list[Bead]]:
    """Return a copy of parallel lines as two reports of one event.

    Some stretches are told by both, some by one alone; blocks change places; one report has fewer clauses. The gold
    holds the lines that both tell, as 1-1 beads in Vietnamese order.
    """
    draw = np.random.default_rng(seed)
    tellers = _tellers(len(vi), draw)
    shortened = (vi, en)[int(draw.random() > 0.75)]
    clauses_gone = draw.uniform(0, 0.8)
    lines = {
        id(side): [_shortened(line, clauses_gone, draw) if side is shortened else line for line in side]
        for side in (vi, en)
    }
    order = _reordered(len(vi), ORDERS[draw.choice(len(ORDERS), p=ORDER_CHANCES)], draw)
    rows = [i for i in order if tellers[i] != "en"]
    columns = [j for j in range(len(en)) if tellers[j] != "vi"]
    place = {j: number for number, j in enumerate(columns)}
    gold = [Bead((number,), (place[i],)) for number, i in enumerate(rows) if i in place]
    return [lines[id(vi)][i] for i in rows], [lines[id(en)][j] for j in columns], gold


def _tellers(count: int, draw: np.random.Generator) -> list[str]:
    """Say for each line whether both reports tell it or one alone, in stretches."""
    both = draw.uniform(0.05, 0.95)
    only_vi = (1 - both) * draw.uniform(0.15, 0.85)
    stay = draw.uniform(0, 0.7)
    tellers: list[str] = []
    for _ in range(count):
        if tellers and draw.random() < stay:
            tellers.append(tellers[-1])
        else:
            tellers.append(str(draw.choice(["both", "vi", "en"], p=[both, only_vi, 1 - both - only_vi])))
    return tellers


def _reordered(count: int, order: str, draw: np.random.Generator) -> list[int]:
    if order == "kept":
        return list(range(count))
    if order == "shuffled":
        return [int(i) for i in draw.permutation(count)]
    blocks = np.split(np.arange(count), np.flatnonzero(draw.random(count) < 0.2))
    return [int(i) for number in draw.permutation(len(blocks)) for i in blocks[number]]


def _shortened(line: str, chance: float, draw: np.random.Generator) -> str:
    """Take clauses off the beginning or the end of a line, each time with the same chance."""
    while draw.random() < chance:
        ends = [m.end() for m in CLAUSE_END.finditer(line) if len(line) / 5 < m.end() < len(line) * 4 / 5]
        if not ends:
            break
        cut = ends[draw.integers(len(ends))]
        line = f"{line[:cut].rstrip(' ,;:')}." if draw.random() < 0.6 else line[cut:].strip()
    return line
