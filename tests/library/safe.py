"""A library with a history, what it holds, and disks that fail at a step: for the tests of what keeps it safe."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from searcher.library import Library
from searcher.library import library as door
from searcher.store import Store
from tests.fake_encoder import FakeEncoder
from tests.library.samples import NOW, article, new_library, news, on_day

MINUTE = timedelta(minutes=1)


def with_history(home: Path) -> Library:
    """Make a library in which articles were corrected, withdrawn and brought back; what has facts has them all."""
    library = new_library(home)
    full = {
        "url": "https://echo.example/a?b=1",
        "authors": ("Zoë Ångström", "J. Doe, Jr."),
        "section": "World",
        "source": "Daily Echo",
        "published": on_day(3),
        "published_raw": "3 Jan 2025",
        "fetched": NOW,
        "id_origin": "url",
    }
    library.add(*news(6), article("full", "Große Häfen.\n\nZweiter Absatz 🚢.", **full), now=NOW)
    library.add(article("n2", "Corrected: harbour strike."), now=NOW + MINUTE)
    library.remove("n1", "n3", now=NOW + 2 * MINUTE)
    library.remove("n3", undo=True, now=NOW + 3 * MINUTE)
    return library


def history(home: Path) -> list[Any]:
    """Give every revision of the library at `home`, as it was said."""
    with Store.open(home / "articles.db") as store:
        assert store.check() == []
        return list(store.all())


@contextmanager
def unguarded(articles: Path) -> Iterator[sqlite3.Connection]:
    """Open an articles.db for changes that its triggers refuse; afterwards they are there again."""
    with closing(sqlite3.connect(articles, isolation_level=None)) as raw:
        guards = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            raw.execute(f"DROP TRIGGER {name}")
        yield raw
        for _, sql in guards:
            raw.execute(sql)


class FailingAt:
    """A disk whose every change is counted, and which fails at the one it is told to."""

    CHANGES = ("fsync", "rename", "replace", "link", "mkdir", "unlink", "rmdir")

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
        self.done, self.fails_at, self._error = 0, 0, error
        for name in self.CHANGES:
            monkeypatch.setattr(os, name, self._counted(getattr(os, name), name))

    def begin(self, fails_at: int = 0) -> None:
        """Count from one again; fail at step `fails_at`, or never."""
        self.done, self.fails_at = 0, fails_at

    def _counted(self, function: Any, name: str) -> Any:
        def step(*arguments: Any, **options: Any) -> Any:
            self.done += 1
            if self.done == self.fails_at:
                raise self._error
            return None if name == "fsync" else function(*arguments, **options)

        return step


@pytest.fixture
def fake_encoder(monkeypatch: pytest.MonkeyPatch) -> FakeEncoder:
    """Every library that is opened has the fake encoder."""
    encoder = FakeEncoder()
    monkeypatch.setattr(door, "load_encoder", lambda settings: encoder)
    return encoder
