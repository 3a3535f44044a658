"""
How are many answered at once? By processes beside this one: in each, Python computes one thing at a time.
"""

from __future__ import annotations

import pickle
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

from searcher.errors import SearcherError
from searcher.library import Library
from searcher.processes import Gone, Piped
from searcher.web.answerer import Job


class Died(SearcherError):
    """The process that was to answer is gone."""


class Answerers:
    """Some processes that answer for one library, each one question at a time. May be used from any thread."""

    def __init__(self, open_library: Callable[[], Library], count: int) -> None:
        """`open_library` is pickled."""
        packed = pickle.dumps(open_library)
        self._all = [_Answerer(packed) for _ in range(count)]
        self._idle: SimpleQueue[_Answerer] = SimpleQueue()
        for one in self._all:
            self._idle.put(one)

    def warm(self, job: Job) -> None:
        """Ask each of them this, whatever comes of it: before anybody else asks."""
        with ThreadPoolExecutor(len(self._all)) as threads:
            for one in self._all:
                threads.submit(one.ask, job)

    def ask(self, job: Job) -> Any:
        """
        Give the answer of the next one that is free. One that dies is replaced, and what it was asked is asked again.

        Raises what the library raises, and Died if two die of one job.
        """
        try:
            return self._ask(job)
        except Died:
            return self._ask(job)

    def _ask(self, job: Job) -> Any:
        one = self._idle.get()
        try:
            return one.ask(job)
        finally:
            self._idle.put(one)

    def close(self) -> None:
        """End them, whatever they are doing."""
        for one in self._all:
            one.end()


class _Answerer:
    """One process, as the server sees it, or the one that took its place."""

    def __init__(self, packed: bytes) -> None:
        self._packed = packed
        self._start()

    def _start(self) -> None:
        self._piped = Piped("searcher.web.answerer", self._packed)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The one that answers now."""
        return self._piped.process

    def ask(self, job: Job) -> Any:
        """Ask, and wait for the answer. Raises Died, and what the library raises."""
        if self.process.poll() is not None:
            self.end()
            self._start()
        try:
            return self._piped.ask(job)
        except Gone as error:
            self.end()
            raise Died(
                f"A process that answers died (exit code {self.process.returncode}; is memory short?). Try again."
            ) from error

    def end(self) -> None:
        """Returns when the process is gone."""
        self._piped.end()
