"""Document pairs with gold, as fitting and measuring read them: sentences a line, 0-based line numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from align.errors import InputError
from align.files import read_lines
from align.matching.beads import Bead, covering, parse_beads
from align.matching.calibration import SHAPES
from align.matching.evidence import has_words


@dataclass(frozen=True)
class Document:
    """A document pair as lists of sentences, with its gold beads.

    Attributes:
        name: of its files, without the ending; copies keep the name of what they were made from.
        vi, en: the sentences.
        gold: in order, covering each index once; or 1-1 in any order, what has no counterpart left out.
    """

    name: str
    vi: list[str]
    en: list[str]
    gold: list[Bead]

    @property
    def article(self) -> int:
        """Number of the article that the document was made from: documents of one article share a fold."""
        head, underline, _ = self.name.partition("_")
        return int(head) if underline and head.isascii() and head.isdigit() else sum(map(ord, self.name))

    @property
    def is_identity(self) -> bool:
        """Whether line k of either side is the translation of line k of the other, all through."""
        places = [((i,), (i,)) for i in range(len(self.vi))]
        return len(self.vi) == len(self.en) and [(bead.vi, bead.en) for bead in self.gold] == places


def sentences_of(path: Path) -> list[str]:
    """Return the lines of a text file; empty ones at its end are none.

    Raises:
        InputError: the file cannot be read.
        DecodingError: it is not UTF-8.
    """
    lines = read_lines(path)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def ordered_document(gold: Path, *, known_shapes: bool = True) -> Document:
    """Read NAME.vi, NAME.en and NAME.gold: beads in order, such as `[0]:[0, 1]` a line.

    Sentences that no bead holds count as unaligned.

    Args:
        gold: the file of beads; the texts lie beside it.
        known_shapes: whether beads of a shape that the in-order model does not know are refused.

    Raises:
        InputError: a file is missing; or a line of the gold is no bead, names a sentence that there is not or that
            another bead has, is out of order, or has a shape that the in-order model does not know. The message names
            file and line.
    """
    vi, en = _sides(gold.with_suffix(""))
    lines = read_lines(gold)
    numbers = [number for number, line in enumerate(lines, 1) if line.strip()]
    places = [f"{gold}, line {number}" for number in numbers]
    beads = parse_beads(lines, str(gold))
    _check_beads(beads, places, len(vi), len(en))
    if known_shapes:
        _check_shapes(beads, places)
    return Document(gold.stem, vi, en, covering([bead for bead in beads if bead.vi and bead.en], len(vi), len(en)))


def unordered_document(gold: Path, name: str, vi_path: Path, en_path: Path) -> Document:
    """Read index pairs, a tab between them, as 1-1 beads in any order; further columns are ignored.

    Raises:
        InputError: a file is missing, or a line of the gold holds no two numbers of sentences that there are; the
            message names file and line.
    """
    vi, en = sentences_of(vi_path), sentences_of(en_path)
    beads: dict[tuple[int, int], Bead] = {}
    for number, line in enumerate(read_lines(gold), 1):
        cells = line.split("\t")
        if not line.strip() or (number == 1 and cells[:2] == ["vi_index", "en_index"]):
            continue
        place = f"{gold}, line {number}"
        pair = _index(cells, 0, len(vi), place), _index(cells, 1, len(en), place)
        beads[pair] = Bead((pair[0],), (pair[1],))
    return Document(name, vi, en, list(beads.values()))


def joined_documents(documents: Iterable[Document], name: str = "all") -> Document:
    """Lay several documents with 1-1 gold end to end."""
    vi: list[str] = []
    en: list[str] = []
    gold = []
    for document in documents:
        gold += [Bead((b.vi[0] + len(vi),), (b.en[0] + len(en),)) for b in document.gold]
        vi += document.vi
        en += document.en
    return Document(name, vi, en, gold)


def cut(document: Document, most: int) -> list[Document]:
    """Cut a document with beads in order between beads, into pieces of at most `most` sentences of both sides together.

    A document that is no longer stays itself; one bead is never cut.
    """
    if len(document.vi) + len(document.en) <= most:
        return [document]
    pieces: list[list[Bead]] = [[]]
    size = 0
    for bead in document.gold:
        size += len(bead.vi) + len(bead.en)
        if size > most and pieces[-1]:
            pieces.append([])
            size = len(bead.vi) + len(bead.en)
        pieces[-1].append(bead)
    return [_piece(document, beads) for beads in pieces]


def _piece(document: Document, beads: Sequence[Bead]) -> Document:
    rows, columns = [i for bead in beads for i in bead.vi], [j for bead in beads for j in bead.en]
    top, left = min(rows, default=0), min(columns, default=0)
    gold = [Bead(tuple(i - top for i in bead.vi), tuple(j - left for j in bead.en)) for bead in beads]
    return Document(document.name, [document.vi[i] for i in rows], [document.en[j] for j in columns], gold)


def one_to_one(document: Document) -> Document:
    """Return the document with the 1-1 beads of its gold alone."""
    return replace(document, gold=[bead for bead in document.gold if bead.shape == "1-1"])


def is_worded(document: Document) -> bool:
    """Say whether each line holds a letter or a digit: matching takes no notice of others, and indices would shift."""
    return all(map(has_words, [*document.vi, *document.en]))


def without_wordless(document: Document) -> Document:
    """Return the document without the lines that hold no letter or digit, its gold renumbered.

    >>> without_wordless(Document("d", ["Một.", "***", "Hai."], ["One.", "Two."], [
    ...     Bead((0,), (0,)), Bead((1,), ()), Bead((2,), (1,))])).gold
    [Bead(vi=(0,), en=(0,), score=0.0), Bead(vi=(1,), en=(1,), score=0.0)]
    """
    if is_worded(document):
        return document
    kept = [[place for place, line in enumerate(side) if has_words(line)] for side in (document.vi, document.en)]
    new = [{old: place for place, old in enumerate(side)} for side in kept]
    gold = []
    for bead in document.gold:
        vi = tuple(new[0][i] for i in bead.vi if i in new[0])
        en = tuple(new[1][j] for j in bead.en if j in new[1])
        if vi and en:
            gold.append(Bead(vi, en))
        else:
            gold += [Bead((i,), ()) for i in vi] + [Bead((), (j,)) for j in en]
    return Document(document.name, [document.vi[i] for i in kept[0]], [document.en[j] for j in kept[1]], gold)


def _sides(stem: Path) -> tuple[list[str], list[str]]:
    sides = []
    for lang in ("vi", "en"):
        path = stem.with_name(f"{stem.name}.{lang}")
        if not path.is_file():
            raise InputError(f"{stem}.gold: there is no {path.name} beside it; gold needs both texts")
        sides.append(sentences_of(path))
    return sides[0], sides[1]


def _check_beads(beads: Sequence[Bead], places: Sequence[str], vi_count: int, en_count: int) -> None:
    """Raise InputError for the first bead that cannot be in an alignment in order."""
    taken: tuple[set[int], set[int]] = (set(), set())
    ends = [0, 0]  # of the last bead with text on both sides
    for bead, place in zip(beads, places, strict=True):
        for axis, (lang, indices, count) in enumerate((("vi", bead.vi, vi_count), ("en", bead.en, en_count))):
            wrong = _wrong_index(indices, count, taken[axis])
            if wrong:
                raise InputError(f"{place}: {wrong} on the side {lang}; numbers start at 0, each stands in one bead")
            taken[axis].update(indices)
        if not (bead.vi and bead.en):
            continue
        if bead.vi[0] < ends[0] or bead.en[0] < ends[1]:
            raise InputError(f"{place}: stands before a bead above it; gold in order is needed (X.gold.tsv is for any)")
        ends = [bead.vi[-1] + 1, bead.en[-1] + 1]


def _check_shapes(beads: Sequence[Bead], places: Sequence[str]) -> None:
    for bead, place in zip(beads, places, strict=True):
        if bead.vi and bead.en and (len(bead.vi), len(bead.en)) not in SHAPES:
            known = ", ".join(f"{a}-{b}" for a, b in SHAPES)
            raise InputError(f"{place}: a bead of the shape {bead.shape} is beyond the model, which knows {known}")


def _wrong_index(indices: Sequence[int], count: int, taken: set[int]) -> str | None:
    if list(indices) != list(range(indices[0], indices[0] + len(indices)) if indices else ()):
        return f"the sentences {list(indices)} do not follow one another"
    for index in indices:
        if index >= count:
            return f"there is no sentence {index} of {count}"
        if index in taken:
            return f"sentence {index} has stood above already"
    return None


def _index(cells: Sequence[str], column: int, count: int, place: str) -> int:
    text = cells[column].strip() if column < len(cells) else ""
    if not (text.isascii() and text.isdigit()):
        raise InputError(f"{place}: {text[:40]!r} is no line number; expected two of them, Vietnamese and English")
    if int(text) >= count:
        raise InputError(f"{place}: there is no line {text} of {count}; numbers start at 0")
    return int(text)
