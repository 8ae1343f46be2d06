"""Find what can be fitted on in a folder, by what its files are, wherever they lie.

X.vi X.en X.gold          a document pair, beads in order; a folder of such files whose gold is line by line, all
                          through, is one of parallel lines
X.vi X.en X.gold.tsv      a document pair, index pairs in any order
pool.vi pool.en gold.tsv  two pools of sentences, index pairs
X.vi X.en                 parallel lines without gold
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from align.errors import InputError
from align.fitting.documents import (
    Document,
    joined_documents,
    one_to_one,
    ordered_document,
    sentences_of,
    unordered_document,
    without_wordless,
)
from align.matching.beads import Bead
from align.matching.evidence import has_words

# Collections are taken in this order, others after them by name: seeds are counted through, and the constants in the
# package can be fitted again to the last digit.
FIRST = ("news_docs/noisy", "news_docs/hard", "news_docs/clean", "news_docs/comparable")
LAST = ("docs_parallel/blocks",)
LONGEST_DOCUMENT = 150  # lines; longer files without gold are cut
PIECE = 60  # lines of the documents that they are cut into
MOST_PIECES = 60  # of a file, spread evenly over it
MOST_SENTENCES = 1.3  # of a line, on average; above that lines are paragraphs, of which no beads can be made
LOOKED_AT = 200  # lines, for that


@dataclass(frozen=True)
class Collection:
    """The documents of one folder and kind.

    Attributes:
        name: path of the folder below the data folder.
        documents: at least one.
    """

    name: str
    documents: list[Document]

    @property
    def articles(self) -> set[str]:
        """Names of the documents."""
        return {document.name for document in self.documents}


@dataclass
class Material:
    """All that a data folder holds for fitting.

    Attributes:
        ordered: documents with beads in order.
        lines: documents whose line k of either side translates line k of the other.
        unordered: documents with 1-1 pairs in any order.
        own_pools: pools of sentences with gold.
        left_out: files that could not serve, each with its reason.
    """

    ordered: list[Collection] = field(default_factory=list)
    lines: list[Collection] = field(default_factory=list)
    unordered: list[Collection] = field(default_factory=list)
    own_pools: list[Collection] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to fit on."""
        return not (self.ordered or self.lines or self.unordered or self.own_pools)

    @property
    def retold_lines(self) -> list[Collection]:
        """Parallel lines of articles that are there out of order, too; all of them if nothing is out of order."""
        return [one for one in self.lines if self._is_retold(one)] if self.unordered else self.lines

    @property
    def pools(self) -> dict[str, Document]:
        """Each collection with 1-1 gold as one pool, by name; each article is in one of them only."""
        own = [one for one in self.lines if not self._is_retold(one)]
        return _laid_end_to_end([*self.unordered, *self.own_pools, *own])

    @property
    def pair_files(self) -> dict[str, Document]:
        """Each collection of pairs that translate each other, line by line or in pools, by name."""
        retold = [one for one in self.lines if self._is_retold(one)]
        own = [one for one in self.lines if not self._is_retold(one)]
        return _laid_end_to_end([*retold, *self.own_pools, *own])

    def counts(self) -> str:
        """Say in a line how much there is."""
        kinds = {
            "document pairs with beads in order": self.ordered,
            "of parallel lines": self.lines,
            "with pairs in any order": self.unordered,
            "pools": self.own_pools,
        }
        return ", ".join(f"{sum(len(c.documents) for c in found)} {kind}" for kind, found in kinds.items())

    def _is_retold(self, collection: Collection) -> bool:
        return any(one.articles & collection.articles for one in self.unordered)


def read_material(data: Path) -> Material:
    """Read all that a folder and those below it hold.

    Raises:
        InputError: it is no folder, holds nothing to fit on, or a gold file is wrong (the message names file and line).
    """
    if not data.is_dir():
        raise InputError(f"{data}: no such folder")
    material = Material()
    for folder in sorted(map(Path, (root for root, _, _ in os.walk(data))), key=lambda folder: _rank(data, folder)):
        _read_folder(folder, folder.relative_to(data).as_posix(), material)
    if material.is_empty:
        left_out = f" ({'; '.join(material.left_out)})" if material.left_out else ""
        raise InputError(
            f"{data}: nothing to fit on{left_out}; expected X.vi and X.en with X.gold (beads in order), with "
            "X.gold.tsv (index pairs) or line by line, or pool.vi, pool.en and gold.tsv"
        )
    return material


def _rank(data: Path, folder: Path) -> tuple[int, str]:
    name = folder.relative_to(data).as_posix()
    if name in FIRST:
        return FIRST.index(name), name
    return len(FIRST) + (name in LAST), name


def _read_folder(folder: Path, name: str, material: Material) -> None:
    files = {path.name for path in folder.iterdir() if path.is_file()}
    ordered = [_worded_gold(ordered_document(folder / file)) for file in sorted(_ending(files, ".gold"))]
    if ordered and all(document.is_identity for document in ordered):
        material.lines.append(Collection(name, ordered))
    elif ordered:
        material.ordered.append(Collection(name, ordered))
    unordered = [
        _pairs(folder / f"{stem}.gold.tsv", stem, folder / stem)
        for stem in sorted(file.removesuffix(".gold.tsv") for file in _ending(files, ".gold.tsv"))
    ]
    if any(document.gold for document in unordered):
        material.unordered.append(Collection(name, unordered))
    elif unordered:
        material.left_out.append(f"{name}: the gold holds no pair")
    if {"pool.vi", "pool.en", "gold.tsv"} <= files:
        pool = _pairs(folder / "gold.tsv", folder.name, folder / "pool")
        if pool.gold:
            material.own_pools.append(Collection(name, [pool]))
        else:
            material.left_out.append(f"{name}: the gold holds no pair")
        files -= {"pool.vi", "pool.en"}
    lines = [piece for stem in _without_gold(files) for piece in _pieces(folder, stem, name, material)]
    if lines:
        material.lines.append(Collection(name, lines))


def _worded_gold(document: Document) -> Document:
    """Return a document of beads without its wordless lines; one of parallel lines stays as it is."""
    return document if document.is_identity else without_wordless(document)


def _pairs(gold: Path, name: str, stem: Path) -> Document:
    sides = (stem.with_name(f"{stem.name}.{lang}") for lang in ("vi", "en"))
    return one_to_one(without_wordless(unordered_document(gold, name, *sides)))


def _ending(files: set[str], ending: str) -> Iterator[str]:
    return (file for file in files if file.endswith(ending) and file != ending)


def _without_gold(files: set[str]) -> list[str]:
    """Return the names of text pairs that nothing else is said about: X.blocks.tsv, too, says something."""
    stems = {file.removesuffix(".vi") for file in _ending(files, ".vi") if f"{file.removesuffix('.vi')}.en" in files}
    return sorted(stem for stem in stems if not any(_is_about(file, stem) for file in files))


def _is_about(file: str, stem: str) -> bool:
    return file.startswith(f"{stem}.") and file.endswith((".gold", ".tsv"))


def _pieces(folder: Path, stem: str, name: str, material: Material) -> list[Document]:
    """Return parallel lines as documents; note in `left_out` why there are none."""
    vi, en = (sentences_of(folder / f"{stem}.{lang}") for lang in ("vi", "en"))
    if len(vi) != len(en):
        material.left_out.append(f"{name}/{stem}: {len(vi)} lines in .vi and {len(en)} in .en, and no gold")
        return []
    worded = [(a, b) for a, b in zip(vi, en, strict=True) if has_words(a) and has_words(b)]
    if not worded:
        material.left_out.append(f"{name}/{stem}: no line with words")
        return []
    crowd = max(_sentences_a_line([pair[0] for pair in worded], "vi"), _sentences_a_line([p[1] for p in worded], "en"))
    if crowd > MOST_SENTENCES:
        material.left_out.append(f"{name}/{stem}: {crowd:.1f} sentences a line; split it into sentences first")
        return []
    size = len(worded) if len(worded) <= LONGEST_DOCUMENT else PIECE
    starts = range(0, len(worded), size)
    step = max(1, -(-len(starts) // MOST_PIECES))
    pieces = [worded[start : start + size] for start in starts[::step]]
    names = [stem if len(starts) == 1 else f"{stem}#{number}" for number in range(len(pieces))]
    return [
        Document(name, [a for a, _ in piece], [b for _, b in piece], _identity(len(piece)))
        for name, piece in zip(names, pieces, strict=True)
    ]


def _identity(count: int) -> list[Bead]:
    return [Bead((line,), (line,)) for line in range(count)]


def _laid_end_to_end(collections: list[Collection]) -> dict[str, Document]:
    found: dict[str, Document] = {}
    for one in collections:
        name = one.name if one.name not in found else f"{one.name} ({len(found)})"  # a folder may hold two kinds
        found[name] = joined_documents(map(one_to_one, one.documents), name)
    return found


def _sentences_a_line(lines: list[str], lang: str) -> float:
    from align.sentences import split

    looked_at = lines[:: max(1, len(lines) // LOOKED_AT)][:LOOKED_AT]
    return sum(len(split(line, lang)) for line in looked_at) / len(looked_at)
