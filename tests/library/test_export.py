"""What is exported comes back as it was: articles, or the whole history."""

from __future__ import annotations

import json

import pytest

from searcher.errors import InputError
from searcher.library.export import export_lines, write_export
from searcher.store import Store
from tests.library.safe import FailingAt, history, with_history
from tests.library.samples import NOW, article, new_library


def exported(home, *, everything=False):
    """Give the lines of an export, and what could not be read."""
    damaged = []
    with Store.open(home / "articles.db") as store:
        return list(export_lines(store, everything=everything, damaged=damaged)), damaged


@pytest.fixture
def home(tmp_path):
    """A library with a history."""
    with_history(tmp_path / "home").close()
    return tmp_path / "home"


def test_a_whole_history_comes_back(tmp_path, home):
    """Ids, texts, dates, languages, digests, withdrawals, moments, in the same order: revision by revision."""
    lines, damaged = exported(home, everything=True)
    assert damaged == [] and len(lines) == 11 and all(line.isascii() for line in lines)
    (tmp_path / "all.jsonl").write_text("\n".join(lines))
    with new_library(tmp_path / "new") as library:
        receipt = library.add(tmp_path / "all.jsonl", index=False)
        assert (receipt.added, receipt.changed, receipt.restored, receipt.rejected) == (7, 4, 1, 0)
    assert history(tmp_path / "new") == history(home)
    assert exported(tmp_path / "new", everything=True) == (lines, [])


def test_live_articles_come_back(tmp_path, home):
    """As they are now, without those that were withdrawn; adding them again changes nothing, here or there."""
    lines, _ = exported(home)
    assert sorted(json.loads(line)["id"] for line in lines) == ["full", "n0", "n2", "n3", "n4", "n5"]
    (tmp_path / "live.jsonl").write_text("\n".join(lines))
    with new_library(tmp_path / "new") as library:
        for added, unchanged in ((6, 0), (0, 6)):
            receipt = library.add(tmp_path / "live.jsonl", index=False)
            assert (receipt.added, receipt.changed, receipt.unchanged) == (added, 0, unchanged)
        live = [revision.article for revision in library.store.live()]
    with new_library(home) as library:
        assert [revision.article for revision in library.store.live()] == live
        receipt = library.add(tmp_path / "live.jsonl", index=False)
        assert (receipt.added, receipt.changed, receipt.unchanged) == (0, 0, 6)


def test_a_history_that_is_here_already_changes_nothing(tmp_path, home):
    """Not one revision is appended, though the older ones say something else than the newest."""
    lines, _ = exported(home, everything=True)
    (tmp_path / "all.jsonl").write_text("\n".join(lines))
    before = history(home)
    with new_library(home) as library:
        receipt = library.add(tmp_path / "all.jsonl", index=False)
        assert (receipt.added, receipt.changed, receipt.unchanged) == (0, 0, 11)
    assert history(home) == before


def test_states_of_one_moment_come_back_in_order(tmp_path):
    """An article that said A, B and A again in one batch says A at the end, also where that was added twice."""
    with new_library(tmp_path / "old") as library:
        said = [article("a", text) for text in ("A.", "B.", "A.")]
        library.add(*said, index=False, now=NOW)
    lines, _ = exported(tmp_path / "old", everything=True)
    (tmp_path / "all.jsonl").write_text("\n".join(lines))
    with new_library(tmp_path / "new") as library:
        library.add(tmp_path / "all.jsonl", index=False)
        assert [revision.article.body for revision in library.store.all()] == ["A.", "B.", "A."]
        library.add(tmp_path / "all.jsonl", index=False)
        assert library.store.latest("a").article.body == "A."


def test_a_damaged_article_is_left_out_and_named(tmp_path):
    """All others are exported."""
    with new_library(tmp_path) as library:
        library.add(article("bad", "The vote was 51 to 49."), article("good"), index=False, now=NOW)
    path = tmp_path / "articles.db"
    path.write_bytes(path.read_bytes().replace(b"51 to 49.", b"61 to 49."))
    for everything in (False, True):
        lines, damaged = exported(tmp_path, everything=everything)
        assert [json.loads(line)["id"] for line in lines] == ["good"]
        assert len(damaged) == 1 and "'bad'" in str(damaged[0])


def test_an_export_is_whole_or_not_there(tmp_path, home, monkeypatch):
    """At whichever change of the disk it fails the file that was there stays, and nothing is left beside it."""
    lines, _ = exported(home)
    target = tmp_path / "live.jsonl"
    assert write_export(iter(lines), target, replace=False) == 6
    assert target.read_text().splitlines() == lines
    with pytest.raises(InputError, match="--force"):
        write_export(iter(lines), target, replace=False)
    disk = FailingAt(monkeypatch, OSError(28, "No space left"))
    write_export(iter(lines), tmp_path / "other.jsonl", replace=True)
    for step in range(1, disk.done + 1):
        target.write_text("old")
        disk.begin(step)
        with pytest.raises(OSError, match="No space"):
            write_export(iter(lines), target, replace=True)
        disk.begin()
        assert target.read_text() in ("old", "\n".join(lines) + "\n")
        assert sum(path.name.startswith(".") for path in tmp_path.iterdir()) <= 1
