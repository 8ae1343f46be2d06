"""A file of vectors by key: what the embedding cache is kept in (see `align.records`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from align.encoders.base import Vectors
from align.records import RecordFile, RecordKind

SCHEMA = 1
"""Version of what the file holds: vectors as little-endian float32."""

# Pages of 32 KiB waste little on vectors of 1.5 to 4 KB.
_KIND = RecordKind("embedding cache", "vector", application=0x616C6E63, version=SCHEMA, page=32_768)  # "alnc"


class VectorStore:
    """Vectors by key of 16 bytes, in a file that is made when there is none."""

    def __init__(self, path: str | Path) -> None:
        """Open or make the file.

        Raises:
            InputError: the file is something else, damaged, or of another version; it is left as it is.
            OutputError: it cannot be written.
        """
        self._file = RecordFile(path, _KIND)
        self.path = self._file.path

    def read(self, keys: Sequence[bytes], rows: Vectors) -> NDArray[np.int64]:
        """Fill the rows of float32 (len(keys), dim) whose keys are in the file; return the places of the others.

        Raises:
            InputError: the file is damaged.
            OutputError: the file cannot be opened.
        """
        found = np.zeros(len(keys), bool)
        for records in self._file.read(keys):
            places = list(records)
            rows[places] = self._vectors(list(records.values()), rows.shape[1])
            found[places] = True
        return np.flatnonzero(~found)

    def write(self, keys: Sequence[bytes], rows: Vectors) -> None:
        """Add vectors, all of them or, on any error, none; a key that is there already keeps its vector.

        Raises:
            InputError: the file is damaged.
            OutputError: the file cannot be written, or the disk is full.
        """
        self._file.write(keys, [row.tobytes() for row in rows.astype("<f4")])

    def __len__(self) -> int:
        """Count the vectors in the file."""
        return len(self._file)

    def _vectors(self, records: Sequence[bytes], dim: int) -> Vectors:
        for record in records:
            if len(record) != 4 * dim:
                raise self._file.damaged(f"a vector of {len(record)} bytes where {4 * dim} are due")
        return np.frombuffer(b"".join(records), "<f4").reshape(len(records), dim)
