"""The file itself: missing, foreign, newer, older, read-only, locked, full, damaged."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from searcher.errors import ArticleNotFound, LibraryBusy, NoIndex, SearcherError, StoreDamaged
from searcher.records import Moment, Precision, Receipt, Rejection
from searcher.store import Store, checking, connections, rows, schema
from searcher.store.copying import set_journal
from tests.store.samples import LATER, NOW, article, moment, new_store


def _raw(path: Path, *statements: str) -> None:
    raw = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        raw.execute(statement)
    raw.close()


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
    _raw(path, "CREATE TABLE bookmarks (url TEXT)", "PRAGMA user_version = 1")
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
    _raw(tmp_path / "articles.db", "PRAGMA user_version = 99")
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


def test_a_file_that_is_no_database(tmp_path):
    """
    Garbage in place of the file is damage, and is named.
    """
    (tmp_path / "articles.db").write_bytes(b"not a database, but long enough to look like one" * 50)
    with pytest.raises(StoreDamaged, match="backup"):
        Store.open(tmp_path / "articles.db")


def test_a_flipped_byte_in_a_body_is_seen(tmp_path):
    """
    A body that is not what was stored is never given out: reading it names the article, and `check` lists it.
    """
    with new_store(tmp_path) as store:
        store.add([article("good", "All is well here."), article("bad", "The vote was 51 to 49.")], now=NOW)
    path = tmp_path / "articles.db"
    damaged = path.read_bytes().replace(b"The vote was 51 to 49.", b"The vote was 61 to 49.")
    path.write_bytes(damaged)
    with Store.open(path) as store:
        assert store.latest("good").article.body == "All is well here."
        for read in (
            lambda: store.latest("bad"),
            lambda: store.revisions("bad"),
            lambda: store.by_seq([1, 2]),
            lambda: list(store.live()),
            lambda: list(store.changes(0)),
        ):
            with pytest.raises(StoreDamaged, match="'bad' \\(revision 2\\)"):
                read()
        assert [problem for problem in store.check() if "'bad' (revision 2)" in problem] == store.check()
        assert len(store.check()) == 1


def test_any_flipped_byte_is_an_error_of_ours(tmp_path):
    """
    Whichever byte of the file is damaged, reading either works or raises an error of ours; `check` never
    fails.
    """
    with new_store(tmp_path) as store:
        store.add(
            [article(f"a{n}", f"Body {n}. " * 300, authors=("A",), fetched=NOW) for n in range(8)], now=NOW
        )
    whole = (tmp_path / "articles.db").read_bytes()
    path = tmp_path / "copy" / "articles.db"
    path.parent.mkdir()
    outcomes = set()
    for place in [*range(0, 120, 3), *range(4096, len(whole), len(whole) // 150)]:
        damaged = bytearray(whole)
        damaged[place] ^= 0x55
        path.write_bytes(damaged)
        try:
            with Store.open(path) as store:
                store.check()
                outcomes.add(len(list(store.live())))
                store.counts()
        except SearcherError as error:
            outcomes.add(type(error).__name__)
    assert {8, "StoreDamaged"} <= outcomes


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


def test_what_is_damaged_in_a_row_is_named(tmp_path):
    """
    A fact that is not what was stored, or a body that is gone, is damage of that revision, and of no other.
    """
    with new_store(tmp_path) as store:
        store.add([article("a"), article("b", "Another.", fetched=NOW), article("c", "A third.")], now=NOW)
    _raw(
        tmp_path / "articles.db",
        *UNGUARDED,
        "UPDATE revisions SET fetched_at = 'noon' WHERE seq = 2",
        "DELETE FROM bodies WHERE text NOT IN ('Another.', 'A third.')",
    )
    with Store.open(tmp_path / "articles.db") as store:
        with pytest.raises(StoreDamaged, match=r"'b' \(revision 2\).*headline or facts"):
            store.latest("b")
        with pytest.raises(StoreDamaged, match=r"'a' \(revision 1\).*body"):
            store.latest("a")
        damaged = []
        assert [r.article.article_id for r in store.live(damaged=damaged)] == ["c"]
        assert [r.article.article_id for r in store.changes(0, damaged=damaged)] == ["c"]
        assert [r.article.article_id for r in store.all(damaged=damaged)] == ["c"]
        assert list(store.by_seq([3, 2, 1], damaged=damaged)) == [3]
        assert len(damaged) == 8
        # Besides the two: a reference that leads nowhere, and the two triggers.
        assert len(store.check()) == 5


UNGUARDED = ("DROP TRIGGER revisions_stay_as_they_are", "DROP TRIGGER bodies_stay")


@pytest.mark.parametrize("column", rows.SAID.split(", "))
def test_whatever_is_changed_in_a_row_is_seen(tmp_path, column):
    """
    No column of a revision can be changed behind our back: reading it raises, and `check` names it.
    """
    with new_store(tmp_path) as store:
        moment = Moment(NOW, Precision.DAY, "field")
        store.add([article("a", fetched=NOW, published=moment), article("b", "Another.")], now=NOW)
    change = {
        "withdrawn": "1",
        "id_origin": "'url'",
        "body_sha256": "(SELECT body_sha256 FROM revisions WHERE seq = 2)",
    }.get(column, f"replace(coalesce({column}, '') || 'ab', 'ab', CAST(x'ff' AS TEXT))")
    _raw(tmp_path / "articles.db", UNGUARDED[0], f"UPDATE revisions SET {column} = {change} WHERE seq = 1")
    with Store.open(tmp_path / "articles.db") as store:
        with pytest.raises(StoreDamaged, match=r"\(revision 1\).*headline or facts"):
            store.by_seq([1])
        assert list(store.by_seq([1, 2], damaged=[])) == [2]
        assert any("(revision 1)" in problem for problem in store.check())


def test_an_article_that_is_damaged_is_mended_by_adding_it_again(tmp_path):
    """
    A new revision stands for the damaged one, and its batch is kept.
    """
    with new_store(tmp_path) as store:
        store.add([article("a"), article("b", "Another.")], now=NOW)
    _raw(tmp_path / "articles.db", UNGUARDED[0], "UPDATE revisions SET title = 'Forged' WHERE seq = 2")
    with Store.open(tmp_path / "articles.db") as store:
        receipt = store.add([article("a"), article("b", "Another."), article("c")], now=LATER)
        assert (receipt.added, receipt.changed, receipt.unchanged) == (1, 1, 1)
        assert store.latest("b").article == article("b", "Another.")
        assert [r.seq for r in store.live()] == [1, 3, 4]


def test_a_broken_page_costs_the_articles_on_it(tmp_path):
    """
    Where SQLite itself cannot read a text any more, all others are still given.
    """
    great = [article(f"a{n}", f"{n} " * 6000) for n in range(8)]
    with new_store(tmp_path) as store:
        store.add(great, now=NOW)
    path = tmp_path / "articles.db"
    data = bytearray(path.read_bytes())
    # The chain of pages that a long text lies in: each begins with the number of the next.
    page = data.index(b"4 4 4 4 4 4 4 4 4") // 4096 + 2
    data[page * 4096 : page * 4096 + 4] = b"\xff" * 4
    path.write_bytes(data)
    with Store.open(path) as store:
        damaged = []
        live = [r.article for r in store.live(damaged=damaged)]
        assert live == [one for one in great if one in live] and len(live) == 7
        assert len(damaged) == 1 and "backup" in str(damaged[0])
        assert any("cannot be read" in problem for problem in store.check())


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
    _raw(path, "PRAGMA journal_mode = WAL")
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
    _raw(tmp_path / "articles.db", "PRAGMA user_version = 1")
    monkeypatch.setattr(connections.os, "access", lambda *_: False)
    with pytest.raises(SearcherError, match=r"older format \(1 of \d+\).*who may write"):
        Store.open(tmp_path / "articles.db")


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


def test_an_examination_reads_every_page_of_revisions(tmp_path, monkeypatch):
    """A damaged revision is found wherever it stands, and nothing is looked at twice or for ever."""
    monkeypatch.setattr(checking, "_PAGE", 3)
    with new_store(tmp_path) as store:
        store.add([article(f"a{number}") for number in range(10)], now=NOW)
        assert store.check() == []
    _raw(
        tmp_path / "articles.db",
        *UNGUARDED,
        "UPDATE revisions SET title = 'Another' WHERE article_id IN ('a2', 'a3', 'a9')",
    )
    with new_store(tmp_path) as store:
        said = [one for one in store.check() if "headline" in one]
    assert len(said) == 3 and all("its headline or facts are not what was stored" in one for one in said)


def test_a_damaged_article_that_is_found_by_its_url_keeps_its_id(tmp_path):
    """What is given stands for what is damaged, under the id by which that is known."""
    page = article("from-url-1", url="https://a.example/1", id_origin="url")
    with new_store(tmp_path) as store:
        store.add([page], now=NOW)
    _raw(
        tmp_path / "articles.db",
        *UNGUARDED,
        "UPDATE revisions SET title = 'Another'",
    )
    with new_store(tmp_path) as store:
        receipt = store.add([replace(page, article_id="from-url-2")], now=NOW)
        assert (receipt.added, receipt.changed) == (0, 1)
        assert store.latest("from-url-1").article == page
        assert store.find("from-url-2") is None


def test_an_id_that_is_unknown_is_named(tmp_path):
    """So that who asked for many knows which."""
    with new_store(tmp_path) as store:
        for ask in (store.latest, store.revisions):
            with pytest.raises(ArticleNotFound, match="No article 'nobody' in the library"):
                ask("nobody")


@pytest.mark.parametrize("date", ["'2025-x3-01'", "x'ff'", "7"])
def test_a_damaged_date_does_not_keep_the_library_from_being_counted(tmp_path, date):
    """It says nothing of the oldest and the newest; all else is counted, and the examination names the article."""
    with new_store(tmp_path) as store:
        store.add([article("a", published=moment(NOW)), Rejection("page 1", "no text")], now=NOW)
        whole = store.counts()
    _raw(tmp_path / "articles.db", *UNGUARDED, f"UPDATE revisions SET published_at = {date}")
    _raw(tmp_path / "articles.db", f"UPDATE rejections SET recorded_at = {date}")
    with Store.open(tmp_path / "articles.db") as store:
        assert store.counts() == replace(whole, oldest=None, newest=None)
        assert store.rejections() == ()
        assert any("'a' (revision 1)" in one for one in store.check())
