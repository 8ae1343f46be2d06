"""What each part of a calibration is fitted on, made of the material of a data folder."""

from __future__ import annotations

from dataclasses import dataclass

from align.fitting.comparable import UNORDERED_WEIGHT, two_reports
from align.fitting.documents import Document, cut
from align.fitting.in_order import changed_copies
from align.fitting.material import Collection, Material

LONGEST_DOCUMENT = 300  # sentences of both sides together, of gold in order; longer ones are cut between beads
MOST_CELLS = 400_000  # sentence pairs of two comparable articles; a table of features of more is not made


@dataclass(frozen=True)
class Training:
    """Documents with gold for each part.

    Attributes:
        ordered: with beads in order: the gold, and changed copies of parallel lines.
        small_pools: with 1-1 pairs in any order: the gold, or else two reports made of parallel lines, or else pools.
        unordered: the gold alone, in any order.
        reports: comparable articles: the gold, several times over, and two reports made of parallel lines.
    """

    ordered: list[Document]
    small_pools: list[Document]
    unordered: list[Document]
    reports: list[Document]

    def without_fold(self, fold: int, folds: int = 2) -> Training:
        """Return what is left without the articles of one fold."""
        kinds = self.ordered, self.small_pools, self.unordered, self.reports
        return Training(*([d for d in kind if d.article % folds != fold] for kind in kinds))

    @property
    def made_reports(self) -> list[Document]:
        """The comparable articles that were made of parallel lines."""
        gold = set(map(id, self.unordered))
        return [document for document in self.reports if id(document) not in gold]


def training_of(material: Material) -> Training:
    """Choose and make the documents that each part is fitted on."""
    gold = [piece for document in _documents(material.ordered) for piece in cut(document, LONGEST_DOCUMENT)]
    unordered = _documents(material.unordered)
    made = two_reports(_documents(material.retold_lines))
    return Training(
        ordered=gold + changed_copies(_documents(material.lines)),
        small_pools=unordered or made or _documents(material.own_pools),
        unordered=unordered,
        reports=[d for d in unordered * UNORDERED_WEIGHT + made if len(d.vi) * len(d.en) <= MOST_CELLS],
    )


def _documents(collections: list[Collection]) -> list[Document]:
    return [document for collection in collections for document in collection.documents]
