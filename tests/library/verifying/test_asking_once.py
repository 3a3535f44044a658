"""One question, and the process ends: its answer comes from what was read to the last byte."""

from __future__ import annotations

import threading
import time

import pytest

from searcher.errors import IndexDamaged
from searcher.index import segment as segments
from searcher.index.files import Stopped
from searcher.library import readers, verifying
from tests.library.samples import NOW, everything, new_library, news
from tests.library.verifying.flipping import (
    ask_once,
    asked,
    flip,
    once_library,
    until_stopped,
    watch_reading,
    when_answered,
)


@pytest.mark.parametrize("file", ["arrays", "vectors.faiss"])
@pytest.mark.parametrize("number", [0, 1])
def test_the_only_question_of_a_process_is_not_answered_from_what_is_damaged(home, patient, number, file):
    """Its first answer says so already, and is what all get from then on; without damage nothing is said."""
    assert ask_once(home).degraded is None
    name = flip(home, number, file)
    answer = ask_once(home)
    assert answer.degraded and (name in answer.degraded or "articles cannot be searched" in answer.degraded)
    with new_library(home) as library:
        assert everything(asked(library)) == everything(answer)
        assert library.indexes.damaged() == {name}


def test_where_nothing_stands_in_the_only_question_is_refused(tmp_path, patient):
    """Better than an answer of which nobody knows whether it is one."""
    with new_library(tmp_path) as library:
        library.add(*news(15), now=NOW)
    flip(tmp_path, 0, "arrays")
    with pytest.raises(IndexDamaged, match=r"is not what was written\. Run: searcher rebuild"):
        ask_once(tmp_path)


def test_words_alone_do_not_wait_for_vectors(home, patient, monkeypatch):
    """What a question does not open is read if there is time, and last."""
    released = threading.Event()

    def wait(name, stopped):
        if name.endswith("vectors.faiss"):
            while not (stopped() or released.is_set()):
                time.sleep(0.001)
            if stopped():
                raise Stopped

    read = watch_reading(monkeypatch, wait)
    assert ask_once(home, mode="lexical").total
    assert [name.partition("/")[2] for name in read] == ["arrays", "arrays"]
    released.set()
    read.clear()
    assert ask_once(home).total
    assert sorted(name.partition("/")[2] for name in read) == ["arrays"] * 2 + ["vectors.faiss"] * 2


def test_an_answer_waits_no_longer_than_was_said(home, monkeypatch):
    """A great library on a slow disk: the answer comes all the same, and the reading ends with the process."""
    monkeypatch.setattr(readers, "PATIENCE_S", 0.05)

    read = watch_reading(monkeypatch, until_stopped)
    began = time.monotonic()
    answer = ask_once(home)
    assert answer.total and answer.degraded is None and read == []
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("seconds", [0.5, 0.0])
def test_what_is_left_of_the_patience_is_given(home, monkeypatch, seconds):
    """All of it where everything was read already, none where something is being read still: what stands in gets it."""
    monkeypatch.setattr(verifying, "clock", lambda: 1000.0)
    answers = threading.Event()
    watch_reading(monkeypatch, lambda *_: answers.wait(60))
    with once_library(home) as library:
        reader = library.readers.current()
        assert library.readers.verifier.wait(reader, seconds / 10) == 0.0
        answers.set()
        library.readers.verifier.join()
        assert library.readers.verifier.wait(reader, seconds) == seconds


def test_what_opening_has_read_is_not_read_again_for_the_only_answer(home, patient, monkeypatch):
    """Small files are read to be opened; only those that were not are left. Who stays reads them all, once a day."""
    monkeypatch.setattr(segments, "CHECKED_WHEN_OPENED", 1_000_000)
    read = watch_reading(monkeypatch)
    with once_library(home) as library:
        assert asked(library, mode="lexical").total
        library.readers.verifier.join()
    assert [name.partition("/")[2] for name in read] == ["vectors.faiss"] * 2
    read.clear()
    monkeypatch.setattr(verifying, "AFTER_S", 0.0)
    with new_library(home) as library:
        asked(library)
        library.readers.verifier.join()
    assert len(read) == 4


def test_the_only_answer_does_not_wait_for_a_reading_that_failed(home, patient, monkeypatch):
    """It fails while the answer waits for it."""
    answered = when_answered(monkeypatch)

    def fail(name, stopped):
        answered.wait(60)
        raise MemoryError

    watch_reading(monkeypatch, fail)
    began = time.monotonic()
    assert ask_once(home).total
    assert time.monotonic() - began < 30


def test_a_process_that_stays_does_not_wait(home, stays, monkeypatch):
    """Only who asks once does: here the reading never ends while the question is asked."""
    monkeypatch.setattr(readers, "PATIENCE_S", 3600.0)

    watch_reading(monkeypatch, until_stopped)
    with new_library(home) as library:
        assert asked(library).total


def test_an_answer_waits_for_what_is_still_being_read(home, patient, monkeypatch):
    """The damage is found when the answer is there already; it is not given."""
    answered = when_answered(monkeypatch)
    name = flip(home, 1, "arrays")
    monkeypatch.setattr(
        segments.Segment,
        "is_damaged",
        lambda self, file, *, stopped: answered.wait(60) and f"{self.info.name}/{file}" == name,
    )
    assert name in ask_once(home).degraded


def test_a_disk_that_does_not_answer_holds_no_process_up(home, monkeypatch):
    """The only answer is given, though a read goes on and cannot be stopped."""
    monkeypatch.setattr(readers, "PATIENCE_S", 0.05)
    monkeypatch.setattr(verifying, "_CLOSED_S", 3600.0)
    answers = threading.Event()
    watch_reading(monkeypatch, lambda *_: answers.wait(60))
    try:
        assert ask_once(home).total
        assert any(one.name == "verifying" for one in threading.enumerate())
    finally:
        answers.set()
        for one in threading.enumerate():
            if one.name == "verifying":
                one.join()


def test_what_stands_in_is_read_too(tmp_path, patient):
    """The newest generation is damaged, and so are vectors of the one before it: the words of that answer."""
    with new_library(tmp_path) as library:
        for number in range(2):
            library.add(*news(15, seed=number, prefix=f"p{number}-"), now=NOW)
        library.rebuild()
    damaged = [flip(tmp_path, 2, "arrays"), flip(tmp_path, 1, "vectors.faiss")]
    answer = ask_once(tmp_path)
    with new_library(tmp_path) as library:
        assert library.indexes.damaged() == set(damaged)
        assert everything(asked(library)) == everything(answer) and answer.degraded
