"""
Is what a process reads still what was written? Read to its last byte beside the questions, once a day.

Opening an index looks at sizes, seals and small segments: a question must not wait for more. A process that stays has
the time, so a flipped bit does not stay unnoticed in it for longer than a day.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from searcher.index.reader import Reader
from searcher.index.segment import Segment

AFTER_S = 10.0
"""A process that asks one question and ends reads nothing else."""

EVERY_S = 86_400.0

clock = time.monotonic


class Verifier:
    """
    Reads the segments of readers in a thread of its own. Methods may be called from any thread.

    `found` is told, in that thread, of a reader and those of its files, `SEGMENT/FILE`, that are not what was written.
    """

    def __init__(self, found: Callable[[Reader, Sequence[str]], None]) -> None:
        self._found = found
        self._began = clock()
        self._read: dict[str, float] = {}
        """When each segment, by its digest, was read."""
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def look(self, reader: Reader) -> None:
        """Begin to read those segments of this reader that were not read for a day. Returns at once."""
        now = clock()
        if now < self._began + AFTER_S:
            return
        with self._lock:
            self._read = {
                one.info.digest: at
                for one in reader.segments
                if (at := self._read.get(one.info.digest)) is not None and now < at + EVERY_S
            }
            due = [one for one in reader.segments if one.info.digest not in self._read]
            if not due or (self._thread is not None and self._thread.is_alive()) or self._stopped.is_set():
                return
            self._thread = threading.Thread(
                target=self._verify, args=(reader, due), name="verifying", daemon=True
            )
            self._thread.start()

    def join(self) -> None:
        """Wait until what was begun is done."""
        if self._thread is not None:
            self._thread.join()

    def close(self) -> None:
        """Stop at the next segment."""
        with self._lock:
            self._stopped.set()
        self.join()

    def _verify(self, reader: Reader, segments: Sequence[Segment]) -> None:
        _give_way()
        for segment in segments:
            if self._stopped.is_set():
                return
            if damaged := segment.damaged_files():
                self._found(reader, damaged)
            with self._lock:
                self._read[segment.info.digest] = clock()


def _give_way() -> None:
    """Let this thread run only when nobody else wants to. (Linux: elsewhere priorities are those of processes.)"""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
