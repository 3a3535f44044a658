"""
Questions of many people to one library: in a few threads, from one generation, within limits of time and number.

A query is computing, not waiting: more threads than cores only make all of them later. Who comes when the queue is full
is told so at once. What is quick (words only, while somebody types) has threads of its own, and never waits behind what
is not.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar, overload

from searcher.errors import InputError, SearcherError
from searcher.index.reader import Reader
from searcher.ingest import IngestOptions, read_text
from searcher.library import Library
from searcher.library.facets import LABELS
from searcher.ranking.grammar import parse_query
from searcher.records import Article, Facet, Filters, Overview, Query, Results, Revision, Status
from searcher.records.answers import Interval, Mode, Sort
from searcher.web.cursors import Place
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
    filters: Filters = field(default_factory=Filters)
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
        self._threads = _cores()
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="query")
        self._quick_pool = ThreadPoolExecutor(max(1, self._threads // 2), thread_name_prefix="quick")
        self._counting = threading.Lock()

    def start(self) -> None:
        """Open the indexes. May take some seconds."""
        self.generations.start()

    def close(self) -> None:
        """Finish what is being answered, and let go of everything."""
        for pool in (self._pool, self._quick_pool):
            pool.shutdown(wait=True, cancel_futures=True)
        self.generations.close()
        self.library.close()

    def place(self) -> Place:
        """Give what an answer to a new question depends on. Raises IndexUnusable when there is no generation."""
        reader = self.generations.current()
        return Place(reader.generation.number, self.library.store.last_seq(), _now())

    async def search(
        self, asked: Asked, *, overview: Interval | None = None, place: Place | None = None
    ) -> Results:
        """
        Answer a search. `place`: that of the first page, for the pages after it.

        Raises what `Library.search` raises, GenerationGone, Overloaded, TookTooLong.
        """
        results = await self.do(partial(self._search, asked, overview, place), quick=asked.mode == "lexical")
        return replace(results, degraded=self.without_place(results.degraded))

    async def overview(self, asked: Asked, *, interval: Interval = "auto") -> Overview:
        """
        Count what a search matches, each fact without its own filter: beside an outlet that was chosen stand the
        others, each with what it would give, and beside days that were chosen the other days.
        """
        return await self.do(partial(self._overview, asked, interval), quick=asked.mode == "lexical")

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
        place: Place | None = None,
    ) -> Results:
        """Answer what is similar to an article of the library (its id or URL) or one from outside."""
        results = await self.do(
            lambda: self.library.similar(
                article,
                limit=limit,
                offset=offset,
                filters=filters,
                before_it=before_it,
                after_it=after_it,
                fold=fold,
                reader=self._reader(place),
                as_of=place.as_of if place else None,
            )
        )
        return replace(results, degraded=self.without_place(results.degraded))

    async def revisions(self, id_or_url: str) -> tuple[Revision, ...]:
        """Give all revisions of an article, oldest first; the last is its state. Raises ArticleNotFound."""
        return await self.do(partial(self.library.show, id_or_url), quick=True)

    async def copies(self, article: Article) -> tuple[Article, ...]:
        """Give the other articles with the same text."""
        return await self.do(lambda: self.library.copies(article, reader=self.generations.current()))

    async def marks(self, query: str, text: str) -> tuple[tuple[int, int], ...]:
        """Give where the words of a query stand in a text: spans `[start, end)` of characters, in order."""
        return await self.do(lambda: self.library.marks(query, text, reader=self.generations.current()))

    async def read(self, text: str) -> Article | None:
        """Give the article that a text from outside is, to ask what is similar to it; None if it has no words."""
        settings = self.library.settings.ingest
        options = IngestOptions(now=_now(), markers=settings.markers, max_body_chars=settings.max_body_chars)
        found = await self.do(partial(read_text, text, options))
        return found if isinstance(found, Article) else None

    async def nearest(self, query: str, revision: Revision) -> tuple[int, int] | None:
        """Give the sentence of an article that is nearest to a query in meaning, a span of its body, or None."""
        return await self.do(
            lambda: self.library.nearest(query, revision, reader=self.generations.current(), now=_now())
        )

    async def respelt(self, query: str) -> str | None:
        """Give the query with words that no article has replaced by near ones, or None."""
        return await self.do(lambda: self.library.respelt(query, reader=self.generations.current()))

    async def status(self) -> Status:
        """Give the state of the library."""
        status = await self.do(self.library.status)
        return replace(status, problem=self.without_place(status.problem))

    async def do(self, work: Callable[[], T], *, quick: bool = False) -> T:
        """
        Do this in one of the threads; `quick`: in one of those for what takes a few milliseconds.

        Raises Overloaded at once if too much waits already, TookTooLong when time is up; work that has begun then ends
        in its own time, and keeps its thread until it does.
        """
        with self._counting:
            self.check_room()
            self.pending += 1
        future = (self._quick_pool if quick else self._pool).submit(work)
        future.add_done_callback(self._count_done)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self.settings.timeout_s)
        except TimeoutError as error:
            raise TookTooLong(
                f"The answer was not there within {self.settings.timeout_s:g} seconds. Try again, or ask for less."
            ) from error

    @overload
    def without_place(self, said: str) -> str: ...

    @overload
    def without_place(self, said: str | None) -> str | None: ...

    def without_place(self, said: str | None) -> str | None:
        """Give what is said of a file without where the library lies: that is nobody's business over the network."""
        return said and said.replace(f"{self.library.home}{os.sep}", "")

    def check_room(self) -> None:
        """Raise Overloaded if one more question cannot wait."""
        if self.pending >= self._threads + self.settings.queue:
            raise Overloaded("Too many questions at once. Try again in a moment.")

    @property
    def answering(self) -> int | None:
        """The number of the generation that answers, or None."""
        try:
            return self.generations.current().generation.number
        except SearcherError:
            return None

    def gauges(self) -> dict[str, tuple[str, float]]:
        """Give the numbers of now, for the metrics: name -> (what it says, its value)."""
        gauges = {"searcher_pending": ("Questions that wait or are being answered.", float(self.pending))}
        with suppress(SearcherError):
            generation = self.generations.current().generation
            gauges["searcher_generation"] = ("The generation that answers.", generation.number)
            gauges["searcher_articles"] = ("Articles that can be found.", generation.articles)
            gauges["searcher_waiting"] = (
                "Articles whose newest state is not indexed yet.",
                self.library.store.waiting(generation.covers),
            )
        return gauges

    def _count_done(self, _: Future[Any]) -> None:
        with self._counting:
            self.pending -= 1

    def _reader(self, place: Place | None) -> Reader:
        return self.generations.held(place.generation) if place else self.generations.current()

    def _search(self, asked: Asked, overview: Interval | None, place: Place | None) -> Results:
        reader, now = self._reader(place), place.at if place else _now()
        try:
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
                reader=reader,
                as_of=place.as_of if place else None,
                now=now,
            )
        except InputError as error:  # Meaning only was asked of words that have none: nothing is found.
            query = parse_query(asked.query, now=now, filters=asked.filters)
            return nothing(query, reader, asked.mode, note=str(error))

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
                results = self._search(replace(asked, filters=narrowed), interval, None)
                seen[narrowed] = results.overview or Overview(dict.fromkeys(LABELS, ()), (), "day", 0)
        found = {name: seen[narrowed] for name, narrowed in without.items()}
        facets: dict[str, tuple[Facet, ...]] = {label: found[label].facets[label] for label in LABELS}
        return replace(found[""], facets=facets)


def nothing(query: Query, reader: Reader, mode: Mode, *, note: str = "") -> Results:
    """Give the answer to a question that nothing can be an answer to; `note` says why."""
    notes = (*query.notes, *((note,) if note else ()))
    generation = reader.generation.number
    return Results(query, (), 0, 0, mode, generation, took_ms=0.0, verdict="none", notes=notes)


def _now() -> datetime:
    """This moment, to the minute: `since:7d` means the same to all who ask it within one."""
    return datetime.now(UTC).replace(second=0, microsecond=0)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
