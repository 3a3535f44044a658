"""
Which generation answers? The newest, opened and warmed beside the one before it, which answers until then.

A page of hits is continued from the generation that its first page came from: generations stay open while somebody may
still turn a page, and those files are not collected meanwhile. Withdrawals are asked of the store with every question,
and hold in old generations, too.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from searcher.errors import EncoderUnavailable, IndexUnusable, SearcherError
from searcher.index.reader import Reader
from searcher.library import Library
from searcher.web.answerer import Known, known

CURSOR_S = 600.0
"""A generation that was replaced stays open for so long after its last page was turned."""

MOST_HELD = 8
"""Generations open at once: an update every minute must not fill memory and disk."""

POLL_S = 0.5

_log = logging.getLogger(__name__)


class GenerationGone(SearcherError):
    """The generation that a cursor continues is not open any more."""


@dataclass(slots=True)
class _Held:
    reader: Reader
    used: float


class Generations:
    """The open generations of a library. All methods may be called from any thread."""

    def __init__(
        self, library: Library, *, warm: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`warm`: a generation is asked something before it answers; not where other processes answer from it."""
        self._library = library
        self._warms = warm
        self._clock = clock
        self._held: dict[int, _Held] = {}
        self._current: Reader | None = None
        self.problem: SearcherError | None = None
        """Why there is none, or why the newest cannot be opened while an older one answers."""
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self._stopped = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="generations", daemon=True)

    def start(self) -> None:
        """Open the newest generation, and go on looking for newer ones."""
        self.refresh()
        self._watcher.start()

    def close(self) -> None:
        """Stop looking, and let go of all generations; who still reads from one keeps it till done."""
        self._stopped.set()
        if self._watcher.is_alive():
            self._watcher.join()
        with self._lock:
            self._held.clear()
            self._current = None

    def current(self) -> Reader:
        """Give the generation that answers now. Raises IndexUnusable when there is none."""
        with self._lock:
            if self._current is None:
                raise self.problem or IndexUnusable("The server is starting. Try again in a moment.")
            self._held[self._current.generation.number].used = self._clock()
            return self._current

    def held(self, number: int) -> Reader:
        """Give the generation of this number, to continue what it answered. Raises GenerationGone."""
        with self._lock:
            held = self._held.get(number)
            if held is None:
                raise GenerationGone(
                    "The indexes have changed since this page was made. Ask again without a cursor."
                )
            held.used = self._clock()
            return held.reader

    def open(self) -> frozenset[Known]:
        """Give those that may be asked."""
        with self._lock:
            return frozenset(known(held.reader) for held in self._held.values())

    def refresh(self) -> None:
        """Move to the newest generation if there is a newer one; where it cannot be opened the old one stays."""
        with self._refreshing:
            try:
                if self._current is not None and self._library.readers.is_current(self._current):
                    self.problem = None
                    return
                reader = self._library.reader()
                if self._warms:
                    _warm(reader, self._library)
            except SearcherError as error:
                if str(error) != str(self.problem):
                    _log.warning("The newest indexes cannot be used: %s", error)
                self.problem = error
                return
            with self._lock:
                self._current, self.problem = reader, None
                self._held[reader.generation.number] = _Held(reader, self._clock())
            _log.info("Generation %d answers.", reader.generation.number)

    def drop_old(self) -> None:
        """Let go of generations whose pages nobody turned for a while, and of the oldest where there are too many."""
        with self._lock:
            now = self._clock()
            old = [
                (held.used, number) for number, held in self._held.items() if held.reader is not self._current
            ]
            old.sort()
            spare = max(0, len(self._held) - MOST_HELD)
            for place, (used, number) in enumerate(old):
                if place < spare or now - used > CURSOR_S:
                    del self._held[number]

    def _look_after(self) -> None:
        if (reader := self._current) is not None:
            self._library.readers.look_after(reader)

    def _watch(self) -> None:
        while not self._stopped.wait(POLL_S):
            try:
                self.refresh()
                self.drop_old()
                self._look_after()
            except Exception:  # Whatever it is, the generation at hand goes on answering.
                _log.exception("Looking for newer indexes failed.")


def _warm(reader: Reader, library: Library) -> None:
    """Ask one question, so that the first person who asks does not wait for files and tables."""
    with suppress(EncoderUnavailable, IndexUnusable):
        library.search("news", limit=1, overview="auto", reader=reader)
