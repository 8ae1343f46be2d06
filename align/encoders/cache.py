"""An encoder that keeps what it has computed in a file, so that no run encodes a text twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from align.encoders.base import Encoder, Vectors
from align.encoders.store import VectorStore
from align.encoders.texts import number_texts
from align.errors import ModelError
from align.progress import Progress, silent

_AT_ONCE = 4096
"""Texts computed between two writes: what an interrupted run loses at most."""


class CachedEncoder:
    """Another encoder, with its vectors kept in a file.

    A vector is found by the encoder's name, dim and fingerprint and by the text, character for character, so that one
    file serves any number of encoders. It is kept as float32, bit for bit. Whether a run with a cache gives the same
    bytes as one without therefore depends on the encoder alone: it does if a text's vector does not depend on the
    texts that are encoded with it (true of E5; see the encoder's own page).

    Any number of processes may use one file at the same time, on a local disk. A call that is interrupted leaves
    whole vectors or nothing.

        >>> import tempfile
        >>> from align.encoders import load_encoder
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     encoder = CachedEncoder(load_encoder(), f"{folder}/vectors.cache")
        ...     first = encoder.encode(["Trời đang mưa.", "It is raining."])
        ...     again = encoder.encode(["It is raining.", "The rain has stopped."])
        >>> encoder.computed, bool((first[1] == again[0]).all())
        (3, True)
    """

    def __init__(self, encoder: Encoder, path: str | Path, *, progress: Progress = silent) -> None:
        """Put a cache before an encoder.

        Args:
            encoder: what computes the vectors that are not in the file.
            path: the file; it is made when there is none. About 4.3 bytes for each of the `dim` numbers of a vector.
            progress: called with the stage "encode" and counts of texts, the known ones included.

        Raises:
            InputError: `path` is something else than a cache, damaged, or of another version.
            OutputError: `path` cannot be written.
        """
        self._encoder = encoder
        self._progress = progress
        self._store = VectorStore(path)
        self.name, self.dim, self.pooling = encoder.name, encoder.dim, encoder.pooling
        self.fingerprint = encoder.fingerprint
        # Matching looks for it, and must find what it would find without a cache.
        self.calibration = getattr(encoder, "calibration", None)
        self.computed = 0
        """How many texts were not in the file and had to be encoded."""
        owner = json.dumps([self.name, self.dim, self.fingerprint]).encode()
        self._hash = hashlib.blake2b(digest_size=16, key=hashlib.blake2b(owner, digest_size=32).digest())

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), dim) with rows of length 1, in the order of `texts`.

        Raises:
            InputError: `texts` is no sequence of str, or the file is damaged.
            ModelError: the encoder returned something else than finite float32 (n, dim); none of it is kept.
            OutputError: the file cannot be written, or the disk is full.
        """
        unique = number_texts(texts)
        originals = list(unique)
        keys = [self._key(text) for text in originals]
        rows = np.empty((len(originals), self.dim), np.float32)
        missing = self._store.read(keys, rows)
        known = len(originals) - len(missing)
        for start in range(0, len(missing), _AT_ONCE):
            self._progress("encode", known + start, len(originals))
            block = missing[start : start + _AT_ONCE]
            rows[block] = self._compute([originals[place] for place in block])
            self._store.write([keys[place] for place in block], rows[block])
        self._progress("encode", len(originals), len(originals))
        return rows[[unique[text] for text in texts]] if len(unique) != len(texts) else rows

    def centre(self, lang: str) -> Vectors | None:
        """Return the mean unit vector of general text in "vi" or "en", float32 (dim,), or None if unknown."""
        return self._encoder.centre(lang)

    def _key(self, text: str) -> bytes:
        own = self._hash.copy()
        own.update(text.encode("utf-8", "surrogatepass"))
        return own.digest()

    def _compute(self, texts: list[str]) -> Vectors:
        vectors = self._encoder.encode(texts)
        # What is wrong once would be wrong for ever.
        if vectors.shape != (len(texts), self.dim) or vectors.dtype != np.float32 or not np.isfinite(vectors).all():
            found = f"{vectors.dtype} {vectors.shape}"
            raise ModelError(f"{self.name}: encode gave {found}, expected finite float32 {(len(texts), self.dim)}")
        self.computed += len(texts)
        return vectors
