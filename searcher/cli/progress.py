"""
How far is it? On a terminal a bar with count, rate and time left; elsewhere now and then a line.

Both go to standard error. The clock can be passed in, so that tests need not wait.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from searcher.cli.failing import Interrupted

if TYPE_CHECKING:
    from searcher.records import Progress, Stage

LINE_EVERY_S = 5.0

_DOING = {"read": "reading", "encode": "encoding", "write": "writing", "merge": "merging"}

Clock = Callable[[], float]


@contextmanager
def reporting(
    *, waiting: str, indexed: Callable[[], bool] | None = None, again: str = "searcher update"
) -> Iterator[Progress]:
    """
    Give the `Progress` that suits standard error. `waiting`: what is going on before the first report.

    Ctrl-C inside the block becomes Interrupted, which says what is kept, whether indexes answer (`indexed` is asked),
    and what to run: `again`. Without `indexed` it says nothing of that.
    """
    try:
        if sys.stderr.isatty():
            with _bars(waiting) as progress:
                yield progress
        else:
            yield Lines(sys.stderr)
    except KeyboardInterrupt:
        if indexed is None:
            raise
        answers = "the old indexes still answer" if indexed() else "there is no index yet"
        raise Interrupted(f"Interrupted: what was added is kept; {answers}. Run: {again}") from None


@contextmanager
def counting() -> Iterator[Callable[[str], None]]:
    """
    Give what is told, often, how far it is: it says so on standard error, on a terminal in one line that is written
    over and gone at the end, elsewhere now and then.
    """
    from searcher.text import for_terminal

    terminal = sys.stderr.isatty()
    every_s = 0.1 if terminal else LINE_EVERY_S
    said_at = time.monotonic()

    def count(text: str) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= every_s:
            said_at = time.monotonic()
            line = for_terminal(text)
            print(
                f"\r\x1b[K{line}" if terminal else line,
                end="" if terminal else "\n",
                file=sys.stderr,
                flush=True,
            )

    try:
        yield count
    finally:
        if terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


class Lines:
    """A `Progress` for logs and pipes: a line every few seconds, the first after as long; short work says nothing."""

    def __init__(self, stream: IO[str], *, clock: Clock = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._said_at = clock()
        self._rates = Rates()

    def __call__(self, stage: Stage, done: int, total: int | None) -> None:
        now = self._clock()
        rate = self._rates.rate(stage, done, now)
        if now - self._said_at >= LINE_EVERY_S:
            self._said_at = now
            print(f"{_DOING[stage]} {said(stage, done, total, rate)}", file=self._stream, flush=True)


class Rates:
    """
    How fast each stage goes. Counted from a stage's first report: what was done by then cost nothing (vectors
    already known). A count that falls is that of the next segment, and begins anew.
    """

    def __init__(self) -> None:
        self._begun: dict[Stage, tuple[float, int]] = {}
        self._last: dict[Stage, int] = {}

    def rate(self, stage: Stage, done: int, now: float) -> float:
        """Give how many a second, 0 while nothing can be said."""
        if stage not in self._begun or done < self._last[stage]:
            self._begun[stage] = (now, done)
        self._last[stage] = done
        began, first = self._begun[stage]
        return (done - first) / (now - began) if now > began else 0.0


def said(stage: Stage, done: int, total: int | None, rate: float) -> str:
    """Give how far it is: `1,200 of 5,400 chunks (22 %), 52/s, 1:20 left`. `rate`: a second, 0 if unknown."""
    text = amount(stage, done, total)
    if not rate:
        return text
    speed = f"{megabytes(int(rate))}/s" if stage == "read" else f"{rate:,.0f}/s"
    left = f", {_clock_time((total - done) / rate)} left" if total and total > done else ""
    return f"{text}, {speed}{left}"


def amount(stage: Stage, done: int, total: int | None) -> str:
    """Give how much is done, in words: `1,200 of 5,400 chunks (22 %)`."""
    if stage == "read":
        of = f" of {megabytes(total)}" if total else ""
        text = f"{megabytes(done)}{of}"
    else:
        of = f" of {total:,}" if total else ""
        text = f"{done:,}{of} chunks"
    return f"{text} ({100 * done // total} %)" if total else text


def megabytes(count: int) -> str:
    """Give bytes in the unit that suits them: `512 B`, `1.4 kB`, `88.2 MB`."""
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def _clock_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@contextmanager
def _bars(waiting: str) -> Iterator[Progress]:
    """One bar for each stage, gone when the work is done."""
    from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn
    from rich.progress import Progress as Bars

    from searcher.cli.console import console_for

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[text]}", markup=False),
    )
    with Bars(*columns, console=console_for(sys.stderr), transient=True) as bars:
        first = bars.add_task(waiting, total=None, text="")
        tasks: dict[Stage, TaskID] = {}
        rates = Rates()

        def progress(stage: Stage, done: int, total: int | None) -> None:
            bars.update(first, visible=False)
            if stage not in tasks:
                tasks[stage] = bars.add_task(_DOING[stage], total=None, text="")
            text = said(stage, done, total, rates.rate(stage, done, time.monotonic()))
            bars.update(tasks[stage], completed=done, total=total, text=text)

        yield progress
