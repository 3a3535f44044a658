"""
A page, from the question to its HTML, in one go: what a process is asked, so that little goes back and forth.

Functions of a library and a reader, as those in `questions.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from searcher.errors import ArticleNotFound, StoreDamaged
from searcher.index.reader import Reader
from searcher.library import Library
from searcher.records import Article, Hit, Results, Revision
from searcher.text import one_line
from searcher.web.asked import PAGE_SIZE, State, narrowing_of
from searcher.web.parts import Span
from searcher.web.questions import Asked, search, similar
from searcher.web.rendering import render
from searcher.web.show_article import When, show_article
from searcher.web.show_narrow import show_narrow
from searcher.web.show_search import MOST_COPIES, Feed, show_search, show_similar

SIDE_HITS = 5
"""Similar articles named beside an article, before it and after it."""

# A word that is still being typed: the last of plain words, and not a single letter.
_UNFINISHED = re.compile(r"(?:[\w'’-]+\s+)*\w{2,}")


def compose_search(
    library: Library,
    reader: Reader,
    state: State,
    *,
    now: datetime,
    template: str,
    instant: bool = False,
) -> str | None:
    """
    Give the answer to a search as this template shows it; None where there is nothing that could be shown.

    `instant`: by words alone, what else could be asked left out.
    """
    narrowing = narrowing_of(state, now=now)
    asked = Asked(
        query=state.q,
        sort=state.sort,
        filters=narrowing.filters,
        limit=PAGE_SIZE,
        offset=PAGE_SIZE * (state.page - 1),
    )
    typed = state.q
    if instant:
        results, typed = _by_words(library, reader, asked, now)
    else:
        results = search(library, reader, asked, now=now, overview="day")
    if not results.total and not state.q and not state.narrowed:
        return None
    page = show_search(
        state,
        results,
        narrow=show_narrow(state, narrowing, results.overview) if results.overview else None,
        copies=_copies(library, results.hits),
        headlines=_headline_marks(library, reader, typed, results.hits, now),
        notes=narrowing.notes,
        meant=None if instant else _meant(library, reader, asked, now),
        instant=instant,
    )
    return render(template, page=replace(page, feeds=_feeds(state)), q=state.q)


def _by_words(library: Library, reader: Reader, asked: Asked, now: datetime) -> tuple[Results, str]:
    """
    The answer by words alone, the last taken for the beginning of one; where that finds nothing, as it stands. And what
    was asked.
    """
    asked = replace(asked, mode="lexical")
    if _UNFINISHED.fullmatch(asked.query):
        begun = replace(asked, query=f"{asked.query}*")
        results = search(library, reader, begun, now=now)
        if results.total:
            return replace(results, query=replace(results.query, raw=asked.query)), begun.query
    return search(library, reader, asked, now=now), asked.query


def _headline_marks(
    library: Library, reader: Reader, typed: str, hits: Sequence[Hit], now: datetime
) -> dict[str, list[Span]]:
    """Where words of the question stand in the headlines, by id: looked for in all of them at once."""
    if not typed or not hits:
        return {}
    titles = [hit.article.title.replace("\n", " ") for hit in hits]
    spans = iter(library.marks(typed, "\n".join(titles), reader=reader, now=now))
    found: dict[str, list[Span]] = {}
    span, begin = next(spans, None), 0
    for hit, title in zip(hits, titles, strict=True):
        here = found.setdefault(hit.article_id, [])
        while span is not None and span[0] < begin + len(title):
            here.append((span[0] - begin, span[1] - begin))
            span = next(spans, None)
        begin += len(title) + 1
    return found


def _meant(library: Library, reader: Reader, asked: Asked, now: datetime) -> str | None:
    """What was perhaps meant, if it would find something."""
    respelt = library.respelt(asked.query, reader=reader)
    if respelt is None:
        return None
    other = replace(asked, query=respelt, mode="lexical", limit=1, offset=0, snippets=False)
    return respelt if search(library, reader, other, now=now).total else None


def compose_similar(library: Library, reader: Reader, article: Article, *, when: str, page: int) -> str:
    """
    Give the page of what is similar to an article. `when`: `before` or `after` it, "" for any time; what cannot be is
    left out, with a note.
    """
    when, note = _possible(when, article)
    results = similar(
        library,
        reader,
        article.article_id,
        before_it=when == "before",
        after_it=when == "after",
        limit=PAGE_SIZE,
        offset=PAGE_SIZE * (page - 1),
    )
    copies = _copies(library, results.hits)
    shown = show_similar(article, results, when=when, page=page, copies=copies, note=note)
    return render("search.html", page=shown, q="")


def _possible(when: str, article: Article) -> tuple[str, str]:
    """Give `when`, or "" and why it was left out."""
    if when not in ("", "before", "after"):
        return "", f"“{one_line(when)}” was left out: choose what was published before it, or after it."
    if when and article.published is None:
        return "", f"The article has no date to be {when}. What is like it is shown of any time."
    return when, ""


def compose_article(
    library: Library, reader: Reader, revisions: tuple[Revision, ...], *, q: str, now: datetime
) -> str:
    """Give the page of an article, with what `q` finds in it marked."""
    state = revisions[-1]
    nearest = library.nearest(q, state, reader=reader, now=now) if q else None
    page = show_article(
        revisions,
        q=q,
        words=library.marks(q, state.article.body, reader=reader, now=now) if q else (),
        meaning=[nearest] if nearest else (),
        copies=library.copies(state.article, reader=reader),
        likes=_likes(library, reader, state.article),
    )
    return render("article.html", page=page, q=q)


def _likes(library: Library, reader: Reader, article: Article) -> list[tuple[When, tuple[Hit, ...]]]:
    """What is similar: before it and after it, or, where it has no date, at all."""
    like = article.article_id
    if article.published is None:
        return [("", similar(library, reader, like, limit=SIDE_HITS).hits)]
    before = similar(library, reader, like, before_it=True, limit=SIDE_HITS)
    after = similar(library, reader, like, after_it=True, limit=SIDE_HITS)
    return [("before", before.hits), ("after", after.hits)]


def _copies(library: Library, hits: Iterable[Hit]) -> dict[str, Article]:
    """The articles folded under these hits, by id: not more of one hit than are shown, and none that is damaged."""
    found = {}
    for one in (one for hit in hits for one in hit.copies[:MOST_COPIES]):
        with suppress(ArticleNotFound, StoreDamaged):
            found[one] = library.show(one)[-1].article
    return found


def _feeds(state: State) -> tuple[Feed, ...]:
    """The same search for programs, where there is one to repeat."""
    if not state.q and not state.narrowed:
        return ()
    same = replace(state, page=1)
    return (
        Feed("RSS", "application/rss+xml", same.url("/api/v1/search.rss")),
        Feed("JSON Feed", "application/feed+json", same.url("/api/v1/search.json")),
    )
