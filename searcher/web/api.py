"""
`/api/v1`: the library for programs.

Searching gives pages by cursor, an ETag that changes with the generation, and feeds; writing needs a token. Errors are
problem+json. An article is named by `?id=`, not in the path: an id or a URL may hold slashes and dots.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from starlette.responses import Response

from searcher.errors import ArticleNotFound
from searcher.ranking.grammar import parse_query
from searcher.records import Query as Parsed
from searcher.records import Results
from searcher.records.plain import plain_revisions
from searcher.web import answers, questions, schemas
from searcher.web import metrics as prometheus
from searcher.web.cursors import Place, question_digest, read_cursor
from searcher.web.feeds import JSON_FEED_TYPE, RSS_TYPE
from searcher.web.headers import JSON_TYPE, LINES_TYPE, check_type, has_tag, wanted_type
from searcher.web.indexing import Indexer
from searcher.web.metrics import Metrics
from searcher.web.params import LikeText, LongId, Matching, Paged, Searching, Similar, Timed
from searcher.web.problems import MEDIA_TYPE as PROBLEM_TYPE
from searcher.web.problems import Problem
from searcher.web.questions import Work, nothing
from searcher.web.serving import Service
from searcher.web.showing import Show, show_feed, show_hits, show_page
from searcher.web.tokens import Tokens

WAIT_S = 300.0
"""How long `wait=true` waits for the index."""


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What may go wrong: for every route, and these besides."""
    said = {
        400: "The question cannot be answered as it is",
        401: "A token is needed",
        404: "No such article, or no such cursor",
        408: "The body did not arrive in time",
        409: "The cursor continues another question",
        410: "The cursor is too old: ask again without it; or the article was withdrawn",
        413: "The body is too long",
        415: "The body is of another type",
        421: "Not a name of this server",
        422: "A parameter or the body is not what it must be",
        429: "Too many requests of this client; see Retry-After",
        500: "Something went wrong in the server",
        503: "Too much is asked at once, or there is no index yet; see Retry-After",
    }
    schema = {"schema": {"$ref": "#/components/schemas/ProblemModel"}}
    return {
        status: {"description": said[status], "content": {PROBLEM_TYPE: schema}}
        for status in sorted({400, 401, 413, 421, 422, 429, 500, 503, *statuses})
    }


router = APIRouter(prefix="/api/v1")


def add_api(app: FastAPI, *, service: Service, indexer: Indexer, tokens: Tokens, metrics: Metrics) -> None:
    """Add the routes of the API."""
    app.state.indexer = indexer
    app.state.tokens = tokens
    app.state.metrics = metrics
    app.include_router(router)


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


async def _may_write(request: Request) -> None:
    tokens: Tokens = request.app.state.tokens
    if tokens.write is None:
        raise Problem(401, "Nobody may write here: no token could be made.", {"WWW-Authenticate": "Bearer"})
    if not tokens.may_write(request.headers.get("authorization")):
        raise Problem(
            401,
            "Writing needs the token of write.token in the library: Authorization: Bearer …",
            {"WWW-Authenticate": "Bearer"},
        )


Serving = Annotated[Service, Depends(_service)]


# Answers ---------------------------------------------------------------------------------------------------------


@router.get(
    "/search",
    operation_id="search",
    response_class=Response,
    responses={
        200: {
            "description": "One page of hits",
            "content": {
                JSON_TYPE: {"schema": {"$ref": "#/components/schemas/Answer"}},
                RSS_TYPE: {"schema": {"type": "string"}},
                JSON_FEED_TYPE: {"schema": {"type": "object"}},
            },
        },
        304: {"description": "It is what your ETag says"},
        **_problems(404, 409, 410),
    },
)
async def search(request: Request, service: Serving, asked: Annotated[Searching, Query()]) -> Response:
    """
    Search, best first. `Accept: application/rss+xml` or `application/feed+json` gives a feed instead.

    The query language is that of the command line; an empty `q` without filters gives all articles, newest first.
    """
    kind = wanted_type(request.headers.get("accept", ""))
    return await _search(request, service, asked, kind)


@router.get(
    "/search.rss",
    operation_id="search_rss",
    response_class=Response,
    responses={
        200: {
            "description": "The newest hits as RSS 2.0",
            "content": {RSS_TYPE: {"schema": {"type": "string"}}},
        },
        304: {"description": "It is what your ETag says"},
        **_problems(404, 409, 410),
    },
)
async def search_rss(request: Request, service: Serving, asked: Annotated[Searching, Query()]) -> Response:
    """The same search as RSS, newest first unless `sort` is given: a saved search is a feed."""
    return await _search(request, service, asked, RSS_TYPE)


@router.get(
    "/search.json",
    operation_id="search_json_feed",
    response_class=Response,
    responses={
        200: {
            "description": "The newest hits as JSON Feed 1.1",
            "content": {JSON_FEED_TYPE: {"schema": {"type": "object"}}},
        },
        304: {"description": "It is what your ETag says"},
        **_problems(404, 409, 410),
    },
)
async def search_json_feed(
    request: Request, service: Serving, asked: Annotated[Searching, Query()]
) -> Response:
    """The same search as JSON Feed, newest first unless `sort` is given."""
    return await _search(request, service, asked, JSON_FEED_TYPE)


async def _search(request: Request, service: Service, asked: Searching, kind: str) -> Response:
    if kind != JSON_TYPE and asked.sort is None:
        asked = asked.model_copy(update={"sort": "date"})
    show: Show = show_hits
    if kind != JSON_TYPE:
        base = str(request.base_url).rstrip("/")
        page = f"{base}/?{request.url.query}"
        show = partial(show_feed, kind=kind, base=base, page=page, feed=str(request.url))

    def find(place: Place, offset: int) -> Work[Results]:
        return partial(questions.search, asked=asked.asked(offset), now=place.at, as_of=place.as_of)

    # `since:7d` means something else each minute.
    place = service.place()
    meant = parse_query(asked.q, now=place.at, filters=asked.filters()).filters
    digest = question_digest("search", asked.question())
    quick = asked.mode == "lexical"
    return await _page(request, service, place, asked, digest, (kind, meant), find, show, kind, quick=quick)


@router.get(
    "/similar",
    operation_id="similar",
    response_class=Response,
    responses={
        200: {"model": schemas.Answer},
        304: {"description": "It is what your ETag says"},
        **_problems(404, 409, 410),
    },
)
async def similar(request: Request, service: Serving, asked: Annotated[Similar, Query()]) -> Response:
    """Find articles about the same thing as one of the library, which is left out itself, with its copies."""
    revisions = await service.revisions(asked.id)
    article = revisions[-1].article

    def find(place: Place, offset: int) -> Work[Results]:
        return partial(
            questions.similar,
            article=article.article_id,
            filters=asked.filters(),
            before_it=asked.before,
            after_it=asked.after,
            fold=not asked.copies,
            limit=asked.limit,
            offset=offset,
            as_of=place.as_of,
        )

    digest = question_digest("similar", asked.question())
    depends = (revisions[-1].seq,)
    return await _page(request, service, service.place(), asked, digest, depends, find, show_hits, JSON_TYPE)


@router.post(
    "/similar",
    operation_id="similar_to_text",
    responses={200: {"model": schemas.Answer}, **_problems(408, 415)},
    response_class=Response,
    openapi_extra={"requestBody": {"required": True, "content": {"text/plain": {}}}},
)
async def similar_to_text(
    request: Request, service: Serving, asked: Annotated[LikeText, Query()]
) -> Response:
    """Find articles about the same thing as the text in the body, which is kept nowhere."""
    check_type(request, "text/plain")
    text = (await request.body()).decode("utf-8", "replace")
    if len(text) > service.library.settings.ingest.max_body_chars:
        raise Problem(413, f"A text may have {service.library.settings.ingest.max_body_chars:,} characters.")
    article = await service.read(text)
    if article is None:
        generation = service.generations.current().generation.number
        empty = nothing(Parsed(raw="", text=""), generation, "hybrid")  # Nothing is similar to no words.
        return _answer_json(answers.answer_of(empty, cursor=None))
    results = await service.ask(
        partial(
            questions.similar,
            article=article,
            filters=asked.filters(),
            fold=not asked.copies,
            limit=asked.limit,
        )
    )
    return _answer_json(answers.answer_of(results, cursor=None))


@router.get(
    "/facets",
    operation_id="facets",
    response_class=Response,
    responses={200: {"model": schemas.FacetsModel}, **_problems()},
)
async def facets(service: Serving, asked: Annotated[Matching, Query()]) -> Response:
    """Count what a search matches by outlet, section and language, over all of its pages."""
    return _answer_json(answers.facets_of(await service.count(asked.asked())))


@router.get(
    "/histogram",
    operation_id="histogram",
    response_class=Response,
    responses={200: {"model": schemas.Histogram}, **_problems()},
)
async def histogram(service: Serving, asked: Annotated[Timed, Query()]) -> Response:
    """Count what a search matches by day, month or year of publication (UTC), over all of its pages."""
    return _answer_json(answers.histogram_of(await service.count(asked.asked(), interval=asked.interval)))


# Articles --------------------------------------------------------------------------------------------------------


@router.get(
    "/articles",
    operation_id="get_article",
    response_class=Response,
    responses={200: {"model": schemas.ArticleModel}, **_problems(404, 410)},
)
async def get_article(
    request: Request,
    service: Serving,
    id: LongId,
    seq: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> Response:
    """
    Get an article by its id or URL, as it is now or as revision `seq` had it, with the list of its revisions.

    One that was withdrawn, with all its revisions, is given only with the writer's token.
    """
    tokens: Tokens = request.app.state.tokens
    writes = tokens.may_write(request.headers.get("authorization"))
    revisions = await service.revisions(id, withdrawn_too=writes)
    shown = revisions[-1] if seq is None else next((one for one in revisions if one.seq == seq), None)
    if shown is None:
        raise Problem(404, f"This article has no revision {seq}. Those it has are in `revisions`.")
    return _answer_json(plain_revisions(shown, revisions))


@router.put(
    "/articles",
    operation_id="put_articles",
    response_class=Response,
    responses={
        200: {"model": schemas.PutAnswer, "description": "Kept, and found, as is all that was put before"},
        202: {"model": schemas.PutAnswer, "description": "Kept; the index follows"},
        **_problems(408, 415),
    },
    dependencies=[Depends(_may_write)],
    openapi_extra={
        "security": [{"token": []}],
        "requestBody": {"required": True, "content": {LINES_TYPE: {}}},
    },
)
async def put_articles(request: Request, service: Serving, wait: bool = False) -> Response:
    """
    Keep articles, one JSON object a line, as `searcher add` would; say what became of each line.

    What is said to be kept is on disk. It is found when the index has followed, which `wait=true` waits for.
    """
    check_type(request, LINES_TYPE)
    body = io.BytesIO(await request.body())
    kept = await asyncio.to_thread(service.library.put, body)
    # What is new waits, whatever else does: counting that takes longer the more there is.
    news = any(one.outcome in ("added", "changed", "restored") for one in kept)
    indexed = not news and await asyncio.to_thread(service.waiting) == 0
    if not indexed:
        # Also what was put before: none of these lines need be new.
        up_to = await asyncio.to_thread(service.library.store.last_seq) if wait else 0
        update = request.app.state.indexer.ask()
        indexed = wait and await _done(update) and service.covers() >= up_to
    return _answer_json(answers.put_of(kept, indexed=indexed), status=200 if indexed else 202)


async def _done(update: Any) -> bool:
    try:
        await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(update)), WAIT_S)
    except TimeoutError:
        return False
    return True


@router.delete(
    "/articles",
    operation_id="delete_article",
    response_class=Response,
    responses={200: {"model": schemas.DeleteAnswer}, **_problems(404)},
    dependencies=[Depends(_may_write)],
    openapi_extra={"security": [{"token": []}]},
)
async def delete_article(service: Serving, id: LongId) -> Response:
    """Withdraw an article by its id or URL: from now on nobody finds it. Its revisions are kept for who may write."""

    def withdraw() -> tuple[str, bool]:
        article_id = service.library.find(id)
        if article_id is None:
            raise ArticleNotFound(f"No article '{id}' in the library.")
        return article_id, bool(service.library.remove(article_id))

    article_id, changed = await asyncio.to_thread(withdraw)
    return _answer_json({"id": article_id, "withdrawn": True, "changed": changed})


# The server ------------------------------------------------------------------------------------------------------


@router.get(
    "/status",
    operation_id="status",
    response_class=Response,
    responses={200: {"model": schemas.StatusModel}, **_problems()},
)
async def status(service: Serving) -> Response:
    """What is in the library, and what its indexes cover."""
    return _answer_json(
        answers.status_of(await service.status(), answering=service.answering, checked=service.checked())
    )


@router.get(
    "/health",
    operation_id="health",
    response_class=Response,
    responses={200: {"model": schemas.Health}, 421: _problems()[421]},
)
async def health(service: Serving) -> Response:
    """Whether the server runs, and how the library was when it was last examined. Answers at once, whatever waits."""
    return _answer_json(answers.health_of(service.checked()))


@router.get(
    "/ready",
    operation_id="ready",
    responses={200: {"model": schemas.Ready}, 421: _problems()[421], 503: _problems()[503]},
)
async def ready(service: Serving) -> schemas.Ready:
    """Whether it can answer: there is an index, and room for a question."""
    service.place()
    service.check_room()
    return schemas.Ready(status="ok")


@router.get(
    "/metrics",
    operation_id="metrics",
    response_class=Response,
    responses={
        200: {
            "description": "Numbers in the text format of Prometheus",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **_problems(),
    },
)
async def metrics(request: Request, service: Serving) -> Response:
    """How many requests, how long they took, what waits."""
    found: Metrics = request.app.state.metrics
    return Response(found.text(service.gauges()), media_type=prometheus.MEDIA_TYPE)


# Parts of answers ------------------------------------------------------------------------------------------------


async def _page(
    request: Request,
    service: Service,
    place: Place,
    asked: Paged,
    digest: str,
    depends: tuple[object, ...],
    find: Callable[[Place, int], Work[Results]],
    show: Show,
    media_type: str,
    *,
    quick: bool = False,
) -> Response:
    """Answer one page: from its cursor's generation if it has one, and not at all if the client has it already."""
    seq, offset = place.as_of, 0
    if asked.cursor is not None:
        place, offset = read_cursor(asked.cursor, digest)
    # The seq of now, too: what was withdrawn since the cursor was made is left out.
    tag = f'W/"{question_digest(digest, place.generation, place.as_of, seq, offset, asked.limit, *depends)}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept, Authorization"}
    if has_tag(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    work = partial(
        show_page, find=find(place, offset), show=show, place=place, after=offset + asked.limit, digest=digest
    )
    body, degraded = await service.ask(work, place=place, quick=quick)
    if degraded:
        del headers["ETag"]  # A leg that is down now may be up the next time.
    return Response(body, headers=headers, media_type=media_type)


def _answer_json(value: Mapping[str, Any], *, status: int = 200) -> Response:
    return Response(
        answers.as_json(value),
        status_code=status,
        headers={"Cache-Control": "no-store"},
        media_type=JSON_TYPE,
    )
