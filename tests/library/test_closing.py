"""A closed library has let go of its files: its directory can be removed, its disk taken out, at once."""

from __future__ import annotations

import gc
import os
import shutil
from pathlib import Path

import pytest

from searcher.errors import IndexDamaged
from searcher.index import segment
from tests.library.samples import MODES, NOW, article, new_library, news

pytestmark = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="tells open files as Linux does")


@pytest.fixture(autouse=True)
def without_the_collector():
    """What only the collector of cycles would close stays open."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def held(home):
    """Give the files of a library that this process has open, or has mapped into its memory."""
    opened = [os.path.realpath(one) for one in Path("/proc/self/fd").iterdir()]
    mapped = [line.split(maxsplit=5)[-1] for line in Path("/proc/self/maps").read_text().splitlines()]
    return [path for path in (*opened, *mapped) if path.startswith(str(home))]


def test_after_its_first_articles(tmp_path):
    """Where there was no index yet when they came."""
    with new_library(tmp_path) as library:
        library.add(*news(30), now=NOW)
        for mode in MODES:
            library.search("harbour strike", mode=mode, now=NOW)
        assert held(tmp_path)
    assert held(tmp_path) == []


def test_while_somebody_keeps_why_indexing_failed(tmp_path, monkeypatch):
    """The receipt has the error; what was at work when it was raised is gone."""

    def full(*_, **__):
        try:
            raise OSError(28, "No space left on device")
        except OSError as error:
            raise IndexDamaged("The disk is full.") from error

    with new_library(tmp_path) as library:
        library.add(*news(30), now=NOW)
    monkeypatch.setattr(segment, "_seal", full)
    with new_library(tmp_path) as library:
        receipt = library.add(article("late", "A harbour strike."), now=NOW)
    assert str(receipt.not_indexed) == "The disk is full." and held(tmp_path) == []


def test_after_nothing_could_stand_in(tmp_path):
    """An index that is gone altogether: the error is kept, the files are not."""
    with new_library(tmp_path) as library:
        library.add(*news(30), now=NOW)
        name = library.indexes.read().segments[0].name
    shutil.rmtree(tmp_path / "indexes" / "segments" / name)
    with new_library(tmp_path) as library, pytest.raises(IndexDamaged):
        library.search("harbour", now=NOW)
    assert held(tmp_path) == []
