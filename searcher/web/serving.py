"""
Questions of many people to one library: in a few threads, from one generation, within limits of time and number.

A query is computing, not waiting: more threads than cores only make all of them later. Who comes when the queue is full
is told so at once.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from searcher.errors import SearcherError
from searcher.library import Library
from searcher.records import Article, Filters, Overview, Results, Revision, Status
from searcher.records.answers import Interval, Mode, Sort
from searcher.web.generations import Generations

T = TypeVar("T")


class Overloaded(SearcherError):
    """More is asked than can be answered: come back in a moment."""


class TookTooLong(SearcherError):
    """The answer was not there in time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One search as it came in. A blank `query` without filters asks for everything, newest first."""

    query: str = ""
    mode: Mode = "hybrid"
    sort: Sort = "relevance"
    filters: Filters = Filters()
    fold: bool = True
    limit: int = 10
    offset: int = 0
    snippets: bool = True


class Service:
    """The library as the web asks it. Methods are awaited in the event loop; the work is done in threads."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.settings = library.settings.web
        self.generations = Generations(library)
        self.pending = 0
        """Questions that wait or are being answered."""
        self._pool = ThreadPoolExecutor(_cores(), thread_name_prefix="query")
        self._counting = threading.Lock()

    def start(self) -> None:
        """Open the indexes. May take some seconds."""
        self.generations.start()

    def close(self) -> None:
        """Finish what is being answered, and let go of everything."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self.generations.close()
        self.library.close()

    async def search(
        self,
        asked: Asked,
        *,
        overview: Interval | None = None,
        generation: int | None = None,
        as_of: int | None = None,
    ) -> Results:
        """
        Answer a search. `generation`, `as_of`: those of the first page, for the pages after it.

        Raises what `Library.search` raises, GenerationGone, Overloaded, TookTooLong.
        """
        return await self.do(partial(self._search, asked, overview, generation, as_of))

    async def overview(self, asked: Asked, *, interval: Interval = "auto") -> Overview:
        """
        Count what a search matches, each fact without its own filter: beside an outlet that was chosen stand the
        others, each with what it would give, and beside days that were chosen the other days.
        """
        return await self.do(partial(self._overview, asked, interval))

    async def similar(
        self,
        article: str | Article,
        *,
        filters: Filters = Filters(),
        before_it: bool = False,
        after_it: bool = False,
        fold: bool = True,
        limit: int = 10,
        offset: int = 0,
        generation: int | None = None,
        as_of: int | None = None,
    ) -> Results:
        """Answer what is similar to an article of the library (its id or URL) or one from outside."""
        return await self.do(
            lambda: self.library.similar(
                article,
                limit=limit,
                offset=offset,
                filters=filters,
                before_it=before_it,
                after_it=after_it,
                fold=fold,
                reader=self._reader(generation),
                as_of=as_of,
            )
        )

    async def revisions(self, id_or_url: str) -> tuple[Revision, ...]:
        """Give all revisions of an article, oldest first; the last is its state. Raises ArticleNotFound."""
        return await self.do(partial(self.library.show, id_or_url))

    async def copies(self, article: Article) -> tuple[Article, ...]:
        """Give the other articles with the same text."""
        return await self.do(lambda: self.library.copies(article, reader=self.generations.current()))

    async def marks(self, query: str, text: str) -> tuple[tuple[int, int], ...]:
        """Give where the words of a query stand in a text: spans `[start, end)` of characters, in order."""
        return await self.do(lambda: self.library.marks(query, text, reader=self.generations.current()))

    async def status(self) -> Status:
        """Give the state of the library."""
        return await self.do(self.library.status)

    async def do(self, work: Callable[[], T]) -> T:
        """
        Do this in one of the threads. Raises Overloaded at once if too much waits already, TookTooLong when time is
        up; work that has begun then ends in its own time, and keeps its thread until it does.
        """
        with self._counting:
            if self.pending >= self._pool._max_workers + self.settings.queue:
                raise Overloaded("Too many questions at once. Try again in a moment.")
            self.pending += 1
        future = self._pool.submit(work)
        future.add_done_callback(self._count_done)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self.settings.timeout_s)
        except TimeoutError as error:
            raise TookTooLong(
                f"The answer was not there within {self.settings.timeout_s:g} seconds. Try again, or ask for less."
            ) from error

    def _count_done(self, _: Future[Any]) -> None:
        with self._counting:
            self.pending -= 1

    def _reader(self, generation: int | None) -> Any:
        return self.generations.current() if generation is None else self.generations.held(generation)

    def _search(
        self, asked: Asked, overview: Interval | None, generation: int | None, as_of: int | None
    ) -> Results:
        return self.library.search(
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
            reader=self._reader(generation),
            as_of=as_of,
            now=_now(),
        )

    def _overview(self, asked: Asked, interval: Interval) -> Overview:
        asked = replace(asked, limit=1, offset=0, snippets=False)
        filters = asked.filters
        without = {
            "source": replace(filters, sources=()),
            "section": replace(filters, sections=()),
            "language": replace(filters, languages=()),
            "": replace(filters, since=None, until=None),
        }
        seen: dict[Filters, Overview] = {}
        for narrowed in without.values():
            if narrowed not in seen:
                results = self._search(replace(asked, filters=narrowed), interval, None, None)
                assert results.overview is not None
                seen[narrowed] = results.overview
        found = {name: seen[narrowed] for name, narrowed in without.items()}
        facets = {label: found[label].facets[label] for label in ("source", "section", "language")}
        return replace(found[""], facets=facets)


def _now() -> datetime:
    """This moment, to the minute: `since:7d` means the same to all who ask it within one."""
    return datetime.now(UTC).replace(second=0, microsecond=0)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
