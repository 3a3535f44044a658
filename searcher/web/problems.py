"""
What went wrong, for a program: `application/problem+json`, with the status that says what the caller can do.

Source: RFC 9457. `detail` is our own message, which names the next step.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response

from searcher.errors import (
    ArticleNotFound,
    EncoderUnavailable,
    IndexUnusable,
    InputError,
    LibraryBusy,
    SearcherError,
    StoreDamaged,
)
from searcher.web.cursors import CursorMismatch, CursorUnknown
from searcher.web.generations import GenerationGone
from searcher.web.serving import ArticleWithdrawn, Overloaded, TookTooLong

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2

# The first that fits counts.
_STATUSES: tuple[tuple[type[SearcherError], int], ...] = (
    (ArticleNotFound, 404),
    (CursorUnknown, 404),
    (CursorMismatch, 409),
    (GenerationGone, 410),
    (ArticleWithdrawn, 410),
    (InputError, 400),
    (Overloaded, 503),
    (TookTooLong, 503),
    (LibraryBusy, 503),
    (EncoderUnavailable, 503),
    (IndexUnusable, 503),
    (StoreDamaged, 500),
)


class Problem(Exception):
    """An answer that is none, with headers of its own."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})

    @property
    def title(self) -> str:
        """The status in words."""
        return HTTPStatus(self.status).phrase


def problem_of(error: SearcherError) -> Problem:
    """Give the problem that an error of ours is."""
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else {}
    return Problem(status, str(error), headers)


def answer_problem(problem: Problem) -> Response:
    """Give the response that says so."""
    said = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
    }
    return Response(
        json.dumps(said, ensure_ascii=True),
        status_code=problem.status,
        headers={"Cache-Control": "no-store", **problem.headers},
        media_type=MEDIA_TYPE,
    )
