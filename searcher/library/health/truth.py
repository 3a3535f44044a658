"""Are the settings readable, and is every article as it was stored?"""

from __future__ import annotations

from collections.abc import Iterator

from searcher.errors import SearcherError
from searcher.records import Finding
from searcher.store import Store

_NAMED = 20
"""Damaged articles that are named; the others are counted."""

_FROM_A_BACKUP = (
    "searcher restore --force BACKUP; a damaged headline or fact is mended by adding the article again"
)


def examine_articles(store: Store) -> Iterator[Finding]:
    """Read every revision, with SQLite's own checks, seals and digests."""
    try:
        problems = store.check()
        counts = store.counts()
    except SearcherError as error:
        yield Finding.of("articles", error, _FROM_A_BACKUP, mendable=False)
        return
    for problem in problems[:_NAMED]:
        yield Finding("articles", "broken", problem, _FROM_A_BACKUP, mendable=False)
    if len(problems) > _NAMED:
        said = f"{len(problems) - _NAMED:,} more problems like these"
        yield Finding("articles", "broken", said, _FROM_A_BACKUP, mendable=False)
    if not problems:
        said = f"all {counts.revisions:,} revisions of {counts.articles + counts.withdrawn:,} articles are as stored"
        yield Finding("articles", "ok", said)
