"""Parts of sentences: what a condensed story keeps of a sentence is often one clause of it.

"The countries, which include China and Iran, also called for a donor conference" and a sentence that only calls for the
conference are far apart as wholes and near as clause and sentence.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from align.matching.evidence import Evidence, evidence_of
from align.matching.spans import Floats, Ints, unit_rows

SHORTEST = 25  # characters of a part: less says too little to be told apart

_CLAUSE_END = re.compile(r"[,;:](?=\s)|\s-(?=\s)")


@dataclass(frozen=True)
class Clauses:
    """The parts of a side's sentences.

    Attributes:
        vectors: float32 (k, dim), unit rows.
        owners: int64 (k,), index of the sentence that each is a part of, not decreasing.
        evidence: of the k parts.
    """

    vectors: Floats
    owners: Ints
    evidence: Evidence

    def best(self, centre: Floats, others: Floats, rows: int) -> tuple[Floats, Ints]:
        """Return the best cosine of each sentence's parts with each of `others`, and which part has it.

        Args:
            centre: float32 (dim,), taken off the parts.
            others: float32 (m, dim), centred unit rows of the other side.
            rows: sentences of this side.

        Returns:
            float32 (rows, m), -1 for a sentence without parts, and int64 (rows, m), 0 there.
        """
        cosines = unit_rows(self.vectors - centre) @ others.T
        best, part = np.full((rows, len(others)), -1, dtype=np.float32), np.zeros((rows, len(others)), dtype=np.int64)
        for number, owner in enumerate(self.owners.tolist()):
            nearer = cosines[number] > best[owner]
            best[owner, nearer], part[owner, nearer] = cosines[number, nearer], number
        return best, part


EncodeClauses = Callable[[], Clauses]


def parts_of(text: str) -> list[str]:
    """Return what stands before and after each clause boundary of a sentence, where it is long enough.

    >>> parts_of("The countries, which include China and Iran, also called for a donor conference.")
    ['which include China and Iran, also called for a donor conference.', 'also called for a donor conference.',
     'The countries, which include China and Iran']
    """
    parts = []
    for boundary in _CLAUSE_END.finditer(text):
        before, after = text[: boundary.end()].strip(" ,;:-"), text[boundary.end() :].strip()
        parts += [part for part in (after, before) if len(part) >= SHORTEST]
    return parts


def clause_encoder(texts: Sequence[str], lang: str, encode: Callable[[list[str]], Floats]) -> EncodeClauses:
    """Return a function that encodes the parts of all sentences when first called, and remembers them."""

    @functools.cache
    def encoded() -> Clauses:
        parts = [(owner, part) for owner, text in enumerate(texts) for part in parts_of(text)]
        found = [part for _, part in parts]
        owners = np.array([owner for owner, _ in parts], dtype=np.int64)
        return Clauses(encode(found), owners, evidence_of(found, lang))

    return encoded
