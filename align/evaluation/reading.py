"""Gold and system output in files: beads, pairs, blocks, paragraphs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from align.errors import InputError
from align.files import read_lines

BEAD_ENDINGS = (".hyp", ".gold", ".beads", ".txt")
PAIR_ENDINGS = (".hyp.tsv", ".gold.tsv", ".tsv")
GOLD_BEAD_ENDINGS = (".gold", ".beads", ".txt")
GOLD_PAIR_ENDINGS = (".gold.tsv", ".tsv")
BLOCK_ENDINGS = (".blocks.tsv",)

_HEADERS = (("vi_index", "en_index"), ("vi_article", "en_article"), ("vi", "en"))


@dataclass(frozen=True)
class Paragraphs:
    """A split text: paragraphs of sentences, and the 1-based line on which each paragraph begins."""

    sentences: list[list[str]]
    first_lines: list[int]


def match_files(
    gold: Path, predicted: Path, gold_endings: Sequence[str], endings: Sequence[str]
) -> tuple[dict[str, Path], dict[str, Path]]:
    """Pair gold files with system files: two files with each other, the files of two folders by name.

    A document's name is the file name without its ending. Of a gold folder only files with the first ending that
    occurs are taken; in the other folder the first ending that a document has is taken.

    Returns:
        Document -> gold file, and document -> system file. Documents of one folder only stay in their dict.

    Raises:
        InputError: a path does not exist, one is a file and the other a folder, or the folders share no document.
    """
    for path in (gold, predicted):
        if not path.exists():
            raise InputError(f"{path}: no such file or folder")
    if gold.is_dir() != predicted.is_dir():
        kinds = ["folder" if path.is_dir() else "file" for path in (gold, predicted)]
        raise InputError(f"{gold} is a {kinds[0]}, {predicted} is a {kinds[1]}; give two files or two folders")
    if not gold.is_dir():
        return {gold.name: gold}, {gold.name: predicted}
    gold_files = next(filter(None, (_by_name(gold, (ending,), gold_endings) for ending in gold_endings)), {})
    if not gold_files:
        raise InputError(f"{gold}: no gold file; the name of one ends in {' or '.join(gold_endings)}")
    files = _by_name(predicted, endings, endings)
    if not gold_files.keys() & files.keys():
        name = min(gold_files)
        raise InputError(f"{predicted}: no file for any gold document; expected a name such as {name}{endings[0]}")
    return gold_files, files


def _by_name(folder: Path, wanted: Sequence[str], known: Sequence[str]) -> dict[str, Path]:
    """Map document names to files; a file counts under its longest known ending."""
    found: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.iterdir()):
        ending = max((known_one for known_one in known if path.name.endswith(known_one)), key=len, default=None)
        if ending in wanted and ending is not None and path.is_file():
            found.setdefault(path.name.removesuffix(ending), {})[ending] = path
    return {name: next(paths[ending] for ending in wanted if ending in paths) for name, paths in found.items()}


def read_index_pairs(path: Path) -> set[tuple[int, int]]:
    """Read pairs of 0-based line numbers, tab-separated; other columns are ignored, a header is understood.

    Raises:
        InputError: a line has no two whole numbers; the message names file and line.
    """
    return {line_numbers(vi, en, place) for place, (vi, en) in _tab_separated(path)}


def line_numbers(vi: str, en: str, place: str) -> tuple[int, int]:
    """Return the numbers in two cells.

    Raises:
        InputError: they are no whole numbers; the message begins with `place`.
    """
    if not all(cell.isascii() and cell.isdigit() for cell in (vi, en)):
        raise InputError(f"{place}: {vi!r} and {en!r}: expected two line numbers, from 0, between tabs")
    return int(vi), int(en)


def read_name_pairs(path: Path) -> set[tuple[str, str]]:
    """Read pairs of article names, tab-separated; other columns are ignored, a header is understood.

    Raises:
        InputError: a line has no two columns; the message names file and line.
    """
    return {pair for _, pair in _tab_separated(path)}


def read_blocks(path: Path) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Read blocks of sentences such as `4,5<tab>4,5`; a side may be empty.

    Raises:
        InputError: a line is no block; the message names file and line.
    """
    blocks = []
    for place, cells in _tab_separated(path):
        sides = [[index.strip() for index in cell.split(",")] if cell else [] for cell in cells]
        if not all(index.isascii() and index.isdigit() for side in sides for index in side):
            raise InputError(f"{place}: {cells[0]!r} and {cells[1]!r}: expected indices such as 4,5 between tabs")
        vi, en = (tuple(int(index) for index in side) for side in sides)
        blocks.append((vi, en))
    return blocks


def _tab_separated(path: Path) -> list[tuple[str, tuple[str, str]]]:
    """Return, for each line that is not blank, its place for messages and its two columns."""
    lines = read_lines(path)
    columns, start = _header(lines)
    rows = []
    for number, line in enumerate(lines[start:], start + 1):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) <= max(columns):
            raise InputError(f"{path}, line {number}: {line[:80]!r}: expected two columns between tabs")
        rows.append((f"{path}, line {number}", (cells[columns[0]].strip(), cells[columns[1]].strip())))
    return rows


def _header(lines: Sequence[str]) -> tuple[tuple[int, int], int]:
    """Return the positions of the two columns and the number of header lines."""
    first = lines[0].strip().split("\t") if lines else []
    for vi, en in _HEADERS:
        if vi in first and en in first:
            return (first.index(vi), first.index(en)), 1
    return (0, 1), 0


def read_paragraphs(path: Path) -> Paragraphs:
    """Read one sentence a line, paragraphs separated by blank lines.

    Raises:
        InputError: the file cannot be read as UTF-8.
    """
    paragraphs = Paragraphs([], [])
    is_open = False
    for number, line in enumerate(read_lines(path), 1):
        if line.strip():
            if not is_open:
                paragraphs.sentences.append([])
                paragraphs.first_lines.append(number)
            paragraphs.sentences[-1].append(line)
        is_open = bool(line.strip())
    return paragraphs
