"""A stranger's file is looked at before anything of it is run, and what is wrong with it is said; a journal is set."""

from __future__ import annotations

import sqlite3

import pytest

from searcher.errors import SearcherError, StoreDamaged
from searcher.store import schema
from searcher.store.copying import check_stranger, set_journal
from tests.store.samples import NOW, article, change, new_store


@pytest.fixture
def path(tmp_path):
    """A library of one article, closed, without a journal."""
    with new_store(tmp_path) as store:
        store.add([article()], now=NOW)
        store.copy_to(tmp_path / "copy.db")
    return tmp_path / "copy.db"


def test_a_library_of_ours_is_no_stranger(path):
    """Looking changes nothing and leaves nothing beside it."""
    before = path.read_bytes()
    check_stranger(path)
    assert path.read_bytes() == before
    assert sorted(one.name for one in path.parent.glob("copy.db*")) == ["copy.db"]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("PRAGMA application_id = 1", "copy.db in it is no library of searcher."),
        ("PRAGMA user_version = 0", "copy.db in it is no library of searcher."),
        (
            "PRAGMA user_version = 99",
            f"It was made by a newer searcher (format 99, this one knows {len(schema.migrations())}). "
            "Upgrade searcher.",
        ),
        ("CREATE TABLE evil (x)", "copy.db in it holds what searcher does not make: evil."),
        ("DROP TRIGGER revisions_stay", "copy.db in it holds what searcher does not make: revisions_stay."),
    ],
)
def test_what_is_wrong_with_a_strangers_file_is_said(path, statement, said):
    """Word for word."""
    change(path, statement)
    with pytest.raises(SearcherError) as raised:
        check_stranger(path)
    assert str(raised.value) == said


def test_a_long_list_of_strange_things_is_cut(path):
    """Two hundred characters of their names, in order, are enough."""
    for number in range(60):
        change(path, f"CREATE TABLE evil{number:02} (x)")
    with pytest.raises(SearcherError) as raised:
        check_stranger(path)
    names = ", ".join(f"evil{number:02}" for number in range(60))
    assert str(raised.value) == f"copy.db in it holds what searcher does not make: {names[:200]}."


def test_the_first_format_is_ours(tmp_path):
    """A backup of then is restored, and migrated when it is opened."""
    path = tmp_path / "old.db"
    old = sqlite3.connect(path)
    old.executescript(schema.migrations()[0] + "PRAGMA user_version = 1;")
    old.close()
    check_stranger(path)


def test_what_is_no_database_is_damage(tmp_path):
    """By its name."""
    (tmp_path / "x.db").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreDamaged, match=r"x\.db cannot be trusted"):
        check_stranger(tmp_path / "x.db")


def test_a_journal_that_cannot_be_set_is_an_error(tmp_path):
    """
    SQLite answers with the one that is used, not with an error.
    """
    new_store(tmp_path).close()
    set_journal(tmp_path / "articles.db", "DELETE")
    assert (tmp_path / "articles.db").read_bytes()[18:20] == b"\1\1"
    set_journal(tmp_path / "articles.db", "WAL")
    assert (tmp_path / "articles.db").read_bytes()[18:20] == b"\2\2"
    with pytest.raises(SearcherError, match="journal cannot be set to NONSENSE"):
        set_journal(tmp_path / "articles.db", "NONSENSE")
