"""Make two reports of one event out of parallel lines: some told by both, in other order and with fewer clauses."""

from __future__ import annotations

import numpy as np

from align.fitting.noise import CLAUSE_END, Sides
from align.matching.beads import Bead

ORDERS = ("kept", "blocks", "shuffled")
ORDER_CHANCES = (0.35, 0.45, 0.2)


def condense(vi: list[str], en: list[str], seed: int) -> Sides:
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
