"""Encoders that nothing was fitted for, made of the bundled one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from align.encoders import Encoder
from align.matching.spans import Floats, unit_rows


class Stranger:
    """Bends the vectors of another encoder; knows no mean vectors and no calibration."""

    def __init__(
        self, name: str, encoder: Encoder, bend: Callable[[Floats], Floats] = np.asarray, *, pooling: str = "mean"
    ) -> None:
        self.name = self.fingerprint = name
        self.pooling = pooling
        self._encoder, self._bend = encoder, bend
        self.dim = bend(np.zeros((1, encoder.dim), dtype=np.float32)).shape[1]
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> Floats:
        self.encoded += texts
        return unit_rows(self._bend(self._encoder.encode(texts)))

    def centre(self, lang: str) -> None:
        return None


class Meaningless:
    """Gives each text a random vector, always the same."""

    name = fingerprint = "meaningless"
    dim, pooling = 64, "max"

    def encode(self, texts: Sequence[str]) -> Floats:
        seeds = [int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") for text in texts]
        rows = [np.random.default_rng(seed).normal(size=self.dim) for seed in seeds]
        return unit_rows(np.array(rows).reshape(len(texts), self.dim))

    def centre(self, lang: str) -> None:
        return None
