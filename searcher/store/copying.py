"""
How does `articles.db` leave its home, and how does one come in? A copy of a live file by SQLite itself, and a look at a
stranger's file before anything of it is run.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from searcher.errors import SearcherError
from searcher.store.connections import PRAGMAS, our_errors
from searcher.store.schema import APPLICATION_ID, differences, migrations


def copy_to(connection: sqlite3.Connection, target: Path) -> None:
    """
    Copy the file that `connection` reads to `target`: one state of it, whatever is written meanwhile. The copy is one
    file, without a journal beside it.

    Copying the file itself would lose what is still in its journal.
    """
    with our_errors(target), closing(sqlite3.connect(target, isolation_level=None)) as copy:
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def check_stranger(path: Path) -> None:
    """
    Raise SearcherError unless the file at `path` is one of ours, of a version that is known, and holds no table, index
    or trigger but ours. Only reads, and believes nothing: a trigger of somebody else would run when we write.
    """
    uri = f"file:{quote(str(path))}?mode=ro&immutable=1"
    with our_errors(path), closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
        for pragma in PRAGMAS:
            connection.execute(pragma)
        connection.execute("PRAGMA cell_size_check = ON")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION_ID or version < 1:
            raise SearcherError(f"{path.name} in it is no library of searcher.")
        if version > len(migrations()):
            raise SearcherError(
                f"It was made by a newer searcher (format {version}, this one knows {len(migrations())}). "
                "Upgrade searcher."
            )
        if names := differences(connection):
            raise SearcherError(
                f"{path.name} in it holds what searcher does not make: {', '.join(names)[:200]}."
            )


def set_journal(path: Path, mode: str) -> None:
    """
    Make the file at `path` one that is used with this journal: `WAL`, or `DELETE` for one that stands alone.

    Raises LibraryBusy if somebody has it open.
    """
    with our_errors(path), closing(sqlite3.connect(path, isolation_level=None, timeout=1.0)) as connection:
        (now,) = connection.execute(f"PRAGMA journal_mode = {mode}").fetchone()
        if now != mode.lower():
            raise sqlite3.OperationalError(f"the journal cannot be set to {mode}")
