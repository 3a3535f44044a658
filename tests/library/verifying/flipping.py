"""A byte that flips, who asks then, and who reads meanwhile."""

from __future__ import annotations

import threading
import time

from searcher.index import segment as segments
from searcher.index.files import Stopped
from searcher.library import Library
from searcher.library import library as door
from searcher.store import Store
from tests.fake_encoder import FakeEncoder
from tests.library.samples import NOW, wanted

QUESTION = "harbour strike vote"


def flip(home, number, file):
    """Flip the last byte of a file of a segment; give its name."""
    directory = sorted((home / "indexes" / "segments").iterdir())[number]
    data = bytearray((directory / file).read_bytes())
    data[-1] ^= 1
    (directory / file).write_bytes(data)
    return f"{directory.name}/{file}"


def asked(library, **options):
    return library.search(QUESTION, limit=50, now=NOW, **options)


def watch_reading(monkeypatch, meanwhile=lambda name, stopped: None):
    """Give a list of what is read from now on, `SEGMENT/FILE`, all of it whole; `meanwhile` is called before each."""
    read = []

    def is_damaged(self, name, *, stopped):
        meanwhile(f"{self.info.name}/{name}", stopped)
        read.append(f"{self.info.name}/{name}")
        return False

    monkeypatch.setattr(segments.Segment, "is_damaged", is_damaged)
    return read


def until_stopped(name, stopped):
    """Read without end, until that is to be stopped."""
    while not stopped():
        time.sleep(0.001)
    raise Stopped


def when_answered(monkeypatch):
    """Give an event that is set when the next question has its answer, or its error."""
    answered, ask = threading.Event(), door.ask

    def then_say_so(*question):
        try:
            return ask(*question)
        finally:
            answered.set()

    monkeypatch.setattr(door, "ask", then_say_so)
    return answered


def once_library(home):
    return Library(home, Store.open(home / "articles.db"), wanted(), encoder=FakeEncoder(), once=True)


def ask_once(home, **options):
    with once_library(home) as library:
        return asked(library, **options)
