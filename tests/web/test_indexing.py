"""What was put is indexed in another process, and all that can happen to that one happens to nobody else."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from searcher.errors import EncoderUnavailable, IndexOutdated, LibraryBusy, SearcherError
from searcher.index.writer_lock import who_writes, writer_lock
from searcher.library import open_library
from searcher.processes import as_answer
from searcher.records import UpdateReport
from searcher.web.app import create_app
from searcher.web.indexing import Died, Indexer, Stopped, UpdatesApart
from searcher.web.tokens import Tokens
from tests.fake_encoder import FakeEncoder
from tests.library.samples import NOW, article, new_library, wanted
from tests.web.served import LINES, WRITE, WRITER, library_at, lines


class Unsendable(Exception):
    """Pickled, it cannot be made again: it wants two arguments."""

    def __init__(self, what, where):
        super().__init__(f"{what} in {where}")


class Elsewhere(FakeEncoder):
    """Does something instead of encoding, in whatever process it finds itself."""

    def __init__(self, act):
        super().__init__()
        self.act = act

    def encode(self, texts, **options):
        self.act()
        return super().encode(texts, **options)


def fail(error):
    raise error


def fail_unsendably():
    raise Unsendable("a wheel", "the works")


def say_priority(path):
    path.write_text(f"{os.getpid()} {os.nice(0)}")


def wait_for_ever(path):
    path.touch()
    threading.Event().wait()


def end():
    os.kill(os.getpid(), signal.SIGKILL)


def wait_until(true):
    """Wait until this is so."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def apart(tmp_path):
    """Give what updates the library in `tmp_path`, where one article waits, in a process with this encoder."""
    library = library_at(tmp_path, articles=5)
    library.add(article("late", "A zeppelin."), index=False, now=NOW)
    made = []

    def make(encoder=None):
        made.append(
            UpdatesApart(
                partial(open_library, tmp_path, settings=library.settings, encoder=encoder or FakeEncoder())
            )
        )
        return made[-1]

    yield make
    for one in made:
        one.stop()
    library.close()


def test_another_process_updates_and_comes_after_all_others(apart, tmp_path):
    """The report is that of the update; the process has a lower priority than this one, and stays for the next."""
    mark = tmp_path / "mark"
    updates = apart(Elsewhere(partial(say_priority, mark)))
    report = updates.update(0.0)
    assert isinstance(report, UpdateReport) and (report.generation, report.articles) == (2, 6)
    process, priority = map(int, mark.read_text().split())
    assert process != os.getpid() and priority == min(19, os.nice(0) + 10)
    with open_library(tmp_path, settings=wanted(), encoder=FakeEncoder()) as library:
        assert library.search("+zeppelin").total == 1
        library.add(article("later", "Another zeppelin."), index=False, now=NOW)
        assert updates.update(0.0).generation == 3
        assert mark.read_text() == f"{process} {priority}"
        assert library.search("+zeppelin").total == 2


def test_the_first_update_of_a_library_builds_its_index(tmp_path):
    """A home with articles and no index has one afterwards."""
    with new_library(tmp_path, wanted()) as library:
        library.add(article("a1", "A harbour."), index=False, now=NOW)
        updates = UpdatesApart(library.opener())
        assert updates.update(0.0).generation == 1
        updates.stop()
        assert library.search("harbour").total == 1


@pytest.mark.parametrize(
    ("act", "kind", "said"),
    [
        (partial(fail, EncoderUnavailable("No model.")), EncoderUnavailable, "No model."),
        (partial(fail, IndexOutdated("Run: searcher rebuild")), IndexOutdated, "searcher rebuild"),
        (fail_unsendably, RuntimeError, "Unsendable: a wheel in the works"),
    ],
)
def test_what_goes_wrong_there_is_raised_here(apart, act, kind, said):
    """The exception comes back, or one that says the same if it cannot be sent; the process stays."""
    updates = apart(Elsewhere(act))
    for _ in range(2):
        with pytest.raises(kind, match=said):
            updates.update(0.0)


def test_a_library_that_cannot_be_opened_is_an_error(tmp_path):
    """What opening raises is raised here, each time anew: it may have been mended."""
    opening = partial(open_library, tmp_path, settings=wanted(), encoder=FakeEncoder())
    updates = UpdatesApart(opening)
    with pytest.raises(SearcherError):
        updates.update(0.0)
    library_at(tmp_path, articles=3).close()
    assert updates.update(0.0).generation == 1
    updates.stop()


def test_who_else_writes_is_told(apart, tmp_path):
    """While another process writes it is LibraryBusy; one that is busy itself is called by this command."""
    updates = apart()
    with writer_lock(tmp_path), pytest.raises(LibraryBusy):
        updates.update(0.0)
    assert updates.update(0.0).generation == 2
    mark = tmp_path / "mark"
    waiting = apart(Elsewhere(partial(wait_for_ever, mark)))
    with open_library(tmp_path, settings=wanted(), encoder=FakeEncoder()) as library:
        library.add(article("later", "Another zeppelin."), index=False, now=NOW)
    indexer = Indexer(waiting, done=lambda: None)
    indexer.ask()
    wait_until(mark.exists)
    assert f"({Path(sys.argv[0]).name}" in who_writes(tmp_path)
    indexer.close()


def test_a_process_that_dies_is_replaced(apart, tmp_path):
    """One that is killed while it updates is an error with a next step, one that was idle is not noticed."""
    with pytest.raises(Died, match=r"exit code -9.*What was put is kept\. Run: searcher update"):
        apart(Elsewhere(end)).update(0.0)
    updates = apart()
    with writer_lock(tmp_path), pytest.raises(LibraryBusy):
        updates.update(0.0)
    updates._process.process.kill()
    updates._process.process.wait()
    assert updates.update(0.0).generation == 2


def test_a_process_that_cannot_read_what_it_is_asked_ends(apart):
    """What is pickled and is not there any more (a package was replaced under a server) is an error, not silence."""
    updates = apart()
    updates._packed = b"csearcher.nowhere\nlibrary\n."
    with pytest.raises(Died):
        updates.update(0.0)


def test_the_end_waits_for_no_update(apart, tmp_path):
    """Closing ends the process in the middle of its work: its update is Stopped, and the next writer finishes it."""
    mark, done = tmp_path / "mark", []
    indexer = Indexer(apart(Elsewhere(partial(wait_for_ever, mark))), done=lambda: done.append(1))
    update = indexer.ask()
    wait_until(mark.exists)
    indexer.close()
    assert isinstance(update.exception(0), Stopped) and done == [] and who_writes(tmp_path) is None
    assert apart().update(0.0).articles == 6


def test_what_is_stopped_starts_no_process(apart):
    """Who asks after the end is Stopped."""
    updates = apart()
    updates.stop()
    with pytest.raises(Stopped):
        updates.update(0.0)
    assert updates._process is None


def test_an_update_ends_with_its_server(apart, tmp_path):
    """The process ends in the middle of its work when the server dies, with nothing said."""
    mark = tmp_path / "mark"
    opening = partial(
        open_library,
        tmp_path,
        settings=wanted(),
        encoder=Elsewhere(partial(wait_for_ever, mark)),
    )
    apart()
    with subprocess.Popen(
        [sys.executable, "-m", "searcher.web.indexing"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as process:
        process.stdin.write(pickle.dumps((opening, sys.argv)) + pickle.dumps(0.0))
        process.stdin.flush()
        wait_until(mark.exists)
        said = process.communicate(timeout=60)
    assert (process.returncode, *said) == (0, b"", b"")


def test_an_update_that_fails_is_said_to_who_waits_for_it(tmp_path):
    """With `wait=true` it is 503 with the reason; what was put is kept."""
    library = library_at(tmp_path, articles=5)
    library.close()
    failing = Elsewhere(partial(fail, EncoderUnavailable("No model. Install it.")))
    broken = open_library(tmp_path, settings=library.settings, encoder=failing)
    app = create_app(broken, Tokens(WRITE, None), processes=1)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        late = lines({"id": "late", "title": "Late", "text": "A zeppelin."})
        put = client.put("/api/v1/articles?wait=true", content=late, headers={**WRITER, **LINES})
        assert (put.status_code, put.json()["detail"]) == (503, "No model. Install it.")
        assert client.get("/api/v1/articles?id=late").status_code == 200
        assert client.get("/api/v1/search?q=harbour").json()["waiting"] == 1


def test_exceptions_that_can_be_sent_are_sent_as_they_are():
    """Others become one that says their kind and what they say."""
    error = LibraryBusy("Somebody writes.")
    assert as_answer(error) is error
    assert repr(as_answer(Unsendable("a wheel", "the works"))) == (
        "RuntimeError('Unsendable: a wheel in the works')"
    )
