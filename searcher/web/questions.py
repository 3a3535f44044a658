"""
What can be asked of one generation? Functions of a library and a reader, so that whichever process is free can answer.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar, overload

from searcher.errors import InputError
from searcher.index.reader import Reader
from searcher.library import Library
from searcher.library.facets import LABELS
from searcher.ranking.grammar import parse_query
from searcher.records import Article, Filters, Overview, Query, Results
from searcher.records.answers import Interval, Mode, Sort

T = TypeVar("T")

Work = Callable[[Library, Reader], T]
"""A question with all that it is about. It can be pickled: a function of a module, with `partial` around it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One search as it came in. A blank `query` without filters asks for everything, newest first."""

    query: str = ""
    mode: Mode = "hybrid"
    sort: Sort = "relevance"
    filters: Filters = field(default_factory=Filters)
    fold: bool = True
    limit: int = 10
    offset: int = 0
    snippets: bool = True


def search(
    library: Library,
    reader: Reader,
    asked: Asked,
    *,
    now: datetime,
    as_of: int | None = None,
    overview: Interval | None = None,
) -> Results:
    """
    Answer a search. `overview`: count all that matches, too, each fact without its own filter.

    Raises what `Library.search` raises.
    """
    try:
        results = library.search(
            asked.query,
            limit=asked.limit,
            offset=asked.offset,
            mode=asked.mode,
            filters=asked.filters,
            sort=asked.sort,
            fold=asked.fold,
            snippets=asked.snippets,
            browse=True,
            overview=overview,
            apart=True,
            reader=reader,
            as_of=as_of,
            now=now,
        )
    except InputError as error:  # Meaning only was asked of words that have none: nothing is found.
        query = parse_query(asked.query, now=now, filters=asked.filters)
        return nothing(query, reader.generation.number, asked.mode, note=str(error))
    return replace(results, degraded=without_place(library, results.degraded))


def count(
    library: Library, reader: Reader, asked: Asked, *, now: datetime, interval: Interval = "auto"
) -> Overview:
    """Count what a search matches, each fact without its own filter."""
    asked = replace(asked, limit=1, offset=0, snippets=False)
    overview = search(library, reader, asked, now=now, overview=interval).overview
    return overview or Overview(dict.fromkeys(LABELS, ()), (), "day", 0)


def similar(
    library: Library,
    reader: Reader,
    article: str | Article,
    *,
    filters: Filters = Filters(),
    before_it: bool = False,
    after_it: bool = False,
    fold: bool = True,
    limit: int = 10,
    offset: int = 0,
    as_of: int | None = None,
) -> Results:
    """Answer what is similar to an article of the library (its id or URL) or one from outside."""
    results = library.similar(
        article,
        limit=limit,
        offset=offset,
        filters=filters,
        before_it=before_it,
        after_it=after_it,
        fold=fold,
        reader=reader,
        as_of=as_of,
    )
    return replace(results, degraded=without_place(library, results.degraded))


def nothing(query: Query, generation: int, mode: Mode, *, note: str = "") -> Results:
    """Give the answer to a question that nothing can be an answer to; `note` says why."""
    notes = (*query.notes, *((note,) if note else ()))
    return Results(query, (), 0, 0, mode, generation, took_ms=0.0, verdict="none", notes=notes)


@overload
def without_place(library: Library, said: str) -> str: ...


@overload
def without_place(library: Library, said: str | None) -> str | None: ...


def without_place(library: Library, said: str | None) -> str | None:
    """Give what is said of a file without where the library lies: that is nobody's business over the network."""
    return said and said.replace(f"{library.home}{os.sep}", "")
