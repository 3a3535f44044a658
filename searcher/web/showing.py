"""A page of hits for a program, from the question to its bytes, in one go, like the pages of `composing.py`."""

from __future__ import annotations

from typing import Protocol

from searcher.index.reader import Reader
from searcher.library import Library
from searcher.records import Results
from searcher.web.answers import answer_of, as_json
from searcher.web.cursors import Place, write_cursor
from searcher.web.feeds import RSS_TYPE, as_json_feed, as_rss
from searcher.web.questions import Work


class Show(Protocol):
    """What makes bytes of hits. `cursor`: that of the page after them."""

    def __call__(self, results: Results, *, cursor: str | None) -> bytes: ...


def show_page(
    library: Library,
    reader: Reader,
    *,
    find: Work[Results],
    show: Show,
    place: Place,
    after: int,
    digest: str,
) -> tuple[bytes, bool]:
    """Give the hits as `show` shows them, and whether the answer is degraded. `after`: where the next page begins."""
    results = find(library, reader)
    cursor = write_cursor(place, after, digest) if after < results.total else None
    return show(results, cursor=cursor), results.degraded is not None


def show_hits(results: Results, *, cursor: str | None) -> bytes:
    """Give an `Answer` of the contract."""
    return as_json(answer_of(results, cursor=cursor))


def show_feed(results: Results, *, cursor: str | None, kind: str, base: str, page: str, feed: str) -> bytes:
    """Give a feed of this media type, which has no page after it."""
    make = as_rss if kind == RSS_TYPE else as_json_feed
    return make(results, base=base, page=page, feed=feed)
