"""
How does what comes in get into the store? In batches, each one transaction: what a receipt counts is on the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from searcher.records import Article, Kept, Progress, Receipt, Rejection, Revision
from searcher.store import Store

if TYPE_CHECKING:
    # Imported where articles come in: a question need not wait for readers of pages and feeds.
    from searcher.ingest import IngestOptions

Item = Article | Revision | Rejection

BATCH = 500
BATCH_CHARS = 16_000_000
"""Articles kept in one transaction, and their text: an interrupted `add` has lost at most the batch it was reading."""

MOST_REJECTIONS = 1_000
"""Rejections that a receipt names; the others are counted."""


def read_items(
    sources: Iterable[str | Path | Article], options: IngestOptions, progress: Progress
) -> Iterator[Item]:
    """Articles given as records are made canonical, like those that are read; paths and URLs are read together."""
    from searcher.ingest import canonicalise_record, read_articles

    paths: list[str] = []
    for one in sources:
        if isinstance(one, Article):
            yield canonicalise_record(one, options)
        else:
            paths.append(str(one))
    if paths:
        yield from read_articles(paths, options, progress=progress)


def keep(store: Store, items: Iterable[Item], *, now: datetime) -> Receipt:
    """Keep all that comes, batch by batch; give the receipt for all of it."""
    total = Receipt()
    for batch in _batches(items):
        total = _plus(total, store.add(batch, now=now))
    return total


def keep_each(
    store: Store, items: Iterable[Item], *, find: Callable[[str], str | None], now: datetime
) -> Iterator[Kept]:
    """Keep all that comes, and say of each, in order, what became of it. `find`: the id of the article at a URL."""
    for batch in _batches(items):
        receipt = store.add(batch, now=now)
        rejections = iter(receipt.rejections)
        for item, outcome in zip(batch, receipt.outcomes, strict=True):
            if outcome == "rejected" or isinstance(item, Rejection):
                rejection = next(rejections)
                yield Kept(rejection.where, "rejected", reason=rejection.reason)
                continue
            article = item.article if isinstance(item, Revision) else item
            # One whose id nobody gave may be known by its URL, under another.
            known = store.find(article.article_id) or find(article.url or "")
            yield Kept(str(article.origin), outcome, known)


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    chars = 0
    for item in items:
        batch.append(item)
        article = item.article if isinstance(item, Revision) else item
        chars += len(article.body) if isinstance(article, Article) else 0
        if len(batch) >= BATCH or chars >= BATCH_CHARS:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


def _plus(one: Receipt, other: Receipt) -> Receipt:
    return Receipt(
        one.added + other.added,
        one.changed + other.changed,
        one.unchanged + other.unchanged,
        one.rejected + other.rejected,
        (one.rejections + other.rejections)[:MOST_REJECTIONS],
        one.restored + other.restored,
    )
