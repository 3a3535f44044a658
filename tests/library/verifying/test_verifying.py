"""A flipped byte in a great segment: found by who stays, told to who comes, mended by the next update."""

from __future__ import annotations

import errno
import os
import threading
import weakref

import pytest

from searcher.errors import IndexDamaged
from searcher.index import segment as segments
from searcher.library import Library, verifying
from searcher.store import Store
from searcher.web.generations import Generations
from tests.fake_encoder import FakeEncoder
from tests.library.samples import NOW, article, everything, left_over, new_library, wanted
from tests.library.verifying.flipping import asked, flip, until_stopped, watch_reading


def test_a_flipped_byte_is_found_while_questions_are_answered(home, stays):
    """
    Whoever asks on is told, and so is everybody who opens the library after; the update mends it without encoding what
    is whole, and then nobody is told anything.
    """
    with new_library(home) as library:
        whole = everything(asked(library))
    name = flip(home, 0, "vectors.faiss")
    with new_library(home) as library:
        asked(library)
        library.readers.verifier.join()
        assert name in asked(library).degraded or "Only words" in asked(library).degraded
        with new_library(home) as other:
            degraded = asked(other).degraded
            assert "Only words were searched" in degraded and name in degraded
            with pytest.raises(IndexDamaged, match="searcher rebuild"):
                asked(other, mode="dense")
    with new_library(home, encoder=(encoder := FakeEncoder())) as library:
        report = library.update()
        assert 0 < report.encoded == encoder.calls < report.chunks
        assert asked(library).degraded is None and everything(asked(library)) == whole
    assert left_over(home) == []
    with new_library(home) as library:
        assert asked(library).degraded is None


def test_damaged_words_are_answered_from_what_is_whole(home, stays):
    """The previous generation, where it is; the process that has the index open never stops answering."""
    name = flip(home, 1, "arrays")
    with new_library(home) as library:
        before = asked(library)
        library.readers.verifier.join()
        after = asked(library)
        assert after.generation == before.generation - 1
        assert "Generation 1 answers" in after.degraded and name in after.degraded
        library.update()
        assert asked(library).degraded is None and asked(library).total > after.total


def test_all_is_read_once_a_day(home, monkeypatch):
    """For ten seconds nothing is read; then all segments are, once a day, and new ones when they come."""
    now = 1000.0
    monkeypatch.setattr(verifying, "clock", lambda: now)
    read = watch_reading(monkeypatch)
    with new_library(home) as library:

        def ask():
            asked(library)
            library.readers.verifier.join()
            names, read[:] = sorted(read), []
            assert all(names.count(name) == 1 for name in names)
            assert {name.partition("/")[2] for name in names} <= {"arrays", "vectors.faiss"}
            return sorted({name.partition("/")[0] for name in names if len(names) % 2 == 0})

        first, second = sorted(path.name for path in (home / "indexes" / "segments").iterdir())
        assert ask() == []
        now += verifying.AFTER_S - 0.001
        assert ask() == []
        now += 0.001
        assert ask() == [first, second]
        assert ask() == []
        library.add(article("new"), now=NOW)
        now += verifying.EVERY_S - 1
        (third,) = ask()
        assert third not in (first, second)
        now += 1
        assert ask() == [first, second]
        now += verifying.EVERY_S
        assert ask() == [first, second, third]


def test_a_library_that_is_closed_reads_no_further(home, stays, monkeypatch):
    """The file that is being read is left in the middle, the next is not begun, nor is anything after it is closed."""
    monkeypatch.setattr(verifying, "_ONCE_CLOSED_S", 0.0)  # This one stays, and waits for its thread to end.
    begun = threading.Event()

    def wait(name, stopped):
        begun.set()
        until_stopped(name, stopped)

    read = watch_reading(monkeypatch, wait)
    with new_library(home) as library:
        reader = library.reader()
        asked(library)
        assert begun.wait(60)
    assert not any(one.name == "verifying" for one in threading.enumerate())
    library.readers.verifier.look(reader)
    library.readers.verifier.join()
    assert read == []
    library.readers.close()  # Again, which does nothing.


def test_what_fails_in_reading_is_not_the_end_of_it(home, stays, monkeypatch, capfd, caplog):
    """Whatever it is, a later question begins anew; why it failed is told to who looks for it, and to nobody else."""
    failed = []
    caplog.set_level("DEBUG", logger="searcher.library.verifying")

    def fail_once(name, stopped):
        if not failed:
            failed.append(name)
            raise MemoryError

    read = watch_reading(monkeypatch, fail_once)
    with new_library(home) as library:
        asked(library)
        library.readers.verifier.join()
        assert read == [] and failed and capfd.readouterr().err == ""
        assert [(one.levelname, one.exc_info[0]) for one in caplog.records] == [("DEBUG", MemoryError)]
        asked(library)
        library.readers.verifier.join()
    assert len(read) == 4


def test_a_thread_at_its_end_takes_nothing_from_the_next(home, stays, monkeypatch):
    """
    A question comes when all was read, and the thread that read it has not ended: another reads what is new.
    """
    at_its_end, may_end, begun, go_on = (threading.Event() for _ in range(4))
    next_one, threads = verifying.Verifier._next, []

    def dally(self):
        found = next_one(self)
        if found is None and not at_its_end.is_set():
            threads.append(threading.current_thread())
            at_its_end.set()
            may_end.wait(60)
        return found

    monkeypatch.setattr(verifying.Verifier, "_next", dally)
    read = watch_reading(monkeypatch, lambda *_: at_its_end.is_set() and (begun.set() or go_on.wait(60)))
    with new_library(home) as library:
        asked(library)
        assert at_its_end.wait(60) and len(read) == 4
        library.add(article("new"), now=NOW)
        asked(library)
        assert begun.wait(60)
        may_end.set()
        threads[0].join()
        go_on.set()
        library.readers.verifier.join()
        assert len(read) == 6 and len({name.partition("/")[0] for name in read[4:]}) == 1


def test_a_thread_that_another_process_has_is_not_waited_for(home, stays, monkeypatch):
    """After a fork the thread that was reading is not here: the next question begins anew."""
    read = watch_reading(monkeypatch)
    with new_library(home) as library:
        verifier, reader = library.readers.verifier, library.reader()
        verifier._reader, verifier._thread = reader, threading.Thread()
        assert verifier.wait(reader, 60.0) > 0
        verifier.join()
        assert len(read) == 4


@pytest.mark.parametrize("code", [errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EACCES, errno.ESTALE])
def test_errors_of_the_moment_condemn_nothing(home, stays, monkeypatch, code):
    """What says something of the process says nothing of the index."""

    def refuse(path, **_):
        raise OSError(code, os.strerror(code))

    with new_library(home) as library:
        asked(library)
        library.readers.verifier.join()
        monkeypatch.setattr(segments, "file_digest", refuse)
        assert library.readers._reader.damaged_files() == []
        monkeypatch.setattr(
            segments, "file_digest", lambda path, **_: (_ for _ in ()).throw(OSError(5, "I/O error"))
        )
        assert len(library.readers._reader.damaged_files()) == 4


def test_a_server_finds_it_too(home, stays, monkeypatch):
    """Beside its questions: the next generation it opens leaves the damaged file out."""
    name = flip(home, 1, "arrays")
    with new_library(home) as library:
        generations = Generations(library)
        generations.refresh()
        before = generations.current()
        generations._look_after()
        library.readers.verifier.join()
        assert before.problem is not None and name in before.problem
        generations.refresh()
        assert asked(library, reader=generations.current()).generation == before.generation.number - 1
        generations.close()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="priorities of threads are Linux's")
def test_it_gives_way_to_questions(home, stays, monkeypatch):
    """The thread that reads has the lowest priority; the one that asks keeps its own."""
    seen = []
    watch_reading(monkeypatch, lambda *_: seen.append(os.getpriority(os.PRIO_PROCESS, 0)))
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    with new_library(home) as library:
        asked(library)
        library.readers.verifier.join()
    assert seen == [19] * 4 and os.getpriority(os.PRIO_PROCESS, 0) == mine


def test_where_threads_have_no_priorities_it_is_read_all_the_same(home, stays, monkeypatch):
    """On other systems the number of a thread may be that of somebody's process: nothing is set."""
    monkeypatch.setattr(verifying.sys, "platform", "darwin")
    monkeypatch.setattr(os, "setpriority", lambda *_: pytest.fail("a priority was set"))
    name = flip(home, 0, "arrays")
    with new_library(home) as library:
        asked(library)
        library.readers.verifier.join()
        assert library.indexes.damaged() == {name}


def test_one_thread_reads_at_a_time_and_none_where_nothing_is_due(home, stays, monkeypatch):
    """Questions that come while it reads start no other; it ends with its process, and has a name."""
    begun, go_on = threading.Event(), threading.Event()
    read = watch_reading(monkeypatch, lambda *_: begun.set() or go_on.wait(5))
    with new_library(home) as library:
        asked(library)
        assert begun.wait(60)
        first = library.readers.verifier._thread
        assert (first.name, first.daemon) == ("verifying", True)
        for _ in range(3):
            asked(library)
        assert [one.name for one in threading.enumerate()].count("verifying") == 1
        go_on.set()
        library.readers.verifier.join()
        asked(library)
        assert library.readers.verifier._thread is first and len(read) == 4


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="priorities of threads are Linux's")
def test_where_a_priority_may_not_be_set_it_is_read_all_the_same(home, stays, monkeypatch):
    """A sandbox may forbid it."""

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse)
    name = flip(home, 0, "arrays")
    with new_library(home) as library:
        asked(library)
        library.readers.verifier.join()
        assert library.indexes.damaged() == {name}


@pytest.mark.parametrize("once", [False, True])
def test_where_no_thread_can_be_started_questions_are_answered(home, stays, monkeypatch, once):
    """And nobody waits for it, not at the end either."""

    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with Library(
        home, Store.open(home / "articles.db"), wanted(), encoder=FakeEncoder(), once=once
    ) as library:
        assert asked(library, mode="lexical").total


def test_what_is_read_already_keeps_nobody_in_use(home, stays):
    """A reader that was looked after and let go of is gone, whether or not there was anything to read."""
    with new_library(home) as library:
        for _ in range(2):
            reader = library.reader()
            library.readers.look_after(reader)
            library.readers.verifier.join()
        gone = weakref.ref(reader)
        del reader
        assert gone() is None


def test_a_reader_that_its_holder_closed_condemns_nothing(home, stays, monkeypatch):
    """Its files may have been collected."""
    closed = threading.Event()
    monkeypatch.setattr(segments.Segment, "is_damaged", lambda self, name, *, stopped: bool(closed.wait(60)))
    with new_library(home) as library:
        reader = library.reader()
        library.readers.look_after(reader)
        reader.close()
        closed.set()
        library.readers.verifier.join()
        assert library.readers.broken == library.indexes.damaged() == set()
