"""What may be asked by URL: each parameter declared once, and what it means to the library. Others are refused."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from searcher.records import Filters
from searcher.records.answers import Interval, Mode, Sort
from searcher.web.cursors import PATTERN
from searcher.web.questions import Asked

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?")
_DAY = timedelta(days=1)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def _day_or_moment(text: object) -> date | datetime:
    """Source: RFC 3339. A moment without an offset is in UTC."""
    if isinstance(text, str) and _DATE.fullmatch(text):
        return date.fromisoformat(text)
    if isinstance(text, str) and _DATE_TIME.fullmatch(text):
        moment = datetime.fromisoformat(text.upper())
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    raise ValueError("write a date (2025-07-23) or a date-time (2025-07-23T14:30:00Z)")


Moment = Annotated[
    Any,
    BeforeValidator(_day_or_moment),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}
    ),
]
Language = Annotated[str, Field(pattern="^[a-z]{2}$")]
LongId = Annotated[str, Query(min_length=1, max_length=4096, description="An article's id, or its URL.")]


class Filtered(BaseModel):
    """Which articles are admitted; names of one kind add up."""

    model_config = ConfigDict(extra="forbid")

    source: list[str] = Field([], description="Only this outlet; repeat for more.")
    section: list[str] = Field([], description="Only this section; repeat for more.")
    lang: list[Language] = Field([], description="Only this language (ISO 639-1); repeat for more.")
    since: Moment = Field(None, description="Published then or later (a date, or a date-time).")
    until: Moment = Field(None, description="Published before that date-time, or on that date or earlier.")
    copies: bool = Field(False, description="Show exact copies each by itself, not folded under the first.")

    def filters(self) -> Filters:
        """Give what the library takes."""
        return Filters(
            sources=tuple(self.source),
            sections=tuple(self.section),
            languages=tuple(self.lang),
            since=None if self.since is None else _start(self.since),
            until=None if self.until is None else _end(self.until),
        )


class Matching(Filtered):
    """What a search matches."""

    q: str = Field("", description="The query, in the language of docs/query-language.md.")
    mode: Mode = Field("hybrid", description="Words and meaning together, words only, or meaning only.")

    def asked(self) -> Asked:
        """Give what the service takes."""
        return Asked(self.q, mode=self.mode, filters=self.filters(), fold=not self.copies)


class Timed(Matching):
    """What a search matches, in time."""

    interval: Interval = Field(
        "auto", description="How long a bar is; `auto` takes what makes some ninety of them."
    )


class LikeText(Filtered):
    """Which articles like a text are wanted."""

    limit: int = Field(10, ge=1, le=100, description="Hits to give.")


class Paged(Filtered):
    """One page of hits."""

    limit: int = Field(10, ge=1, le=100, description="Hits on this page.")
    cursor: str | None = Field(None, pattern=PATTERN, description="`next` of the page before.")

    def question(self) -> dict[str, Any]:
        """Give what must stay the same from page to page."""
        return self.model_dump(exclude={"cursor", "limit"})


class Searching(Paged):
    """A search."""

    q: str = Field("", description="The query, in the language of docs/query-language.md.")
    mode: Mode = Field("hybrid", description="Words and meaning together, words only, or meaning only.")
    sort: Sort | None = Field(None, description="Best first (the default, but for feeds), or newest first.")

    def asked(self, offset: int) -> Asked:
        """Give what the service takes."""
        return Asked(
            self.q,
            mode=self.mode,
            sort=self.sort or "relevance",
            filters=self.filters(),
            fold=not self.copies,
            limit=self.limit,
            offset=offset,
        )


class Similar(Paged):
    """A similar question."""

    id: str = Field(min_length=1, max_length=4096, description="An article's id, or its URL.")
    before: bool = Field(False, description="Only what was published before it.")
    after: bool = Field(False, description="Only what was published after it.")


def _start(given: date | datetime) -> datetime:
    return _in_utc(given) if isinstance(given, datetime) else datetime.combine(given, time(), UTC)


def _end(given: date | datetime) -> datetime:
    """The first moment that is not meant: of a date, the next day's beginning."""
    if isinstance(given, datetime):
        return _in_utc(given)
    return _LAST if given == date.max else datetime.combine(given + _DAY, time(), UTC)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # The first hours of the year 1, the last of 9999.
        return _FIRST if moment.year == 1 else _LAST
