"""
Questions of many people to one library: a few at once, from one generation, within limits of time and number.

A query is computing, not waiting: more at once than there are cores only make all of them later. Who comes when the
queue is full is told so at once. What is quick (words only, while somebody types) has threads of its own, and never
waits behind what is not. With processes to answer (`answerers.py`), each thread waits for one of them; without, it
computes itself.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from searcher.errors import IndexUnusable, SearcherError
from searcher.index.reader import Reader
from searcher.ingest import IngestOptions, read_text
from searcher.library import Library
from searcher.processes import cores
from searcher.records import Article, Examination, Overview, Results, Revision, Status
from searcher.records.answers import Interval
from searcher.web.answerer import Job, known
from searcher.web.answerers import Answerers
from searcher.web.checkup import Checked, Checkup
from searcher.web.cursors import Place
from searcher.web.generations import Generations
from searcher.web.questions import Asked, Work, count, search, without_place

T = TypeVar("T")


class Overloaded(SearcherError):
    """More is asked than can be answered: come back in a moment."""


class TookTooLong(SearcherError):
    """The answer was not there in time."""


class ArticleWithdrawn(SearcherError):
    """The article was withdrawn: its text and headline are not given out over the network."""


class Service:
    """The library as the web asks it. Methods are awaited in the event loop; the work is done in threads."""

    def __init__(
        self, library: Library, *, processes: int = 0, examine: Callable[[], Examination] | None = None
    ) -> None:
        """
        `processes`: how many answer what is quick, and how many the rest; 0: threads of this one answer. `examine`:
        gives what `doctor` finds; None: the library is not examined here.
        """
        self.library = library
        self.settings = library.settings.web
        self.generations = Generations(library, warm=not processes)
        self.checkup = Checkup(examine) if examine else None
        self.pending = 0
        """Questions that wait or are being answered."""
        self._processes = processes
        self._answerers: dict[bool, Answerers] = {}
        """Those for what is quick (True) and for the rest, once started, if they are wanted."""
        self._threads = processes or cores()
        quick = processes or max(1, self._threads // 2)
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="query")
        self._quick_pool = ThreadPoolExecutor(quick, thread_name_prefix="quick")
        self._counting = threading.Lock()

    def start(self) -> None:
        """Open the indexes. May take some seconds."""
        if self._processes:
            self._answerers = {
                quick: Answerers(self.library.opener(), self._processes) for quick in (True, False)
            }
        self.generations.start()
        for quick, answerers in self._answerers.items():
            with suppress(IndexUnusable):
                asked = Asked("news", mode="lexical" if quick else "hybrid")
                work = partial(search, asked=asked, now=this_minute(), overview="auto")
                answerers.warm(self._job(work, self.generations.current()))
        self.checked(begin=True)

    def close(self) -> None:
        """Finish what is being answered, and let go of everything."""
        for pool in (self._pool, self._quick_pool):
            pool.shutdown(wait=True, cancel_futures=True)
        for answerers in self._answerers.values():
            answerers.close()
        self.generations.close()
        self.library.close()

    def place(self) -> Place:
        """Give what an answer to a new question depends on. Raises IndexUnusable when there is no generation."""
        reader = self.generations.current()
        return Place(reader.generation.number, self.library.store.last_seq(), this_minute())

    async def search(
        self, asked: Asked, *, overview: Interval | None = None, place: Place | None = None
    ) -> Results:
        """Answer a search. `place`: that of the first page, for the pages after it. Raises what `ask` raises."""
        now, as_of = (place.at, place.as_of) if place else (this_minute(), None)
        work = partial(search, asked=asked, overview=overview, now=now, as_of=as_of)
        return await self.ask(work, place=place, quick=asked.mode == "lexical")

    async def count(self, asked: Asked, *, interval: Interval = "auto") -> Overview:
        """Count what a search matches. Raises what `ask` raises."""
        work = partial(count, asked=asked, interval=interval, now=this_minute())
        return await self.ask(work, quick=asked.mode == "lexical")

    async def revisions(self, id_or_url: str, *, withdrawn_too: bool = False) -> tuple[Revision, ...]:
        """
        Give all revisions of an article, oldest first; the last is its state. Raises ArticleNotFound, and
        ArticleWithdrawn unless `withdrawn_too`.
        """
        revisions = await self.do(partial(self.library.show, id_or_url), quick=True)
        if revisions[-1].withdrawn and not withdrawn_too:
            raise ArticleWithdrawn("This article was withdrawn. It is not shown any more.")
        return revisions

    async def read(self, text: str) -> Article | None:
        """Give the article that a text from outside is, to ask what is similar to it; None if it has no words."""
        settings = self.library.settings.ingest
        options = IngestOptions(
            now=this_minute(), markers=settings.markers, max_body_chars=settings.max_body_chars
        )
        found = await self.do(partial(read_text, text, options))
        return found if isinstance(found, Article) else None

    async def status(self) -> Status:
        """Give the state of the library."""
        status = await self.do(self.library.status)
        return replace(status, problem=without_place(self.library, status.problem))

    def checked(self, *, begin: bool = False) -> Checked | None:
        """
        Give the last examination, at once, None where the library is not examined here. With `begin` another is begun
        if it is due.
        """
        if self.checkup is None:
            return None
        checked = self.checkup.look(self.answering) if begin else self.checkup.last()
        if checked.examination is None:
            return checked
        findings = tuple(
            replace(
                one,
                said=without_place(self.library, one.said),
                next_step=without_place(self.library, one.next_step),
            )
            for one in checked.examination.findings
        )
        return replace(checked, examination=replace(checked.examination, findings=findings))

    async def ask(self, work: Work[T], *, place: Place | None = None, quick: bool = False) -> T:
        """
        Answer a question, in one of the processes if there are some. `place`: that of the first page, for the pages
        after it; `quick`: as for `do`.

        Raises what the work raises, IndexUnusable, GenerationGone, and what `do` raises.
        """
        reader = self.generations.held(place.generation) if place else self.generations.current()
        if self._answerers:
            return await self.do(partial(self._answerers[quick].ask, self._job(work, reader)), quick=quick)
        return await self.do(partial(work, self.library, reader), quick=quick)

    def _job(self, work: Work[Any], reader: Reader) -> Job:
        return Job(work, known(reader), self.generations.open(), self.library.readers.broken)

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

    def covers(self) -> int:
        """Give the seq of the store up to which what answers holds all; 0 where there is no index."""
        try:
            return self.generations.current().generation.covers
        except SearcherError:
            return 0

    def waiting(self) -> int:
        """Count the articles that cannot be found yet in their newest state: all, where there is no index."""
        return self.library.store.waiting(self.covers())

    def gauges(self) -> dict[str, tuple[str, float]]:
        """Give the numbers of now, for the metrics: name -> (what it says, its value)."""
        gauges = {"searcher_pending": ("Questions that wait or are being answered.", float(self.pending))}
        with suppress(SearcherError):
            generation = self.generations.current().generation
            gauges["searcher_generation"] = ("The generation that answers.", generation.number)
            gauges["searcher_articles"] = ("Articles that can be found.", generation.articles)
            gauges["searcher_waiting"] = (
                "Articles whose newest state is not indexed yet.",
                self.waiting(),
            )
        return gauges

    def _count_done(self, _: Future[Any]) -> None:
        with self._counting:
            self.pending -= 1


def this_minute() -> datetime:
    """This moment, to the minute: `since:7d` means the same to all who ask it within one."""
    return datetime.now(UTC).replace(second=0, microsecond=0)
