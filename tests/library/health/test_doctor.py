"""The doctor finds what is wrong, names the next step, and mends what can be mended without loss."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import time
from contextlib import closing

import pytest

from searcher.errors import EncoderUnavailable, LibraryBusy, NoIndex, StoreDamaged
from searcher.index.generation import Indexes
from searcher.index.writer_lock import writer_lock
from searcher.library import library as door
from searcher.library.health import doctor, surroundings
from searcher.store import Store
from tests.library.health.examining import examine, states
from tests.library.safe import fake_encoder
from tests.library.samples import NOW, new_library

__all__ = ["fake_encoder"]

pytestmark = pytest.mark.usefixtures("fake_encoder")


def test_a_whole_library_is_well(home):
    """Each check says so; nothing is broken, nothing needs a person, and looking changes nothing."""
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    examination = examine(home)
    assert states(examination) == set()
    assert {one.check for one in examination.findings} == {
        *("articles", "index", "segments", "contents", "sample", "encoder", "leftovers", "processes", "disk")
    }
    assert not examination.broken and not examination.needs_a_person and examination.repairs == ()
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before
    assert examine(home, repair=True).repairs == ()


def test_tables_that_cannot_be_read_need_a_person(home):
    """A flipped letter in the name of a column: all is said that can be, and nothing is mended or lost."""
    with closing(sqlite3.connect(home / "articles.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'fetched_at', 'fetched_bt') WHERE name = 'revisions'"
        )
    for repair in (False, True):
        examination = examine(home, repair=repair)
        assert examination.needs_a_person and examination.repairs == ()
        assert {one.check for one in examination.findings if one.state == "broken"} >= {"articles"}
    with pytest.raises(StoreDamaged), new_library(home) as library:
        library.show("n3")


def test_nothing_is_built_from_articles_that_cannot_be_read(home, tmp_path):
    """Whatever page is zeros, the doctor comes to an end and needs a person; the index is left as it is."""
    whole, unread = (home / "articles.db").read_bytes(), 0
    for first in range(0, len(whole), 4096):
        zeros = whole[: first + 250] + bytes(4096 - 250) + whole[first + 4096 :]
        damaged = tmp_path / f"page {first}"
        shutil.copytree(home, damaged)
        (damaged / "articles.db").write_bytes(zeros)
        pointer = (damaged / "indexes" / "CURRENT").read_bytes()
        examination = examine(damaged, repair=True)
        assert examination.needs_a_person or zeros == whole
        if any("in no order" in one.said for one in examination.findings):
            unread += 1
            assert examination.repairs == ()
            assert (damaged / "indexes" / "CURRENT").read_bytes() == pointer
    assert unread


def test_a_home_without_a_library_is_not_examined(tmp_path):
    """NoIndex as from every other reader, and no file is made."""
    with pytest.raises(NoIndex):
        examine(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_library_without_articles_is_well(tmp_path):
    """Nothing to index, no index."""
    new_library(tmp_path).close()
    examination = examine(tmp_path, repair=True)
    assert states(examination) == set() and examination.repairs == ()
    assert not Indexes(tmp_path / "indexes").exist()


def test_indexes_without_articles_need_a_person(home):
    """Only a backup has them."""
    for path in home.glob("articles.db*"):
        path.unlink()
    assert states(examine(home)) == {("articles", "broken", False)}
    assert states(examine(home, repair=True)) == {("articles", "broken", False)}


@pytest.mark.parametrize("damage", [b"no database" * 1000, b""])
def test_a_store_that_cannot_be_opened_needs_a_person(home, damage):
    """It is a finding, not a failure of the doctor."""
    (home / "articles.db").write_bytes(damage)
    examination = examine(home, repair=True)
    assert examination.needs_a_person and len(examination.findings) == 1


def test_a_missing_encoder_needs_a_person(home, monkeypatch):
    """The message is that of the encoder, which says what to install."""

    def refuse(settings):
        raise EncoderUnavailable("No model here. Try: pip install the model")

    monkeypatch.setattr(door, "load_encoder", refuse)
    examination = examine(home)
    assert states(examination) == {("encoder", "broken", False)} and examination.needs_a_person


def test_leftovers_are_named_and_removed(home):
    """Of dead builds and restores; the journal of an interrupted build is named and kept for the next."""
    indexes = home / "indexes"
    (indexes / "segments" / "building-000009-001").mkdir()
    (indexes / "segments" / "building-000009-001" / "arrays").write_bytes(b"x" * 1000)
    (indexes / "generations" / ".000009.json.1.1").touch()
    (indexes / ".CURRENT.1.1").touch()
    (home / ".restoring").mkdir()
    examination = examine(home)
    assert states(examination) == {("leftovers", "warning", True)} and not examination.broken
    assert examine(home, repair=True).repairs == ("removed 4 leftovers",)
    assert states(examine(home)) == set()
    (indexes / "journal").touch()
    assert states(examine(home, repair=True)) == {("leftovers", "warning", True)}
    assert (indexes / "journal").exists()


def test_who_writes_and_who_reads_is_said(home):
    """What a running writer has beside is no leftover; repair waits for it, or says who it is."""
    (home / "indexes" / ".CURRENT.1.1").touch()
    with writer_lock(home), Indexes(home / "indexes").hold():
        examination = examine(home)
        (processes,) = [one for one in examination.findings if one.check == "processes"]
        assert processes.said.startswith(f"Process {os.getpid()} (")
        assert ") is writing; read at the moment: 000003.json" in processes.said
        assert states(examination) == set()
        with pytest.raises(LibraryBusy):
            examine(home, repair=True)


def test_repair_waits_for_a_writer_as_long_as_it_was_told(home):
    """Not at all unless it was; and it goes on when the writer is done."""
    shutil.rmtree(home / "indexes")
    released = threading.Event()

    def write():
        with writer_lock(home):
            began.set()
            released.wait(60)

    began, writer = threading.Event(), threading.Thread(target=write)
    writer.start()
    assert began.wait(60)
    at = time.monotonic()
    with pytest.raises(LibraryBusy):
        examine(home, repair=True)
    assert time.monotonic() - at < 30
    threading.Timer(0.3, released.set).start()
    assert states(examine(home, repair=True, wait_s=60.0)) == set()
    writer.join()


def test_an_examination_says_of_which_library_it_is(home):
    """Whatever comes of it."""
    assert examine(home).home == home
    assert examine(home, repair=True).home == home
    (home / "articles.db").write_bytes(b"no database" * 1000)
    spoilt = examine(home)
    assert (spoilt.home, spoilt.findings[0].check, spoilt.findings[0].mendable) == (home, "library", False)
    (home / "articles.db").unlink()
    assert examine(home).home == home


def test_little_room_on_the_disk_is_a_warning(home, monkeypatch):
    """A rebuild needs as much again as the indexes take."""
    usage = shutil.disk_usage(home)
    monkeypatch.setattr(
        surroundings.shutil, "disk_usage", lambda path: usage._replace(free=surroundings.LEAST_FREE)
    )
    assert states(examine(home)) == {("disk", "warning", True)}

    def refuse(path):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(surroundings.shutil, "disk_usage", refuse)
    assert states(examine(home)) == {("disk", "warning", True)}


def test_settings_that_mean_nothing_need_a_person(home):
    """The key is named."""
    (home / "searcher.toml").write_text("[encoder]\nmodl = 1\n")
    examination = doctor(home)
    assert examination.needs_a_person and "modl" in examination.findings[0].said


def test_what_repair_leaves_is_what_the_store_holds(home):
    """After any repair every live article is found, once."""
    (home / "indexes" / "CURRENT").write_bytes(b"")
    examine(home, repair=True)
    with new_library(home) as library, Store.open(home / "articles.db") as store:
        found = [hit.article_id for hit in library.search("NOT qwxz", limit=1000, fold=False, now=NOW)]
        assert sorted(found) == sorted(one.article.article_id for one in store.live())


def test_a_repair_tells_how_far_it_is(home):
    """As every build does."""
    shutil.rmtree(home / "indexes")
    told = []
    examine(home, repair=True, progress=lambda stage, done, total: told.append((stage, done)))
    assert {"write", "encode"} <= {stage for stage, _ in told}
