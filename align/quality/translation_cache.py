"""A translator that keeps what it has computed in a file, so that no run translates a sentence twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from align.errors import ModelError
from align.records import RecordFile, RecordKind
from align.translation.base import Direction, Entropies, Translator

VERSION = 1
"""Version of what the file holds: translations as UTF-8, cross-entropies as little-endian float64."""

_KIND = RecordKind("translation cache", "translation", application=0x616C7463, version=VERSION, page=4096)  # "altc"
_AT_ONCE = 1024
"""Texts or pairs computed between two writes: what an interrupted run loses at most."""


class CachedTranslator:
    """Another translator, with its translations and cross-entropies kept in a file.

    A record is found by the translator's name and fingerprint, the direction, and the text or the two texts,
    character for character, so that one file serves any number of translators. Any number of processes may use one
    file at the same time, on a local disk. A call that is interrupted leaves whole records or nothing.
    """

    def __init__(self, translator: Translator, path: str | Path) -> None:
        """Put a cache before a translator.

        Args:
            translator: what computes that which is not in the file.
            path: the file; it is made when there is none.

        Raises:
            InputError: `path` is something else than a cache, damaged, or of another version.
            OutputError: `path` cannot be written.
        """
        self._translator = translator
        self._file = RecordFile(path, _KIND)
        self.name, self.fingerprint = translator.name, translator.fingerprint
        self.directions = translator.directions
        self.computed = 0
        """How many translations and cross-entropies were not in the file."""

    def translate(self, texts: Sequence[str], direction: Direction) -> list[str]:
        """Return the translation of every text, in their order.

        Raises:
            InputError: the file is damaged.
            ModelError: the translator returned another number of texts; none of it is kept.
            OutputError: the file cannot be written, or the disk is full.
        """

        def compute(items: list[tuple[str, ...]]) -> list[bytes]:
            made = self._translator.translate([item[0] for item in items], direction)
            self._check(len(made), len(items), "translations")
            return [text.encode("utf-8", "surrogatepass") for text in made]

        records = self._records(["translate", direction], [(text,) for text in texts], compute)
        return [record.decode("utf-8", "surrogatepass") for record in records]

    def cross_entropy(self, sources: Sequence[str], targets: Sequence[str], direction: Direction) -> Entropies:
        """Return float64 (n,): nats per token of each target given its source, NaN where one of them is empty.

        Raises:
            InputError: the file is damaged.
            ModelError: the translator returned another number of values; none of it is kept.
            OutputError: the file cannot be written, or the disk is full.
        """

        def compute(items: list[tuple[str, ...]]) -> list[bytes]:
            made = self._translator.cross_entropy([item[0] for item in items], [item[1] for item in items], direction)
            self._check(len(made), len(items), "cross-entropies")
            return [value.tobytes() for value in np.asarray(made, "<f8")]

        items = list(zip(sources, targets, strict=True))
        records = self._records(["cross-entropy", direction], items, compute)
        return np.frombuffer(b"".join(records), "<f8").astype(np.float64)

    def _records(
        self,
        kind: list[str],
        items: Sequence[tuple[str, ...]],
        compute: Callable[[list[tuple[str, ...]]], list[bytes]],
    ) -> list[bytes]:
        unique = {item: place for place, item in enumerate(dict.fromkeys(items))}
        different = list(unique)
        owner = json.dumps([self.name, self.fingerprint, *kind]).encode()
        keys = [_key(owner, item) for item in different]
        found: dict[int, bytes] = {}
        for records in self._file.read(keys):
            found.update(records)
        missing = [place for place in range(len(different)) if place not in found]
        for start in range(0, len(missing), _AT_ONCE):
            block = missing[start : start + _AT_ONCE]
            made = compute([different[place] for place in block])
            self._file.write([keys[place] for place in block], made)
            found.update(zip(block, made, strict=True))
            self.computed += len(block)
        return [found[unique[item]] for item in items]

    def _check(self, found: int, expected: int, what: str) -> None:
        # What is wrong once would be wrong for ever.
        if found != expected:
            raise ModelError(f"{self.name}: {found} {what} for {expected} texts; the translator is at fault")


def _key(owner: bytes, texts: tuple[str, ...]) -> bytes:
    digest = hashlib.blake2b(digest_size=16, key=hashlib.blake2b(owner, digest_size=32).digest())
    for text in texts:
        # The lengths tell where a text ends: ("ab", "c") is not ("a", "bc").
        data = text.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.digest()
