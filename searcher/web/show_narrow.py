"""What stands beside the hits: outlets, sections and languages to choose from, and a picture of time to drag on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date

from searcher.dates import said_day
from searcher.ingest.language import language_name
from searcher.records import Facet, Overview
from searcher.text import fold
from searcher.web.asked import PARAMS, Named, Narrowing, State
from searcher.web.parts import said
from searcher.web.timeline import Bar, Timeline, make_timeline

SHOWN_VALUES = 8
BAR_WIDTH = 10
_LABELS: tuple[tuple[Named, str], ...] = (
    ("source", "Outlet"),
    ("section", "Section"),
    ("language", "Language"),
)


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet. `id` is the same in every answer, so that the keyboard stays where it is."""

    value: str
    label: str
    count: str
    chosen: bool
    id: str


@dataclass(frozen=True, slots=True)
class FacetView:
    """One facet: the values shown, and those behind "more"."""

    name: str
    label: str
    values: tuple[Value, ...]
    more: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class BarView:
    """A bar as it is drawn, in a picture 100 high; `inside`: it belongs to what is chosen."""

    x: float
    y: float
    width: float
    height: float
    since: str
    until: str
    label: str
    said: str
    inside: bool


@dataclass(frozen=True, slots=True)
class TimelineView:
    """The picture of time. `since`, `until`: ISO days of what is chosen, "" where that end is open."""

    width: int
    bars: tuple[BarView, ...]
    begins: str
    ends: str
    said: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Narrow:
    """All that narrows a search. `since`, `until`: what the date fields hold; `any_date`: the way to do without."""

    facets: tuple[FacetView, ...]
    timeline: TimelineView | None
    since: str
    until: str
    any_date: str
    undated: str


def show_narrow(state: State, narrowing: Narrowing, overview: Overview) -> Narrow:
    """Give what stands beside the hits of a search."""
    first, last = narrowing.first, narrowing.last
    timeline = make_timeline(((bar.start, bar.count) for bar in overview.bars), since=first, until=last)
    facets = (_facet(name, label, overview.facets[name], state.named(name)) for name, label in _LABELS)
    return Narrow(
        facets=tuple(facet for facet in facets if facet is not None),
        timeline=show_timeline(timeline, first, last) if timeline else None,
        since=_iso(first),
        until=_iso(last),
        any_date=replace(state, since="", until="", page=1).url() if state.since or state.until else "",
        undated=f"{said(overview.undated, 'article')} without a date" if overview.undated else "",
    )


def show_timeline(timeline: Timeline, first: date | None = None, last: date | None = None) -> TimelineView:
    """Give the picture of a timeline."""
    highest = max(timeline.bars, key=lambda bar: bar.count)
    begins, ends = timeline.bars[0], timeline.bars[-1]
    under = _ends_of(timeline)
    return TimelineView(
        width=BAR_WIDTH * len(timeline.bars),
        bars=tuple(_bar(n, bar, timeline) for n, bar in enumerate(timeline.bars)),
        begins=under[0],
        ends=under[1],
        said=f"{said(timeline.total, 'article')} from {begins.label} to {ends.label}, most in {highest.said}",
        since=_iso(first),
        until=_iso(last),
    )


def _ends_of(timeline: Timeline) -> tuple[str, str]:
    """What stands under the picture: the ends of what is chosen, as scripts write them, else those of all."""
    if timeline.first is not None and timeline.last is not None:
        return timeline.bars[timeline.first].label, timeline.bars[timeline.last].label
    begins, ends = timeline.bars[0], timeline.bars[-1]
    if timeline.step == "week":
        return said_day(begins.since), said_day(ends.until)
    return begins.label, ends.label


def _bar(n: int, bar: Bar, timeline: Timeline) -> BarView:
    # What is there must be seen, however little it is beside the most.
    height = max(4.0, round(96 * bar.count / timeline.most, 2)) if bar.count else 0.0
    inside = timeline.first is None or timeline.last is None or timeline.first <= n <= timeline.last
    return BarView(
        x=BAR_WIDTH * n + 0.75,
        y=round(100 - height, 2),
        width=BAR_WIDTH - 1.5,
        height=height,
        since=bar.since.isoformat(),
        until=bar.until.isoformat(),
        label=bar.label,
        said=bar.said,
        inside=inside,
    )


def _facet(name: Named, label: str, facets: tuple[Facet, ...], chosen: tuple[str, ...]) -> FacetView | None:
    """None where there is nothing to choose. What is chosen is always shown, also if it gives nothing."""
    folded = {fold(one) for one in chosen}
    found = {fold(facet.name) for facet in facets}
    missing = [Facet(one, 0) for one in chosen if fold(one) not in found]
    values = [_value(name, facet, fold(facet.name) in folded) for facet in (*facets, *missing)]
    if len(values) < 2 and not chosen:
        return None
    shown = [value for n, value in enumerate(values) if n < SHOWN_VALUES or value.chosen]
    more = [value for n, value in enumerate(values) if n >= SHOWN_VALUES and not value.chosen]
    return FacetView(PARAMS[name], label, tuple(shown), tuple(more))


def _value(name: Named, facet: Facet, chosen: bool) -> Value:
    label = language_name(facet.name) if name == "language" else facet.name
    digest = hashlib.sha256(facet.name.encode()).hexdigest()[:12]
    return Value(facet.name, label, f"{facet.count:,}", chosen, f"{name}-{digest}")


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
