"""What is damaged in the file is seen, costs itself, and is never given out."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest

from searcher.errors import SearcherError, StoreDamaged
from searcher.records import Moment, Precision, Rejection
from searcher.store import Store, checking, reading, rows
from tests.store.samples import LATER, NOW, article, change, moment, new_store


def test_a_file_that_is_no_database(tmp_path):
    """
    Garbage in place of the file is damage, and is named.
    """
    (tmp_path / "articles.db").write_bytes(b"not a database, but long enough to look like one" * 50)
    with pytest.raises(StoreDamaged, match="backup"):
        Store.open(tmp_path / "articles.db")


def test_a_format_that_cannot_be_is_damage(tmp_path):
    """No script runs on a file whose number of its format was damaged, and none of its bytes changes."""
    new_store(tmp_path).close()
    change(tmp_path / "articles.db", "PRAGMA user_version = -7")
    before = (tmp_path / "articles.db").read_bytes()
    with pytest.raises(StoreDamaged, match=r"cannot be trusted \(format -7\)\. Restore it from a backup"):
        Store.open(tmp_path / "articles.db")
    assert (tmp_path / "articles.db").read_bytes() == before


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


def test_what_is_damaged_in_a_row_is_named(tmp_path):
    """
    A fact that is not what was stored, or a body that is gone, is damage of that revision, and of no other.
    """
    with new_store(tmp_path) as store:
        store.add([article("a"), article("b", "Another.", fetched=NOW), article("c", "A third.")], now=NOW)
    change(
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
    forged = {
        "withdrawn": "1",
        "id_origin": "'url'",
        "body_sha256": "(SELECT body_sha256 FROM revisions WHERE seq = 2)",
    }.get(column, f"replace(coalesce({column}, '') || 'ab', 'ab', CAST(x'ff' AS TEXT))")
    change(tmp_path / "articles.db", UNGUARDED[0], f"UPDATE revisions SET {column} = {forged} WHERE seq = 1")
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
    change(tmp_path / "articles.db", UNGUARDED[0], "UPDATE revisions SET title = 'Forged' WHERE seq = 2")
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


def test_an_examination_reads_every_page_of_revisions(tmp_path, monkeypatch):
    """A damaged revision is found wherever it stands, and nothing is looked at twice or for ever."""
    monkeypatch.setattr(checking, "_PAGE", 3)
    with new_store(tmp_path) as store:
        store.add([article(f"a{number}") for number in range(10)], now=NOW)
        assert store.check() == []
    change(
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
    change(
        tmp_path / "articles.db",
        *UNGUARDED,
        "UPDATE revisions SET title = 'Another'",
    )
    with new_store(tmp_path) as store:
        receipt = store.add([replace(page, article_id="from-url-2")], now=NOW)
        assert (receipt.added, receipt.changed) == (0, 1)
        assert store.latest("from-url-1").article == page
        assert store.find("from-url-2") is None


@pytest.mark.parametrize("date", ["'2025-x3-01'", "x'ff'", "7"])
def test_a_damaged_date_does_not_keep_the_library_from_being_counted(tmp_path, date):
    """It says nothing of the oldest and the newest; all else is counted, and the examination names the article."""
    with new_store(tmp_path) as store:
        store.add([article("a", published=moment(NOW)), Rejection("page 1", "no text")], now=NOW)
        whole = store.counts()
    change(tmp_path / "articles.db", *UNGUARDED, f"UPDATE revisions SET published_at = {date}")
    change(tmp_path / "articles.db", f"UPDATE rejections SET recorded_at = {date}")
    with Store.open(tmp_path / "articles.db") as store:
        assert store.counts() == replace(whole, oldest=None, newest=None)
        assert store.rejections() == ()
        assert any("'a' (revision 1)" in one for one in store.check())


def test_a_page_of_zeros_keeps_nobody_for_ever(tmp_path, monkeypatch):
    """SQLite takes zeros for rows with the number 0: whoever reads page after page is told, and comes to an end."""
    path = tmp_path / "articles.db"
    with new_store(tmp_path) as store:
        store.add([article(f"a{number}", f"Body {number}.") for number in range(90)], now=NOW)
    whole, asked = path.read_bytes(), 0

    def counted(choose):
        def choosing(*arguments, **options):
            nonlocal asked
            asked += 1
            assert asked < 100, "it goes on and on"
            return choose(*arguments, **options)

        return choosing

    for module, name in ((reading, "page_of_seqs"), (reading, "seqs_of_latest"), (checking, "page_of_seqs")):
        monkeypatch.setattr(module, name, counted(getattr(module, name)))
    refused = 0
    for first in range(0, len(whole), 4096):
        path.write_bytes(whole[: first + 250] + bytes(4096 - 250) + whole[first + 4096 :])
        with suppress(SearcherError), Store.open(path) as store:
            asked = 0
            assert store.check() or path.read_bytes() == whole
            for read in (store.all, store.live, lambda: store.changes(0), lambda: store.live_seqs(90)):
                asked = 0
                try:
                    assert len(list(read())) == 90
                except StoreDamaged:
                    refused += 1
    assert refused >= 4


@pytest.mark.parametrize("seq", [5, 4, 3])
def test_a_revision_that_is_gone_is_named(tmp_path, seq):
    """Numbers are given in a row: what an index or an export of the rest would leave out is said, the last one, too."""
    with new_store(tmp_path) as store:
        store.add([article("a", "One."), article("b", "Two."), article("c", "Three.")], now=NOW)
        store.add([article("d", "Four.")], now=NOW)
        store.withdraw(["d"], now=LATER)
        assert store.last_seq() == 5
    path = tmp_path / "articles.db"
    change(path, "DROP TRIGGER revisions_stay", f"DELETE FROM revisions WHERE seq = {seq}")
    with Store.open(path) as store:
        assert store.last_seq() == 5
        for read in (store.all, store.live, partial(store.changes, 0)):
            damaged = []
            assert seq not in [one.seq for one in read(damaged=damaged)]
            assert [str(one) for one in damaged] == [
                f"Not in articles.db any more, which is damaged: Revision {seq}. Restore it from a backup."
            ]
            with pytest.raises(StoreDamaged, match=f"Revision {seq}"):
                read()
        damaged = []
        assert list(store.changes(5, damaged=damaged)) == damaged == []
        assert list(store.live(up_to=2, damaged=damaged)) and damaged == []
        assert list(store.live(up_to=99, damaged=damaged)) and len(damaged) == 1
        assert f"articles.db: Revision {seq} not there any more." in store.check()


def test_a_revision_that_is_counted_and_not_found_is_named(tmp_path, monkeypatch):
    """A damaged page above the rows leads past some of them, though they are there when all are gone through."""
    find = reading.revisions_by_seq

    def lead_past(connection, seqs, *, damaged):
        return find(connection, [seq for seq in seqs if seq % 64 not in (2, 3)], damaged=damaged)

    with new_store(tmp_path) as store:
        store.add([article(f"a{number}", f"Body {number}.") for number in range(70)], now=NOW)
        monkeypatch.setattr(reading, "revisions_by_seq", lead_past)
        for read in (store.all, store.live, partial(store.changes, 0)):
            damaged = []
            assert [one.seq for one in read(damaged=damaged)] == [
                seq for seq in range(1, 71) if seq not in (2, 3, 66, 67)
            ]
            assert [str(one).partition(": ")[2].partition(".")[0] for one in damaged] == [
                "2 of the revisions 1 to 64",
                "2 of the revisions 65 to 70",
            ]
            with pytest.raises(StoreDamaged, match="2 of the revisions 1 to 64"):
                list(read())


@pytest.mark.parametrize("given", [2**62, "many", None, -1])
def test_a_damaged_count_of_revisions_costs_no_revision(tmp_path, given):
    """What SQLite says of how many were given may be damaged, too: all that is there is read, without end or error."""
    with new_store(tmp_path) as store:
        store.add([article("a", "One."), article("b", "Two.")], now=NOW)
    raw = sqlite3.connect(tmp_path / "articles.db", isolation_level=None)
    raw.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'revisions'", (given,))
    raw.close()
    named = [f"{2**62 - 2:,} revisions"] if given == 2**62 else []
    with Store.open(tmp_path / "articles.db") as store:
        for read in (store.all, store.live, partial(store.changes, 0)):
            damaged = []
            assert [one.seq for one in read(damaged=damaged)] == [1, 2]
            assert [name for name in named if name in str(damaged)] == named and len(damaged) == len(named)
        assert [name for name in named if name in str(store.check())] == named
