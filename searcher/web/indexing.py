"""
What waits is indexed, in one thread beside all questions: an update, and another if more came meanwhile. What was put
before the server ended waits when it starts.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from searcher.errors import LibraryBusy
from searcher.library import Library
from searcher.records import Stage, UpdateReport

PATIENCE_S = 5.0
"""How long to wait for another writer before looking whether we are to stop."""

_log = logging.getLogger(__name__)


class _Stopped(Exception):
    """The server ends: what was encoded so far is kept, and the next update goes on from there."""


class Indexer:
    """Keeps the indexes up with the store. Methods may be called from any thread."""

    def __init__(self, library: Library, *, done: Callable[[], None]) -> None:
        self._library = library
        self._done = done
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="indexing")
        self._next: Future[UpdateReport] | None = None
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def ask(self) -> Future[UpdateReport]:
        """Index what is in the store now. Gives what will hold the report of the update that does it."""
        with self._lock:
            if self._next is None:
                self._next = self._pool.submit(self._update)
            return self._next

    def close(self) -> None:
        """Stop at the next batch of chunks."""
        self._stopped.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _update(self) -> UpdateReport:
        with self._lock:
            self._next = None  # What is put from now on may be too late for this one.
        told = False
        while True:
            try:
                report = self._library.update(wait_s=PATIENCE_S, progress=self._go_on)
            except LibraryBusy as error:
                self._go_on("encode", 0, None)
                if not told:
                    _log.warning("What waits is indexed when nobody else writes: %s", error)
                told = True
                continue
            except _Stopped:
                raise
            except Exception as error:
                _log.warning("What waits could not be indexed: %s", error)
                raise
            self._done()
            return report

    def _go_on(self, stage: Stage, done: int, total: int | None) -> None:
        if self._stopped.is_set():
            raise _Stopped
