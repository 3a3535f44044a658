"""The pages: HTML from the service that answers programs. Each works without scripts; `static/app.js` adds to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from searcher import __version__
from searcher.errors import ArticleNotFound, IndexUnusable, StoreDamaged
from searcher.library import Library
from searcher.records import Article, Hit, Overview, Results
from searcher.text import clean
from searcher.web.asked import PAGE_SIZE, State, narrowing_of, read_state
from searcher.web.parts import said
from searcher.web.problems import Problem
from searcher.web.serving import Asked, Service
from searcher.web.show_article import When, show_article, show_revisions
from searcher.web.show_library import show_library
from searcher.web.show_narrow import show_narrow
from searcher.web.show_search import (
    MOST_COPIES,
    Feed,
    Nothing,
    SearchPage,
    show_search,
    show_similar,
)

TEMPLATES = Path(__file__).parent / "templates"
SIDE_HITS = 5
"""Similar articles named beside an article, before it and after it."""

# A word that is still being typed: the last of plain words, and not a single letter.
_UNFINISHED = re.compile(r"(?:[\w'’-]+\s+)*\w{2,}")


def add_pages(app: FastAPI) -> None:
    """Add the routes of the pages."""
    app.state.templates = _environment(app)
    for path, show in (
        ("/", _search),
        ("/results", _results),
        ("/similar", _similar),
        ("/article", _article),
        ("/revisions", _revisions),
        ("/library", _library),
    ):
        app.add_api_route(path, show, methods=["GET"], include_in_schema=False, response_class=HTMLResponse)


def error_page(request: Request, problem: Problem) -> Response:
    """Give the page that says what went wrong, and where to go on."""
    return _render(
        request, "trouble.html", status=problem.status, headers=problem.headers, problem=problem, q=""
    )


def _environment(app: FastAPI) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(asset=app.state.assets.url, said=said, version=__version__)
    return environment


def _render(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    page = request.app.state.templates.get_template(template).render(here=template, **values)
    # A page is asked for anew each time: the library may have changed.
    return HTMLResponse(page, status_code=status, headers={"Cache-Control": "no-cache", **(headers or {})})


async def _search(request: Request) -> Response:
    state = read_state(request.query_params)
    page, status = await _found(request.app.state.service, state)
    return _render(request, "search.html", status=status, page=page, q=state.q)


async def _results(request: Request) -> Response:
    """The part of the search page that changes as one types: `instant`, by words alone, or the whole answer."""
    state = read_state(request.query_params)
    instant = request.query_params.get("instant") == "1"
    page, status = await _found(request.app.state.service, state, instant=instant)
    return _render(request, "results.html" if instant else "answer.html", status=status, page=page)


async def _similar(request: Request) -> Response:
    service: Service = request.app.state.service
    params = request.query_params
    when = params.get("when", "")
    number = read_state(params).page
    article = (await service.revisions(_id_in(request)))[-1].article
    results = await service.similar(
        article.article_id,
        before_it=when == "before",
        after_it=when == "after",
        limit=PAGE_SIZE,
        offset=PAGE_SIZE * (number - 1),
    )
    copies = await service.do(lambda: _copies(service.library, results.hits), quick=True)
    page = show_similar(article, results, when=when, page=number, copies=copies)
    return _render(request, "search.html", page=page, q="")


async def _article(request: Request) -> Response:
    service: Service = request.app.state.service
    q = read_state(request.query_params).q
    revisions = await service.revisions(_id_in(request))
    state = revisions[-1]
    if state.withdrawn:
        return error_page(request, _withdrawn())
    try:
        page = show_article(
            revisions,
            q=q,
            words=await service.marks(q, state.article.body) if q else (),
            meaning=[nearest] if q and (nearest := await service.nearest(q, state)) else (),
            copies=await service.copies(state.article),
            likes=await _likes(service, state.article),
        )
    except IndexUnusable:  # The text can be read all the same.
        page = show_article(revisions, q=q)
    return _render(request, "article.html", page=page, q=q)


async def _revisions(request: Request) -> Response:
    service: Service = request.app.state.service
    revisions = await service.revisions(_id_in(request))
    if revisions[-1].withdrawn:
        return error_page(request, _withdrawn())
    older, newer = (_number(request.query_params.get(name, "")) for name in ("from", "to"))
    page = await service.do(lambda: show_revisions(revisions, older, newer))
    return _render(request, "revisions.html", page=page, q="")


async def _library(request: Request) -> Response:
    service: Service = request.app.state.service
    overview: Overview | None = None
    with suppress(IndexUnusable):
        overview = await service.overview(Asked(), interval="day")
    page = show_library(await service.status(), overview)
    return _render(request, "library.html", page=page, q="")


async def _found(service: Service, state: State, *, instant: bool = False) -> tuple[SearchPage, int]:
    """Answer the search page, with the status to answer with."""
    narrowing = narrowing_of(state, now=datetime.now(UTC).replace(second=0, microsecond=0))
    asked = Asked(
        query=state.q,
        sort=state.sort,
        filters=narrowing.filters,
        limit=PAGE_SIZE,
        offset=PAGE_SIZE * (state.page - 1),
    )
    try:
        if instant:
            results, overview = await _by_words(service, asked), None
        else:
            results, overview = await _whole(service, asked)
    except IndexUnusable as error:
        return await _unusable(service, state, str(error))
    if not results.total and not state.q and not state.narrowed:
        return await _unusable(service, state, "")
    page = show_search(
        state,
        results,
        narrow=show_narrow(state, narrowing, overview) if overview else None,
        copies=await service.do(lambda: _copies(service.library, results.hits), quick=True),
        notes=narrowing.notes,
        meant=None if instant else await _meant(service, asked),
        instant=instant,
    )
    return replace(page, feeds=_feeds(state)), 200


async def _whole(service: Service, asked: Asked) -> tuple[Results, Overview]:
    """The whole answer and what can narrow it, which is counted with it where nothing does yet."""
    if asked.filters.empty:
        results = await service.search(asked, overview="day")
        assert results.overview is not None
        return results, results.overview
    results = await service.search(asked)
    return results, await service.overview(asked, interval="day")


async def _by_words(service: Service, asked: Asked) -> Results:
    """The answer by words alone, the last taken for the beginning of one; where that finds nothing, as it stands."""
    asked = replace(asked, mode="lexical")
    if _UNFINISHED.fullmatch(asked.query):
        results = await service.search(replace(asked, query=f"{asked.query}*"))
        if results.total:
            return replace(results, query=replace(results.query, raw=asked.query))
    return await service.search(asked)


async def _meant(service: Service, asked: Asked) -> str | None:
    """What was perhaps meant, if it would find something."""
    respelt = await service.respelt(asked.query)
    if respelt is None:
        return None
    other = replace(asked, query=respelt, mode="lexical", limit=1, offset=0, snippets=False)
    return respelt if (await service.search(other)).total else None


async def _unusable(service: Service, state: State, problem: str) -> tuple[SearchPage, int]:
    """Nothing can be found: because nothing is there, or because the indexes cannot be used."""
    status = await service.status()
    if status.articles:
        nothing = Nothing(
            "There is no answer without an index",
            (
                problem or status.problem or "No index is built yet.",
                f"The library holds {said(status.articles, 'article')}, and loses none.",
            ),
            command="searcher rebuild" if status.generation is None else "searcher update",
        )
        code = 503
    else:
        nothing = Nothing(
            "This library is empty",
            (
                "News comes in as it is: feeds, saved pages, page dumps, JSON lines, or the URL of any of them.",
            ),
            command="searcher add feed.xml",
        )
        code = 200
    page = SearchPage(title="searcher", heading="No articles", said=f"{nothing.title}.", nothing=nothing)
    return page, code


async def _likes(service: Service, article: Article) -> list[tuple[When, tuple[Hit, ...]]]:
    """What is similar: before it and after it, or, where it has no date, at all."""
    if article.published is None:
        return [("", (await service.similar(article.article_id, limit=SIDE_HITS)).hits)]
    before = await service.similar(article.article_id, before_it=True, limit=SIDE_HITS)
    after = await service.similar(article.article_id, after_it=True, limit=SIDE_HITS)
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


def _id_in(request: Request) -> str:
    article_id = clean(request.query_params.get("id", "")).strip()
    if not article_id:
        raise ArticleNotFound("No article was named. Choose one from a search.")
    return article_id


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _withdrawn() -> Problem:
    return Problem(410, "This article was withdrawn. It is not shown any more.")
