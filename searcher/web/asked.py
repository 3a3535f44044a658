"""What was asked of the search page, as its URL says it: read, said again with a change, and made a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from searcher.ranking.when import parse_when
from searcher.records import Filters
from searcher.text import clean
from searcher.web.parts import Params, link

PAGE_SIZE = 10
LAST_PAGE = 1_000

Sort = Literal["relevance", "date"]
Named = Literal["source", "section", "language"]

PARAMS: dict[Named, str] = {"source": "source", "section": "section", "language": "lang"}
"""What the names of each kind are called in a URL."""


class _Params(Protocol):
    def get(self, key: str, default: str, /) -> str: ...

    def getlist(self, key: str, /) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class State:
    """
    The whole state of the search page: all of it is in the URL, and nothing else is.

    `since`, `until`: as typed, an ISO date or `7d`; both days are included. `page` counts from 1.
    """

    q: str = ""
    source: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    sort: Sort = "relevance"
    page: int = 1

    @property
    def narrowed(self) -> bool:
        """Whether anything but words was asked."""
        return bool(self.source or self.section or self.language or self.since or self.until)

    def named(self, name: Named) -> tuple[str, ...]:
        """The names of one kind that were chosen."""
        return {"source": self.source, "section": self.section, "language": self.language}[name]

    def without(self, name: Named, value: str) -> State:
        """The state with one chosen name taken out."""
        kept = tuple(one for one in self.named(name) if one != value)
        changed: dict[str, tuple[str, ...]] = {name: kept}
        return replace(self, page=1, **changed)  # type: ignore[arg-type]

    def url(self, path: str = "/") -> str:
        """Give where this state is."""
        params: Params = {
            "q": self.q,
            **{PARAMS[name]: self.named(name) for name in PARAMS},
            "since": self.since,
            "until": self.until,
            "sort": self.sort if self.sort != "relevance" else "",
            "page": self.page if self.page > 1 else 0,
        }
        return link(path, params)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The filters of a state. `first`, `last`: the days chosen, both included. `notes`: what was not understood."""

    filters: Filters
    first: date | None
    last: date | None
    notes: tuple[str, ...]


def read_state(params: _Params) -> State:
    """Give the state that a URL says. What cannot be is left out: a link must not end in an error."""
    page = params.get("page", "1")
    return State(
        q=clean(params.get("q", "")).strip(),
        source=_names(params.getlist("source")),
        section=_names(params.getlist("section")),
        language=_names(params.getlist("lang")),
        since=clean(params.get("since", "")).strip()[:40],
        until=clean(params.get("until", "")).strip()[:40],
        sort="date" if params.get("sort", "") == "date" else "relevance",
        page=min(max(int(page), 1), LAST_PAGE) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
    )


def when_of(params: _Params) -> str:
    """Give when similar articles were published: `before` or `after`, as the page says it or the API; else as given."""
    asked = [name for name in ("before", "after") if params.get(name, "") in ("true", "1")]
    return clean(params.get("when", "")).strip()[:40] or " and ".join(asked)


def narrowing_of(state: State, *, now: datetime) -> Narrowing:
    """Give the filters of a state. A date that is none is left out, with a note."""
    since = parse_when(state.since, now=now) if state.since else None
    until = parse_when(state.until, now=now) if state.until else None
    notes = [
        f"“{typed}” is no date, and was left out. Write 2025-05-12, 2025-05 or 7d."
        for typed, read in ((state.since, since), (state.until, until))
        if typed and read is None
    ]
    filters = Filters(
        sources=state.source,
        sections=state.section,
        languages=state.language,
        since=since.start if since else None,
        until=until.end if until else None,
    )
    first = filters.since.date() if filters.since else None
    last = (filters.until - timedelta(microseconds=1)).date() if filters.until else None
    return Narrowing(filters, first, last, tuple(notes))


def _names(given: Sequence[str]) -> tuple[str, ...]:
    """Each name once, in the order given; at most 50."""
    return tuple(dict.fromkeys(name for one in given if (name := clean(one).strip())))[:50]
