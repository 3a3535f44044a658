"""What is this text from outside, that `similar` is asked about? Read as `add` would read it, and kept nowhere."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from searcher.errors import SourceUnreadable
from searcher.text import one_line

if TYPE_CHECKING:
    from searcher.records import Article, Rejection, Revision

_URL = re.compile(r"https?://", re.IGNORECASE)


def is_outside(given: str) -> bool:
    """Whether `given` can be read: standard input, a file that exists, or a URL."""
    return given == "-" or _URL.match(given) is not None or Path(given).is_file()


def read_first(given: str, *, now: datetime, allow_private: bool = False) -> Article:
    """
    Give the first article of a file, URL or `-`; say on standard error if it holds more.

    Raises SourceUnreadable if there is none, with the reason.
    """
    from searcher.ingest import read_articles
    from searcher.ingest.draft import IngestOptions
    from searcher.ingest.sources import place_of

    found = read_articles([given], IngestOptions(now=now, allow_private=allow_private))
    rejections: list[Rejection] = []
    articles = list(islice(_articles(found, rejections), 2))
    if not articles:
        why = f"{rejections[0].where}: {rejections[0].reason}" if rejections else f"{given} holds no article."
        raise SourceUnreadable(why)
    if len(articles) > 1:
        first = one_line(articles[0].title)
        print(
            f"Note: {place_of(given)} holds several articles. Asked about the first: {first}", file=sys.stderr
        )
    return articles[0]


def _articles(
    found: Iterator[Article | Revision | Rejection], rejections: list[Rejection]
) -> Iterator[Article]:
    from searcher.records import Rejection, Revision

    for one in found:
        if isinstance(one, Rejection):
            rejections.append(one)
        else:
            yield one.article if isinstance(one, Revision) else one
