"""
Which generation answers, and which of its files are not to be trusted? One reader at a time, and a new one when there
is a newer generation, or when a file of the old one was found damaged.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from searcher.errors import IndexDamaged, NoIndex, SearcherError
from searcher.index.generation import Indexes
from searcher.index.reader import Reader
from searcher.library.verifying import Verifier

T = TypeVar("T")

PATIENCE_S = 0.2
"""An answer to the only question of a process waits so long, at most, for its files to be read to the last byte."""

_MOST_STAND_INS = 3
"""What stands in for something damaged may be damaged, too."""

_log = logging.getLogger(__name__)


class Readers:
    """
    The readers of one library. Methods may be called from any thread.

    `open_reader`: opens the generation that answers now (or that of another reader, by its name) without the files that
    it is given, `SEGMENT/FILE`, as far as there is something that can stand in for them. `once`: one question is asked,
    and its answer waits for `PATIENCE_S` until what it was read from is known to be whole.
    """

    def __init__(
        self,
        indexes: Indexes,
        open_reader: Callable[[frozenset[str], str | None], Reader],
        *,
        once: bool,
    ) -> None:
        self._indexes = indexes
        self._open_reader = open_reader
        self._reader: Reader | None = None
        self._broken: set[str] = set()
        self._lock = threading.Lock()
        self._once = once
        self.verifier = Verifier(self.found_damaged, at_once=once)

    @property
    def broken(self) -> frozenset[str]:
        """The files that were found damaged here, `SEGMENT/FILE`."""
        return frozenset(self._broken)

    def close(self) -> None:
        """Let go of the generation."""
        self.verifier.close()
        with self._lock:
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    def open(self, name: str | None = None) -> Reader:
        """Open a reader of one's own. Raises NoIndex, IndexOutdated, IndexDamaged."""
        return self._open_reader(self.broken, name)

    def current(self) -> Reader:
        """
        Give the reader of the current generation: the one at hand, or a new one when CURRENT has moved on.

        Where that cannot be opened, and nothing can stand in for it, the one at hand goes on, and says so.
        """
        with self._lock:
            reader = self._reader
            if reader is None or not self.is_current(reader):
                try:
                    # The old one is closed when the last thread that reads from it lets go.
                    self._reader = reader = self.open()
                except (IndexDamaged, NoIndex) as error:
                    if reader is None:
                        raise
                    reader.problem = str(error)
        self.look_after(reader)
        return reader

    def is_current(self, reader: Reader) -> bool:
        """Whether there is nothing newer than this reader, and no file of it was found damaged."""
        return reader.is_current(self._indexes, broken=self._broken)

    def is_whole(self, reader: Reader) -> bool:
        """Whether no file of this reader was found damaged since it was opened."""
        return reader.is_whole(self._broken)

    def look_after(self, reader: Reader) -> None:
        """
        Read what this reader reads to its last byte, once a day, beside all questions. No answer comes from a damaged
        file from then on, here and in every process that opens the library, until an update has mended it.

        Returns at once, and does nothing in the first seconds of a library that is not asked `once`.
        """
        self.verifier.look(reader)

    def answered(self, answer: Callable[[Reader], T], held: Reader | None = None) -> T:
        """
        Answer from the current generation, or from the one that the caller holds. Where that fails in a way that it
        never should, the index is read to its last byte. If a file is damaged, the answer comes from what is whole.
        """
        patience_s = PATIENCE_S
        for _ in range(_MOST_STAND_INS):
            reader = held or self.current()
            try:
                answered = answer(reader)
            except SearcherError:
                raise
            except Exception as error:
                damaged = reader.damaged_files()
                if not damaged:
                    raise
                # As text: who keeps what is logged would keep the error, and with it this reader.
                _log.warning("A query failed: %s", repr(error))
                self.found_damaged(reader, damaged)
            else:
                if not self._once:
                    return answered
                patience_s = self.verifier.wait(reader, patience_s)
                if self.is_whole(reader):
                    return answered
            # Neither what failed nor what fails now is to keep that generation in use.
            held = None
            del reader
            with self._lock:
                self._reader = None
        return answer(self.current())

    def trust_no_more(self, files: Collection[str]) -> None:
        """Use none of these files, `SEGMENT/FILE`, any more: somebody found them damaged."""
        with self._lock:
            self._broken.update(files)

    def found_damaged(self, reader: Reader, files: Sequence[str]) -> None:
        """Trust these files of a reader no more, and tell every process that opens the library."""
        # The only answer of a process says it itself.
        _log.log(
            logging.INFO if self._once else logging.WARNING, "Not what was written: %s.", ", ".join(files)
        )
        self.trust_no_more(files)
        reader.problem = f"A part of the index is damaged ({', '.join(files)}). Run: searcher update"
        self._indexes.tell_damaged(files)
