"""
Bytes as they come: counted, looked at before they are read, unpacked within limits, line by line within limits.

Nothing here knows what the bytes mean. Nothing here holds more than one line or one block of them.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from searcher.errors import SourceUnreadable

HEAD_BYTES = 65_536
GZIP_MAGIC = b"\x1f\x8b"
# Real news packs 3 to 10 times smaller, a page of one repeated letter 1,000 times.
_BOMB_RATIO = 200
_BOMB_BYTES = 50_000_000


class Line(NamedTuple):
    """One line of a stream, numbered from 1, without its end; `data` is None if it was longer than the cap."""

    number: int
    data: bytes | None


def read_lines(stream: io.BufferedIOBase, max_bytes: int) -> Iterator[Line]:
    """Give the lines of `stream`. One longer than `max_bytes` is passed over without being held in memory."""
    number = 0
    while data := stream.readline(max_bytes + 2):
        number += 1
        if len(data) > max_bytes and not data.endswith(b"\n"):
            _skip_line(stream)
            yield Line(number, None)
        else:
            yield Line(number, data.rstrip(b"\r\n"))


def _skip_line(stream: io.BufferedIOBase) -> None:
    while (data := stream.readline(HEAD_BYTES)) and not data.endswith(b"\n"):
        pass


def with_head(stream: io.BufferedIOBase) -> tuple[bytes, io.BufferedIOBase]:
    """Give the first bytes of `stream` (64 KiB, or all there are), and the stream as it was before that."""
    head = stream.read(HEAD_BYTES)
    return head, io.BufferedReader(_Chained(head, stream), HEAD_BYTES)


def counted(stream: io.RawIOBase | io.BufferedIOBase, tell: Callable[[int], None]) -> io.BufferedIOBase:
    """Give `stream`, calling `tell` with the number of bytes each time some are read."""
    return io.BufferedReader(_Counted(stream, tell), HEAD_BYTES)


def unpacked(stream: io.BufferedIOBase, max_bytes: int) -> io.BufferedIOBase:
    """
    Give what is in a gzip stream.

    Reading it raises SourceUnreadable where the data is damaged or cut off, past `max_bytes`, and where it unpacks
    to over 200 times its size (over 50 MB): what was read until then is good.
    """
    return io.BufferedReader(_Unpacked(stream, max_bytes), HEAD_BYTES)


class _Chained(io.RawIOBase):
    """Bytes already read, then the stream that they were read from."""

    def __init__(self, head: bytes, stream: io.BufferedIOBase) -> None:
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._head:
            count = min(len(buffer), len(self._head))
            buffer[:count] = self._head[:count]
            self._head = self._head[count:]
            return count
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Counted(io.RawIOBase):
    """A stream that tells how many bytes were read of it."""

    def __init__(self, stream: io.RawIOBase | io.BufferedIOBase, tell: Callable[[int], None]) -> None:
        self._stream = stream
        self._tell = tell

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer)) or b""
        buffer[: len(data)] = data
        if data:
            self._tell(len(data))
        return len(data)


class _Unpacked(io.RawIOBase):
    """What a gzip stream holds, until it is too much."""

    def __init__(self, stream: io.BufferedIOBase, max_bytes: int) -> None:
        self._packed_bytes = 0
        self._bytes = 0
        self._max_bytes = max_bytes
        self._unpacker = gzip.GzipFile(fileobj=counted(stream, self._count), mode="rb")

    def _count(self, count: int) -> None:
        self._packed_bytes += count

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._unpacker.read1(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise SourceUnreadable(f"its gzip data is damaged or cut off ({error}): get it again") from error
        self._bytes += len(data)
        if self._bytes > self._max_bytes:
            raise SourceUnreadable(
                f"it unpacks to more than {self._max_bytes:,} bytes: unpack and split it first"
            )
        if self._bytes > max(_BOMB_BYTES, _BOMB_RATIO * self._packed_bytes):
            raise SourceUnreadable(f"it unpacks to more than {_BOMB_RATIO} times its size, as no news does")
        buffer[: len(data)] = data
        return len(data)
