"""
Here are bytes: which articles are in them?

    for item in read_articles(["news.jsonl.gz", "saved-pages/", "https://example.org/feed"], options):
        ...  # an Article, or a Rejection that says where and why

The way in: `sources` finds and opens, `reading` sniffs the format and calls one reader for it (`jsonl`, `tables`,
`html`, `feed`, `pagedump`, `plain`), each gives drafts, and `canonical` makes a draft an article or says why not.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from searcher.errors import SourceUnreadable
from searcher.ingest.canonical import canonicalise, canonicalise_record
from searcher.ingest.draft import Draft, IngestOptions
from searcher.ingest.fields import check_fields
from searcher.ingest.jsonl import read_json_lines
from searcher.ingest.reading import read_stream
from searcher.ingest.sources import Opened, Source, find_sources, opened, unreadable
from searcher.ingest.streams import counted
from searcher.records import Article, Origin, Progress, Rejection, Revision, silent

__all__ = [
    "Draft",
    "IngestOptions",
    "canonicalise",
    "canonicalise_record",
    "read_articles",
    "read_lines",
    "read_text",
]


def read_articles(
    sources: Iterable[str], options: IngestOptions, *, progress: Progress = silent
) -> Iterator[Article | Revision | Rejection]:
    """
    Give the articles in `sources`, one by one, in order: each an Article, a Revision where `searcher export` wrote
    it, or a Rejection that says where and why.

    `sources`: paths of files or directories (read with all below them, hidden files left out), http(s) URLs, `-` for
    standard input. `progress` is told the bytes read so far, as they are stored: packed ones for .gz.
    Nothing is held but the item at hand, so a file may be larger than memory. No source raises: one that cannot be
    read is a Rejection. Raises SettingsError at once if `options.fields` names a field that articles do not have.
    """
    check_fields(options.fields)
    return _read_all(find_sources(sources), options, progress)


def read_lines(stream: io.BufferedIOBase, options: IngestOptions) -> Iterator[Article | Revision | Rejection]:
    """
    Give the articles of JSON lines that came without a file: an Article, a Revision where `searcher export` wrote it,
    or a Rejection for each line that is not blank. Its place is `line N`.
    """
    for item in read_json_lines(stream, Origin("upload"), options):
        yield canonicalise(item, options) if isinstance(item, Draft) else item


def read_text(text: str, options: IngestOptions) -> Article | Rejection:
    """Give the article that a plain text is, whose first sentence becomes its title."""
    return canonicalise(Draft(Origin("upload"), text), options)


def _read_all(
    sources: Sequence[Source | Rejection], options: IngestOptions, progress: Progress
) -> Iterator[Article | Revision | Rejection]:
    tell = _counter(sources, progress)
    for source in sources:
        if isinstance(source, Rejection):
            yield source
        else:
            yield from _read_source(source, options, tell)


def _counter(sources: Sequence[Source | Rejection], progress: Progress) -> Callable[[int], None]:
    sizes = [source.size for source in sources if isinstance(source, Source)]
    known = [size for size in sizes if size is not None]
    total = sum(known) if len(known) == len(sizes) else None
    done = 0

    def tell(count: int) -> None:
        nonlocal done
        done += count
        progress("read", done, total)

    return tell


def _read_source(
    source: Source, options: IngestOptions, tell: Callable[[int], None]
) -> Iterator[Article | Revision | Rejection]:
    options = replace(options, as_of=options.as_of or source.modified or options.now)
    try:
        with opened(source, options) as found:
            stream = counted(found.stream, tell)
            for item in read_stream(stream, Origin(found.where), options, name=found.name):
                if isinstance(item, Draft):
                    yield canonicalise(_with_url(item, found), options)
                else:
                    yield item
    except (SourceUnreadable, OSError) as error:
        yield unreadable(source.where, error)


def _with_url(draft: Draft, found: Opened) -> Draft:
    """A page fetched from a URL has it, unless it names another; articles inside a feed or list do not."""
    return (
        replace(draft, url=found.where)
        if found.is_url and not draft.url and not draft.origin.place
        else draft
    )
