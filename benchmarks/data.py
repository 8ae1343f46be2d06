"""Read the measuring data: document pairs with gold beads, pools with gold pairs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from align.matching.api import text_side
from align.matching.beads import Bead, parse_beads
from align.matching.sides import Side


@dataclass(frozen=True)
class Document:
    """A document pair as lists of sentences, with its gold beads."""

    name: str
    vi: list[str]
    en: list[str]
    gold: list[Bead]

    @property
    def article(self) -> int:
        """Number of the article that the document was made from: documents of one article share a fold."""
        return int(self.name.split("_")[0]) if self.name[:3].isdigit() else sum(map(ord, self.name))


def lines_of(path: Path) -> list[str]:
    """Return the lines of a text file."""
    return path.read_text(encoding="utf-8").rstrip("\n").split("\n")


def bead_documents(folder: Path) -> list[Document]:
    """Read every NAME.vi, NAME.en, NAME.gold of a folder."""
    return [
        Document(
            gold.stem,
            lines_of(gold.with_suffix(".vi")),
            lines_of(gold.with_suffix(".en")),
            parse_beads(lines_of(gold), str(gold)),
        )
        for gold in sorted(folder.glob("*.gold"))
    ]


def comparable_documents(folder: Path) -> list[Document]:
    """Read every NAME.vi, NAME.en, NAME.gold.tsv of a folder; gold pairs become 1-1 beads."""
    documents = []
    for gold in sorted(folder.glob("*.gold.tsv")):
        stem = gold.name[: -len(".gold.tsv")]
        pairs = [tuple(map(int, line.split("\t")[:2])) for line in lines_of(gold)]
        documents.append(
            Document(
                stem,
                lines_of(folder / f"{stem}.vi"),
                lines_of(folder / f"{stem}.en"),
                [Bead((i,), (j,)) for i, j in pairs],
            )
        )
    return documents


def mining_pool(folder: Path) -> Document:
    """Read pool.vi, pool.en and gold.tsv of a folder."""
    pairs = [tuple(map(int, line.split("\t")[:2])) for line in lines_of(folder / "gold.tsv")]
    gold = [Bead((i,), (j,)) for i, j in pairs]
    return Document(folder.name, lines_of(folder / "pool.vi"), lines_of(folder / "pool.en"), gold)


class CachedEncoder:
    """Encode each distinct text once."""

    def __init__(self, encoder) -> None:
        """Take any encoder."""
        self.encoder, self.name, self.dim = encoder, encoder.name, encoder.dim
        self.pooling, self.fingerprint = encoder.pooling, encoder.fingerprint
        self.known: dict[str, np.ndarray] = {}

    def encode(self, texts) -> np.ndarray:
        """Return float32 (n, dim) unit rows."""
        new = sorted({text for text in texts if text not in self.known})
        if new:
            self.known.update(zip(new, self.encoder.encode(new), strict=True))
        return np.array([self.known[text] for text in texts], dtype=np.float32).reshape(len(texts), self.dim)

    def centre(self, lang: str):
        """Return the language's mean vector."""
        return self.encoder.centre(lang)


def sides_of(document: Document, encoder: CachedEncoder, *, joined: bool = False) -> tuple[Side, Side]:
    """Return both sides of a document; with `joined` they can encode joined texts."""
    sides = []
    for lines, lang in ((document.vi, "vi"), (document.en, "en")):
        side = text_side(lines, lang, encoder)
        sides.append(side if joined else replace(side, encode_spans=None))
    return sides[0], sides[1]
