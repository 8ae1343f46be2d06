"""Read the measuring data: document pairs with gold beads, pools with gold pairs."""

from __future__ import annotations

from pathlib import Path

from align.fitting.documents import Document, ordered_document, sentences_of, unordered_document
from align.fitting.encoding import RememberingEncoder as CachedEncoder
from align.fitting.encoding import sides_of

__all__ = [
    "CachedEncoder",
    "Document",
    "bead_documents",
    "comparable_documents",
    "lines_of",
    "mining_pool",
    "sides_of",
]

lines_of = sentences_of


def bead_documents(folder: Path) -> list[Document]:
    """Read every NAME.vi, NAME.en, NAME.gold of a folder."""
    return [ordered_document(gold, known_shapes=False) for gold in sorted(folder.glob("*.gold"))]


def comparable_documents(folder: Path) -> list[Document]:
    """Read every NAME.vi, NAME.en, NAME.gold.tsv of a folder; gold pairs become 1-1 beads."""
    names = sorted(gold.name.removesuffix(".gold.tsv") for gold in folder.glob("*.gold.tsv"))
    return [
        unordered_document(folder / f"{name}.gold.tsv", name, folder / f"{name}.vi", folder / f"{name}.en")
        for name in names
    ]


def mining_pool(folder: Path) -> Document:
    """Read pool.vi, pool.en and gold.tsv of a folder."""
    return unordered_document(folder / "gold.tsv", folder.name, folder / "pool.vi", folder / "pool.en")
