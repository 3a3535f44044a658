"""The pages: HTML from the service that answers programs. Each works without scripts; `static/app.js` adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, Response

from searcher.errors import ArticleNotFound, IndexUnusable
from searcher.records import Overview, Revision
from searcher.text import clean
from searcher.web.asked import read_state, when_of
from searcher.web.composing import compose_article, compose_search, compose_similar
from searcher.web.parts import said
from searcher.web.problems import Problem
from searcher.web.questions import Asked
from searcher.web.rendering import render
from searcher.web.serving import Service, this_minute
from searcher.web.show_article import show_article, show_revisions
from searcher.web.show_library import show_library
from searcher.web.show_search import Nothing, SearchPage


def add_pages(app: FastAPI) -> None:
    """Add the routes of the pages."""
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
    return _render("trouble.html", status=problem.status, headers=problem.headers, problem=problem, q="")


def _render(
    template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
) -> Response:
    return _html(render(template, **values), status=status, headers=headers)


def _html(page: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    # A page is asked for anew each time: the library may have changed.
    return HTMLResponse(page, status_code=status, headers={"Cache-Control": "no-cache", **(headers or {})})


async def _search(request: Request) -> Response:
    return await _found(request, "search.html")


async def _results(request: Request) -> Response:
    """The part of the search page that changes as one types: `instant`, by words alone, or the whole answer."""
    instant = request.query_params.get("instant") == "1"
    return await _found(request, "results.html" if instant else "answer.html", instant=instant)


async def _similar(request: Request) -> Response:
    service: Service = request.app.state.service
    params = request.query_params
    article = (await _revisions_of(request))[-1].article
    work = partial(compose_similar, article=article, when=when_of(params), page=read_state(params).page)
    return _html(await service.ask(work))


async def _article(request: Request) -> Response:
    service: Service = request.app.state.service
    q = read_state(request.query_params).q
    revisions = await _revisions_of(request)
    try:
        return _html(await service.ask(partial(compose_article, revisions=revisions, q=q, now=this_minute())))
    except IndexUnusable:  # The text can be read all the same.
        return _render("article.html", page=show_article(revisions, q=q), q=q)


async def _revisions(request: Request) -> Response:
    service: Service = request.app.state.service
    revisions = await _revisions_of(request)
    older, newer = (_number(request.query_params.get(name, "")) for name in ("from", "to"))
    page = await service.do(lambda: show_revisions(revisions, older, newer))
    return _render("revisions.html", page=page, q="")


async def _library(request: Request) -> Response:
    service: Service = request.app.state.service
    overview: Overview | None = None
    with suppress(IndexUnusable):
        overview = await service.count(Asked(), interval="day")
    page = show_library(await service.status(), overview, checked=service.checked(begin=True))
    return _render("library.html", page=page, q="")


async def _found(request: Request, template: str, *, instant: bool = False) -> Response:
    """Answer a search as this template shows it."""
    service: Service = request.app.state.service
    state = read_state(request.query_params)
    work = partial(compose_search, state=state, now=this_minute(), template=template, instant=instant)
    problem = ""
    try:
        found = await service.ask(work, quick=instant)
        if found is not None:
            return _html(found)
    except IndexUnusable as error:
        problem = str(error)
    page, status = await _unusable(service, problem)
    return _render(template, status=status, page=page, q=state.q)


async def _unusable(service: Service, problem: str) -> tuple[SearchPage, int]:
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


async def _revisions_of(request: Request) -> tuple[Revision, ...]:
    """The article that the URL names. Who reads a page has no command to run where there is none."""
    service: Service = request.app.state.service
    article_id = clean(request.query_params.get("id", "")).strip()
    if not article_id:
        raise ArticleNotFound("No article was named. Choose one from a search.")
    try:
        return await service.revisions(article_id)
    except ArticleNotFound:
        raise ArticleNotFound(
            f"No article '{article_id}' in the library. Choose one from a search."
        ) from None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
