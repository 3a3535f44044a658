"""What do a request's headers ask? Which type of answer, whether it has changed, and what type its body is."""

from __future__ import annotations

from starlette.requests import Request

from searcher.web.feeds import JSON_FEED_TYPE, RSS_TYPE
from searcher.web.problems import Problem

JSON_TYPE = "application/json"
LINES_TYPE = "application/x-ndjson"
"""The type of a body of JSON lines."""


def has_tag(if_none_match: str, tag: str) -> bool:
    """Whether the client has what this tag names. Source: RFC 9110, 13.1.2: weak comparison."""
    given = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return "*" in given or tag.removeprefix("W/") in given


def wanted_type(accept: str) -> str:
    """Give which of our types the client likes best. Source: RFC 9110, 12.5.1."""
    best, kind = 0.0, JSON_TYPE
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        try:
            weight = float(quality)
        except ValueError:
            continue
        if name in (JSON_TYPE, RSS_TYPE, JSON_FEED_TYPE) and weight > best:
            best, kind = weight, name
    return kind


def check_type(request: Request, wanted: str) -> None:
    """Raise Problem unless the body is of this type, and not packed."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != wanted:
        raise Problem(415, f"The body must be {wanted}.")
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("", "identity"):
        raise Problem(
            415,
            "The body is packed (Content-Encoding). Send it unpacked.",
            {"Accept-Encoding": "identity"},
        )
