"""What the ingest tests share: a fixed moment, options, and short ways to read bytes, text and files."""

import io
from dataclasses import replace
from datetime import UTC, datetime

from searcher.ingest import IngestOptions, canonicalise, read_articles
from searcher.ingest.reading import read_stream
from searcher.records import Article, Origin, Rejection

NOW = datetime(2025, 7, 24, 12, 0, tzinfo=UTC)
OPTIONS = IngestOptions(now=NOW, as_of=NOW)
WHERE = Origin("news")


def options(**changes):
    return replace(OPTIONS, **changes)


def drafts(data, name="", options=OPTIONS):
    """What the readers find in some bytes or text."""
    data = data.encode() if isinstance(data, str) else data
    return list(read_stream(io.BufferedReader(io.BytesIO(data)), WHERE, options, name=name))


def articles(data, name="", options=OPTIONS):
    """The same, made canonical."""
    found = drafts(data, name, options)
    return [item if isinstance(item, Rejection) else canonicalise(item, options) for item in found]


def read(*paths, options=OPTIONS, **more):
    return list(read_articles([str(path) for path in paths], options, **more))


def split(items):
    """The articles, and the rejections, of what was read."""
    return (
        [item for item in items if isinstance(item, Article)],
        [item for item in items if isinstance(item, Rejection)],
    )
