"""
How is SQLite spoken to?

Connections are lent, one thread at a time, and kept for the next: readers never wait (WAL), writers queue
in SQLite. Every commit reaches the disk before it returns (synchronous=FULL): what is acknowledged survives
a kill and a power cut. What SQLite complains of leaves here as an error of ours, with the next step.

Connections must not be carried over a fork: open the store anew in the child.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from searcher.errors import LibraryBusy, SearcherError, StoreDamaged
from searcher.store.rows import SAID_COUNT, sealed

# Run on each new connection. The journal may not stay larger than 64 MiB after a great batch.
PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA journal_size_limit = 67108864",
)


class Connections:
    """The connections to one `articles.db`, usable from any number of threads."""

    def __init__(self, path: Path, *, busy_timeout_s: float) -> None:
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        self.writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that sees one state of the library from the first query to the last."""
        # ROLLBACK: after a broken page was met, COMMIT fails though there is nothing to commit.
        with self._lent("BEGIN", "ROLLBACK") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """
        Lend a connection for one transaction: committed, on the disk, at the end; undone if anything is
        raised.
        """
        if not self.writable:
            raise SearcherError(f"{self._path} cannot be written to. Check the permissions of its directory.")
        # IMMEDIATE: a transaction that only later turns out to write fails at once when another one is
        # writing.
        with self._lent("BEGIN IMMEDIATE", "COMMIT") as connection:
            yield connection

    @contextmanager
    def bare(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection outside any transaction."""
        with our_errors(self._path):
            connection = self._take()
            try:
                yield connection
            except sqlite3.Error:
                connection.close()
                raise
            except BaseException:
                self._give(connection)
                raise
            self._give(connection)

    def close(self) -> None:
        """Close all connections; one that is lent at the moment is closed when it comes back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def _lent(self, begin: str, end: str) -> Iterator[sqlite3.Connection]:
        with self.bare() as connection:
            connection.execute(begin)
            try:
                yield connection
                connection.execute(end)
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise SearcherError(f"{self._path} was closed. Open the library again.")
            if self._idle:
                return self._idle.pop()
        return self._connect()

    def _give(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            # A file that is read as immutable is opened anew each time: somebody else may have written since.
            if not self._closed and self.writable:
                self._idle.append(connection)
                return
        connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(self._path))}?{self._mode()}",
            uri=True,
            timeout=self._busy_timeout_s,
            isolation_level=None,
            check_same_thread=False,
        )
        # A flipped byte may leave what is no UTF-8: that costs the row, which its seal finds, not the query.
        connection.text_factory = _as_text
        connection.create_function("sealed", SAID_COUNT, sealed, deterministic=True)
        try:
            for pragma in PRAGMAS:
                connection.execute(pragma)
        except BaseException:
            connection.close()
            raise
        return connection

    def _mode(self) -> str:
        """
        Give how to open the file. Where nothing may be written, SQLite cannot make the small files that WAL
        needs.

        It can read beside a writer whose files are there; without them the file is as good as immutable.
        """
        if self.writable:
            return "mode=rw"
        journal = self._path.with_name(self._path.name + "-wal")
        return "mode=ro" if journal.exists() else "mode=ro&immutable=1"


def _as_text(data: bytes) -> str:
    return str(data, "utf-8", "surrogateescape")


@contextmanager
def our_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite raises about the file at `path` into an error that says what to do."""
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
        raise  # Mistakes of ours, not of the file: they must be seen as they are.
    except sqlite3.DatabaseError as error:
        raise _translate(error, path) from error
    except UnicodeDecodeError as error:  # A complaint of SQLite that quotes what is no text any more.
        raise _not_trusted(path, error) from error


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether SQLite says that what it read cannot be."""
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _code(error: sqlite3.DatabaseError) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF


def _translate(error: sqlite3.DatabaseError, path: Path) -> SearcherError:
    """
    Give our error for SQLite's. Codes: https://www.sqlite.org/rescode.html; the low byte is the primary
    one.
    """
    code = _code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LibraryBusy(f"Another process is writing to {path}. Wait until it is done, and try again.")
    if code == sqlite3.SQLITE_FULL:
        return SearcherError(
            f"The disk is full: nothing of this batch was stored in {path}, all before it is safe. "
            "Free some space and add the batch again."
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return SearcherError(f"{path} cannot be opened or written to ({error}). Check its permissions.")
    if code == sqlite3.SQLITE_IOERR:
        return SearcherError(
            f"The disk failed while {path} was used ({error}). Check the disk, and try again; "
            "what was acknowledged before is kept."
        )
    return _not_trusted(path, error)


def _not_trusted(path: Path, error: Exception) -> StoreDamaged:
    return StoreDamaged(f"{path} cannot be trusted ({error}). Restore it from a backup.")
