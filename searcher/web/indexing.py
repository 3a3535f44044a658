"""
What waits is indexed, beside all questions: an update, and another if more came meanwhile. What was put before the
server ended waits when it starts.

Run as a program it is the process that updates for a server: Python computes one thing at a time, and in the process
that listens an update would hold up every answer.
"""

from __future__ import annotations

import logging
import os
import pickle
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Protocol

from searcher.errors import LibraryBusy, SearcherError
from searcher.library import Library
from searcher.processes import Gone, Piped, as_answer, give_way, keep_for_answers, questions
from searcher.records import Stage, UpdateReport

PATIENCE_S = 5.0
"""How long to wait for another writer before saying that there is one."""

_log = logging.getLogger(__name__)


class Stopped(Exception):
    """The server ends: what was encoded so far is kept, and the next update goes on from there."""


class Died(SearcherError):
    """The process that was to update the indexes is gone."""


class Updates(Protocol):
    """Where the indexes are updated."""

    def update(self, wait_s: float) -> UpdateReport:
        """Index what is new. Raises what `Library.update` raises, and Stopped once `stop` was called."""
        ...

    def stop(self) -> None:
        """End the update that is under way, if any, and have no other. May be called from any thread."""
        ...


class Indexer:
    """Keeps the indexes up with the store. Methods may be called from any thread."""

    def __init__(self, updates: Updates, *, done: Callable[[], None]) -> None:
        """`done` is called after each update."""
        self._updates = updates
        self._done = done
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="indexing")
        self._next: Future[UpdateReport] | None = None
        self._lock = threading.Lock()

    def ask(self) -> Future[UpdateReport]:
        """Index what is in the store now. Gives what will hold the report of the update that does it."""
        with self._lock:
            if self._next is None:
                self._next = self._pool.submit(self._update)
            return self._next

    def close(self) -> None:
        """Stop. Returns when nothing is written any more."""
        self._updates.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _update(self) -> UpdateReport:
        with self._lock:
            self._next = None  # What is put from now on may be too late for this one.
        told = False
        while True:
            try:
                report = self._updates.update(PATIENCE_S)
            except LibraryBusy as error:
                if not told:
                    _log.warning("What waits is indexed when nobody else writes: %s", error)
                told = True
                continue
            except Stopped:
                raise
            except Exception as error:
                _log.warning("What waits could not be indexed: %s", error)
                raise
            self._done()
            return report


class UpdatesHere:
    """Updates in the thread that asks. They stop at the next batch of chunks."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._stopped = threading.Event()

    def update(self, wait_s: float) -> UpdateReport:
        """As `Updates`."""
        self._go_on("encode", 0, None)
        return self._library.update(wait_s=wait_s, progress=self._go_on)

    def stop(self) -> None:
        """As `Updates`."""
        self._stopped.set()

    def _go_on(self, stage: Stage, done: int, total: int | None) -> None:
        if self._stopped.is_set():
            raise Stopped


class UpdatesApart:
    """
    Updates in another process, which comes after all others. It is started for the first update and stays for the next,
    with its encoder open; one that dies is replaced. Stopping kills it: at no line of an update is anything lost.
    """

    def __init__(self, open_library: Callable[[], Library]) -> None:
        """`open_library` is pickled."""
        # With our own arguments: who is kept waiting by the writer's lock is told which command holds it.
        self._packed = pickle.dumps((open_library, sys.argv))
        self._process: Piped | None = None
        self._stopped = False
        self._lock = threading.Lock()

    def update(self, wait_s: float) -> UpdateReport:
        """As `Updates`; one at a time. Raises Died, and OSError where no process can be started."""
        process = self._running()
        try:
            report: UpdateReport = process.ask(wait_s)
        except Gone as error:
            if self._stopped:
                raise Stopped from error
            process.end()
            raise Died(
                f"The process that indexes died (exit code {process.process.returncode}; is memory short?). "
                "What was put is kept. Run: searcher update"
            ) from error
        return report

    def stop(self) -> None:
        """As `Updates`."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.end()

    def _running(self) -> Piped:
        with self._lock:
            if self._stopped:
                raise Stopped
            if self._process is None or self._process.process.poll() is not None:
                if self._process is not None:
                    self._process.end()
                self._process = Piped("searcher.web.indexing", self._packed)
            return self._process


def main() -> None:
    """Update as often as it is asked to, each time with the report or with the exception that was raised."""
    answers = keep_for_answers()
    give_way()
    asked = questions()
    open_library, sys.argv = asked.get()
    library: Library | None = None
    with suppress(BrokenPipeError):
        while True:
            wait_s: float = asked.get()
            answer: object
            try:
                library = library or open_library()
                answer = library.update(wait_s=wait_s)
            except Exception as error:
                answer = as_answer(error)
            pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
    os._exit(0)  # A thread still reads what is asked: Python cannot end beside it.


if __name__ == "__main__":
    main()
