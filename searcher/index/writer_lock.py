"""
Who writes to this library? One process at a time, under a lock that the system frees however that process ends.

`writer.lock` says who holds it: the process, its command and since when. What stands there after it ended means
nothing: only the lock counts.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from searcher.errors import LibraryBusy, SearcherError
from searcher.text import one_line

_POLL_S = 0.1
_MOST_SAID = 200


@contextmanager
def writer_lock(home: Path, *, wait_s: float = 0.0) -> Iterator[None]:
    """
    Hold the one writer's lock of this home.

    Waits up to `wait_s` seconds. Raises LibraryBusy, naming the process that holds it, and SearcherError where the
    home cannot be written to.
    """
    with _opened(home) as file:
        deadline = time.monotonic() + wait_s
        while not _locked(file, home):
            left = deadline - time.monotonic()
            if left <= 0:
                raise LibraryBusy(_busy(file, home))
            time.sleep(min(_POLL_S, left))
        with suppress(OSError):  # On a full disk it is not said who writes.
            _sign(file)
        yield


def who_writes(home: Path) -> str | None:
    """Say who writes to this home at the moment; None if nobody does. Changes nothing."""
    try:
        with (home / "writer.lock").open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _holder(file)
    except OSError:
        return None
    return None


def _opened(home: Path) -> BinaryIO:
    try:
        return (home / "writer.lock").open("a+b")
    except OSError as error:
        raise cannot_write(home, error) from error


def _locked(file: BinaryIO, home: Path) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise cannot_write(home, error) from error
    return True


def cannot_write(home: Path, error: OSError) -> SearcherError:
    """Give the error for a home that refuses to be written to."""
    return SearcherError(
        f"{home} cannot be written to ({error.strerror}). Check its permissions and its disk, or choose another home "
        "with --home. What it holds can still be searched."
    )


def _sign(file: BinaryIO) -> None:
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    signed = {"pid": os.getpid(), "command": one_line(command)[:_MOST_SAID], "since": since}
    file.seek(0)
    file.truncate()
    file.write(json.dumps(signed).encode("ascii"))
    file.flush()


def _busy(file: BinaryIO, home: Path) -> str:
    return f"{_holder(file)} is writing to {home}. Try again when it is done, or pass --wait SECONDS."


def _holder(file: BinaryIO) -> str:
    try:
        file.seek(0)
        signed = json.loads(file.read(10 * _MOST_SAID))
        return f"Process {int(signed['pid'])} ({one_line(signed['command'])}, since {one_line(signed['since'])} UTC)"
    except (OSError, ValueError, KeyError, TypeError):
        return "Another process"
