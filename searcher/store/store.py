"""The door to `articles.db`: what comes in is kept for ever, and every state it had can be read again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from searcher.errors import SearcherError, StoreDamaged
from searcher.records import Article, Receipt, Rejection, Revision
from searcher.store import copying, reading, writing
from searcher.store.checking import problems
from searcher.store.connections import Connections
from searcher.store.reading import Counts
from searcher.store.rows import storable
from searcher.store.schema import nothing_yet, prepare

T = TypeVar("T")

# Revisions read at a time: one of a million characters takes up to 4 MB.
_PAGE = 64

# Of an answer that continues another the same is asked for two moments, and cursors keep some generations open.
_REMEMBERED = 8


class Store:
    """
    The articles of a library. Any number of threads and processes may read while one writes.

    All methods may be called from any thread; an instance must not be used after a fork. Raises, besides
    what the methods name: LibraryBusy when another writer keeps the library too long, StoreDamaged when the
    file cannot be trusted, SearcherError for a full disk or a file that may not be written to.
    """

    def __init__(self, path: Path, connections: Connections) -> None:
        self.path = path
        self._connections = connections
        self._withdrawn_since: dict[tuple[int, int], frozenset[int]] = {}
        self._waiting: dict[tuple[int, int], int] = {}

    @classmethod
    def open(cls, path: Path, *, create: bool = False, busy_timeout_s: float = 30.0) -> Store:
        """
        Open the library's `articles.db`; with `create`, make it and its directory if they are missing.

        An older format is migrated. Raises NoIndex if there is nothing and `create` is not set,
        SearcherError if the file is another program's or of a newer format. `busy_timeout_s`: how long a
        writer waits for another.
        """
        if create:
            _touch(path)
        elif not path.is_file():
            raise nothing_yet(path)
        connections = Connections(path, busy_timeout_s=busy_timeout_s)
        try:
            prepare(connections, path, create=create)
        except BaseException:
            connections.close()
            raise
        return cls(path, connections)

    def close(self) -> None:
        """Close the file. What was acknowledged is on the disk with or without it."""
        self._connections.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def add(self, items: Iterable[Article | Revision | Rejection], *, now: datetime) -> Receipt:
        """
        Keep a batch, in one transaction: when this returns it is on the disk; if anything is raised, none
        of it is.

        The batch is held in memory: pass a stream in batches. An article is known by its id, and one whose
        id was not given also by its URL. It gets a revision if it is new, if its body, headline or a fact
        (URL, source, authors, section, language, date) changed, or if it was withdrawn: adding it again
        brings it back, counted as changed. What a newer state leaves out is kept from the older one.
        A Revision of another library is appended as it is, its own moment recorded, unless it is here already.
        Rejections are recorded. `now`: aware, the moment to record.
        """
        batch = list(
            items
        )  # Before the library is locked: whoever makes the items may take their time, or fail.
        with self._connections.writing() as connection:
            return writing.add_batch(connection, batch, now=now)

    def withdraw(self, article_ids: Iterable[str], *, now: datetime) -> list[int]:
        """
        Append a withdrawal to each of these articles; give the seqs of those that were not withdrawn before.

        Raises ArticleNotFound if one id is unknown; then nothing is done to the others either.
        """
        return self._set_withdrawn(article_ids, True, now=now)

    def restore(self, article_ids: Iterable[str], *, now: datetime) -> list[int]:
        """
        Undo withdrawals: append to each article its state of before; give the seqs of those that were
        withdrawn.

        Raises ArticleNotFound if one id is unknown; then nothing is done to the others either.
        """
        return self._set_withdrawn(article_ids, False, now=now)

    def latest(self, article_id: str) -> Revision:
        """Give the newest revision of an article, withdrawn or not. Raises ArticleNotFound."""
        with self._connections.reading() as connection:
            revision = reading.latest_of(connection, storable(article_id))
        if revision is None:
            raise writing.not_found(article_id)
        return revision

    def revisions(self, article_id: str) -> tuple[Revision, ...]:
        """Give all revisions of an article, oldest first. Raises ArticleNotFound."""
        with self._connections.reading() as connection:
            revisions = reading.revisions_of(connection, storable(article_id))
        if not revisions:
            raise writing.not_found(article_id)
        return revisions

    def seqs_of(self, article_id: str) -> list[int]:
        """Give the numbers of all revisions of an article, oldest first; none if it is unknown."""
        with self._connections.reading() as connection:
            return reading.seqs_of(connection, storable(article_id))

    def by_seq(
        self, seqs: Sequence[int], *, damaged: list[StoreDamaged] | None = None
    ) -> dict[int, Revision]:
        """
        Give the revisions with these numbers, in the order asked for; unknown numbers are left out.

        One that is damaged is left out too, and named in `damaged`; without such a list it raises StoreDamaged.
        """
        with self._connections.reading() as connection:
            return reading.revisions_by_seq(connection, seqs, damaged=damaged)

    def spellings(self, label: reading.Label, seqs: Sequence[int]) -> list[str]:
        """Give the outlet, section or language of each of these revisions (at most 900), as it was written; or ""."""
        with self._connections.reading() as connection:
            return reading.spellings(connection, label, seqs)

    def find(self, id_or_url: str) -> str | None:
        """
        Give the id of the article with this id, else of the one at this canonical URL, else None.

        Of several articles at one URL: a live one before a withdrawn one, then the one that came first.
        """
        wanted = storable(id_or_url)
        with self._connections.reading() as connection:
            row = connection.execute(
                "SELECT 1 FROM revisions WHERE article_id = ? LIMIT 1", (wanted,)
            ).fetchone()
            return wanted if row is not None else reading.article_at_url(connection, wanted)

    def last_seq(self) -> int:
        """
        Give the number of the newest revision, 0 if there is none. It changes with every change of the
        library.
        """
        with self._connections.reading() as connection:
            return reading.last_seq(connection)

    def changes(
        self, after: int, up_to: int | None = None, *, damaged: list[StoreDamaged] | None = None
    ) -> Iterator[Revision]:
        """
        Give what an index that covers `after` lacks: of each article with a revision in (`after`, `up_to`]
        the newest of them, withdrawn or not, in seq order. `up_to`: None is the newest revision at this
        call. `damaged`: as in `by_seq`; revisions that are not there any more are named, too.

        Reads in pages: memory is bounded, writers are not held up, and what is written meanwhile changes
        nothing.
        """
        up_to = self.last_seq() if up_to is None else up_to
        return self._stream(after, up_to, withdrawn_too=True, damaged=damaged)

    def live(
        self, up_to: int | None = None, *, damaged: list[StoreDamaged] | None = None
    ) -> Iterator[Revision]:
        """
        Give each article that was not withdrawn at `up_to` in its state of then, in seq order.

        `up_to`: None is the newest revision at this call. Reads in pages, as `changes` does; `damaged`: as
        there.
        """
        up_to = self.last_seq() if up_to is None else up_to
        return self._stream(0, up_to, withdrawn_too=False, damaged=damaged)

    def all(self, *, damaged: list[StoreDamaged] | None = None) -> Iterator[Revision]:
        """Give every revision there is, in seq order. Reads in pages, as `changes` does; `damaged`: as there."""
        self._name_lost(0, self.last_seq(), damaged)
        return self._pages(reading.page_of_seqs, damaged=damaged)

    def live_seqs(self, up_to: int) -> Iterator[int]:
        """Give the seqs of what `live` gives, without reading it."""
        after = 0
        while True:
            with self._connections.reading() as connection:
                seqs = reading.seqs_of_latest(
                    connection, after=after, up_to=up_to, size=10_000, withdrawn_too=False
                )
            yield from seqs
            if not seqs:
                return
            after = seqs[-1]

    def superseded(self, after: int, up_to: int) -> frozenset[int]:
        """
        Give what an index that covers `after` must mask to cover `up_to`: the seqs, all <= `after`, that
        were the live state of their article then and have a newer revision (a correction or withdrawal) up
        to `up_to`.
        """
        with self._connections.reading() as connection:
            return reading.superseded(connection, after=after, up_to=up_to)

    def withdrawn_since(self, seq: int, up_to: int | None = None) -> frozenset[int]:
        """
        Give what an index that covers `seq` must not show any more: the seqs, all <= `seq`, of the articles
        that were withdrawn after it and not brought back. `up_to`: as it was then (None: as it is now).

        Cheap enough for every query: about the cost of `last_seq` unless the library changed since the last
        call.
        """
        with self._connections.reading() as connection:
            key = (seq, reading.last_seq(connection) if up_to is None else up_to)
            known = self._withdrawn_since
            if key not in known:
                found = reading.withdrawn_since(connection, *key)
                known = self._withdrawn_since = _remembering(known, key, found)
            return known[key]

    def waiting(self, after: int) -> int:
        """
        Count the articles that an index that covers `after` does not hold in their newest state. A withdrawal is
        honoured at once, and waits for nothing.

        As cheap as `withdrawn_since`.
        """
        with self._connections.reading() as connection:
            key = (after, reading.last_seq(connection))
            known = self._waiting
            if key not in known:
                known = self._waiting = _remembering(known, key, reading.waiting(connection, after))
            return known[key]

    def counts(self) -> Counts:
        """Count articles, revisions, rejections and sources. Reads the facts of every article."""
        with self._connections.reading() as connection:
            return reading.counts(connection)

    def rejections(self, limit: int = 100) -> tuple[tuple[datetime, Rejection], ...]:
        """
        Give the newest rejections, newest first, each with the moment it was recorded. The last 10,000 are
        kept.
        """
        with self._connections.reading() as connection:
            return reading.rejections(connection, limit)

    def copy_to(self, target: Path) -> None:
        """
        Copy the library to the file `target`, which must not exist: one state of it, whatever is written meanwhile, in
        one file without a journal.
        """
        with self._connections.bare() as connection:
            copying.copy_to(connection, target)

    def check(self) -> list[str]:
        """
        Read everything and give one sentence for each thing that is wrong: none if all is as it was stored.
        """
        with self._connections.reading() as connection:
            return list(problems(connection))

    def _set_withdrawn(self, article_ids: Iterable[str], withdrawn: bool, *, now: datetime) -> list[int]:
        batch = list(article_ids)
        with self._connections.writing() as connection:
            return writing.set_withdrawn(connection, batch, withdrawn, now=now)

    def _stream(
        self, after: int, up_to: int, *, withdrawn_too: bool, damaged: list[StoreDamaged] | None
    ) -> Iterator[Revision]:
        self._name_lost(after, up_to, damaged)
        choose = partial(reading.seqs_of_latest, up_to=up_to, withdrawn_too=withdrawn_too)
        return self._pages(choose, after=after, damaged=damaged)

    def _name_lost(self, after: int, up_to: int, damaged: list[StoreDamaged] | None) -> None:
        with self._connections.reading() as connection:
            lost = reading.lost(connection, after=after, up_to=up_to)
        _name(lost, damaged)

    def _pages(
        self, choose: Callable[..., list[int]], *, after: int = 0, damaged: list[StoreDamaged] | None
    ) -> Iterator[Revision]:
        while True:
            with self._connections.reading() as connection:
                seqs = choose(connection, after=after, size=_PAGE)
                named = len(damaged or ())
                page = reading.revisions_by_seq(connection, seqs, damaged=damaged)
            lost = len(seqs) - len(page) - (len(damaged or ()) - named)
            if lost > 0:
                _name([f"{lost} of the revisions {seqs[0]} to {seqs[-1]}"], damaged)
            yield from page.values()
            if len(seqs) < _PAGE:
                return
            after = seqs[-1]


def _name(lost: Iterable[str], damaged: list[StoreDamaged] | None) -> None:
    """Say what is gone; without a list to name it in, by raising it."""
    for name in lost:
        error = StoreDamaged(
            f"Not in articles.db any more, which is damaged: {name}. Restore it from a backup."
        )
        if damaged is None:
            raise error
        damaged.append(error)


def _remembering(
    known: Mapping[tuple[int, int], T], key: tuple[int, int], found: T
) -> dict[tuple[int, int], T]:
    """Give what is known with one answer more, without the oldest. Never changes what other threads look at."""
    return {**dict(list(known.items())[1 - _REMEMBERED :]), key: found}


def _touch(path: Path) -> None:
    try:
        if not path.exists():  # Where nothing may be written, what is there can be read all the same.
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    except OSError as error:
        raise SearcherError(
            f"{path} cannot be made: {error.strerror}. Choose another home with --home."
        ) from error
