"""
Is what a process reads still what was written? Read to its last byte beside the questions, once a day.

Opening an index looks at sizes, seals and small segments: a question must not wait for more. A process that stays has
the time, so a flipped bit does not stay unnoticed in it for longer than a day. One that asks once and ends begins at
once, and has its answer wait a moment for it: reading takes less than loading the encoder.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from searcher.index.files import Stopped
from searcher.index.reader import Reader
from searcher.index.segment import Segment

AFTER_S = 10.0
"""A process that stays has others to start with."""

EVERY_S = 86_400.0

_CLOSED_S = 5.0
_ONCE_CLOSED_S = 0.05
"""A thread that has not ended by then ends with its process."""

clock = time.monotonic
_log = logging.getLogger(__name__)

File = tuple[str, str]
"""The digest of a segment, and the name of a file of it."""


class Verifier:
    """
    Reads the files of readers in a thread of its own. Methods may be called from any thread.

    `found` is told, in that thread, of a reader and those of its files, `SEGMENT/FILE`, that are not what was written.
    `at_once`: from the first question on, which then waits; otherwise questions go first.
    """

    def __init__(self, found: Callable[[Reader, Sequence[str]], None], *, at_once: bool) -> None:
        self._found = found
        self._at_once = at_once
        self._from = clock() + (0.0 if at_once else AFTER_S)
        self._read: dict[File, float] = {}
        """When each file was read."""
        self._reader: Reader | None = None
        """Whose files are being read; None: nothing is."""
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        self._stopped = False

    def look(self, reader: Reader) -> None:
        """Begin to read those files of this reader that were not read for a day. Returns at once."""
        now = clock()
        if now < self._from:
            return
        with self._changed:
            self._read = {file: at for file, at in self._read.items() if now < at + EVERY_S}
            if self._stopped or not self._unread(reader):
                return
            if not self._is_reading():
                self._thread = threading.Thread(target=self._verify, name="verifying", daemon=True)
                try:
                    self._thread.start()
                except RuntimeError:
                    # This process may have no more of them: it has its answers all the same.
                    self._thread = None
                    return
            self._reader = reader

    def wait(self, reader: Reader, seconds: float) -> float:
        """
        Wait until those files of this reader that it has opened are read, but no longer than so many seconds. Give how
        many are left of them.
        """
        self.look(reader)
        until = clock() + seconds
        with self._changed:
            while self._is_reading() and any(name in one.opened for one, name in self._unread(reader)):
                if not self._changed.wait(until - clock()):
                    return 0.0
        return max(0.0, until - clock())

    def join(self, timeout_s: float | None = None) -> None:
        """Wait until what was begun is done."""
        with self._changed:
            thread = self._thread
        if thread is not None:
            thread.join(timeout_s)

    def close(self) -> None:
        """Stop amid whatever is being read. A disk that does not answer is waited for a moment only."""
        with self._changed:
            self._stopped = True
            self._reader = None
        self.join(_ONCE_CLOSED_S if self._at_once else _CLOSED_S)

    def _is_reading(self) -> bool:
        # After a fork the thread is the other process's.
        return self._reader is not None and self._thread is not None and self._thread.is_alive()

    def _unread(self, reader: Reader) -> list[tuple[Segment, str]]:
        """Give what is to be read of a reader: first what questions are answered from already."""
        unread = [
            (segment, name)
            for segment in reader.segments
            for name in segment.sealed
            if name not in segment.broken
            and (segment.info.digest, name) not in self._read
            and not (self._at_once and name in segment.read)
        ]
        return sorted(unread, key=lambda one: one[1] not in one[0].opened)

    def _verify(self) -> None:
        if not self._at_once:
            _give_way()
        try:
            while (next_one := self._next()) is not None:
                reader, segment, name = next_one
                damaged = segment.is_damaged(name, stopped=lambda: self._stopped)
                # What its holder has let go of may have been collected.
                if damaged and not self._stopped and not reader.closed:
                    self._found(reader, [f"{segment.info.name}/{name}"])
                with self._changed:
                    self._read[segment.info.digest, name] = clock()
                    self._changed.notify_all()
        except Stopped:
            pass
        except Exception:
            _log.debug("The index was not read to its end.", exc_info=True)
        finally:
            with self._changed:
                if self._thread is threading.current_thread():  # Another may have begun.
                    self._reader = None
                self._changed.notify_all()

    def _next(self) -> tuple[Reader, Segment, str] | None:
        """Give what is to be read now; where there is nothing, this thread is at its end."""
        with self._changed:
            reader = self._reader
            if reader is None or not (unread := self._unread(reader)):
                self._reader = None
                return None
            return reader, *unread[0]


def _give_way() -> None:
    """Let this thread run only when nobody else wants to. (Linux: elsewhere priorities are those of processes.)"""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
