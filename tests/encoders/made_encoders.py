"""Small encoders for tests of what stands around an encoder: vectors are made from a hash of the text."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from align.encoders.base import Vectors


class HashEncoder:
    """A text's vector depends on the text alone, and every text that is encoded is remembered in `seen`."""

    name = "hash"
    pooling = "mean"
    fingerprint = "v1"

    def __init__(self, dim: int = 8) -> None:
        self.dim = dim
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.seen += texts
        rows = np.empty((len(texts), self.dim), np.float32)
        for row, text in zip(rows, texts, strict=True):
            digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
            row[:] = np.random.default_rng(list(digest)).normal(size=self.dim)
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    def centre(self, lang: str) -> Vectors | None:
        return None
