"""Connections are lent and come back, and what SQLite says becomes an error of ours."""

from __future__ import annotations

import sqlite3

import pytest

from searcher.errors import LibraryBusy, SearcherError, StoreDamaged
from searcher.store import connections
from tests.store.samples import new_store


def test_a_connection_that_is_lent_while_all_are_closed_is_closed_when_it_comes_back(tmp_path):
    """
    Nothing is left open, and who asks later is told.
    """
    store = new_store(tmp_path)
    with store._connections.reading() as lent:
        store.close()
        assert lent.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        lent.execute("SELECT 1")
    with pytest.raises(SearcherError, match=r"was closed. Open the library again"):
        store.last_seq()


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        (sqlite3.SQLITE_BUSY, LibraryBusy, "Another process is writing to .*try again"),
        (sqlite3.SQLITE_LOCKED, LibraryBusy, "Another process is writing to "),
        (sqlite3.SQLITE_FULL, SearcherError, "disk is full: nothing of this batch.*all before it is safe"),
        (
            sqlite3.SQLITE_READONLY,
            SearcherError,
            r"cannot be opened or written to \(oh\). Check its permissions",
        ),
        (sqlite3.SQLITE_CANTOPEN, SearcherError, "cannot be opened or written to"),
        (sqlite3.SQLITE_PERM, SearcherError, "cannot be opened or written to"),
        (sqlite3.SQLITE_IOERR | 3 << 8, SearcherError, r"The disk failed while .* was used \(oh\).*is kept"),
        (sqlite3.SQLITE_CORRUPT, StoreDamaged, r"cannot be trusted \(oh\). Restore it from a backup"),
        (None, StoreDamaged, "cannot be trusted"),
    ],
)
def test_what_sqlite_says_becomes_what_can_be_done(tmp_path, code, kind, said):
    """
    Each of its codes, extended ones too, with the file's name and the next step.
    """
    error = sqlite3.OperationalError("oh")
    if code is not None:
        error.sqlite_errorcode = code
    with pytest.raises(SearcherError, match=said) as raised, connections.our_errors(tmp_path / "a.db"):
        raise error
    assert type(raised.value) is kind and str(tmp_path / "a.db") in str(raised.value)
    assert raised.value.__cause__ is error
    assert connections.is_damage(error) is (code in (sqlite3.SQLITE_CORRUPT, None))


def test_a_complaint_that_is_no_text_is_damage(tmp_path):
    """
    And a mistake of ours stays one.
    """
    with pytest.raises(StoreDamaged, match="cannot be trusted"), connections.our_errors(tmp_path / "a.db"):
        b"\xff".decode()
    for mistake in (sqlite3.ProgrammingError("x"), sqlite3.IntegrityError("x")):
        with pytest.raises(type(mistake)), connections.our_errors(tmp_path / "a.db"):
            raise mistake
