"""
Which number has this word? Sorted strings in one memory-mapped blob, looked up by bisection.

Strings are ordered by their UTF-8 bytes; a string's number is its place in that order.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from searcher.index.arrays import Array, Arrays, narrow

try:
    from searcher.index.lexical import _spelling as compiled
except ImportError:
    compiled = None  # type: ignore[assignment]

Longs = npt.NDArray[np.int64]


_STEP = 32
"""
Of so many strings one is kept as a Python object, where nothing is compiled: all but five steps of a bisection then
cost next to nothing.
"""


class Lexicon:
    """Sorted strings, read from the arrays `NAME.bytes` (uint8, all strings joined) and `NAME.ends` (unsigned[n])."""

    def __init__(self, blob: npt.NDArray[np.uint8], ends: npt.NDArray[np.integer]) -> None:
        # Memory views give plain ints and bytes: bisection is three times as fast as over arrays.
        self._blob = np.ascontiguousarray(blob).data
        self._ends = np.ascontiguousarray(ends).data

    @cached_property
    def _signposts(self) -> list[bytes]:
        return [self[number] for number in range(0, len(self._ends), _STEP)]

    @classmethod
    def open(cls, arrays: Arrays, name: str) -> Lexicon:
        """Open the lexicon `name`. Raises IndexDamaged."""
        return cls(arrays[f"{name}.bytes"], arrays[f"{name}.ends"])

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, number: int) -> bytes:
        """Give string `number` as UTF-8 bytes. Raises IndexError past the end (so bisect and iteration work)."""
        if number < 0:
            raise IndexError(number)
        return bytes(self._blob[self._ends[number - 1] if number else 0 : self._ends[number]])

    @property
    def buffers(self) -> tuple[memoryview, memoryview]:
        """All strings joined, and where each ends, for loops that are compiled."""
        return self._blob, self._ends

    def all(self) -> Iterator[bytes]:
        """Give all strings, in order."""
        blob, start = bytes(self._blob), 0
        for end in self._ends:
            yield blob[start:end]
            start = end

    def find(self, text: str | bytes) -> int:
        """Give the number of `text`, or -1."""
        wanted = text.encode("utf-8", "replace") if isinstance(text, str) else text
        if compiled is not None:
            return compiled.word_number(wanted, *self.buffers)
        block = bisect_right(self._signposts, wanted) - 1
        if block < 0 or not wanted:
            return -1
        ends, first, last = self._ends, block * _STEP, min((block + 1) * _STEP, len(self))
        start = ends[first - 1] if first else 0
        # One search through the joined strings of the block; what it finds must be a whole string.
        joined = bytes(self._blob[start : ends[last - 1]])
        at = joined.find(wanted)
        while at >= 0:
            end = start + at + len(wanted)
            number = bisect_left(ends, end, first, last)
            if ends[number] == end and (ends[number - 1] if number else 0) == start + at:
                return number
            at = joined.find(wanted, at + 1)
        return -1

    def prefixed(self, prefix: str) -> range:
        """Give the numbers of all strings that begin with `prefix`."""
        first = prefix.encode("utf-8", "replace")
        if compiled is not None:
            return range(*compiled.words_beginning(first, *self.buffers))
        # No UTF-8 byte is 0xFF: it sorts behind every string that goes on after the prefix.
        return range(self._place(first), self._place(first + b"\xff"))

    def _place(self, wanted: bytes) -> int:
        """Give how many strings come before `wanted`."""
        blob, ends = self._blob, self._ends
        high = bisect_left(self._signposts, wanted) * _STEP
        low, high = max(high - _STEP + 1, 0), min(high, len(ends))  # The signpost itself comes before it.
        while low < high:
            middle = (low + high) // 2
            if bytes(blob[ends[middle - 1] if middle else 0 : ends[middle]]) < wanted:
                low = middle + 1
            else:
                high = middle
        return low

    def letters(self, numbers: range) -> tuple[npt.NDArray[np.uint32], Longs, Longs]:
        """Give the code points of these strings, joined, and where each begins and how many it has."""
        first = self._ends[numbers.start - 1] if numbers.start else 0
        ends = np.asarray(self._ends[numbers.start : numbers.stop])
        borders = np.concatenate([np.array([first], dtype=np.int64), ends])
        data = bytes(self._blob[first : int(borders[-1])])
        points = np.frombuffer(data.decode("utf-8", "replace").encode("utf-32-le"), dtype=np.uint32)
        # Bytes that begin a character: all but 10xxxxxx.
        heads = np.cumsum((np.frombuffer(data, dtype=np.uint8) & 0xC0) != 0x80)
        counts = np.concatenate([[0], heads])[borders - first]
        return points, counts[:-1], np.diff(counts)


def lexicon_arrays(name: str, strings: Sequence[bytes]) -> dict[str, Array]:
    """Give what `Lexicon.open` reads of sorted, distinct UTF-8 strings."""
    lengths = np.fromiter(map(len, strings), dtype=np.int64, count=len(strings))
    return {
        f"{name}.bytes": np.frombuffer(b"".join(strings), dtype=np.uint8),
        f"{name}.ends": narrow(np.cumsum(lengths, dtype=np.int64)),
    }
