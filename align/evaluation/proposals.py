"""What a system proposed with a probability, and the gold that says whether it was right."""

from __future__ import annotations

from pathlib import Path

from align.errors import InputError
from align.evaluation.reading import line_numbers, read_index_pairs
from align.files import read_lines
from align.matching.beads import Bead, parse_beads

GOLD_ENDINGS = (".gold.tsv", ".gold", ".beads", ".tsv", ".txt")
ENDINGS = (".hyp.tsv", ".hyp", *GOLD_ENDINGS)

_COLUMNS = ("vi_index", "en_index", "probability")


def read_gold(path: Path) -> set[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Read the sides of gold beads: from beads, or from line-number pairs, each of which is a bead of shape 1-1.

    Raises:
        InputError: a line is neither; the message names file and line.
    """
    lines = read_lines(path)
    if _holds_beads(lines):
        return {(bead.vi, bead.en) for bead in parse_beads(lines, str(path))}
    return {((vi,), (en,)) for vi, en in read_index_pairs(path)}


def read_proposals(path: Path) -> list[Bead]:
    """Read beads with scores, or a table of line-number pairs with a column probability.

    Beads with an empty side propose no pair and are left out.

    Raises:
        InputError: a line is no bead or pair or has no probability from 0 to 1, or the table lacks one of the columns
            vi_index, en_index and probability; the message names file and line.
    """
    lines = read_lines(path)
    return _scored_beads(lines, path) if _holds_beads(lines) else _scored_pairs(lines, path)


def _holds_beads(lines: list[str]) -> bool:
    return next((line for line in lines if line.strip()), "").lstrip().startswith("[")


def _scored_beads(lines: list[str], path: Path) -> list[Bead]:
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    proposed = []
    for (number, line), bead in zip(numbered, parse_beads(lines, str(path)), strict=True):
        if bead.vi and bead.en:
            # The cell itself: a bead without a score is parsed as one with the score 0.
            cell = line.rpartition("]")[2].strip().removeprefix(":").strip()
            proposed.append(Bead(bead.vi, bead.en, _probability(cell, f"{path}, line {number}")))
    return proposed


def _scored_pairs(lines: list[str], path: Path) -> list[Bead]:
    header = lines[0].strip().split("\t") if lines else []
    missing = [name for name in _COLUMNS if name not in header]
    if missing:
        raise InputError(
            f"{path}, line 1: no column {missing[0]}; expected a header with {', '.join(_COLUMNS)}, as `align mine` "
            "writes it, or beads with scores such as [0]:[0, 1]:0.83"
        )
    columns = [header.index(name) for name in _COLUMNS]
    proposed = []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        place, cells = f"{path}, line {number}", line.split("\t")
        if len(cells) <= max(columns):
            raise InputError(f"{place}: {line[:80]!r}: expected {len(header)} columns between tabs")
        vi, en, probability = (cells[at].strip() for at in columns)
        vi_number, en_number = line_numbers(vi, en, place)
        proposed.append(Bead((vi_number,), (en_number,), _probability(probability, place)))
    return proposed


def _probability(cell: str, place: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:  # nor is "nan"
        raise InputError(f"{place}: the probability is {cell!r}; expected a number from 0 to 1")
    return value
