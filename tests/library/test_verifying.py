"""A flipped byte in a great segment: found by who stays, told to who comes, mended by the next update."""

from __future__ import annotations

import errno
import os
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from searcher.errors import IndexDamaged
from searcher.index import build
from searcher.index import segment as segments
from searcher.index.files import Stopped
from searcher.index.generation import Indexes
from searcher.library import Library, readers, verifying
from searcher.library import library as door
from searcher.store import Store
from searcher.web.generations import Generations
from tests.fake_encoder import FakeEncoder
from tests.library.samples import NOW, article, everything, left_over, new_library, news, wanted

QUESTION = "harbour strike vote"


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


def flip(home, number, file):
    """Flip the last byte of a file of a segment; give its name."""
    directory = sorted((home / "indexes" / "segments").iterdir())[number]
    data = bytearray((directory / file).read_bytes())
    data[-1] ^= 1
    (directory / file).write_bytes(data)
    return f"{directory.name}/{file}"


def asked(library, **options):
    return library.search(QUESTION, limit=50, now=NOW, **options)


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


def test_where_nothing_else_stands_what_is_open_answers_and_says_so(tmp_path, stays):
    """One segment, and it is damaged: who has it open goes on with a warning; who opens it is refused."""
    with new_library(tmp_path) as library:
        library.add(*news(15), now=NOW)
    name = flip(tmp_path, 0, "arrays")
    with new_library(tmp_path) as library:
        hits = everything(asked(library))
        library.readers.verifier.join()
        for _ in range(2):
            assert everything(asked(library)) == hits and name in asked(library).degraded
        with new_library(tmp_path) as other, pytest.raises(IndexDamaged, match="is not what was written"):
            asked(other)


def test_a_library_that_cannot_be_written_to_is_still_warned_of(home, stays, monkeypatch):
    """Where the finding cannot be told to others, who found it knows; and its own update mends it."""
    name = flip(home, 0, "arrays")
    with new_library(home) as library:
        monkeypatch.setattr(type(library.indexes), "tell_damaged", lambda *_: None)
        asked(library)
        library.readers.verifier.join()
        assert not (home / "indexes" / "damaged").exists()
        assert "articles cannot be searched" in asked(library).degraded, name
        report = library.update()
        assert report.changed and report.segments == 1 and asked(library).degraded is None


def watch_reading(monkeypatch, meanwhile=lambda name, stopped: None):
    """Give a list of what is read from now on, `SEGMENT/FILE`, all of it whole; `meanwhile` is called before each."""
    read = []

    def is_damaged(self, name, *, stopped):
        meanwhile(f"{self.info.name}/{name}", stopped)
        read.append(f"{self.info.name}/{name}")
        return False

    monkeypatch.setattr(segments.Segment, "is_damaged", is_damaged)
    return read


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
        while not stopped():
            time.sleep(0.001)
        raise Stopped

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


# One question, and the process ends ------------------------------------------------------------------------------


@pytest.fixture
def patient(monkeypatch):
    """The answer waits as long as it takes."""
    monkeypatch.setattr(readers, "PATIENCE_S", 60.0)


def once_library(home):
    return Library(home, Store.open(home / "articles.db"), wanted(), encoder=FakeEncoder(), once=True)


def ask_once(home, **options):
    with once_library(home) as library:
        return asked(library, **options)


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


@pytest.mark.parametrize(("once", "level"), [(False, "WARNING"), (True, "INFO")])
def test_damage_is_warned_of_where_no_answer_says_it(home, caplog, once, level):
    """A server's log has it; the only answer of a process says it itself, and its terminal is told once."""
    caplog.set_level("INFO", logger="searcher.library.readers")
    with once_library(home) if once else new_library(home) as library:
        library.readers.found_damaged(library.reader(), ["a/arrays"])
    assert [one.levelname for one in caplog.records] == [level]


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

    def wait(name, stopped):
        while not stopped():
            time.sleep(0.001)
        raise Stopped

    read = watch_reading(monkeypatch, wait)
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
    answered = threading.Event()
    ask = door.ask

    def then_say_so(*question):
        try:
            return ask(*question)
        finally:
            answered.set()

    def fail(name, stopped):
        answered.wait(60)
        raise MemoryError

    monkeypatch.setattr(door, "ask", then_say_so)
    watch_reading(monkeypatch, fail)
    began = time.monotonic()
    assert ask_once(home).total
    assert time.monotonic() - began < 30


def test_a_process_that_stays_does_not_wait(home, stays, monkeypatch):
    """Only who asks once does: here the reading never ends while the question is asked."""
    monkeypatch.setattr(readers, "PATIENCE_S", 3600.0)

    def wait(name, stopped):
        while not stopped():
            time.sleep(0.001)
        raise Stopped

    watch_reading(monkeypatch, wait)
    with new_library(home) as library:
        assert asked(library).total


def test_an_answer_waits_for_what_is_still_being_read(home, patient, monkeypatch):
    """The damage is found when the answer is there already; it is not given."""
    answered = threading.Event()
    ask = door.ask

    def then_say_so(*question):
        try:
            return ask(*question)
        finally:
            answered.set()

    monkeypatch.setattr(door, "ask", then_say_so)
    name = flip(home, 1, "arrays")
    monkeypatch.setattr(
        segments.Segment,
        "is_damaged",
        lambda self, file, *, stopped: answered.wait(60) and f"{self.info.name}/{file}" == name,
    )
    assert name in ask_once(home).degraded


def test_all_damage_that_was_found_is_remembered_and_said(home, caplog):
    """In one sentence what was found at once; what was found before is not forgotten."""
    with new_library(home) as library:
        reader = library.reader()
        library.readers.found_damaged(reader, ["a/arrays"])
        library.readers.found_damaged(reader, ["b/arrays", "b/vectors.faiss"])
        assert (
            library.readers.broken == {"a/arrays", "b/arrays", "b/vectors.faiss"} == library.indexes.damaged()
        )
        assert reader.problem == (
            "A part of the index is damaged (b/arrays, b/vectors.faiss). Run: searcher update"
        )
    assert [one.getMessage() for one in caplog.records] == [
        "Not what was written: a/arrays.",
        "Not what was written: b/arrays, b/vectors.faiss.",
    ]


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


def test_a_generation_is_opened_again_by_its_name(home):
    """While somebody holds it, another reader has the same one, though a newer one answers."""
    with new_library(home) as library:
        held = library.reader()
        library.add(article("new"), now=NOW)
        again, newest = library.reader(held.name), library.reader()
        assert again.generation.number == held.generation.number == newest.generation.number - 1
        assert asked(library, reader=again).generation == held.generation.number


def test_three_times_damage_is_left_out_and_then_the_answer_is_what_it_is(tmp_path, monkeypatch):
    """What stands in is damaged, too, and what stands in for that: the fourth answer comes from what is left."""
    monkeypatch.setattr(build, "due_for_merge", lambda generation: [])
    with new_library(tmp_path) as library:
        for number in range(5):
            library.add(*news(3, seed=number, prefix=f"p{number}-"), now=NOW)
    damaged, asked_of = [], []

    def answer(reader):
        asked_of.append(len(reader.segments))
        if len(asked_of) < 4:
            damaged.append(flip(tmp_path, 5 - len(asked_of), "arrays"))
            raise IndexError
        return reader

    with new_library(tmp_path) as library:
        last = library.readers.answered(answer)
        assert asked_of == [5, 4, 3, 2] and len(last.segments) == 2
        assert last.problem.startswith("9 of 15 articles cannot be searched")
        assert library.indexes.damaged() == set(damaged)


def test_all_that_many_have_to_tell_is_told(home):
    """At one moment, each in a thread of its own: no line is lost."""
    names = [f"s{number}/arrays" for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda name: Indexes(home / "indexes").tell_damaged([name]), names))
    assert Indexes(home / "indexes").damaged() == set(names)


def test_a_question_that_fails_as_it_never_should_makes_the_index_be_read(home, monkeypatch, caplog):
    """Where nothing is damaged the failure is given as it is; else the answer comes from what is whole, and says so."""
    ask, failing = door.ask, [IndexError("out of bounds")]

    def fail_first(*question):
        if failing:
            raise failing.pop()
        return ask(*question)

    monkeypatch.setattr(door, "ask", fail_first)
    with new_library(home) as library:
        with pytest.raises(IndexError, match="out of bounds"):
            asked(library)
        assert library.indexes.damaged() == set() and asked(library).degraded is None
        name = flip(home, 1, "arrays")
        failing.append(IndexError("again"))
        answer = asked(library)
        assert name in answer.degraded and answer.generation == 1
        assert library.indexes.damaged() == {name}
    assert [one.getMessage() for one in caplog.records] == [
        "A query failed: IndexError('again')",
        f"Not what was written: {name}.",
    ]
