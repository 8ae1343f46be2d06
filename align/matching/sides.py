"""One side of a document pair, as all kinds of matching take it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from align.matching.clauses import EncodeClauses
from align.matching.evidence import Evidence
from align.matching.spans import Floats, Ints, Spans

EncodeSpans = Callable[[Sequence[tuple[int, int]]], Floats]
"""Takes (start, end) sentence ranges of one side, returns float32 (n, dim) unit rows of their joined texts."""


@dataclass(frozen=True)
class Side:
    """One side of a document pair, as matching sees it.

    Attributes:
        vectors: float32 (n, dim), unit rows.
        lengths: float64 (n,), characters.
        prior_centre: float32 (dim,), the language's mean vector, or None.
        positions: int64 (n,), places of the sentences in their article, or None for 0..n-1.
        encode_spans: encodes joined texts, or None when only vectors are at hand.
        evidence: names, numbers and quotation marks of the sentences, or None when only vectors are at hand.
        encode_clauses: encodes parts of the sentences, or None when only vectors are at hand.
        pooling: how the vector of several sentences is made of theirs: "mean" or "max", as the encoder pools tokens.
        texts: the sentences in their matching form (`align.sentences.fold`), or None when only vectors are at hand.
    """

    vectors: Floats
    lengths: NDArray[np.float64]
    prior_centre: Floats | None = None
    positions: Ints | None = None
    encode_spans: EncodeSpans | None = None
    evidence: Evidence | None = None
    encode_clauses: EncodeClauses | None = None
    pooling: str = "mean"
    texts: Sequence[str] | None = None

    def joined(self, sentences: Sequence[int]) -> str:
        """Return the text of a bead's sentences.

        Raises:
            ValueError: the side has no texts.
        """
        if self.texts is None:
            raise ValueError("this side has vectors only")
        return " ".join(self.texts[index] for index in sentences)

    def spans(self, prior_weight: float) -> Spans:
        """Return the pooled spans of this side."""
        return Spans(
            self.vectors,
            self.lengths,
            prior_centre=self.prior_centre,
            prior_weight=prior_weight,
            positions=self.positions,
            pooling=self.pooling,
        )
