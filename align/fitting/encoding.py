"""Vectors for fitting: each text is encoded once, however often documents are matched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from align.encoders import Encoder
from align.fitting.documents import Document
from align.matching.api import text_side
from align.matching.sides import Side


class RememberingEncoder:
    """An encoder that keeps the vector of every text in memory."""

    def __init__(self, encoder: Encoder) -> None:
        """Take any encoder."""
        self.encoder, self.name, self.dim = encoder, encoder.name, encoder.dim
        self.pooling, self.fingerprint = encoder.pooling, encoder.fingerprint
        self.known: dict[str, NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 (n, dim) unit rows."""
        new = sorted({text for text in texts if text not in self.known})
        if new:
            self.known.update(zip(new, self.encoder.encode(new), strict=True))
        return np.array([self.known[text] for text in texts], dtype=np.float32).reshape(len(texts), self.dim)

    def centre(self, lang: str) -> NDArray[np.float32] | None:
        """Return the language's mean vector, or None."""
        return self.encoder.centre(lang)


def sides_of(document: Document, encoder: Encoder, *, joined: bool = False) -> tuple[Side, Side]:
    """Return both sides of a document; with `joined` they can encode joined texts."""
    sides = []
    for lines, lang in ((document.vi, "vi"), (document.en, "en")):
        side = text_side(lines, lang, encoder)
        sides.append(side if joined else replace(side, encode_spans=None))
    return sides[0], sides[1]
