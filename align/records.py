"""A file of records by key: what the caches of vectors and of translations are kept in.

One SQLite file. Records are appended to an ordinary table, and a unique index finds their keys: keys are hashes, and
a table clustered by them would rewrite a page for every record (four to seven times slower to write vectors,
measured). Every record has a CRC-32 that covers its key, for SQLite has no checksums of its own.

Each call opens the file and closes it again, in about a millisecond: no state that a thread or a forked process could
share by accident. Processes may read and write at the same time (write-ahead log); that needs a local disk.
"""

from __future__ import annotations

import contextlib
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from align.errors import InputError, OutputError
from align.files import check_writable

_AT_ONCE = 512  # keys a query; SQLite before 3.32 takes at most 999
_PATIENCE = 60.0  # seconds to wait for another process that writes
_CRC = 4  # bytes of the checksum behind a record
_RESIDUE = 0x2144DF1C  # CRC-32 of anything followed by its own CRC-32


@dataclass(frozen=True)
class RecordKind:
    """What tells one kind of file from another.

    Attributes:
        name: for messages, such as "embedding cache".
        item: for messages, and the name of the column, such as "vector"; the table is its plural.
        application: four bytes in the file's `application_id`: tell our files from other people's databases.
        version: of what the records hold, in the file's `user_version`.
        page: bytes of a page of the file; large ones waste less on large records.
    """

    name: str
    item: str
    application: int
    version: int
    page: int


class RecordFile:
    """Bytes by key of 16 bytes, in a file that is made when there is none."""

    def __init__(self, path: str | Path, kind: RecordKind) -> None:
        """Open or make the file.

        Raises:
            InputError: the file is something else, damaged, or of another version; it is left as it is.
            OutputError: it cannot be written.
        """
        check_writable(path)
        # Absolute, or SQLite would take some names, such as ":memory:", for something else than a file.
        self.path = Path(path).absolute()
        self._shown, self._kind = path, kind
        with self._open() as connection:
            self._prepare(connection)

    def read(self, keys: Sequence[bytes]) -> Iterator[dict[int, bytes]]:
        """Yield some hundred records at a time, by the place of their key in `keys`; unknown keys are left out.

        Raises:
            InputError: the file is damaged.
            OutputError: the file cannot be opened.
        """
        table, item = f"{self._kind.item}s", self._kind.item
        with self._open() as connection:
            for start in range(0, len(keys), _AT_ONCE):
                wanted = {key: start + place for place, key in enumerate(keys[start : start + _AT_ONCE])}
                marks = ",".join("?" * len(wanted))
                query = f"SELECT key, {item} FROM {table} WHERE key IN ({marks})"
                found = connection.execute(query, list(wanted)).fetchall()
                yield {wanted[key]: self._proved(key, record) for key, record in found}

    def write(self, keys: Sequence[bytes], records: Sequence[bytes]) -> None:
        """Add records, all of them or, on any error, none; a key that is there already keeps its record.

        Raises:
            InputError: the file is damaged.
            OutputError: the file cannot be written, or the disk is full.
        """
        table, item = f"{self._kind.item}s", self._kind.item
        rows = [(key, _with_checksum(key, record)) for key, record in zip(keys, records, strict=True)]
        with self._open() as connection, _transaction(connection):
            connection.executemany(f"INSERT OR IGNORE INTO {table} (key, {item}) VALUES (?, ?)", rows)

    def __len__(self) -> int:
        """Count the records in the file."""
        with self._open() as connection:
            return int(connection.execute(f"SELECT count(*) FROM {self._kind.item}s").fetchone()[0])

    def damaged(self, reason: str) -> InputError:
        """Return the error for a file whose records cannot be right."""
        return InputError(
            f"{self._shown}: no {self._kind.name}, or a damaged one ({reason}); give another file, or delete this one "
            f"if it was a cache: the {self._kind.item}s are computed again"
        )

    def _proved(self, key: bytes, record: object) -> bytes:
        if not isinstance(record, bytes) or zlib.crc32(record, zlib.crc32(key)) != _RESIDUE:
            raise self.damaged(f"a {self._kind.item} does not agree with its checksum")
        return record[:-_CRC]

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection and close it; errors of SQLite become ours."""
        try:
            # isolation_level=None: transactions begin and end where we say.
            with contextlib.closing(sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)) as connection:
                connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last records, no more
                yield connection
        except sqlite3.OperationalError as error:
            if "no such" in str(error):  # a table or column is gone
                raise self.damaged(str(error)) from error
            raise OutputError(self._shown, f"{error}; make room, or leave the cache out") from error
        except sqlite3.DatabaseError as error:
            raise self.damaged(str(error)) from error

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Prove that the file is ours, or make it so if there is nothing in it."""
        kind = self._kind
        if connection.execute("PRAGMA application_id").fetchone()[0] != kind.application:
            connection.execute(f"PRAGMA page_size = {kind.page}")
            with _transaction(connection):  # once it has begun, no other process is making the same file
                self._create(connection)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version != kind.version:
            raise InputError(
                f"{self._shown}: {kind.name} of version {version}, this program has {kind.version}; give another file"
            )
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            # Another process may be at it; the cache works in the other mode, too.
            with contextlib.suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA journal_mode = WAL")

    def _create(self, connection: sqlite3.Connection) -> None:
        kind = self._kind
        if connection.execute("PRAGMA application_id").fetchone()[0] == kind.application:
            return
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise InputError(f"{self._shown}: a database of another program; give another file for the cache")
        connection.execute(
            f"CREATE TABLE {kind.item}s (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, {kind.item} BLOB NOT NULL)"
        )
        connection.execute(f"PRAGMA application_id = {kind.application}")
        connection.execute(f"PRAGMA user_version = {kind.version}")


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


def _with_checksum(key: bytes, record: bytes) -> bytes:
    return record + zlib.crc32(record, zlib.crc32(key)).to_bytes(_CRC, "little")
