"""Libraries of great segments, and processes that have been there for long."""

from __future__ import annotations

import pytest

from searcher.index import segment as segments
from searcher.library import readers, verifying
from tests.library.samples import NOW, new_library, news


@pytest.fixture(autouse=True)
def great_segments(monkeypatch):
    """No file is so small that opening reads it."""
    monkeypatch.setattr(segments, "CHECKED_WHEN_OPENED", 0)


@pytest.fixture
def stays(monkeypatch):
    """A process has been there for long when it begins."""
    monkeypatch.setattr(verifying, "AFTER_S", 0.0)


@pytest.fixture
def home(tmp_path):
    """Two segments."""
    with new_library(tmp_path) as library:
        for number in range(2):
            library.add(*news(15, seed=number, prefix=f"p{number}-"), now=NOW)
    return tmp_path


@pytest.fixture
def patient(monkeypatch):
    """The answer waits as long as it takes."""
    monkeypatch.setattr(readers, "PATIENCE_S", 60.0)
