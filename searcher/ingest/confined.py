"""
How is a stranger's markup parsed at no risk to us? In a process of its own, which may be killed.

The parsers of pages and feeds are other people's, some of them in C, and take time and memory that no look at the
input foretells. So they run in one worker process (`worker.py`) with limits on time, memory and files: a page that
passes one of them costs itself, and the next page gets a new worker.

The worker is started by the first page or feed and serves all that follow; left alone for a minute, it ends. Other
formats never start it. What it answers is JSON: bytes that a page may have put there are never unpickled.
Where no process can be started, pages and feeds are rejected: they are never parsed without limits.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from searcher.ingest.draft import Draft
from searcher.processes import start
from searcher.records import Origin, Rejection

CPU_S = 6.0
"""Processor time for one page or feed. The slowest page within the caps of `html.py` took 3.9 s, real ones 0.03."""
WALL_S = 8.0
"""Time on the clock, whatever else the machine does."""
MEMORY_BYTES = 1_000_000_000
"""Address space of the worker. 0.2 GB are its libraries. (macOS does not enforce this.)"""
START_S = 60.0
"""A worker that is not there after so long never will be; starting takes 0.5 s, and is no page's fault."""
IDLE_S = 60.0
"""A worker that nobody asked anything for so long ends."""

READY = b"ready\n"
"""What a worker says when it has started."""
NO_MEMORY = 70
"""The exit status of a worker that ran out of memory."""

_MAX_REPLY_BYTES = 200_000_000


def read_confined(kind: str, data: bytes, origin: Origin, *, max_item_bytes: int) -> list[Draft | Rejection]:
    """
    Give what is in a page (`kind` "html") or feed ("feed"), in order, or one Rejection that says which limit it passed.

    May be called from any thread; one page is parsed at a time.
    """
    with _LOCK:
        return _ask(kind, data, origin, max_item_bytes)


def _ask(kind: str, data: bytes, origin: Origin, max_item_bytes: int) -> list[Draft | Rejection]:
    about = {"kind": kind, "where": origin.where, "place": origin.place, "max_item_bytes": max_item_bytes}
    request = json.dumps({**about, "bytes": len(data)}).encode("ascii") + b"\n" + data
    for _ in range(2):
        try:
            worker = _running()
        except (OSError, ValueError) as error:
            return [Rejection(str(origin), f"the {kind} was not parsed: no process can be started ({error})")]
        reply = worker.ask(request)
        if reply is not None:
            return reply
        if worker.ended != 0:
            break
        # It had been idle, and ended as this page was on its way: the next one takes it.
    return [Rejection(str(origin), f"the {kind} {worker.why_it_ended()}")]


class Worker:
    """One worker process. Raises OSError if it cannot be started."""

    def __init__(self) -> None:
        self._late = False
        self._process = start("searcher.ingest.worker", stderr=subprocess.DEVNULL)
        self._pid = os.getpid()
        assert self._process.stdout is not None
        watch = threading.Timer(START_S, self._process.kill)
        watch.start()
        started = self._process.stdout.readline(len(READY)) == READY
        watch.cancel()
        if not started:
            self.end()
            raise ChildProcessError(f"it ended with status {self.ended} before it had begun")

    @property
    def ended(self) -> int | None:
        """Its exit status (negative: the signal that killed it), None while it runs."""
        return self._process.poll()

    def is_ours(self) -> bool:
        """Whether this process may ask it: it runs, and was not inherited by a fork."""
        return self._pid == os.getpid() and self.ended is None

    def ask(self, request: bytes) -> list[Draft | Rejection] | None:
        """Send a request and give its answer; None if the worker ended, or had to be ended, before it gave one."""
        watch = threading.Timer(WALL_S, self._too_late)
        watch.start()
        try:
            assert self._process.stdin is not None and self._process.stdout is not None
            self._process.stdin.write(request)
            self._process.stdin.flush()
            size = int(self._process.stdout.readline(20))
            reply = self._process.stdout.read(size) if size <= _MAX_REPLY_BYTES else b""
            if len(reply) < size:
                raise EOFError
            return [_as_item(one) for one in json.loads(reply)]
        except (OSError, EOFError, ValueError, TypeError, KeyError):
            # It died, and is about to tell the system of what; or it speaks nonsense.
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(0.5)
            self.end()
            return None
        except BaseException:  # Ctrl-C: the answer to this page must not be taken for the next one's.
            self.end()
            raise
        finally:
            watch.cancel()

    def why_it_ended(self) -> str:
        """Say what a page did to it, as the end of a sentence."""
        if self._late:
            return f"could not be parsed within {WALL_S:g} s"
        if self.ended == -signal.SIGPROF:
            return f"takes more than {CPU_S:g} s of processor time to parse"
        if self.ended in (NO_MEMORY, -signal.SIGKILL):
            return f"takes more than {MEMORY_BYTES:,} bytes of memory to parse"
        return f"made its parser fail (status {self.ended})"

    def end(self) -> None:
        """End it, if it has not ended by itself."""
        if self._pid != os.getpid():
            return  # The parent's, not ours.
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with suppress(OSError):  # What was still to be written to it.
                stream.close()

    def _too_late(self) -> None:
        self._late = True
        self._process.kill()


_LOCK = threading.Lock()
_WORKER: Worker | None = None


def _running() -> Worker:
    """Give the worker, a new one if there is none or the last has ended. Raises OSError."""
    global _WORKER
    if _WORKER is None or not _WORKER.is_ours():
        if _WORKER is not None:
            _WORKER.end()
        if not Path(sys.executable or "").is_file():
            raise FileNotFoundError("this Python has no executable")
        _WORKER = Worker()
    return _WORKER


@atexit.register
def _end_worker() -> None:
    if _WORKER is not None:
        _WORKER.end()


def _as_item(said: dict[str, Any]) -> Draft | Rejection:
    """Turn one entry of the worker's answer into what it stands for."""
    if "reason" in said:
        return Rejection(said["where"], said["reason"])
    origin = Origin(said.pop("where"), said.pop("place"))
    return Draft(origin=origin, authors=tuple(said.pop("authors")), **said)
