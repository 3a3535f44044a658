"""What stands on the page of one article, and on that which compares two of its revisions?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import PurePath
from typing import Literal

from searcher.dates import said_date, said_time
from searcher.records import Article, Hit, Revision
from searcher.records.articles import change_between
from searcher.text import one_line
from searcher.web.differences import Paragraph, Piece, compare_lines, compare_texts
from searcher.web.parts import Card, Link, Span, card_of, link, marked_paragraphs, said, web_address
from searcher.web.parts import Piece as MarkedPiece

CONTEXT = 1
"""Paragraphs that stayed, shown before and after one that changed."""

MOST_PARAGRAPHS = 1_000
MOST_REVISIONS = 100
SIDE_COPIES = 20

When = Literal["", "before", "after"]
_LIKE: dict[When, str] = {"": "Similar", "before": "Similar, before it", "after": "Similar, after it"}


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One revision in a list. `number` counts from 1, the oldest; `href` compares it with the one before."""

    seq: int
    number: int
    recorded: str
    change: str
    href: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of an article by its name; `href` where it leads somewhere."""

    name: str
    value: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Like:
    """Articles similar to this one, published before or after it."""

    label: str
    cards: tuple[Card, ...]
    more: str


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """The page of one article, as its template wants it. `marked`: what is marked in its text, in words."""

    title: str
    card: Card
    q: str
    back: Link
    paragraphs: tuple[tuple[MarkedPiece, ...], ...]
    marked: tuple[tuple[str, str], ...]
    withdrawn: bool
    revisions: tuple[RevisionRow, ...]
    compare: str
    copies: tuple[Card, ...]
    likes: tuple[Like, ...]
    facts: tuple[Fact, ...]
    data: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A fact that two revisions have differently."""

    name: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Paragraphs to show, or, where `skipped` says how many, some that stayed as they were."""

    paragraphs: tuple[Paragraph, ...] = ()
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class RevisionsPage:
    """The page that compares two revisions. `same`: they do not differ in anything that is shown."""

    title: str
    card: Card
    article_id: str
    rows: tuple[RevisionRow, ...]
    older: RevisionRow | None
    newer: RevisionRow | None
    changed: tuple[Changed, ...]
    stretches: tuple[Stretch, ...]
    same: bool


def show_article(
    revisions: Sequence[Revision],
    *,
    q: str = "",
    words: Sequence[Span] = (),
    meaning: Sequence[Span] = (),
    copies: Sequence[Article] = (),
    likes: Sequence[tuple[When, Sequence[Hit]]] = (),
) -> ArticlePage:
    """
    Give the page of an article. `words`, `meaning`: spans of its body to mark, each rising; `likes`: what is similar.
    """
    state = revisions[-1]
    article = state.article
    rows = _rows(revisions)
    marked = [
        (kind, text)
        for kind, text, spans in (
            ("words", said(len(words), "word that you asked for", "words that you asked for"), words),
            ("meaning", "nearest in meaning", meaning),
        )
        if spans
    ]
    return ArticlePage(
        title=f"{one_line(article.title) or '(no title)'} · searcher",
        card=card_of(article, q=q),
        q=q,
        back=Link("Results", link("/", {"q": q})) if q else Link("All articles", "/"),
        paragraphs=tuple(map(tuple, marked_paragraphs(article.body, words, meaning))),
        marked=tuple(marked),
        withdrawn=state.withdrawn,
        revisions=rows[-MOST_REVISIONS:],
        compare=link("/revisions", {"id": article.article_id}) if len(rows) > 1 else "",
        copies=tuple(card_of(copy, q=q) for copy in copies[:SIDE_COPIES]),
        likes=tuple(
            Like(
                _LIKE[when],
                tuple(card_of(hit.article) for hit in hits),
                link("/similar", {"id": article.article_id, "when": when}),
            )
            for when, hits in likes
            if hits
        ),
        facts=tuple(_facts(state)),
        data=link("/api/v1/articles", {"id": article.article_id}),
    )


def show_revisions(revisions: Sequence[Revision], older: int | None, newer: int | None) -> RevisionsPage:
    """
    Give the page that compares two revisions, named by their seq; None is the last but one, and the last.

    Those that are not there, or stand in the wrong order, are put right. May take a second for hostile texts.
    """
    rows = _rows(revisions)
    places = {revision.seq: place for place, revision in enumerate(revisions)}
    second = places.get(newer or 0, len(revisions) - 1)
    first = places.get(older or 0, max(second - 1, 0))
    first, second = min(first, second), max(first, second)
    one, other = revisions[first], revisions[second]
    changed = tuple(_changed(one, other))
    paragraphs = compare_texts(one.article.body, other.article.body)
    stretches = tuple(_stretches(paragraphs)) if any(paragraph.changed for paragraph in paragraphs) else ()
    return RevisionsPage(
        title=f"Revisions of {one_line(other.article.title) or other.article.article_id} · searcher",
        card=card_of(revisions[-1].article),
        article_id=other.article.article_id,
        rows=rows[-MOST_REVISIONS:],
        older=rows[first] if first != second else None,
        newer=rows[second] if first != second else None,
        changed=changed,
        stretches=stretches,
        same=not changed and not stretches,
    )


def _rows(revisions: Sequence[Revision]) -> tuple[RevisionRow, ...]:
    """All revisions, oldest first, each with what it changed."""
    return tuple(
        RevisionRow(
            seq=one.seq,
            number=number,
            recorded=said_time(one.recorded_at),
            change=change_of(before, one),
            href=link("/revisions", {"id": one.article.article_id, "from": before.seq, "to": one.seq})
            if before
            else "",
        )
        for number, (before, one) in enumerate(zip((None, *revisions), revisions, strict=False), start=1)
    )


def change_of(before: Revision | None, after: Revision) -> str:
    """Say what a revision changed, in a few words."""
    if before is None:
        return "first seen"
    if after.withdrawn and not before.withdrawn:
        return "withdrawn"
    if before.withdrawn and not after.withdrawn:
        return "brought back"
    return change_between(before, after)


def _changed(one: Revision, other: Revision) -> list[Changed]:
    """The facts that differ, the headline first."""
    pairs = [("Headline", one.article.title, other.article.title)]
    before, after = dict(_compared(one)), dict(_compared(other))
    pairs += [(name, before.get(name, ""), after.get(name, "")) for name in dict.fromkeys((*before, *after))]
    return [Changed(name, compare_lines(old, new)) for name, old, new in pairs if old != new]


def _compared(revision: Revision) -> list[tuple[str, str]]:
    article = revision.article
    return [
        ("Outlet", article.source or ""),
        ("Published", said_date(article.published) if article.published else ""),
        ("Authors", ", ".join(article.authors)),
        ("Section", article.section or ""),
        ("Language", article.language or ""),
        ("Address", article.url or ""),
        ("State", "withdrawn" if revision.withdrawn else "shown"),
    ]


def _stretches(paragraphs: Sequence[Paragraph]) -> list[Stretch]:
    """What changed with a little around it; what stayed, counted."""
    paragraphs = [one for one in paragraphs if any(piece.text.strip() for piece in one.pieces)]
    kept = [False] * len(paragraphs)
    for place, paragraph in enumerate(paragraphs):
        if paragraph.changed:
            for near in range(max(0, place - CONTEXT), min(len(paragraphs), place + CONTEXT + 1)):
                kept[near] = True
    stretches: list[Stretch] = []
    left = MOST_PARAGRAPHS
    for is_kept, group in groupby(zip(paragraphs, kept, strict=True), key=lambda pair: pair[1]):
        here = [paragraph for paragraph, _ in group]
        if not is_kept:
            stretches.append(Stretch(skipped=f"{said(len(here), 'paragraph')} unchanged"))
        else:
            stretches.append(Stretch(tuple(here[:left])))
            left -= len(here)
            if left < 0:
                stretches.append(Stretch(skipped="There is more, which is not shown: it is too long"))
                break
    return stretches


def _facts(state: Revision) -> list[Fact]:
    """What the head of the page does not say. Of a file only its name: where it lay is the library's own business."""
    article = state.article
    where = article.origin.where
    origin = replace(article.origin, where=where if web_address(where) else PurePath(where).name)
    facts = (
        Fact("Address", article.url or "", web_address(article.url)),
        Fact("Date, as it was written", one_line(article.published_raw or "")),
        Fact("Read from", str(origin)),
        Fact("Recorded", said_time(state.recorded_at)),
        Fact("Id", article.article_id),
    )
    return [fact for fact in facts if fact.value]
