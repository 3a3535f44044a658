"""
What does a process do that answers for the server? Questions, one after the other, each from the generation it names.

Started by `answerers.py`: it opens the library, and answers until its input ends, as it does when the server has died.
Imports nothing of the web framework: a process for words alone takes 30 MB of memory.
"""

from __future__ import annotations

import logging
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from searcher.errors import IndexUnusable, SearcherError
from searcher.index.reader import Reader
from searcher.library import Library
from searcher.processes import keep_for_answers
from searcher.web.questions import Work

Known = tuple[int, str | None]
"""A generation's number, and its reader's name."""


def known(reader: Reader) -> Known:
    """Give what another process knows the generation of a reader by."""
    return reader.generation.number, reader.name


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """
    What is to be done, with which generation. `open`: those that may still be asked for; `broken`: files that the
    server knows to be damaged, `SEGMENT/FILE`.
    """

    work: Work[Any]
    generation: Known
    open: frozenset[Known]
    broken: frozenset[str]


class Opened:
    """The generations that this process has open: each from its first question until nobody may ask for it."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._open: dict[Known, Reader] = {}

    def reader(self, job: Job) -> Reader:
        """Give the generation of a job; what can stand in for it where it is damaged. Raises IndexUnusable."""
        wanted, library = job.generation, self._library
        library.readers.trust_no_more(job.broken)
        self._open = {
            known: reader
            for known, reader in self._open.items()
            if known in job.open and library.readers.is_whole(reader)
        }
        if wanted not in self._open:
            try:
                self._open[wanted] = library.reader(wanted[1])
            except IndexUnusable:
                self._open[wanted] = library.reader()
        return self._open[wanted]


def main() -> None:
    """Answer questions, each with what was found or with the exception that it raised."""
    answers = keep_for_answers()
    open_library: Callable[[], Library] = pickle.load(sys.stdin.buffer)
    with open_library() as library, suppress(EOFError, BrokenPipeError, pickle.UnpicklingError):
        opened = Opened(library)
        while True:
            job: Job = pickle.load(sys.stdin.buffer)
            found: object
            try:
                found = job.work(library, opened.reader(job))
            except SearcherError as error:
                found = error
            except Exception as error:
                _log.error("A question failed.", exc_info=error)
                found = error
            pickle.dump(found, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()


if __name__ == "__main__":
    main()
