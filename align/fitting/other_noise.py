"""A second generator of document pairs with known beads, unlike the first in every choice that it makes.

What is fitted on one generator's documents could have learnt the generator. This one splits in the middle of a sentence
or before a conjunction and not at commas; merges runs of lines whose length is drawn at once, always on one side;
deletes in stretches alone, by a chain that is either leaving out or not; moves a sentence over one or two others, after
all else; and never moves a boundary by a clause. Rates are drawn from other distributions (beta, not uniform).
"""

from __future__ import annotations

import re

import numpy as np

from align.fitting.noise import LARGEST, Sides, Unit, lay_out

CONJUNCTION = re.compile(r"\s(?=(?:and|but|which|while|because|và|nhưng|mà|trong khi|vì)\s)")
LEAST_PART = 12  # characters of either part of a split sentence
MERGE, SPLIT, MOVE = (2.0, 16.0), (2.0, 14.0), (1.0, 60.0)  # parameters of the beta distributions of the rates
LEAVE = (1.0, 25.0)  # of beginning to leave lines out, drawn for each side
STAY = (2.0, 3.0)  # of leaving out the next line, too


def corrupt_otherwise(vi: list[str], en: list[str], seed: int) -> Sides:
    """Return a changed copy of parallel lines, with gold beads that cover each sentence once.

    The same lines and seed give the same document.
    """
    draw = np.random.default_rng(seed)
    merge, split, move = (float(draw.beta(*parameters)) for parameters in (MERGE, SPLIT, MOVE))
    kept = _with_holes(len(vi), draw), _with_holes(len(en), draw)
    units: list[Unit] = []
    for run in _runs(len(vi), merge, draw):
        both = [line for line in run if kept[0][line] and kept[1][line]]
        if len(both) == len(run):
            units.append(_told([vi[line] for line in run], [en[line] for line in run], split, draw))
        else:
            for line in run:
                sides = [[text] if there[line] else [] for text, there in zip((vi[line], en[line]), kept, strict=True)]
                if sides[0] or sides[1]:
                    units.append(Unit(*sides))
    return lay_out([unit for unit in _moved(units, move, draw) if unit.is_bead or not (unit.vi and unit.en)])


def _with_holes(count: int, draw: np.random.Generator) -> list[bool]:
    """Say which lines a side keeps: a chain of two states."""
    leave, stay = float(draw.beta(*LEAVE)), float(draw.beta(*STAY))
    kept: list[bool] = []
    for _ in range(count):
        kept.append(bool(draw.random() >= (leave if not kept or kept[-1] else stay)))
    return kept


def _runs(count: int, chance: float, draw: np.random.Generator) -> list[range]:
    """Cut lines into runs that are told together: most of one line, others of two or more."""
    runs, start = [], 0
    while start < count:
        size = 1
        if draw.random() < chance:
            size = min(int(1 + draw.geometric(0.6)), LARGEST - 1)
        runs.append(range(start, min(start + size, count)))
        start += size
    return runs


def _told(vi: list[str], en: list[str], split: float, draw: np.random.Generator) -> Unit:
    """Tell a run of lines: one side as one sentence if they are several, or one of its sentences as two."""
    if len(vi) > 1:
        return Unit([" ".join(vi)], en) if draw.random() < 0.5 else Unit(vi, [" ".join(en)])
    if draw.random() < split:
        return Unit(_halves(vi[0]), en) if draw.random() < 0.5 else Unit(vi, _halves(en[0]))
    return Unit(vi, en)


def _halves(line: str) -> list[str]:
    """Split a line before the conjunction, or else at the space, that is nearest to its middle."""
    for places in (CONJUNCTION.finditer(line), re.finditer(r"\s", line)):
        cuts = [place.start() for place in places if LEAST_PART <= place.start() <= len(line) - LEAST_PART]
        if cuts:
            cut = min(cuts, key=lambda place: abs(place - len(line) / 2))
            return [line[:cut].strip(), line[cut:].strip()]
    return [line]


def _moved(units: list[Unit], chance: float, draw: np.random.Generator) -> list[Unit]:
    """Move a sentence of the English side over one or two others: in order, all of them are one bead."""
    out, place = [], 0
    while place < len(units):
        group = units[place : place + int(draw.integers(2, 4))]
        if draw.random() < chance and all(len(unit.vi) == len(unit.en) == 1 for unit in group):
            english = [line for unit in group for line in unit.en]
            out.append(Unit([line for unit in group for line in unit.vi], [english[-1], *english[:-1]]))
            place += len(group)
        else:
            out.append(units[place])
            place += 1
    return out
