"""What comes in and is kept: articles, their revisions, and the receipt for a batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # An answer holds articles, too.
    from searcher.records.answers import UpdateReport


class Precision(StrEnum):
    """How exactly a moment is known; "3 hours ago" is exact to the hour."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in UTC, how exactly it is known, and what said so (`field`, `meta`, `feed`, `relative`...)."""

    at: datetime
    precision: Precision
    origin: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an article came from: a file, URL or `-`, and the place in it (`line 12`, `item 3`)."""

    where: str
    place: str | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.place}" if self.place else self.where


@dataclass(frozen=True, slots=True)
class Article:
    """
    What a newspaper published, in canonical form.

    Text is NFC, without control or bidi characters and lone surrogates. `body` is never blank.
    `id_origin` says who chose the id: the input (`given`), its URL (`url`), or its content (`content`).
    `published_raw` keeps the date as it was written, also when `published` is None because it was impossible.
    """

    article_id: str
    title: str
    body: str
    origin: Origin
    id_origin: Literal["given", "url", "content"] = "given"
    url: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    language: str | None = None
    published: Moment | None = None
    published_raw: str | None = None
    fetched: datetime | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """
    One stored state of an article. `seq` counts all revisions of a library from 1: its only clock.

    A withdrawal is a revision too: the article as it was, with `withdrawn` set.
    """

    seq: int
    article: Article
    recorded_at: datetime
    withdrawn: bool
    body_sha256: str


Outcome = Literal["added", "changed", "restored", "unchanged", "rejected"]


@dataclass(frozen=True, slots=True)
class Rejection:
    """One input that is not an article: `where` names file and place, `reason` says why, for a person."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """
    What became of a batch. `added` counts new articles, `changed` new revisions of known ones; `restored` of these
    had been withdrawn, and are back because they were added again.

    `outcomes`: what became of each, in order, where all came in one batch.
    `rejections`: the first 1,000 of the `rejected`. `update`: what indexing did, None where it was not asked for.
    `not_indexed`: why it could not be done, to be raised or shown; what is counted here is kept nevertheless.
    `unfound`: the input fields that were to be one of ours, and that no input had.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    rejections: tuple[Rejection, ...] = ()
    restored: int = 0
    outcomes: tuple[Outcome, ...] = field(default=(), compare=False)
    update: UpdateReport | None = field(default=None, compare=False)
    not_indexed: Exception | None = field(default=None, compare=False)
    unfound: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """
    What became of one article of many: `place` says which (`line 12`).

    `article_id`: under which it is kept, None if it was rejected; then `reason` says why.
    """

    place: str
    outcome: Outcome
    article_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span `[start, end)` of an article's body, in characters. An article's chunks tile its body."""

    start: int
    end: int


def change_between(before: Revision, after: Revision) -> str:
    """Say which of headline and text differ in two revisions, in a few words."""
    changed = [
        name
        for name, differs in (
            ("headline", before.article.title != after.article.title),
            ("text", before.body_sha256 != after.body_sha256),
        )
        if differs
    ]
    return f"{' and '.join(changed) or 'facts'} changed"
