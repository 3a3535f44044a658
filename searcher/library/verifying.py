"""
Is what a process reads still what was written? Read to its last byte beside the questions, once a day.

Opening an index looks at sizes, seals and small segments: a question must not wait for more. A process that stays has
the time, so a flipped bit does not stay unnoticed in it for longer than a day. One that asks once and ends begins at
once, and has its answer wait a moment for it: reading takes less than loading the encoder.
"""

from __future__ import annotations

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

clock = time.monotonic

File = tuple[str, str]
"""The digest of a segment, and the name of a file of it."""


class Verifier:
    """
    Reads the files of readers in a thread of its own. Methods may be called from any thread.

    `found` is told, in that thread, of a reader and those of its files, `SEGMENT/FILE`, that are not what was written.
    `at_once`: from the first question on, which then waits; otherwise questions go first.
    """

    def __init__(self, found: Callable[[Reader, Sequence[str]], None], *, at_once: bool = False) -> None:
        self._found = found
        self._at_once = at_once
        self._from = clock() + (0.0 if at_once else AFTER_S)
        self._read: dict[File, float] = {}
        """When each file was read."""
        self._reader: Reader | None = None
        """Whose files are being read."""
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        self._stopped = False

    def look(self, reader: Reader) -> None:
        """Begin to read those files of this reader that were not read for a day. Returns at once."""
        now = clock()
        if now < self._from:
            return
        with self._changed:
            if self._stopped:
                return
            self._read = {file: at for file, at in self._read.items() if now < at + EVERY_S}
            self._reader = reader
            if self._thread is None and self._due() is not None:
                self._thread = threading.Thread(target=self._verify, name="verifying", daemon=True)
                self._thread.start()

    def wait(self, reader: Reader, seconds: float) -> None:
        """Wait until those files of this reader that it has opened are read, but no longer than so many seconds."""
        until = clock() + seconds
        with self._changed:
            while self._thread is not None and any(
                _known_by(segment, name) not in self._read
                for segment in reader.segments
                for name in segment.opened
            ):
                if not self._changed.wait(until - clock()):
                    return

    def join(self) -> None:
        """Wait until what was begun is done."""
        with self._changed:
            self._changed.wait_for(lambda: self._thread is None)

    def close(self) -> None:
        """Stop amid whatever is being read."""
        with self._changed:
            self._stopped = True
        self.join()

    def _verify(self) -> None:
        if not self._at_once:
            _give_way()
        try:
            while (one := self._begin()) is not None:
                reader, segment, name = one
                if segment.is_damaged(name, stopped=lambda: self._stopped):
                    self._found(reader, [f"{segment.info.name}/{name}"])
                with self._changed:
                    self._read[_known_by(segment, name)] = clock()
                    self._changed.notify_all()
        except Stopped:
            pass
        finally:
            self._end()

    def _begin(self) -> tuple[Reader, Segment, str] | None:
        """Give what is to be read now; where there is nothing, this thread is at its end."""
        with self._changed:
            due = self._due()
            if due is None or self._reader is None:
                self._end()
                return None
            return self._reader, *due

    def _end(self) -> None:
        with self._changed:
            if self._thread is threading.current_thread():  # Another may have begun.
                self._thread = self._reader = None
                self._changed.notify_all()

    def _due(self) -> tuple[Segment, str] | None:
        """Give a file that is to be read: first those that questions are answered from already."""
        if self._reader is None or self._stopped:
            return None
        unread = [
            (segment, name)
            for segment in self._reader.segments
            for name in segment.sealed
            if name not in segment.broken and _known_by(segment, name) not in self._read
        ]
        return min(unread, key=lambda one: one[1] not in one[0].opened, default=None)


def _known_by(segment: Segment, name: str) -> File:
    return segment.info.digest, name


def _give_way() -> None:
    """Let this thread run only when nobody else wants to. (Linux: elsewhere priorities are those of processes.)"""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
