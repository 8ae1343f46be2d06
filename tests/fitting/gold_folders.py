"""Small folders of gold, made of sentences that the project has written."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from align.matching import Bead, format_bead
from align.matching.yardstick import yardstick

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "matching"))
from bilingual_texts import BEES, FERRY, ROBOTS

REPORTS = 2  # of the yardstick that serve as parallel lines: enough to fit on, in a second or two
Sides = tuple[Sequence[str], Sequence[str]]


def merged(sides: Sides) -> tuple[list[str], list[str], list[Bead]]:
    """Return a text whose second and third English sentences are one, and whose last English sentence is gone."""
    vi, en = list(sides[0]), list(sides[1])
    en[1:3] = [f"{en[1]} {en[2]}"]
    en.pop()
    beads = [Bead((0,), (0,)), Bead((1, 2), (1,))]
    beads += [Bead((i,), (i - 1,)) for i in range(3, len(vi) - 1)]
    return vi, en, [*beads, Bead((len(vi) - 1,), ())]


def write_lines(stem: Path, sides: Sides) -> None:
    """Write both sides of a document."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    for lang, lines in zip(("vi", "en"), sides, strict=True):
        stem.with_name(f"{stem.name}.{lang}").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def write_ordered(stem: Path, vi: Sequence[str], en: Sequence[str], gold: Sequence[Bead]) -> None:
    """Write a document pair with beads in order."""
    write_lines(stem, (vi, en))
    stem.with_name(f"{stem.name}.gold").write_text("".join(f"{format_bead(bead)}\n" for bead in gold))


def write_unordered(stem: Path, sides: Sides, order: Sequence[int], gold: Path | None = None) -> None:
    """Write a document pair whose English sentences stand in another order, and the index pairs."""
    vi, en = sides
    write_lines(stem, (vi, [en[j] for j in order]))
    pairs = "".join(f"{line}\t{place}\n" for place, line in enumerate(order))
    (gold or stem.with_name(f"{stem.name}.gold.tsv")).write_text(pairs)


def all_lines() -> Sides:
    """Return the sentences of all reports of the yardstick, end to end."""
    reports = yardstick()
    return [line for one in reports for line in one.vi], [line for one in reports for line in one.en]


def write_gold(folder: Path) -> Path:
    """Write some of everything: documents in order and in any order, parallel lines, a pool."""
    for name, sides in (("ferry", FERRY), ("bees", BEES)):
        write_ordered(folder / "ordered" / name, *merged(sides))
    for number, report in enumerate(yardstick()[:REPORTS]):
        write_lines(folder / "lines" / f"{number:03}_report", (report.vi, report.en))
    for number, sides in enumerate((ROBOTS, FERRY, BEES)):
        order = [(3 * i + 1) % len(sides[1]) for i in range(len(sides[1]))]
        if len(set(order)) < len(order):
            order = list(range(len(sides[1])))[::-1]
        write_unordered(folder / "any_order" / f"{number:03}_story", sides, order)
    vi, en = all_lines()
    pool = vi[-40:], en[-40:]
    (folder / "pool").mkdir()
    write_unordered(folder / "pool" / "pool", pool, range(39, -1, -1), folder / "pool" / "gold.tsv")
    return folder
