"""What was built by another program, or otherwise, is refused or migrated, with the command named: never guessed."""

from __future__ import annotations

import json
import sqlite3
import tarfile
from pathlib import Path

import pytest

from searcher.errors import IndexOutdated, SearcherError
from searcher.index import generation, segment
from searcher.library import Library
from searcher.store import Store
from tests.fake_encoder import FakeEncoder
from tests.formats.make import QUESTIONS, found
from tests.library.samples import NOW, new_library, news, wanted

SHIPPED = sorted(Path(__file__).parent.glob("*.tar.gz"))


@pytest.fixture(params=SHIPPED, ids=[path.name.partition(".")[0] for path in SHIPPED])
def shipped(request, tmp_path):
    """A library of a format that was shipped, and what is expected of it."""
    with tarfile.open(request.param) as packed:
        packed.extractall(tmp_path, filter="data")
    return tmp_path / "home", json.loads((tmp_path / "expected.json").read_text())


def test_every_format_is_kept():
    """
    A library of each format that was shipped is there, and small: this program's own index format among them.
    """
    names = {path.name for path in SHIPPED}
    assert {"index-2-store-1.tar.gz"} <= names
    assert any(name.startswith(f"index-{segment.FORMAT}-") for name in names)
    assert all(path.stat().st_size < 200_000 for path in SHIPPED)


def test_every_format_that_was_shipped_opens(shipped):
    """
    Its articles are all there, in all their states, whatever happens. Its index answers, or is refused naming `searcher
    rebuild`; after `update` (or that rebuild) the same is found as when it was made, and the article that waited.
    """
    home, expected = shipped
    with new_library(home) as library:
        live = {one.article.article_id: one.body_sha256 for one in library.store.live()}
        assert live == expected["live"]
        assert library.store.counts().revisions == expected["revisions"]
        assert library.store.check() == []
        try:
            answers = {question: found(library, question) for question in QUESTIONS}
            assert answers == expected["found"]
            library.update()
        except IndexOutdated as error:
            assert "searcher rebuild" in str(error)
            with pytest.raises(IndexOutdated, match="searcher rebuild"):
                library.update()
            library.rebuild()
        for question in QUESTIONS:
            assert set(found(library, question)) >= set(expected["found"][question])
        assert "waiting" in found(library, "harbour")
        assert library.status().indexed_articles == len(live)
        assert library.status().problem is None


@pytest.fixture
def built(tmp_path):
    """The home of a library that was built with the settings of the tests."""
    with new_library(tmp_path / "home") as library:
        library.add(*news(20), now=NOW)
    return tmp_path / "home"


def opened(home, change):
    """Open the library otherwise than it was built."""
    settings, encoder = wanted(), FakeEncoder()
    if change == "model":
        encoder = FakeEncoder(name="another")
    elif change == "dimension":
        encoder = FakeEncoder(dim=48)
    elif change == "chunker":
        settings = wanted(words=35)
    elif change == "analyzer":
        settings = wanted(stemmer="french")
    return Library(home, Store.open(home / "articles.db"), settings, encoder=encoder)


@pytest.mark.parametrize("change", ["model", "dimension", "chunker", "analyzer"])
def test_another_recipe_is_refused(built, change):
    """
    Opened with another model, dimension, chunker or analyzer: no hybrid answer is given and no update mixes the two,
    but IndexOutdated names what changed and the command. After it the library answers, and the old recipe is refused.
    """
    name = {"model": "encoder", "dimension": "encoder"}.get(change, change)
    with opened(built, change) as library:
        for act in (lambda: library.search("harbour", now=NOW), library.update):
            with pytest.raises(IndexOutdated, match=f"another {name}.*searcher rebuild"):
                act()
        library.rebuild()
        assert library.search("harbour", now=NOW).degraded is None
    with new_library(built) as library, pytest.raises(IndexOutdated, match="searcher rebuild"):
        library.search("harbour", now=NOW)


def test_another_index_format_is_refused(built, monkeypatch):
    """
    An index of a newer or older format is not read: IndexOutdated names both formats and the command, which mends it
    and encodes nothing again: vectors outlive their format.
    """
    for module in (generation, segment):
        monkeypatch.setattr(module, "FORMAT", segment.FORMAT + 1)
    with new_library(built, encoder=(encoder := FakeEncoder())) as library:
        for act in (lambda: library.search("harbour", now=NOW), library.update):
            with pytest.raises(IndexOutdated, match=r"format \d+, this program reads \d+.*searcher rebuild"):
                act()
        assert "searcher rebuild" in library.status().problem
        report = library.rebuild()
        assert report.encoded == encoder.calls == 0
        assert library.search("harbour", now=NOW).total > 0


def test_a_newer_store_is_refused(built):
    """
    An articles.db of a newer format is neither read nor written: the message says to upgrade.
    """
    with sqlite3.connect(built / "articles.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = (built / "articles.db").read_bytes()
    with pytest.raises(SearcherError, match=r"newer searcher.*Upgrade searcher"):
        Store.open(built / "articles.db")
    assert (built / "articles.db").read_bytes() == before


def test_an_index_of_other_articles_is_refused(built, tmp_path):
    """
    An index beside another library's articles.db (restored from an older backup) is refused: it would show other
    articles.
    """
    with new_library(tmp_path / "other") as other:
        other.add(*news(20, seed=5), now=NOW)
    with new_library(tmp_path / "other") as other:
        other.update()
    for name in ("articles.db", "articles.db-wal", "articles.db-shm"):
        (built / name).unlink(missing_ok=True)
        if (tmp_path / "other" / name).exists():
            (built / name).write_bytes((tmp_path / "other" / name).read_bytes())
    with new_library(built) as library:
        with pytest.raises(IndexOutdated, match=r"articles.db.*searcher rebuild"):
            library.search("harbour", now=NOW)
        library.rebuild()
        assert library.search("harbour", now=NOW).total > 0
