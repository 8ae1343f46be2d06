"""The one thing that the rest of the package knows about models that turn sentences into vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


@runtime_checkable
class Encoder(Protocol):
    """Turns sentences of either language into unit vectors whose dot product measures how close their meanings are.

    Any object with these members serves, so a user's own model needs no registration:

        class MyEncoder:
            name, dim, pooling, fingerprint = "my-encoder", 512, "mean", "v1"
            def encode(self, texts): ...   # float32 (len(texts), 512), unit rows
            def centre(self, lang): return None
    """

    name: str
    """What `--encoder` calls it."""
    dim: int
    """Columns of what `encode` returns."""
    pooling: str
    """How token vectors became one: "mean" or "max"."""
    fingerprint: str
    """Short hash of everything that the vectors depend on; part of run signatures and cache keys."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), dim) with rows of length 1, in the order of `texts`."""

    def centre(self, lang: str) -> Vectors | None:
        """Return the mean unit vector of general text in `lang` ("vi" or "en"), float32 (dim,), or None if unknown."""
