import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.errors import SourceUnreadable
from searcher.ingest import streams
from searcher.ingest.streams import counted, read_lines, unpacked, with_head


def stream(data):
    return io.BufferedReader(io.BytesIO(data))


@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"").replace(b"\r", b""))))
def test_lines_are_numbered_and_whole(lines):
    """Lines come out as they are, numbered from 1, and long ones as None."""
    found = list(read_lines(stream(b"".join(line + b"\r\n" for line in lines)), 20))
    assert [line.number for line in found] == list(range(1, len(lines) + 1))
    assert [line.data for line in found] == [line if len(line) <= 20 else None for line in lines]


def test_a_long_line_costs_itself_only():
    """After a line past the cap, reading goes on at the next line."""
    found = list(read_lines(stream(b"a\n" + b"x" * 1_000_000 + b"\nb"), 100))
    assert found == [(1, b"a"), (2, None), (3, b"b")]


def test_the_head_is_read_twice():
    """Looking at the head takes nothing away."""
    data = bytes(range(256)) * 1_000
    head, whole = with_head(stream(data))
    assert head == data[: streams.HEAD_BYTES]
    assert whole.read() == data


def test_bytes_are_counted():
    """Every byte read is told, once."""
    told = []
    assert counted(io.BytesIO(b"x" * 200_000), told.append).read() == b"x" * 200_000
    assert sum(told) == 200_000


def test_gzip_is_unpacked():
    """What was packed comes out, members one after the other."""
    assert unpacked(stream(gzip.compress(b"one ") + gzip.compress(b"two")), 100).read() == b"one two"


@pytest.mark.parametrize(
    "data", [gzip.compress(b"text" * 1_000)[:-9], gzip.compress(b"text")[:-8] + b"\0" * 8]
)
def test_damaged_gzip_says_so(data):
    """Data cut off, and data whose checksum is wrong, is named."""
    with pytest.raises(SourceUnreadable, match="damaged or cut off"):
        unpacked(stream(data), 10_000).read()


def test_unpacking_ends_at_the_cap():
    """A stream that unpacks to more than allowed ends in an error, not in memory."""
    with pytest.raises(SourceUnreadable, match="more than 1,000 bytes"):
        unpacked(stream(gzip.compress(b"x" * 2_000)), 1_000).read()


def test_bombs_are_refused(monkeypatch):
    """A megabyte of one letter packed into a kilobyte is no news."""
    monkeypatch.setattr(streams, "_BOMB_BYTES", 100_000)
    with pytest.raises(SourceUnreadable, match="times its size"):
        unpacked(stream(gzip.compress(b"x" * 1_000_000)), 10_000_000).read()
