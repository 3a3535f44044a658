"""Is everything as it was stored? A flipped byte in a text passes SQLite's own check: the digests see it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from searcher.errors import StoreDamaged
from searcher.store.rows import FROM_REVISIONS, REVISION, revision_of


def problems(connection: sqlite3.Connection) -> Iterator[str]:
    """Give one sentence for each thing that is wrong, in a fixed order."""
    try:
        yield from _of_the_file(connection)
        yield from _of_the_revisions(connection)
    except sqlite3.DatabaseError as error:
        yield f"articles.db cannot be read to its end: {error}."


def _of_the_file(connection: sqlite3.Connection) -> Iterator[str]:
    for (message,) in connection.execute("PRAGMA quick_check"):
        if message != "ok":
            yield f"articles.db: {message}."
    for _, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"articles.db: revision {row} refers to a row of {parent} that is not there."


def _of_the_revisions(connection: sqlite3.Connection) -> Iterator[str]:
    for row in connection.execute(f"SELECT {REVISION} {FROM_REVISIONS} ORDER BY r.seq"):
        try:
            revision_of(row)
        except StoreDamaged as error:
            yield str(error)
