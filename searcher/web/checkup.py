"""
How was the library when it was last examined? What `searcher doctor` finds, in a process of its own: nobody waits.

Run as a program it is that process: it takes home and settings, and gives the examination.
"""

from __future__ import annotations

import logging
import os
import pickle
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from searcher.library.health import doctor
from searcher.processes import Piped, give_way, keep_for_answers, questions
from searcher.records import Examination, Finding
from searcher.records.safekeeping import State
from searcher.settings import Settings

AGE_S = 86_400.0
"""What was found holds for a day, if the indexes stay the same."""
LEAST_S = 60.0
"""Whatever changes, the library is not examined again sooner: every byte of it is read."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Checked:
    """The last examination, when it ended, and whether another is under way."""

    examination: Examination | None = None
    at: datetime | None = None
    under_way: bool = False


def worst(findings: Sequence[Finding]) -> State:
    """Give the worst state that was found, `ok` where nothing is wrong."""
    states: tuple[State, ...] = ("broken", "warning", "ok")
    return min((one.state for one in findings), key=states.index, default="ok")


class Checkup:
    """The examinations of a library, one at a time. Methods may be called from any thread."""

    def __init__(
        self, examine: Callable[[], Examination], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._examine = examine
        self._clock = clock
        self._checked = Checked()
        self._of: int | None = None
        self._ended: float | None = None
        self._under_way = False
        self._lock = threading.Lock()

    def look(self, generation: int | None) -> Checked:
        """
        Give the last examination, at once. One is begun where there is none, where that is old, or was of another
        generation.
        """
        with self._lock:
            if not self._under_way and self._is_due(generation):
                self._under_way, self._of = True, generation
                threading.Thread(target=self._run, name="checkup", daemon=True).start()
            return Checked(self._checked.examination, self._checked.at, self._under_way)

    def last(self) -> Checked:
        """Give the last examination; begins none."""
        with self._lock:
            return Checked(self._checked.examination, self._checked.at, self._under_way)

    def _is_due(self, generation: int | None) -> bool:
        if self._ended is None:
            return True
        age = self._clock() - self._ended
        return age > AGE_S or (age > LEAST_S and generation != self._of)

    def _run(self) -> None:
        found = None
        try:
            found = self._examine()
        except Exception:
            _log.exception("The library could not be examined.")
        with self._lock:
            self._under_way, self._ended = False, self._clock()
            if found is not None:
                self._checked = Checked(found, datetime.now(UTC))


def examine_apart(home: Path, settings: Settings) -> Examination:
    """Examine in another process, to the last byte. Raises OSError or EOFError where that cannot be."""
    examining = Piped("searcher.web.checkup", pickle.dumps((home, settings)))
    try:
        examination: Examination = examining.receive()
    finally:
        examining.end()
    return examination


def main() -> None:
    """Examine, after whatever else this machine has to do, unless the server ends before."""
    answers = keep_for_answers()
    give_way()
    home, settings = questions().get()
    with suppress(BrokenPipeError):
        pickle.dump(doctor(home, settings=settings), answers)
        answers.flush()
    os._exit(0)  # A thread still reads what is asked: Python cannot end beside it.


if __name__ == "__main__":
    main()
