"""The pages: HTML from the same service that answers programs."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, Response

from searcher.web.problems import Problem, answer_problem


def add_pages(app: FastAPI) -> None:
    """Add the routes of the pages."""

    @app.get("/", include_in_schema=False)
    async def search_page(request: Request) -> HTMLResponse:
        status = await request.app.state.service.status()
        return HTMLResponse(f"<!doctype html><title>searcher</title><p>{status.articles:,} articles")


def error_page(request: Request, problem: Problem) -> Response:
    """Give the page that says what went wrong."""
    return answer_problem(problem)
