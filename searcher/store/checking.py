"""
Is everything as it was stored? A flipped byte in a text passes SQLite's own check: the seals and digests see it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from searcher.errors import StoreDamaged
from searcher.store.reading import last_seq, lost, page_of_seqs, revisions_by_seq
from searcher.store.schema import differences

_PAGE = 64


def problems(connection: sqlite3.Connection) -> Iterator[str]:
    """Give one sentence for each thing that is wrong, in a fixed order."""
    try:
        yield from _of_the_file(connection)
        yield from _of_the_revisions(connection)
    except StoreDamaged as error:
        yield str(error)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        yield f"articles.db cannot be read to its end: {error}."


def _of_the_file(connection: sqlite3.Connection) -> Iterator[str]:
    for name in differences(connection):
        yield f"articles.db: {name} is not what this program made."
    # Not quick_check, which does not compare the indexes of SQLite with what they are of.
    for (message,) in connection.execute("PRAGMA integrity_check"):
        if message != "ok":
            yield f"articles.db: {message}."
    for _, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"articles.db: revision {row} refers to a row of {parent} that is not there."


def _of_the_revisions(connection: sqlite3.Connection) -> Iterator[str]:
    for name in lost(connection, after=0, up_to=last_seq(connection)):
        yield f"articles.db: {name} not there any more."
    seqs = page_of_seqs(connection, after=0, size=_PAGE)
    while seqs:
        damaged: list[StoreDamaged] = []
        revisions_by_seq(connection, seqs, damaged=damaged)
        yield from map(str, damaged)
        seqs = page_of_seqs(connection, after=seqs[-1], size=_PAGE)
