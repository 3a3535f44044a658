"""A backup is one state of the library, whole, or it is not there."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tarfile
import threading

import pytest

from searcher.errors import InputError, LibraryBusy, SearcherError, StoreDamaged
from searcher.library import backup
from searcher.store import Store
from tests.library.safe import FailingAt, history, with_history
from tests.library.samples import NOW, article, new_library


def test_a_backup_is_a_plain_tar_of_the_truth_with_digests(tmp_path):
    """Manifest, articles and settings, in this order; sizes and digests are those of the files; no index."""
    with with_history(tmp_path / "home") as library:
        (tmp_path / "home" / "searcher.toml").write_text("[fusion]\ndepth = 300\n")
        made = library.backup(tmp_path / "b.tar", now=NOW)
        assert (made.articles, made.revisions, made.bytes) == (6, 11, (tmp_path / "b.tar").stat().st_size)
        with tarfile.open(tmp_path / "b.tar") as tar:
            assert tar.getnames() == ["manifest.json", "articles.db", "searcher.toml"]
            manifest = json.load(tar.extractfile("manifest.json"))
            for name, said in manifest["files"].items():
                data = tar.extractfile(name).read()
                assert said == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            (tmp_path / "copy").mkdir()
            (tmp_path / "copy" / "articles.db").write_bytes(tar.extractfile("articles.db").read())
        assert history(tmp_path / "copy") == history(tmp_path / "home")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar", "copy", "home"]


def test_what_is_not_yet_in_the_file_itself_is_in_the_backup(tmp_path):
    """Commits that are only in SQLite's journal are part of the state; copying the file would lose them."""
    with new_library(tmp_path / "home") as library:
        keeps_the_journal = sqlite3.connect(tmp_path / "home" / "articles.db")
        keeps_the_journal.execute("SELECT count(*) FROM revisions").fetchone()
        library.add(article("late"), index=False, now=NOW)
        assert (tmp_path / "home" / "articles.db-wal").stat().st_size > 0
        assert library.backup(tmp_path / "b.tar", now=NOW).articles == 1
        keeps_the_journal.close()


def test_a_backup_beside_a_writer_is_one_state(tmp_path):
    """While batches of ten are added each backup holds whole batches."""
    with new_library(tmp_path / "home") as library:
        stop = threading.Event()

        def write():
            number = 0
            while not stop.is_set():
                library.store.add(
                    [article(f"{number}-{n}", f"Body {number} {n}.") for n in range(10)], now=NOW
                )
                number += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for _ in range(5):
                made = library.backup(tmp_path / "b.tar", replace=True, now=NOW)
                assert made.revisions % 10 == 0
        finally:
            stop.set()
            writer.join()


def test_nothing_is_replaced_unasked(tmp_path):
    """A file that is there stays as it is, and so does a directory, whatever is asked."""
    (tmp_path / "b.tar").write_text("mine")
    (tmp_path / "dir").mkdir()
    with with_history(tmp_path / "home") as library:
        with pytest.raises(InputError, match=r"b\.tar is there already.*--force"):
            library.backup(tmp_path / "b.tar", now=NOW)
        assert (tmp_path / "b.tar").read_text() == "mine"
        with pytest.raises(InputError, match="directory"):
            library.backup(tmp_path / "dir", replace=True, now=NOW)
        library.backup(tmp_path / "b.tar", replace=True, now=NOW)
        assert tarfile.is_tarfile(tmp_path / "b.tar")


def test_a_damaged_library_replaces_no_backup(tmp_path):
    """The backup before stays; the message names the damage, and what can still be done."""
    home = tmp_path / "home"
    with new_library(home) as library:
        library.add(article("bad", "The vote was 51 to 49."), index=False, now=NOW)
        library.backup(tmp_path / "b.tar", now=NOW)
    before = (tmp_path / "b.tar").read_bytes()
    path = home / "articles.db"
    path.write_bytes(path.read_bytes().replace(b"51 to 49.", b"61 to 49."))
    with new_library(home) as library, pytest.raises(StoreDamaged, match=r"'bad'.*searcher export"):
        library.backup(tmp_path / "b.tar", replace=True, now=NOW)
    assert (tmp_path / "b.tar").read_bytes() == before


@pytest.mark.parametrize("error", [OSError(28, "No space left"), KeyboardInterrupt()], ids=["disk", "Ctrl-C"])
def test_a_backup_that_fails_leaves_the_old_one(tmp_path, monkeypatch, error):
    """At whichever change of the disk it fails: the file is the old backup or the new one, and nothing is left over."""
    with with_history(tmp_path / "home") as library:
        library.backup(tmp_path / "b.tar", now=NOW)
        before = (tmp_path / "b.tar").read_bytes()
        library.add(article("new"), index=False, now=NOW)
        library.backup(tmp_path / "c.tar", now=NOW)
        after = (tmp_path / "c.tar").read_bytes()
        disk = FailingAt(monkeypatch, error)
        library.backup(tmp_path / "c.tar", replace=True, now=NOW)
        total = disk.done
        assert total > 3
        for step in range(1, total + 1):
            (tmp_path / "b.tar").write_bytes(before)
            disk.begin(step)
            with pytest.raises(type(error)):
                library.backup(tmp_path / "b.tar", replace=True, now=NOW)
            disk.begin()
            assert (tmp_path / "b.tar").read_bytes() in (before, after)
            library.backup(tmp_path / "b.tar", replace=True, now=NOW)


@pytest.mark.parametrize("kind", [SearcherError, LibraryBusy, StoreDamaged])
def test_a_library_that_cannot_be_copied_says_what_it_is(tmp_path, monkeypatch, kind):
    """What is wrong with the library is said as it is, what is wrong with the copy of the backup; nothing is left."""
    home = tmp_path / "home"

    def refuse(store, target):
        target.with_name(f"{target.name}-journal").touch()
        target.touch()
        raise kind(f"What is to be done about {target if kind is SearcherError else store.path}.")

    monkeypatch.setattr(Store, "copy_to", refuse)
    with new_library(home) as library, pytest.raises(kind) as raised:
        library.backup(tmp_path / "b.tar", now=NOW)
    said = {SearcherError: f"{tmp_path / 'b.tar'} could not be written. Check the free space"}
    assert type(raised.value) is kind
    assert str(raised.value).startswith(said.get(kind, f"What is to be done about {home / 'articles.db'}."))
    assert list(tmp_path.iterdir()) == [home]


def test_what_a_dead_backup_left_is_removed_by_the_next(tmp_path):
    """Of processes that are no more; what a running one writes stays."""
    dead, running = tmp_path / ".b.tar.4194305.1.db", tmp_path / ".b.tar.1.1"
    for leftover in (dead, running, tmp_path / ".b.tar.mine"):
        leftover.touch()
    with with_history(tmp_path / "home") as library:
        library.backup(tmp_path / "b.tar", now=NOW)
    assert not dead.exists() and running.exists() and (tmp_path / ".b.tar.mine").exists()


def test_what_anothers_process_writes_stays(tmp_path, monkeypatch):
    """We may not send it a signal, so it is there."""

    def refuse(process, number):
        raise PermissionError

    (tmp_path / ".b.tar.77.1").touch()
    monkeypatch.setattr(backup.os, "kill", refuse)
    backup.remove_leftovers(tmp_path / "b.tar")
    assert (tmp_path / ".b.tar.77.1").exists()
