"""
How are many answered at once? By processes beside this one: in each, Python computes one thing at a time.

They are plain processes with a pipe, like those that help to build (`searcher/index/helpers.py` says why). What goes
through the pipe is pickled: both ends are us.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from searcher.errors import SearcherError
from searcher.library import Library
from searcher.web.answerer import Question


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

    def warm(self, question: Question) -> None:
        """Ask each of them this, whatever comes of it: before anybody else asks."""
        with ThreadPoolExecutor(len(self._all)) as threads:
            for one in self._all:
                threads.submit(one.ask, question)

    def ask(self, question: Question) -> Any:
        """
        Give the answer of the next one that is free. One that dies is replaced, and what it was asked is asked again.

        Raises what the library raises, and Died if two die of one question.
        """
        try:
            return self._ask(question)
        except Died:
            return self._ask(question)

    def _ask(self, question: Question) -> Any:
        one = self._idle.get()
        try:
            return one.ask(question)
        finally:
            self._idle.put(one)

    def close(self) -> None:
        """End them, whatever they are doing."""
        for one in self._all:
            one.end()


class _Answerer:
    """One process, as the server sees it."""

    def __init__(self, packed: bytes) -> None:
        self._packed = packed
        self._start()

    def _start(self) -> None:
        self.process = subprocess.Popen(
            # -P: a file called numpy.py in the current directory is none of ours.
            [sys.executable, "-P", "-m", "searcher.web.answerer"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            process_group=0,  # Ctrl-C is for us: it ends when we do, for then its pipe does.
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self._asked, self._answers = self.process.stdin, self.process.stdout
        self._asked.write(self._packed)

    def ask(self, question: Question) -> Any:
        """Ask, and wait for the answer. Raises Died, and what the library raises."""
        if self.process.poll() is not None:
            self.end()
            self._start()
        try:
            pickle.dump(question, self._asked, pickle.HIGHEST_PROTOCOL)
            self._asked.flush()
            answered = pickle.load(self._answers)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
            self.end()
            raise Died(
                f"A process that answers died (exit code {self.process.returncode}; is memory short?). Try again."
            ) from error
        if isinstance(answered, BaseException):
            raise answered
        return answered

    def end(self) -> None:
        """Returns when the process is gone."""
        self.process.kill()
        self.process.wait()
        for pipe in (self._asked, self._answers):
            with suppress(OSError):
                pipe.close()
