"""What is in a library, where is it, and can its indexes answer? Counted and measured, never searched."""

from __future__ import annotations

import os
from pathlib import Path

from searcher.errors import IndexUnusable
from searcher.index.generation import Generation, Indexes
from searcher.index.recovery import Accept, stand
from searcher.records import Status
from searcher.store import Store


def state_of(home: Path, store: Store, indexes: Indexes, *, accept: Accept) -> Status:
    """
    Give the state of the library at `home`. `accept` raises IndexOutdated for a generation that must not answer.

    Never raises for a missing or broken index: `problem` says so.
    """
    generation, problem = _generation(indexes, accept)
    counts = store.counts()
    covers = generation.covers if generation else 0
    return Status(
        home=home,
        articles=counts.articles,
        revisions=counts.revisions,
        withdrawn=counts.withdrawn,
        rejected=counts.rejected,
        sources=counts.sources,
        oldest=counts.oldest,
        newest=counts.newest,
        generation=generation.number if generation else None,
        segments=len(generation.segments) if generation else 0,
        chunks=generation.chunks if generation else 0,
        indexed_articles=generation.articles if generation else 0,
        waiting=store.waiting(covers),
        encoder=generation.encoder_name if generation else None,
        store_bytes=sum(_size(home / f"articles.db{end}") for end in ("", "-wal")),
        index_bytes=sum(
            _size(Path(directory, name))
            for directory, _, names in os.walk(indexes.directory)
            for name in names
        ),
        problem=problem,
    )


def _generation(indexes: Indexes, accept: Accept) -> tuple[Generation | None, str | None]:
    try:
        standing = stand(indexes, accept)
        standing.lease.close()
        return standing.generation, standing.problem
    except IndexUnusable as error:
        return None, str(error)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
