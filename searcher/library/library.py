"""The door: articles in, indexes built, questions answered. All that programs and the command line do, they do here."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from types import TracebackType

from searcher.errors import ArticleNotFound, IndexUnusable, NoIndex
from searcher.index.build import Builder, check_fingerprints, check_witness, chunking_fingerprint
from searcher.index.dense.encoder import Encoder, load_encoder
from searcher.index.generation import Generation, Indexes, writer_lock
from searcher.index.lexical.analysis import Analyzer
from searcher.index.reader import Reader
from searcher.index.segment import Recipe
from searcher.ingest import read_articles
from searcher.ingest.draft import IngestOptions
from searcher.ingest.urls import canonical_url
from searcher.library.answering import Page
from searcher.library.asking import Asking, ask
from searcher.library.likeness import Like, find_similar
from searcher.records import (
    Article,
    Filters,
    Progress,
    Receipt,
    Rejection,
    Results,
    Revision,
    Status,
    UpdateReport,
    silent,
)
from searcher.records.answers import Mode, Sort
from searcher.settings import FusionMethod, Settings, find_home, load_settings
from searcher.store import Store

BATCH = 500
"""Articles kept in one transaction: an interrupted `add` has lost at most the batch it was reading."""


def open_library(
    home: str | Path | None = None, *, create: bool = False, settings: Settings | None = None
) -> Library:
    """
    Open the library at `home` (None: as `find_home` says). With `create`, make it if there is none.

    Raises NoIndex when there is no library and `create` is not set.
    """
    where = find_home(home)
    settings = settings or load_settings(where)
    if create:
        where.mkdir(parents=True, exist_ok=True)
        (where / "indexes").mkdir(exist_ok=True)
    return Library(where, Store.open(where / "articles.db", create=create), settings)


class Library:
    """
    The articles of one home directory and the indexes that find them.

    Any number of threads and processes may search while one writes; a second writer gets LibraryBusy.
    """

    def __init__(
        self, home: Path, store: Store, settings: Settings, *, encoder: Encoder | None = None
    ) -> None:
        self.home = home
        self.settings = settings
        self.store = store
        self.indexes = Indexes(home / "indexes")
        self._given_encoder = encoder
        self._reader: Reader | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the generation and the store."""
        with self._lock:
            if self._reader is not None:
                self._reader.close()
                self._reader = None
        self.store.close()

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder of this library, loaded when first needed. Raises EncoderUnavailable."""
        return self._given_encoder or load_encoder(self.settings.encoder)

    @cached_property
    def analyzer(self) -> Analyzer:
        """What turns text into terms here."""
        return Analyzer(self.settings.lexical.stemmer)

    # Articles in ---------------------------------------------------------------------------------------------

    def add(
        self,
        *sources: str | Path | Article,
        source: str | None = None,
        as_of: datetime | None = None,
        fields: Mapping[str, str] | None = None,
        allow_private: bool = False,
        index: bool = True,
        wait_s: float = 0.0,
        now: datetime | None = None,
        progress: Progress = silent,
    ) -> Receipt:
        """
        Read articles from paths, directories, URLs, `-` (standard input) or records, keep them, and index them.

        `source`: the outlet of articles that name none; `as_of`: what relative times count from; `fields`: input
        field -> ours. What is acknowledged in the receipt is on disk; adding the same again changes nothing.
        With `index` (default) `update` follows; an index that needs a rebuild raises IndexUnusable, *after* the
        articles are kept.
        """
        now = now or datetime.now(UTC)
        options = IngestOptions(
            now=now,
            as_of=as_of,
            source=source,
            fields=fields or {},
            markers=self.settings.ingest.markers,
            max_body_chars=self.settings.ingest.max_body_chars,
            allow_private=allow_private,
        )
        with writer_lock(self.home, wait_s=wait_s):
            receipt = self._keep(_items(sources, options, progress), now)
            if index:
                self._builder(progress).update()
        return receipt

    def _keep(self, items: Iterator[Article | Rejection], now: datetime) -> Receipt:
        total = Receipt()
        while batch := list(islice(items, BATCH)):
            total = _plus(total, self.store.add(batch, now=now))
        return total

    def remove(self, *article_ids: str, undo: bool = False, now: datetime | None = None) -> int:
        """
        Withdraw articles (or bring them back); give how many changed. Readers honour a withdrawal at once.

        Takes ids or URLs. An article that is brought back is indexed again, from vectors already known.
        Raises ArticleNotFound for an unknown id, and then changes nothing.
        """
        now = now or datetime.now(UTC)
        ids = [self.find(one) or one for one in article_ids]
        with writer_lock(self.home):
            changed = self.store.restore(ids, now=now) if undo else self.store.withdraw(ids, now=now)
            if undo and changed and self._has_index():
                self._builder(silent).update()
        return len(changed)

    # Indexes -------------------------------------------------------------------------------------------------

    def update(self, *, wait_s: float = 0.0, progress: Progress = silent) -> UpdateReport:
        """Index what is new since the last time. Raises IndexOutdated, LibraryBusy, EncoderUnavailable."""
        with writer_lock(self.home, wait_s=wait_s):
            return self._builder(progress).update()

    def rebuild(self, *, wait_s: float = 0.0, progress: Progress = silent) -> UpdateReport:
        """Build both indexes from nothing, beside those that answer. Raises LibraryBusy, EncoderUnavailable."""
        with writer_lock(self.home, wait_s=wait_s):
            return self._builder(progress).rebuild()

    def _builder(self, progress: Progress) -> Builder:
        recipe = Recipe(self.encoder, self.analyzer, self.settings.chunks.words)
        return Builder(self.indexes, self.store, recipe, progress=progress)

    def _has_index(self) -> bool:
        try:
            self.indexes.current_name()
        except NoIndex:
            return False
        return True

    # Answers out ---------------------------------------------------------------------------------------------

    def search(
        self,
        query: str,
        *,
        limit: int = 10,
        offset: int = 0,
        mode: Mode = "hybrid",
        filters: Filters | None = None,
        fusion: FusionMethod | None = None,
        weight: float | None = None,
        sort: Sort = "relevance",
        fold: bool = True,
        now: datetime | None = None,
    ) -> Results:
        """
        Answer a query in the language of docs/query-language.md with articles, best first.

        `weight`: the dense leg's share, 0 to 1 (None: by the query's length). `fold`: exact copies under the first.
        Raises InputError for an empty query, NoIndex and IndexOutdated with the command that mends it.
        """
        asking = Asking(
            text=query,
            page=Page(limit, offset),
            mode=mode,
            filters=filters or Filters(),
            fusion=fusion or self.settings.fusion.method,
            weight=self.settings.fusion.weight if weight is None else weight,
            depth=self.settings.fusion.depth,
            sort=sort,
            fold=fold,
            now=now or datetime.now(UTC),
        )
        with self._reading() as reader:
            return ask(asking, reader, self.store, lambda: self._checked_encoder(reader))

    def similar(
        self,
        article: str | Article,
        *,
        limit: int = 10,
        offset: int = 0,
        filters: Filters | None = None,
        before_it: bool = False,
        after_it: bool = False,
        weight: float | None = None,
        fold: bool = True,
    ) -> Results:
        """
        Find articles about the same thing as one in the library (its id or URL) or one from outside.

        The article itself and exact copies of it are left out. `before_it`, `after_it`: published before or after it.
        Raises ArticleNotFound, and InputError if the article has no date to be before or after of.
        """
        like = Like(
            article=self._known(article) if isinstance(article, str) else article,
            page=Page(limit, offset),
            filters=filters or Filters(),
            before_it=before_it,
            after_it=after_it,
            weight=weight,
            depth=self.settings.fusion.depth,
            fold=fold,
            chunk_words=self.settings.chunks.words,
        )
        with self._reading() as reader:
            return find_similar(like, reader, self.store, lambda: self._checked_encoder(reader))

    def show(self, id_or_url: str) -> tuple[Revision, ...]:
        """Give all revisions of an article, oldest first. Raises ArticleNotFound."""
        return self.store.revisions(self.find(id_or_url) or id_or_url)

    def find(self, id_or_url: str) -> str | None:
        """Give the id of the article with this id or at this URL (in any spelling of it), or None."""
        found = self.store.find(id_or_url)
        if found is None and (url := canonical_url(id_or_url)):
            found = self.store.find(url)
        return found

    def rejects(self, limit: int = 100) -> tuple[tuple[datetime, Rejection], ...]:
        """Give the newest rejected inputs, newest first, with the moment each was rejected."""
        return self.store.rejections(limit)

    def status(self) -> Status:
        """Give the state of the library. Never raises for a missing or broken index: `problem` says so."""
        generation, problem = self._generation()
        counts = self.store.counts()
        covers = generation.covers if generation else 0
        return Status(
            home=self.home,
            articles=counts.articles,
            revisions=counts.revisions,
            withdrawn=counts.withdrawn,
            rejected=counts.rejected,
            sources=counts.sources,
            oldest=counts.oldest,
            newest=counts.newest,
            generation=generation.number if generation else None,
            segments=len(generation.segments) if generation else 0,
            chunks=sum(info.chunks for info in generation.segments) if generation else 0,
            indexed_articles=_live_articles(generation) if generation else 0,
            waiting=self.store.waiting(covers),
            encoder=generation.encoder_name if generation else None,
            store_bytes=sum(_size(self.home / f"articles.db{end}") for end in ("", "-wal")),
            index_bytes=sum(_size(path) for path in self.indexes.directory.rglob("*")),
            problem=problem,
        )

    def _generation(self) -> tuple[Generation | None, str | None]:
        try:
            generation = self.indexes.read()
            self._check_recipe(generation)
            return generation, None
        except IndexUnusable as error:
            return None, str(error)

    def _known(self, id_or_url: str) -> Article:
        found = self.find(id_or_url)
        if found is None:
            raise ArticleNotFound(
                f"No article '{id_or_url}' in the library. Ids are shown by: searcher search QUERY"
            )
        return self.store.latest(found).article

    @contextmanager
    def _reading(self) -> Iterator[Reader]:
        """Give the reader of the current generation: the one at hand, or a new one when CURRENT has moved on."""
        with self._lock:
            reader = self._reader
            if reader is None or not reader.is_current(self.indexes):
                reader = Reader(self.indexes, self.analyzer, self.settings.lexical)
                self._check_recipe(reader.generation)
                # The old one is closed when the last thread that reads from it lets go.
                self._reader = reader
        yield reader

    def _check_recipe(self, generation: Generation) -> None:
        """Raise IndexOutdated if the index was cut or analysed otherwise than wanted, or from another store."""
        check_fingerprints(
            generation.fingerprints,
            chunker=chunking_fingerprint(self.settings.chunks.words),
            analyzer=self.analyzer.fingerprint,
        )
        check_witness(generation, self.store)

    def _checked_encoder(self, reader: Reader) -> Encoder:
        """Give the encoder, having made sure that it is the one the index was built with."""
        check_fingerprints(reader.generation.fingerprints, encoder=self.encoder.fingerprint)
        return self.encoder


def _items(
    sources: Iterable[str | Path | Article], options: IngestOptions, progress: Progress
) -> Iterator[Article | Rejection]:
    """Articles given as records come through as they are, if they have a body; paths and URLs are read together."""
    paths: list[str] = []
    for one in sources:
        if not isinstance(one, Article):
            paths.append(str(one))
        elif one.body.strip():
            yield one
        else:
            yield Rejection(str(one.origin), "the article has no body")
    if paths:
        yield from read_articles(paths, options, progress=progress)


def _plus(one: Receipt, other: Receipt) -> Receipt:
    return Receipt(
        one.added + other.added,
        one.changed + other.changed,
        one.unchanged + other.unchanged,
        one.rejected + other.rejected,
        one.rejections + other.rejections,
    )


def _live_articles(generation: Generation) -> int:
    return sum(
        info.articles if mask is None else int(mask.sum())
        for info, mask in zip(generation.segments, generation.live, strict=True)
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
