"""
Is this file ours, and of this version?

The tables are made by numbered scripts in `migrations/`; `user_version` says how many have run. Each runs
in one transaction with its number: a process killed half-way leaves the version before, whole. A shipped
script is never edited: write the next one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from searcher.errors import NoIndex, SearcherError, StoreDamaged
from searcher.store.connections import Connections
from searcher.store.rows import SAID_COUNT, sealed

APPLICATION_ID = 0x4E455753  # "NEWS": tells our files from any other SQLite file.


def prepare(connections: Connections, path: Path, *, create: bool) -> None:
    """
    Make sure that the file at `path` holds our tables in the newest version, migrating it if need be.

    Raises NoIndex if the file is empty and `create` is not set; SearcherError if it is another program's,
    written by a newer version of this one, or of an older version and not writable.
    """
    scripts = migrations()
    with connections.reading() as connection:
        version = _version(connection, path)
    if version == 0 and not create:
        raise nothing_yet(path)
    if version > len(scripts):
        raise SearcherError(
            f"{path} was written by a newer searcher (format {version}, this one knows {len(scripts)}). "
            "Upgrade searcher, or choose another home with --home."
        )
    if version < len(scripts) and not connections.writable:
        raise SearcherError(
            f"{path} is of an older format ({version} of {len(scripts)}) and cannot be written to. "
            "Open it once as somebody who may write there."
        )
    if version == 0:
        with connections.bare() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
    for number in range(version + 1, len(scripts) + 1):
        _migrate(connections, path, number, scripts[number - 1])


def nothing_yet(path: Path) -> NoIndex:
    """Give the error for a library that is not there."""
    return NoIndex(
        f"No library in '{path.parent}' yet. Run: searcher add PATH, or choose another home with --home."
    )


def migrations() -> list[str]:
    """Give the scripts, in order: the first makes version 1."""
    scripts = sorted((Path(__file__).parent / "migrations").glob("*.sql"))
    return [script.read_text(encoding="utf-8") for script in scripts]


def differences(connection: sqlite3.Connection) -> list[str]:
    """Give the names of tables, indexes and triggers that are not as the migrations make them, in order."""
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.create_function("sealed", SAID_COUNT, sealed)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for script in migrations()[:version]:
            made.executescript(script)
        ours, theirs = (
            set(one.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))
            for one in (made, connection)
        )
    finally:
        made.close()
    return sorted({str(name) for _, name, _, _ in ours ^ theirs})


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """
    Give how many migrations have run; 0 for an empty file. Raises SearcherError for another program's file, and
    StoreDamaged for a number that nobody gives.
    """
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    tables: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application == APPLICATION_ID and version < 0:
        raise StoreDamaged(f"{path} cannot be trusted (format {version}). Restore it from a backup.")
    if application == APPLICATION_ID:
        return version
    if (application, version, tables) == (0, 0, 0):
        return 0
    raise SearcherError(
        f"{path} belongs to another program. Move it away, or choose another home with --home."
    )


def _migrate(connections: Connections, path: Path, number: int, script: str) -> None:
    with connections.writing() as connection:
        if _version(connection, path) >= number:
            return  # Another process was quicker.
        for statement in _statements(script):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")


def _statements(script: str) -> Iterator[str]:
    """
    Split a script, for `executescript` would commit before it runs. A statement ends at the end of a line.
    """
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement
