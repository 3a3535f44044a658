"""What is in the library, and how is it? In figures and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from searcher.dates import said_day, said_time
from searcher.ingest.language import language_name
from searcher.records import Facet, Finding, Overview, Status
from searcher.records.safekeeping import State
from searcher.web.asked import PARAMS, Named
from searcher.web.checkup import Checked, worst
from searcher.web.parts import link, said
from searcher.web.show_narrow import TimelineView, show_timeline
from searcher.web.show_search import Notice
from searcher.web.timeline import make_timeline

SHOWN_COUNTS = 25


@dataclass(frozen=True, slots=True)
class Count:
    """One outlet, section or language: its articles, and the length of its bar, of 100."""

    label: str
    count: str
    width: str
    href: str


@dataclass(frozen=True, slots=True)
class Counts:
    """A table of counts. `rest`: how many more there are, in words, or ""."""

    label: str
    rows: tuple[Count, ...]
    rest: str


@dataclass(frozen=True, slots=True)
class HealthView:
    """What the last examination found: what needs something done, and what is well. `when`: in words."""

    title: str
    when: str
    state: State | None
    wrong: tuple[Finding, ...] = ()
    well: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """The page of the library, as its template wants it."""

    name: str
    span: str
    figures: tuple[tuple[str, str], ...]
    timeline: TimelineView | None
    undated: str
    counts: tuple[Counts, ...]
    notices: tuple[Notice, ...]
    state: tuple[tuple[str, str], ...]
    health: HealthView | None


def show_library(status: Status, overview: Overview | None, *, checked: Checked | None = None) -> LibraryPage:
    """
    Give the page of the library. `overview`: of all its articles, or None where no index can count them; `checked`: its
    last examination, None where it is not examined by the server.
    """
    timeline = make_timeline((bar.start, bar.count) for bar in overview.bars) if overview else None
    counts = (_counts(name, label, overview.facets[name]) for name, label in _LABELS) if overview else ()
    undated = overview.undated if overview else 0
    return LibraryPage(
        name=status.home.resolve().name or "library",
        span=f"{said_day(status.oldest)} – {said_day(status.newest)}"
        if status.oldest and status.newest
        else "",
        figures=tuple(_figures(status)),
        timeline=show_timeline(timeline) if timeline else None,
        undated=f"{said(undated, 'article')} without a date" if undated else "",
        counts=tuple(one for one in counts if one.rows),
        notices=tuple(_notices(status)),
        state=tuple(_state(status, checked)),
        health=_health(checked),
    )


_LABELS: tuple[tuple[Named, str], ...] = (
    ("source", "Outlets"),
    ("section", "Sections"),
    ("language", "Languages"),
)


def _figures(status: Status) -> list[tuple[str, str]]:
    return [
        ("articles", f"{status.articles:,}"),
        ("outlets", f"{status.sources:,}"),
        ("corrections", f"{max(0, status.revisions - status.articles):,}"),
        ("withdrawn", f"{status.withdrawn:,}"),
        ("rejected", f"{status.rejected:,}"),
    ]


def _counts(name: Named, label: str, facets: Sequence[Facet]) -> Counts:
    most = max([1, *(facet.count for facet in facets)])
    rows = tuple(
        Count(
            label=language_name(facet.name) if name == "language" else facet.name,
            count=f"{facet.count:,}",
            width=f"{max(0.5, 100 * facet.count / most):.2f}",
            href=link("/", {PARAMS[name]: facet.name}),
        )
        for facet in facets[:SHOWN_COUNTS]
    )
    rest = len(facets) - len(rows)
    return Counts(label, rows, f"and {rest:,} more" if rest > 0 else "")


def _notices(status: Status) -> list[Notice]:
    notices = []
    if status.problem and status.articles:
        notices.append(Notice(status.problem))
    elif status.waiting:
        notices.append(
            Notice(
                f"{said(status.waiting, 'article')} came in or changed since the indexes were built.",
                "To index what waits:",
                "searcher update",
            )
        )
    if not status.articles:
        notices.append(Notice("This library is empty.", "To add news:", "searcher add FILE_OR_URL"))
    return notices


def _state(status: Status, checked: Checked | None) -> list[tuple[str, str]]:
    rows = [
        ("Answering", f"generation {status.generation:,}" if status.generation is not None else "no"),
        ("Articles indexed", f"{status.indexed_articles:,} in {said(status.chunks, 'chunk')}"),
        ("Waiting to be indexed", said(status.waiting, "article") if status.waiting else "none"),
        ("Segments", f"{status.segments:,}"),
        ("Encoder", status.encoder or "none yet"),
        ("Articles on disk", megabytes(status.store_bytes)),
        ("Indexes on disk", megabytes(status.index_bytes)),
    ]
    if checked is None:
        rows.append(("To examine all of it", "searcher doctor"))
    return rows if status.generation is not None else [rows[0], *rows[2:3], *rows[5:]]


def _health(checked: Checked | None) -> HealthView | None:
    if checked is None:
        return None
    if checked.examination is None or checked.at is None:
        said = (
            "It is being examined now. Reload this page in a moment."
            if checked.under_way
            else "Not examined."
        )
        return HealthView("Not known yet", said, None)
    when = f"Examined {said_time(checked.at)}{', and again now' if checked.under_way else ''}."
    findings = checked.examination.findings
    wrong = [one for one in findings if one.state != "ok"]
    wrong.sort(key=lambda one: one.state != "broken")
    well = tuple(one for one in findings if one.state == "ok")
    title = {"ok": "All is well", "warning": "Something to look at", "broken": "Something is broken"}
    state = worst(findings)
    return HealthView(title[state], when, state, tuple(wrong), well)


def megabytes(size: int) -> str:
    """Give a size in bytes: `1.4 MB`."""
    return f"{size / 1_000_000:,.1f} MB"
