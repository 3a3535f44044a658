"""When were the articles published that match? Counts by day, grouped into as many bars as a picture can hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from searcher.dates import said_day, said_month

Step = Literal["day", "week", "month", "years"]

MOST_BARS = 60
"""As many as can still be told apart, and hit with a finger, on a phone."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """The days `[since, until]`, both included, and how many articles were published on them."""

    since: date
    until: date
    count: int
    label: str

    @property
    def said(self) -> str:
        """For a person: `May 2025: 3 articles`."""
        return f"{self.label}: {self.count:,} {'article' if self.count == 1 else 'articles'}"


@dataclass(frozen=True, slots=True)
class Timeline:
    """
    Bars without gaps, oldest first, each of one `step`.

    `first`, `last`: the bars, from 0, that the chosen days begin and end in; None where no days are chosen.
    """

    step: Step
    bars: tuple[Bar, ...]
    first: int | None = None
    last: int | None = None

    @property
    def most(self) -> int:
        """The count of the highest bar, at least 1."""
        return max([1, *(bar.count for bar in self.bars)])

    @property
    def total(self) -> int:
        """How many articles all bars count."""
        return sum(bar.count for bar in self.bars)


def make_timeline(
    days: Iterable[tuple[date, int]], *, since: date | None = None, until: date | None = None
) -> Timeline | None:
    """
    Give the timeline of `days` (each with its count, in any order), or None where there are none.

    `since`, `until`: the days chosen, both included; None where that end is open.
    """
    counts: dict[date, int] = {}
    for day, count in days:
        counts[day] = counts.get(day, 0) + count
    if not counts:
        return None
    oldest, newest = min(counts), max(counts)
    step, years = _step_for(oldest, newest)
    spans = list(_spans(oldest, newest, step, years))
    heights = [0] * len(spans)
    at = 0
    for day in sorted(counts):
        while day > spans[at][1]:
            at += 1
        heights[at] += counts[day]
    bars = tuple(
        Bar(start, end, height, _label(start, end, step))
        for (start, end), height in zip(spans, heights, strict=True)
    )
    if since is None and until is None:
        return Timeline(step, bars)
    first = _bar_at(bars, since) if since else 0
    last = _bar_at(bars, until) if until else len(bars) - 1
    return Timeline(step, bars, first, max(first, last))


def _bar_at(bars: tuple[Bar, ...], day: date) -> int:
    """The bar that `day` lies in; of days outside, the nearest."""
    return next((n for n, bar in enumerate(bars) if day <= bar.until), len(bars) - 1)


def _step_for(oldest: date, newest: date) -> tuple[Step, int]:
    """The finest step that needs no more bars than there may be, and of how many years it is."""
    days = (newest - oldest).days + 1
    years = newest.year - oldest.year + 1
    months = 12 * (years - 1) + newest.month - oldest.month + 1
    if days <= MOST_BARS:
        return "day", 0
    if days <= 7 * (MOST_BARS - 1):
        return "week", 0
    if months <= MOST_BARS:
        return "month", 0
    return "years", -(-years // MOST_BARS)


def _spans(oldest: date, newest: date, step: Step, years: int) -> Iterator[tuple[date, date]]:
    """The stretches of one step each, from that of `oldest` to that of `newest`."""
    start = _start_of(oldest, step)
    while start <= newest:
        end = _end_of(start, step, years)
        yield start, end
        if end == date.max:
            return
        start = end + _DAY


def _start_of(day: date, step: Step) -> date:
    if step == "week":
        # The week of 1 January of the year 1 began on that day, a Monday.
        return day - timedelta(days=day.weekday())
    if step == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if step == "years" else day


def _end_of(start: date, step: Step, years: int) -> date:
    if step == "day":
        return start
    if step == "week":
        return start + timedelta(days=min(6, (date.max - start).days))
    year, month = (start.year, start.month + 1) if step == "month" else (start.year + years, 1)
    if month > 12:
        year, month = year + 1, 1
    return date.max if year > date.max.year else date(year, month, 1) - _DAY


def _label(start: date, end: date, step: Step) -> str:
    if step == "day":
        return said_day(start)
    if step == "month":
        return said_month(start)
    if step == "years":
        return str(start.year) if start.year == end.year else f"{start.year}–{end.year}"
    if start.month == end.month:
        return f"{start.day}–{said_day(end)}"
    return f"{said_day(start)} – {said_day(end)}"
