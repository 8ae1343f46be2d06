"""A file of vectors by key: what the embedding cache is kept in.

One SQLite file. Vectors are appended to an ordinary table, and a unique index finds their keys: keys are hashes, and
a table clustered by them would rewrite a page for every vector (four to seven times slower to write, measured). Pages
of 32 KiB waste little on vectors of 1.5 to 4 KB. Every vector has a CRC-32 that covers its key, for SQLite has no
checksums of its own.

Each call opens the file and closes it again, in about a millisecond: no state that a thread or a forked process could
share by accident. Processes may read and write at the same time (write-ahead log); that needs a local disk.
"""

from __future__ import annotations

import contextlib
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from align.encoders.base import Vectors
from align.errors import InputError, OutputError
from align.files import check_writable

SCHEMA = 1
"""Version of the table below, in the file's `user_version`."""

_APPLICATION = 0x616C6E63  # "alnc", in the file's `application_id`: tells our files from other people's databases
_PAGE = 32_768
_AT_ONCE = 512  # keys a query; SQLite before 3.32 takes at most 999
_PATIENCE = 60.0  # seconds to wait for another process that writes
_CRC = 4  # bytes of the checksum behind a vector
_RESIDUE = 0x2144DF1C  # CRC-32 of anything followed by its own CRC-32

_CREATE = "CREATE TABLE vectors (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, vector BLOB NOT NULL)"


class VectorStore:
    """Vectors by key of 16 bytes, in a file that is made when there is none."""

    def __init__(self, path: str | Path) -> None:
        """Open or make the file.

        Raises:
            InputError: the file is something else, damaged, or of another version; it is left as it is.
            OutputError: it cannot be written.
        """
        check_writable(path)
        # Absolute, or SQLite would take some names, such as ":memory:", for something else than a file.
        self.path = Path(path).absolute()
        self._shown = path
        with self._open() as connection:
            self._prepare(connection)

    def read(self, keys: Sequence[bytes], rows: Vectors) -> NDArray[np.int64]:
        """Fill the rows of float32 (len(keys), dim) whose keys are in the file; return the places of the others.

        Raises:
            InputError: the file is damaged.
            OutputError: the file cannot be opened.
        """
        found = np.zeros(len(keys), bool)
        with self._open() as connection:
            for start in range(0, len(keys), _AT_ONCE):
                wanted = {key: start + place for place, key in enumerate(keys[start : start + _AT_ONCE])}
                marks = ",".join("?" * len(wanted))
                query = f"SELECT key, vector FROM vectors WHERE key IN ({marks})"
                records = dict(connection.execute(query, list(wanted)))
                places = [wanted[key] for key in records]
                rows[places] = self._vectors(records, rows.shape[1])
                found[places] = True
        return np.flatnonzero(~found)

    def write(self, keys: Sequence[bytes], rows: Vectors) -> None:
        """Add vectors, all of them or, on any error, none; a key that is there already keeps its vector.

        Raises:
            InputError: the file is damaged.
            OutputError: the file cannot be written, or the disk is full.
        """
        records = [(key, _record(key, row.tobytes())) for key, row in zip(keys, rows.astype("<f4"), strict=True)]
        with self._open() as connection, _transaction(connection):
            connection.executemany("INSERT OR IGNORE INTO vectors (key, vector) VALUES (?, ?)", records)

    def __len__(self) -> int:
        """Count the vectors in the file."""
        with self._open() as connection:
            return int(connection.execute("SELECT count(*) FROM vectors").fetchone()[0])

    def _vectors(self, records: Mapping[bytes, bytes], dim: int) -> Vectors:
        for key, record in records.items():
            if not isinstance(record, bytes) or zlib.crc32(record, zlib.crc32(key)) != _RESIDUE:
                raise self._damaged("a vector does not agree with its checksum")
            if len(record) != 4 * dim + _CRC:
                raise self._damaged(f"a vector of {len(record)} bytes where {4 * dim + _CRC} are due")
        return np.frombuffer(b"".join(records.values()), "<f4").reshape(len(records), dim + 1)[:, :dim]

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection and close it; errors of SQLite become ours."""
        try:
            # isolation_level=None: transactions begin and end where we say.
            with contextlib.closing(sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)) as connection:
                connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last vectors, no more
                yield connection
        except sqlite3.OperationalError as error:
            if "no such" in str(error):  # a table or column is gone
                raise self._damaged(str(error)) from error
            raise OutputError(self._shown, f"{error}; make room, or leave the cache out") from error
        except sqlite3.DatabaseError as error:
            raise self._damaged(str(error)) from error

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Prove that the file is ours, or make it so if there is nothing in it."""
        if connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
            connection.execute(f"PRAGMA page_size = {_PAGE}")
            with _transaction(connection):  # once it has begun, no other process is making the same file
                self._create(connection)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version != SCHEMA:
            raise InputError(
                f"{self._shown}: embedding cache of version {version}, this program has {SCHEMA}; give another file"
            )
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            # Another process may be at it; the cache works in the other mode, too.
            with contextlib.suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA journal_mode = WAL")

    def _create(self, connection: sqlite3.Connection) -> None:
        if connection.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION:
            return
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise InputError(f"{self._shown}: a database of another program; give another file for the cache")
        connection.execute(_CREATE)
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {SCHEMA}")

    def _damaged(self, reason: str) -> InputError:
        return InputError(
            f"{self._shown}: no embedding cache, or a damaged one ({reason}); give another file, or delete this one "
            "if it was a cache: the vectors are computed again"
        )


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all or, whatever happens, nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _record(key: bytes, vector: bytes) -> bytes:
    return vector + zlib.crc32(vector, zlib.crc32(key)).to_bytes(_CRC, "little")
