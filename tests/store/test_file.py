"""The file itself: missing, foreign, newer, older, read-only, locked, full."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from searcher.errors import ArticleNotFound, LibraryBusy, NoIndex, SearcherError
from searcher.records import Receipt
from searcher.store import Store, connections, rows, schema
from tests.store.samples import LATER, NOW, article, change, new_store


def test_a_reader_never_makes_a_library(tmp_path):
    """
    Opening what is not there says so and leaves the directory as it was; an empty file is no library either.
    """
    with pytest.raises(NoIndex, match="Run: searcher add"):
        Store.open(tmp_path / "nowhere" / "articles.db")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "articles.db").touch()
    with pytest.raises(NoIndex):
        Store.open(tmp_path / "articles.db")


def test_a_library_is_made_with_its_directory(tmp_path):
    """
    With `create` the home is made; made again, it is opened as it is.
    """
    path = tmp_path / "a home with ? and %" / "articles.db"
    with Store.open(path, create=True) as store:
        store.add([article()], now=NOW)
    with Store.open(path, create=True) as store:
        assert store.last_seq() == 1
    assert [entry.name for entry in path.parent.iterdir()] == ["articles.db"]


def test_a_home_that_cannot_be_made(tmp_path):
    """
    A home below a file is an error of ours that names it.
    """
    (tmp_path / "file").touch()
    with pytest.raises(SearcherError, match=r"articles\.db cannot be made"):
        Store.open(tmp_path / "file" / "articles.db", create=True)


def test_commits_reach_the_disk(tmp_path):
    """
    The journal is a write-ahead log that is synced at every commit, and references are enforced.
    """
    with new_store(tmp_path) as store, store._connections.bare() as connection:
        read = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "user_version", "application_id")
        }
    assert read == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "user_version": len(schema.migrations()),
        "application_id": schema.APPLICATION_ID,
    }


def test_another_programs_file_is_left_alone(tmp_path):
    """
    An SQLite file that is not ours is refused, whatever version it claims, and not a byte of it changes.
    """
    path = tmp_path / "articles.db"
    change(path, "CREATE TABLE bookmarks (url TEXT)", "PRAGMA user_version = 1")
    before = path.read_bytes()
    for create in (False, True):
        with pytest.raises(SearcherError, match="another program"):
            Store.open(path, create=create)
    assert path.read_bytes() == before


def test_a_newer_format_is_refused(tmp_path):
    """
    A library of a newer version is not touched; the message says what to do.
    """
    new_store(tmp_path).close()
    change(tmp_path / "articles.db", "PRAGMA user_version = 99")
    before = (tmp_path / "articles.db").read_bytes()
    with pytest.raises(SearcherError, match=r"newer searcher \(format 99.*Upgrade"):
        Store.open(tmp_path / "articles.db")
    assert (tmp_path / "articles.db").read_bytes() == before


def test_an_older_format_is_migrated(tmp_path, monkeypatch):
    """
    A library of the version before gets the scripts it lacks, and keeps its articles.
    """
    with new_store(tmp_path) as store:
        store.add([article()], now=NOW)
    scripts = [
        *schema.migrations(),
        "CREATE TABLE notes (text TEXT); -- a note\nINSERT INTO notes VALUES ('x;y');\n",
    ]
    monkeypatch.setattr(schema, "migrations", lambda: scripts)
    for _ in range(2):
        with Store.open(tmp_path / "articles.db") as store, store._connections.bare() as connection:
            assert connection.execute("PRAGMA user_version").fetchone()[0] == len(scripts)
            assert connection.execute("SELECT text FROM notes").fetchall() == [("x;y",)]
            assert store.latest("a").article == article()


def test_a_migration_that_fails_changes_nothing(tmp_path, monkeypatch):
    """
    If a statement of a migration fails, the version before stands, whole.
    """
    with new_store(tmp_path) as store:
        store.add([article()], now=NOW)
    scripts = schema.migrations()
    with monkeypatch.context() as broken:
        broken.setattr(schema, "migrations", lambda: [*scripts, "CREATE TABLE notes (x);\nNONSENSE;\n"])
        with pytest.raises(SearcherError):
            Store.open(tmp_path / "articles.db")
    with Store.open(tmp_path / "articles.db") as store, store._connections.bare() as connection:
        assert connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'notes'").fetchall() == []
        assert store.last_seq() == 1


def test_many_may_make_the_library_at_once(tmp_path):
    """
    Threads that all make the same library end with one, and each adds to it.
    """
    barrier = threading.Barrier(6)

    def make(number: int) -> Receipt:
        barrier.wait()
        with new_store(tmp_path) as store:
            return store.add([article(f"a{number}")], now=NOW)

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(make, range(6))) == [Receipt(added=1)] * 6
    with Store.open(tmp_path / "articles.db") as store:
        assert store.counts().articles == 6


def test_threads_read_while_one_writes(tmp_path):
    """
    Readers in other threads are never refused, and see whole batches only.
    """
    batches, size = 20, 5
    with new_store(tmp_path) as store, ThreadPoolExecutor(4) as pool:
        done = threading.Event()

        def read() -> set[int]:
            seen = set()
            while not done.is_set():
                seen.add(store.counts().articles)
                assert len(store.by_seq(range(1, 20))) % size in (0, 4)
                assert len(list(store.live())) % size == 0
            return seen

        readers = [pool.submit(read) for _ in range(3)]
        try:
            for number in range(batches):
                store.add([article(f"{number}-{n}") for n in range(size)], now=NOW)
        finally:
            done.set()
        for reader in readers:
            assert all(count % size == 0 for count in reader.result())
        assert store.counts().articles == batches * size


def test_threads_may_all_write(tmp_path):
    """
    Writers in several threads queue; each article has its number.
    """
    with new_store(tmp_path) as store, ThreadPoolExecutor(4) as pool:
        receipts = list(pool.map(lambda n: store.add([article(f"a{n}")], now=NOW), range(40)))
        assert receipts == [Receipt(added=1)] * 40
        assert [r.seq for r in store.live()] == list(range(1, 41))


def test_a_library_that_somebody_else_writes_to(tmp_path):
    """
    A writer that finds another one at work is told to wait; readers go on; then it works again.
    """
    with new_store(tmp_path, busy_timeout_s=0.01) as store:
        store.add([article("a")], now=NOW)
        other = sqlite3.connect(store.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryBusy, match="try again"):
            store.add([article("b")], now=NOW)
        assert store.latest("a").seq == 1
        other.execute("ROLLBACK")
        other.close()
        assert store.add([article("b")], now=NOW) == Receipt(added=1)


def test_a_full_disk_costs_the_batch_only(tmp_path, monkeypatch):
    """
    When the disk is full the batch is undone, what was there is whole, and with room again adding goes on.
    """
    with new_store(tmp_path) as store:
        store.add([article("a")], now=NOW)
    great = [article(f"b{n}", f"{n} " * 5000) for n in range(30)]
    with monkeypatch.context() as small:
        # A file that may not grow past 40 pages of 4 KiB fails as a full disk does.
        small.setattr(connections, "PRAGMAS", (*connections.PRAGMAS, "PRAGMA max_page_count = 40"))
        with Store.open(tmp_path / "articles.db") as store:
            with pytest.raises(SearcherError, match="disk is full"):
                store.add(great, now=NOW)
            assert store.last_seq() == 1
            assert store.check() == []
    with Store.open(tmp_path / "articles.db") as store:
        assert store.add(great, now=LATER).added == 30


# Everything is imported and read before rights are dropped: only the library is to be read without them.
_READ_AS_NOBODY = """
import os, sys
from pathlib import Path
from searcher.errors import SearcherError
from searcher.store import Store, schema
from tests.store.samples import NOW, article
scripts = schema.migrations()
schema.migrations = lambda: scripts
if os.getuid() == 0:
    os.setuid(65534)
with Store.open(Path(sys.argv[1])) as store:
    print(store.latest("a").seq, store.counts().articles, store.check())
    try:
        store.add([article("b")], now=NOW)
    except SearcherError as error:
        print("cannot be written" in str(error))
"""


@pytest.mark.parametrize("beside_a_writer", [False, True])
def test_a_read_only_home_can_be_read(beside_a_writer):
    """
    A library on a disk that nothing may be written to is read all the same, beside a writer or alone.
    """
    with TemporaryDirectory() as directory:  # Not `tmp_path`: nobody else may look into that.
        home = Path(directory)
        store = new_store(home)
        store.add([article("a")], now=NOW)
        if not beside_a_writer:
            store.close()
        for entry in home.iterdir():
            entry.chmod(0o444)
        home.chmod(0o555)
        try:
            run = subprocess.run(
                [sys.executable, "-c", _READ_AS_NOBODY, str(home / "articles.db")],
                capture_output=True,
                text=True,
                cwd=Path(__file__).parents[2],
                check=False,
            )
        finally:
            home.chmod(0o755)
        store.close()
        assert run.stdout.splitlines() == ["1 1 []", "True"], run.stderr


def test_a_library_of_the_first_format_is_sealed(tmp_path, monkeypatch):
    """
    A library from before the seals gets them once, whatever its articles say, and keeps its guards.
    """
    scripts = schema.migrations()
    said = [
        article("a", authors=("Zoë \u202e", "B"), fetched=NOW),
        article("b", "Ω" * 5000, url="https://b.example/"),
    ]
    with new_store(tmp_path / "new") as store:
        store.add(said, now=NOW)
        store.withdraw(["b"], now=LATER)
        wanted = [(r.seq, r.article, r.withdrawn, r.recorded_at) for r in store.all()]
    path = tmp_path / "articles.db"
    change(path, "PRAGMA journal_mode = WAL")
    old = sqlite3.connect(path)
    old.executescript(scripts[0] + "PRAGMA user_version = 1;")
    old.execute("ATTACH ? AS new", (str(tmp_path / "new" / "articles.db"),))
    old.execute("INSERT INTO bodies SELECT * FROM new.bodies")
    columns = f"seq, {rows.SAID}"
    old.execute(f"INSERT INTO revisions ({columns}) SELECT {columns} FROM new.revisions")
    old.commit()
    old.close()
    with Store.open(path) as store:
        assert [(r.seq, r.article, r.withdrawn, r.recorded_at) for r in store.all()] == wanted
        assert store.check() == []
        with pytest.raises(sqlite3.IntegrityError), store._connections.writing() as connection:
            connection.execute("UPDATE revisions SET title = 'x'")


def test_where_nothing_may_be_written_reading_goes_on(tmp_path, monkeypatch):
    """
    A writer is told why it cannot, before SQLite tries; readers see what is there, with a journal beside it or not.
    """
    path = tmp_path / "articles.db"
    with new_store(tmp_path) as store:
        store.add([article()], now=NOW)
    monkeypatch.setattr(connections.os, "access", lambda *_: False)
    with Store.open(path) as alone:
        assert alone._connections._mode() == "mode=ro&immutable=1"
        with pytest.raises(SearcherError, match=r"cannot be written to\. Check the permissions"):
            alone.add([article("b", "Another.")], now=NOW)
        assert alone.last_seq() == 1
        assert alone._connections._idle == []  # Opened anew each time: somebody may have written since.
        (tmp_path / "articles.db-wal").touch()
        assert alone._connections._mode() == "mode=ro"


def test_an_older_format_that_may_not_be_written_to_is_said(tmp_path, monkeypatch):
    """
    It cannot be migrated by somebody who only reads.
    """
    with new_store(tmp_path):
        pass
    change(tmp_path / "articles.db", "PRAGMA user_version = 1")
    monkeypatch.setattr(connections.os, "access", lambda *_: False)
    with pytest.raises(SearcherError, match=r"older format \(1 of \d+\).*who may write"):
        Store.open(tmp_path / "articles.db")


def test_statements_end_where_sqlite_says_so():
    """
    At the end of a line, not within a trigger; one that lacks its semicolon is not lost.
    """
    trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n  DELETE FROM a;\nEND;\n"
    script = f"CREATE TABLE a (x);\n\n{trigger}SELECT 1\n"
    assert list(schema._statements(script)) == ["CREATE TABLE a (x);\n", f"\n{trigger}", "SELECT 1\n"]
    assert list(schema._statements("SELECT 1;\n \n")) == ["SELECT 1;\n"]


@pytest.mark.parametrize("authors", ['"Zoë"', "[1]", '{"a": 1}', "null"])
def test_authors_that_are_no_list_of_names_are_no_article(authors):
    """
    The seal says that this is what was stored; that it makes sense is checked as well.
    """
    row = ("a", "given", "T", None, None, authors, None, "en", None, None, None, None, None, "f", None)
    with pytest.raises(ValueError, match="not a list of names"):
        rows.article_of(row, "Body.")


def test_an_id_that_is_unknown_is_named(tmp_path):
    """So that who asked for many knows which."""
    with new_store(tmp_path) as store:
        for ask in (store.latest, store.revisions):
            with pytest.raises(ArticleNotFound, match="No article 'nobody' in the library"):
                ask("nobody")
