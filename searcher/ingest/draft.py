"""What a reader found, before it is made canonical."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from searcher.records import Moment, Origin, Rejection, Revision


@dataclass(frozen=True, slots=True)
class Draft:
    """
    One article as a reader found it: texts as written, nothing cleaned, nothing checked.

    `published` is the date as written; a reader that has already resolved it (a relative time, a parsed
    feed date) gives `moment` too. `published_from` names what said so: `field`, `meta`, `json-ld`, `feed`...
    """

    origin: Origin
    body: str
    title: str = ""
    article_id: str | None = None
    url: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    language: str | None = None
    published: str | None = None
    published_from: str = "field"
    moment: Moment | None = None


Found = Draft | Revision | Rejection
"""What a reader finds: a draft; a revision, where `searcher export` wrote it; or why there is neither."""


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """
    How to read what comes in.

    `as_of`: what relative times count from (aware UTC; None: the file's own time). `source`: the outlet of articles
    that name none. `fields`: input field -> our field, e.g. {"headline": "title"}; `found`: those of them that
    were there, filled while reading. `now`: the moment of reading. `markers`: boilerplate lines beside the built-in
    ones. `allow_private`: URLs may lead to private addresses.
    """

    now: datetime
    as_of: datetime | None = None
    source: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    found: set[str] = field(default_factory=set)
    markers: tuple[str, ...] = ()
    max_body_chars: int = 1_000_000
    max_file_bytes: int = 2_000_000_000
    max_item_bytes: int = 20_000_000
    allow_private: bool = False
    timeout_s: float = 20.0
    max_fetch_bytes: int = 20_000_000
