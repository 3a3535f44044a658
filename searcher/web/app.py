"""The parts, put together: one ASGI application for one home."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from searcher import __version__
from searcher.errors import NoIndex, SearcherError
from searcher.library import Library
from searcher.records import Examination
from searcher.web.api import add_api
from searcher.web.assets import PREFIX, shipped
from searcher.web.contract import contract_of
from searcher.web.guard import Guard
from searcher.web.indexing import Indexer, UpdatesApart, UpdatesHere
from searcher.web.metrics import Measure, Metrics
from searcher.web.pages import add_pages, error_page
from searcher.web.parts import said
from searcher.web.problems import Problem, answer_problem, problem_of
from searcher.web.questions import without_place
from searcher.web.serving import Service
from searcher.web.tokens import Tokens

_log = logging.getLogger(__name__)


def create_app(
    library: Library,
    tokens: Tokens,
    *,
    hosts: Iterable[str] = (),
    processes: int = 0,
    examine: Callable[[], Examination] | None = None,
) -> FastAPI:
    """
    Give the application that answers from this library, which it closes at its end.

    `hosts`: names and addresses it is reached by, besides those of the settings. `processes`, `examine`: as for
    `Service`; with processes, what waits is indexed in one of its own.
    """
    service = Service(library, processes=processes, examine=examine)
    updates = UpdatesApart(library.opener()) if processes else UpdatesHere(library)
    indexer = Indexer(updates, done=service.generations.refresh)
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(service.start)
        await asyncio.to_thread(_index_what_waits, service, indexer)
        try:
            yield
        finally:
            await asyncio.to_thread(indexer.close)
            await asyncio.to_thread(service.close)

    app = FastAPI(
        title="searcher",
        version=__version__,
        lifespan=lifespan,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # Both come from elsewhere, with scripts inline.
        redoc_url=None,
    )
    app.state.service = service
    app.add_middleware(Guard, settings=library.settings.web, tokens=tokens, hosts=tuple(hosts))
    app.add_middleware(Measure, metrics=metrics)  # Added last, so outermost.
    _add_problems(app)
    app.openapi = partial(contract_of, app)  # type: ignore[method-assign]
    add_api(app, service=service, indexer=indexer, tokens=tokens, metrics=metrics)
    _add_assets(app)
    add_pages(app)
    return app


def _index_what_waits(service: Service, indexer: Indexer) -> None:
    """
    What was put before the last server ended is indexed, and nothing is written where nothing waits. Indexes that are
    there and cannot be used are for a person to rebuild.
    """
    problem = service.generations.problem
    if problem is not None and not isinstance(problem, NoIndex):
        return
    try:
        waiting = service.waiting()
    except SearcherError as error:
        _log.warning("Whether articles wait to be indexed cannot be seen: %s", error)
        return
    if waiting:
        what = said(waiting, "article waits", "articles wait")
        _log.warning("%s to be indexed, which is done beside the answers.", what)
        indexer.ask()


def _add_problems(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def say(request: Request, problem: Problem) -> Response:
        return _answer(request, problem)

    @app.exception_handler(SearcherError)
    async def say_ours(request: Request, error: SearcherError) -> Response:
        problem = problem_of(error)
        detail = without_place(request.app.state.service.library, problem.detail)
        return _answer(request, Problem(problem.status, detail, problem.headers))

    @app.exception_handler(RequestValidationError)
    async def say_invalid(request: Request, error: RequestValidationError) -> Response:
        return _answer(request, Problem(422, "; ".join(map(_said, error.errors()))))

    @app.exception_handler(HTTPException)
    async def say_http(request: Request, error: HTTPException) -> Response:
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = _allowed(request)
        return _answer(request, Problem(error.status_code, str(error.detail), headers))

    @app.exception_handler(Exception)
    async def say_nothing(request: Request, error: Exception) -> Response:
        _log.error("A request failed.", exc_info=error)
        return _answer(request, Problem(500, "Something went wrong here. The server's log says what."))


def _answer(request: Request, problem: Problem) -> Response:
    """Programs are given JSON, people a page."""
    if request.url.path.startswith("/api/"):
        return answer_problem(problem)
    return error_page(request, problem)


def _allowed(request: Request) -> str:
    """Give all methods of this path: each route knows its own only. Pages are only read."""
    documented = request.app.openapi()["paths"].get(request.url.path, {"get": {}})
    found = {method.upper() for method in documented}
    return ", ".join(sorted(found | ({"HEAD"} if "GET" in found else set())))


def _said(error: dict[str, object]) -> str:
    """`query.limit: Input should be a valid integer`."""
    where = error.get("loc")
    place = ".".join(map(str, where)) if isinstance(where, tuple) else ""
    return f"{place}: {error.get('msg')}"


def _add_assets(app: FastAPI) -> None:
    @app.get(PREFIX + "{name:path}", include_in_schema=False)
    async def asset(name: str, request: Request) -> Response:
        found = shipped().find(name)
        if found is None:
            raise Problem(404, "There is no such file.")
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if found.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(found.packed, headers=headers, media_type=found.media_type)
        return Response(found.data, headers=headers, media_type=found.media_type)
