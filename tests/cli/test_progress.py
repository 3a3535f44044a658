"""Progress: lines now and then where there is no terminal, with count, rate and time left."""

import io

import pytest

from searcher.cli.progress import Lines, Rates, amount, megabytes, reporting, said


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_short_work_says_nothing():
    """
    Work of less than five seconds leaves no line, however often it reports.
    """
    clock, out = Clock(), io.StringIO()
    lines = Lines(out, clock=clock)
    for done in range(100):
        clock.now += 0.049
        lines("encode", done, 100)
    assert out.getvalue() == ""


def test_long_work_says_a_line_every_five_seconds():
    """
    One report a second for 20 seconds at 10 chunks a second: four lines, with rate and time left.
    """
    clock, out = Clock(), io.StringIO()
    lines = Lines(out, clock=clock)
    for done in range(0, 201, 10):
        lines("encode", done, 400)
        clock.now += 1
    assert out.getvalue().splitlines() == [
        "encoding 50 of 400 chunks (12 %), 10/s, 0:35 left",
        "encoding 100 of 400 chunks (25 %), 10/s, 0:30 left",
        "encoding 150 of 400 chunks (37 %), 10/s, 0:25 left",
        "encoding 200 of 400 chunks (50 %), 10/s, 0:20 left",
    ]


def test_the_rate_leaves_out_what_was_known():
    """
    Chunks done at the first report cost nothing; a count that falls begins a new segment.
    """
    rates = Rates()
    assert rates.rate("encode", 1000, 0.0) == 0
    assert rates.rate("encode", 1100, 10.0) == 10
    assert rates.rate("encode", 0, 11.0) == 0
    assert rates.rate("encode", 40, 13.0) == 20
    assert rates.rate("read", 500, 13.0) == 0


@pytest.mark.parametrize(
    ("report", "text"),
    [
        (("read", 1_500_000, None, 0.0), "1.5 MB"),
        (("read", 512, 2048, 256.0), "512 B of 2.0 kB (25 %), 256 B/s, 0:06 left"),
        (("encode", 0, 0, 0.0), "0 chunks"),
        (("encode", 1200, 360_000_000, 10.0), "1,200 of 360,000,000 chunks (0 %), 10/s, 9999:58:00 left"),
        (("write", 5, 5, 1.0), "5 of 5 chunks (100 %), 1/s"),
    ],
)
def test_what_is_said(report, text):
    """
    Bytes in their unit, chunks with their total, and time left only where there is some.
    """
    assert said(*report) == text


def test_sizes():
    """
    Bytes are said in the unit that suits them.
    """
    assert [megabytes(n) for n in (0, 999, 1000, 88_200_000, 1_700_000_000)] == [
        *("0 B", "999 B", "1.0 kB", "88.2 MB", "1.7 GB")
    ]
    assert amount("merge", 7, None) == "7 chunks"


def test_bars_on_a_terminal(monkeypatch):
    """
    On a terminal a bar shows stage and count; nothing of it is left for standard output.
    """

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", terminal)
    with reporting(waiting="opening the encoder") as progress:
        progress("encode", 10, 40)
        progress("encode", 40, 40)
    assert "encoding" in terminal.getvalue()
    assert "40 of 40 chunks (100 %)" in terminal.getvalue()
