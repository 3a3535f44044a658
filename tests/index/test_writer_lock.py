"""One process writes at a time; who is kept waiting learns by whom, and what cannot be written to says so."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from searcher.errors import LibraryBusy, SearcherError
from searcher.index import writer_lock as module
from searcher.index.writer_lock import who_writes, writer_lock

CHECKOUT = Path(__file__).parents[2]
LOCK = """
import signal, sys
from pathlib import Path
from searcher.index.writer_lock import writer_lock
with writer_lock(Path(sys.argv[1])):
    print("locked", flush=True)
    signal.pause()
"""


def test_a_second_writer_is_told_who_writes_until_that_one_dies(tmp_path):
    """LibraryBusy names the process; kill -9 frees the lock at once, and nothing is left to clean up."""
    command = [sys.executable, "-c", LOCK, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == "locked\n"
        with (
            pytest.raises(
                LibraryBusy, match=rf"Process {writer.pid} \(-c .*, since 20.* UTC\) is writing.*--wait"
            ),
            writer_lock(tmp_path),
        ):
            raise AssertionError("two writers")
        assert str(writer.pid) in who_writes(tmp_path)
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
    with writer_lock(tmp_path):
        assert f"Process {os.getpid()} (" in who_writes(tmp_path)
    assert who_writes(tmp_path) is None
    with writer_lock(tmp_path):
        pass


def test_a_writer_waits_as_long_as_it_was_told(tmp_path):
    """A second writer that may wait gets the lock when the first lets go; one that may not wait long does not."""
    with writer_lock(tmp_path), pytest.raises(LibraryBusy), writer_lock(tmp_path, wait_s=0.05):
        raise AssertionError("two writers")
    first, order = threading.Event(), []

    def hold():
        with writer_lock(tmp_path):
            first.set()
            waiting.wait(10)
            order.append("first")

    waiting = threading.Event()
    holder = threading.Thread(target=hold)
    holder.start()
    first.wait(10)
    threading.Timer(0.15, waiting.set).start()
    with writer_lock(tmp_path, wait_s=30):
        order.append("second")
    holder.join()
    assert order == ["first", "second"]


def test_the_lock_is_freed_when_the_work_fails(tmp_path):
    """An exception inside lets the next writer in."""
    with pytest.raises(ZeroDivisionError), writer_lock(tmp_path):
        raise ZeroDivisionError
    with writer_lock(tmp_path):
        pass


@pytest.mark.parametrize("said", [b"", b"4711", b"[]", b'{"pid": "x"}', b"\xff" * 50])
def test_who_writes_is_said_as_far_as_it_can_be_read(tmp_path, said):
    """Whatever stands in the file, a second writer is told that there is a first."""
    with writer_lock(tmp_path):
        (tmp_path / "writer.lock").write_bytes(said)
        with pytest.raises(LibraryBusy, match="Another process is writing"), writer_lock(tmp_path):
            raise AssertionError("two writers")


def test_what_is_said_of_the_writer_is_one_clean_line(tmp_path, monkeypatch):
    """A command line may hold anything; the message of another process holds no escapes and is not endless."""
    monkeypatch.setattr(sys, "argv", ["/usr/bin/searcher", "add", "\x1b[31m\n" + "x" * 5000])
    with writer_lock(tmp_path), pytest.raises(LibraryBusy) as caught, writer_lock(tmp_path):
        raise AssertionError("two writers")
    assert "(searcher add [31m" in str(caught.value) and len(str(caught.value)) < 500 + len(str(tmp_path))
    assert "\x1b" not in str(caught.value) and "\n" not in str(caught.value)


def test_a_full_disk_does_not_keep_a_writer_out(tmp_path, monkeypatch):
    """The lock is held all the same; only the name of its holder cannot be written."""

    def full(file):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "_sign", full)
    with (
        writer_lock(tmp_path),
        pytest.raises(LibraryBusy, match="Another process is writing"),
        writer_lock(tmp_path),
    ):
        raise AssertionError("two writers")


@pytest.mark.parametrize("error", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EMFILE])
def test_a_home_that_cannot_be_written_to_is_named(tmp_path, monkeypatch, error):
    """An error of ours with the reason and the next step."""

    def refuse(*_, **__):
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(Path, "open", refuse)
    with (
        pytest.raises(SearcherError, match=rf"{tmp_path}.*{os.strerror(error)}.*--home"),
        writer_lock(tmp_path),
    ):
        raise AssertionError("written")


def test_a_file_system_without_locks_is_named(tmp_path, monkeypatch):
    """Where nothing can be locked nothing is written."""

    def refuse(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(module.fcntl, "flock", refuse)
    with pytest.raises(SearcherError, match=f"^{tmp_path} cannot be written to"), writer_lock(tmp_path):
        raise AssertionError("written")


def test_what_is_said_of_a_busy_or_closed_home(tmp_path, monkeypatch):
    """Word for word: who, where, since when, and what to do."""
    monkeypatch.setattr(sys, "argv", ["/usr/bin/searcher", "update", "--wait"])
    with writer_lock(tmp_path):
        signed = json.loads((tmp_path / "writer.lock").read_bytes())
        assert signed == {"pid": os.getpid(), "command": "searcher update --wait", "since": signed["since"]}
        since = datetime.strptime(signed["since"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        assert abs((datetime.now(UTC) - since).total_seconds()) < 600
        who = f"Process {os.getpid()} (searcher update --wait, since {signed['since']} UTC)"
        assert who_writes(tmp_path) == who
        with pytest.raises(LibraryBusy) as raised, writer_lock(tmp_path):
            raise AssertionError("two writers")
        assert str(raised.value) == (
            f"{who} is writing to {tmp_path}. Try again when it is done, or pass --wait SECONDS."
        )
        (tmp_path / "writer.lock").write_bytes(b"?")
        assert who_writes(tmp_path) == "Another process"
    assert str(module.cannot_write(tmp_path, OSError(30, "Read-only file system"))) == (
        f"{tmp_path} cannot be written to (Read-only file system). Check its permissions and its disk, or choose "
        "another home with --home. What it holds can still be searched."
    )


def test_since_when_is_said_in_utc_wherever_one_is(tmp_path, monkeypatch):
    """The message says UTC."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        with writer_lock(tmp_path):
            since = json.loads((tmp_path / "writer.lock").read_bytes())["since"]
    finally:
        monkeypatch.undo()
        time.tzset()
    at = datetime.strptime(since, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    assert abs((datetime.now(UTC) - at).total_seconds()) < 3600


def test_no_more_is_read_of_the_lock_than_is_written_to_it(tmp_path):
    """Whatever somebody made of it."""
    with writer_lock(tmp_path):
        said = {"pid": 1, "command": "x" * 3000, "since": "now"}
        (tmp_path / "writer.lock").write_text(json.dumps(said))
        assert who_writes(tmp_path) == "Another process"


def test_a_long_command_is_cut(tmp_path, monkeypatch):
    """Two hundred characters of it are said, of a longer one as of any."""
    monkeypatch.setattr(sys, "argv", ["searcher", "x" * 500])
    with writer_lock(tmp_path):
        signed = json.loads((tmp_path / "writer.lock").read_bytes())
        assert signed["command"] == "searcher " + "x" * 191
        assert "x" * 191 + ", since" in who_writes(tmp_path)


def test_a_shorter_command_leaves_nothing_of_a_longer_one(tmp_path, monkeypatch):
    """The lock's file is written anew by each who holds it."""
    for command in ("a" * 150, "b"):
        monkeypatch.setattr(sys, "argv", [command])
        with writer_lock(tmp_path):
            assert json.loads((tmp_path / "writer.lock").read_bytes())["command"] == command


def test_waiting_looks_ten_times_a_second_and_not_longer_than_it_may(tmp_path, monkeypatch):
    """By a clock that only sleeping moves."""
    now, slept = 50.0, []

    def sleep(seconds):
        nonlocal now
        slept.append(round(seconds, 6))
        now += seconds

    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    monkeypatch.setattr(module.time, "sleep", sleep)
    with writer_lock(tmp_path), pytest.raises(LibraryBusy), writer_lock(tmp_path, wait_s=0.25):
        raise AssertionError("two writers")
    assert slept == [0.1, 0.1, 0.05]
    slept.clear()
    with writer_lock(tmp_path), pytest.raises(LibraryBusy), writer_lock(tmp_path):
        raise AssertionError("two writers")
    assert slept == []
