"""
What does an answer hold over all its pages? Hits counted by outlet, section, language and time.

Counted over all that matches, not over the page. Copies of one text are one hit: they count once for each outlet, day
and so on that one of them has, so that a count is what narrowing to it gives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from searcher.index.reader import Reader
from searcher.index.table import NO_DATE
from searcher.records import Bar, Facet, Filters, Overview
from searcher.records.answers import Interval
from searcher.store import Store
from searcher.store.reading import Label

Mask = npt.NDArray[np.bool_]
Longs = npt.NDArray[np.int64]
Unit = Literal["day", "month", "year"]

LABELS: tuple[Label, ...] = ("source", "section", "language")
MOST_NAMES = 100
"""Names given of one kind, the most frequent ones."""

# A bar for each day up to three months, for each month up to ten years: some ninety bars are what a page can show.
_MOST_DAYS = 92
_MOST_MONTHS = 120
_NUMPY_UNIT = {"day": "D", "month": "M", "year": "Y"}


def overview_of(reader: Reader, store: Store, matched: Mask, interval: Interval, *, fold: bool) -> Overview:
    """Count the hits that the articles of `matched` (bool[n articles]) make. `fold`: copies are one hit."""
    table = reader.table
    rows = np.flatnonzero(matched)
    hits = table.copy_group[rows] if fold else rows
    dated = table.published[rows] != NO_DATE
    seconds = table.published[rows][dated].astype("datetime64[s]")
    unit = _unit_for(seconds) if interval == "auto" else interval
    starts, counts = _count(seconds.astype(f"datetime64[{_NUMPY_UNIT[unit]}]").astype(np.int64), hits[dated])
    days = starts.astype(f"datetime64[{_NUMPY_UNIT[unit]}]").astype("datetime64[D]").tolist()
    return Overview(
        facets={label: _facets(reader, store, label, rows, hits) for label in LABELS},
        bars=tuple(Bar(day, count) for day, count in zip(days, counts.tolist(), strict=True)),
        interval=unit,
        undated=len(np.unique(hits[~dated])),
    )


def each_apart(own: Overview, filters: Filters, count: Callable[[Filters], Overview]) -> Overview:
    """
    Give the overview in which each kind is counted without its own filter: beside an outlet that was chosen stand the
    others, each with what it would give, and beside days that were chosen the other days.

    `own`: the overview under all of `filters`; `count`: gives that under others.
    """
    without = {
        "source": replace(filters, sources=()),
        "section": replace(filters, sections=()),
        "language": replace(filters, languages=()),
        "": replace(filters, since=None, until=None),
    }
    seen = {filters: own}
    for others in without.values():
        if others not in seen:
            seen[others] = count(others)
    found = {name: seen[others] for name, others in without.items()}
    return replace(found[""], facets={label: found[label].facets[label] for label in LABELS})


def _facets(reader: Reader, store: Store, label: Label, rows: Longs, hits: Longs) -> tuple[Facet, ...]:
    """Count the hits by name, the most frequent first, then by name; what has none is not counted."""
    codes, names = reader.table.labels(label)
    found, counts = _count(codes[rows].astype(np.int64), hits)
    counted = sorted(
        ((count, names[code], code) for code, count in zip(found.tolist(), counts.tolist(), strict=True)),
        key=lambda one: (-one[0], one[1]),
    )
    kept = [one for one in counted if one[1]][:MOST_NAMES]
    newest = np.zeros(len(names), dtype=np.int64)
    newest[codes[rows]] = reader.table.seq[rows]  # Of several, the last is written last.
    spelled = store.spellings(label, [int(newest[code]) for *_, code in kept])
    return tuple(Facet(name, count) for name, (count, *_) in zip(spelled, kept, strict=True))


def _count(values: Longs, hits: Longs) -> tuple[Longs, Longs]:
    """Give the distinct values, rising, and for each how many distinct hits have it."""
    if not len(values):
        return values, np.zeros(0, dtype=np.int64)
    least = int(values.min())
    places = values - least  # Labels are numbered, and days, months and years not far apart.
    # Only hits of several articles could count twice for one value; they are few, and looked at one by one.
    several = np.bincount(hits)[hits] > 1
    counts = np.bincount(places[~several], minlength=int(places.max()) + 1)
    width = int(hits.max()) + 1
    pairs = np.unique(places[several] * width + hits[several])
    counts += np.bincount(pairs // width, minlength=len(counts))
    distinct = np.flatnonzero(counts)
    return distinct + least, counts[distinct]


def _unit_for(seconds: npt.NDArray[np.datetime64]) -> Unit:
    if not len(seconds):
        return "day"
    span = seconds.max() - seconds.min()
    if span < np.timedelta64(_MOST_DAYS, "D"):
        return "day"
    return "month" if span < np.timedelta64(_MOST_MONTHS * 30, "D") else "year"
