"""
How does a great build use every core? Pages of revisions are prepared in processes beside this one, and come back in
order.

A helper that dies ends the build with an error: every page is answered or nothing is published.
"""

from __future__ import annotations

import pickle
import subprocess
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import chain
from queue import SimpleQueue
from typing import Self

from searcher.errors import SearcherError
from searcher.index.cutting import Recipe
from searcher.index.preparing import Page, Prepared, prepare
from searcher.processes import Gone, Piped, cores

MOST = 4
"""Helpers beyond which this process, which reads and collects, is what the others wait for."""
ALONE_CHARS = 20_000_000
"""
Characters prepared before there are helpers, about 30,000 chunks: to start a helper and to stem its words anew takes a
second of a processor, as much as 10,000 chunks do.
"""


class Preparer:
    """
    Prepares pages in order: here, and once there is much to do in helpers, as many as there are cores.

    Use it as a context manager: helpers stay for the next segment of a build, and end with it.
    """

    def __init__(self, recipe: Recipe, *, helpers: int | None = None) -> None:
        self._recipe = recipe
        self._count = min(cores(), MOST) if helpers is None else helpers
        self._helpers: Helpers | None = None
        self._chars = 0

    def prepared(self, pages: Iterable[Page]) -> Iterator[tuple[Page, Prepared]]:
        """Give each page with what it gives. Raises SearcherError if a helper dies."""
        coming = iter(pages)
        for page in coming:
            if helpers := self._have_helpers():
                yield from helpers.prepared(chain([page], coming))
            else:
                yield page, prepare(page.texts(), self._recipe)
                self._chars += sum(len(revision.article.body) for revision in page.revisions)

    def _have_helpers(self) -> Helpers | None:
        """Give the helpers, started when so much was done that more will pay for them."""
        if self._helpers is None and self._count > 1 and self._chars >= ALONE_CHARS:
            self._helpers = Helpers.start(self._recipe, self._count)
            self._count = 0
        return self._helpers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._helpers is not None:
            self._helpers.close()


class Helpers:
    """Some processes that prepare pages by one recipe, until they are closed."""

    def __init__(self, processes: Sequence[_Helper]) -> None:
        self._processes = processes
        self._idle: SimpleQueue[_Helper] = SimpleQueue()
        for process in processes:
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(len(processes), thread_name_prefix="helper")

    @classmethod
    def start(cls, recipe: Recipe, count: int) -> Helpers | None:
        """Start so many. None where that cannot be: a recipe that no other process can have, or no room for one."""
        started: list[_Helper] = []
        try:
            packed = pickle.dumps(recipe)
            started.extend(_Helper(packed) for _ in range(count))
            for helper in started:
                helper.receive()  # It says when it is ready.
        except (OSError, EOFError, TypeError, AttributeError, pickle.PickleError):
            for helper in started:
                helper.end()
            return None
        return cls(started)

    def prepared(self, pages: Iterable[Page]) -> Iterator[tuple[Page, Prepared]]:
        """
        Give each page with what it gives, in order. A few are under way at a time, whatever their number.

        Raises SearcherError if a helper dies.
        """
        under_way: deque[tuple[Page, Future[Prepared]]] = deque()
        for page in pages:
            under_way.append((page, self._threads.submit(self._prepare, page)))
            if len(under_way) > 2 * len(self._processes):
                first, coming = under_way.popleft()
                yield first, coming.result()
        for page, coming in under_way:
            yield page, coming.result()

    def _prepare(self, page: Page) -> Prepared:
        helper = self._idle.get()
        try:
            return helper.prepare(page)
        finally:
            self._idle.put(helper)

    def close(self) -> None:
        """End them, whatever they are doing."""
        for helper in self._processes:
            helper.end()
        self._threads.shutdown(cancel_futures=True)


class _Helper(Piped):
    """One helper, as this process sees it."""

    def __init__(self, packed: bytes) -> None:
        super().__init__("searcher.index.helper", packed)
        self.flush()  # All of them get ready at once.

    def prepare(self, page: Page) -> Prepared:
        """Have a page prepared. Raises SearcherError if the helper dies, or what the preparing raises."""
        try:
            prepared: Prepared = self.ask(page.texts())
        except Gone as error:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.5)
            raise SearcherError(
                f"A process that helped to build the index died (exit code {self.process.returncode}; is memory "
                "short?). The old index answers. Run: searcher update"
            ) from error
        return prepared
