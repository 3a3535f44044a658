"""The door: articles in, indexes built, questions answered. All that programs and the command line do, they do here."""

from __future__ import annotations

import io
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np

from searcher.errors import EncoderUnavailable, SearcherError, StoreDamaged, to_keep
from searcher.index.agreement import check_fingerprints, check_witness
from searcher.index.cutting import Recipe, chunking_fingerprint, copy_key
from searcher.index.dense.encoder import Encoder, load_encoder
from searcher.index.generation import Generation, Indexes
from searcher.index.lexical.analysis import Analyzer
from searcher.index.reader import Reader
from searcher.index.writer_lock import cannot_write, writer_lock
from searcher.library.asking import ask
from searcher.library.question import Page, Question, admitted_articles
from searcher.library.readers import Readers
from searcher.ranking.grammar import parse_query
from searcher.records import (
    Article,
    Backup,
    Filters,
    Kept,
    Passage,
    Progress,
    Receipt,
    Rejection,
    Results,
    Revision,
    Status,
    UpdateReport,
    silent,
)
from searcher.records.answers import Intent, Interval, Mode, Sort
from searcher.settings import FusionMethod, Settings, find_home, load_settings
from searcher.store import Store

if TYPE_CHECKING:
    from searcher.index.build import Builder

# What only some of the methods need they import themselves: who asks one question need not wait for it.

_log = logging.getLogger(__name__)

ENCODER_RETRY_S = 60.0
"""An encoder that could not be loaded is not tried again for so long: words answer meanwhile, and at once."""


def open_library(
    home: str | Path | None = None,
    *,
    create: bool = False,
    settings: Settings | None = None,
    encoder: Encoder | None = None,
    once: bool = False,
) -> Library:
    """
    Open the library at `home` (None: as `find_home` says). With `create`, make it if there is none.

    `encoder`: one at hand, in place of that of the settings. `once`: for a process that asks one thing and ends. The
    index is read to its last byte beside the question, and the answer waits for that for a fifth of a second at most.

    Raises NoIndex when there is no library and `create` is not set, and StoreDamaged where indexes are left without
    their articles: a new library beside them would soon be all there is.
    """
    where = find_home(home)
    settings = settings or load_settings(where)
    if not (where / "articles.db").exists() and Indexes(where / "indexes").exist():
        raise StoreDamaged(
            f"'{where / 'articles.db'}' is gone, though there is an index of its articles. "
            "Run: searcher restore BACKUP. To begin a new library here, move indexes/ away."
        )
    if create:
        try:
            (where / "indexes").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(where, error) from error
    store = Store.open(where / "articles.db", create=create)
    return Library(where, store, settings, encoder=encoder, once=once)


class Library:
    """
    The articles of one home directory and the indexes that find them.

    Any number of threads and processes may search while one writes; a second writer gets LibraryBusy.
    """

    def __init__(
        self,
        home: Path,
        store: Store,
        settings: Settings,
        *,
        encoder: Encoder | None = None,
        once: bool = False,
    ) -> None:
        self.home = home
        self.settings = settings
        self.store = store
        self.indexes = Indexes(home / "indexes")
        self._encoder = self._given_encoder = encoder
        self._encoder_failed: tuple[float, str] | None = None
        self._encoder_lock = threading.Lock()
        self.readers = Readers(self.indexes, self._open_reader, once=once)

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the generation and the store."""
        self.readers.close()
        self.store.close()

    def opener(self) -> Callable[[], Library]:
        """Give what opens this library again, in this process or (pickled) in another."""
        return partial(open_library, self.home, settings=self.settings, encoder=self._given_encoder)

    @property
    def encoder(self) -> Encoder:
        """The encoder of this library, loaded when first needed. Raises EncoderUnavailable."""
        with self._encoder_lock:
            if self._encoder is None:
                self._encoder = self._load_encoder()
            return self._encoder

    def _load_encoder(self) -> Encoder:
        if self._encoder_failed is not None:
            failed_at, why = self._encoder_failed
            if time.monotonic() < failed_at + ENCODER_RETRY_S:
                raise EncoderUnavailable(why)
        try:
            return load_encoder(self.settings.encoder)
        except EncoderUnavailable as error:
            self._encoder_failed = time.monotonic(), str(error)
            raise
        except ImportError as error:
            why = f"The encoder needs '{error.name or error}', which cannot be imported. Install searcher again."
            self._encoder_failed = time.monotonic(), why
            raise EncoderUnavailable(why) from error

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
        Records are made canonical as what is read is. With `index` (default) `update` follows; what keeps it from being
        done (IndexUnusable, EncoderUnavailable, a full disk) is not raised but in the receipt, as `not_indexed`.
        Raises LibraryBusy before anything is read.
        """
        from searcher.ingest import IngestOptions
        from searcher.library.keeping import keep, read_items

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
            receipt = keep(self.store, read_items(sources, options, progress), now=now)
            receipt = replace(
                receipt, unfound=tuple(one for one in options.fields if one not in options.found)
            )
            if not index:
                return receipt
            try:
                return replace(receipt, update=self._builder(progress).update())
            except (SearcherError, OSError, ImportError) as error:
                return replace(receipt, not_indexed=to_keep(error))

    def put(self, lines: io.BufferedIOBase, *, now: datetime | None = None) -> tuple[Kept, ...]:
        """
        Keep articles that come as JSON lines (UTF-8, one object each); give what became of each line that is not blank.

        All that is given as kept is on disk. Indexes nothing: `update` does. Waits for no other writer, since an update
        under way indexes what was there when it began.
        """
        from searcher.ingest import IngestOptions, read_lines
        from searcher.library.keeping import keep_each

        now = now or datetime.now(UTC)
        options = IngestOptions(
            now=now, markers=self.settings.ingest.markers, max_body_chars=self.settings.ingest.max_body_chars
        )
        return tuple(keep_each(self.store, read_lines(lines, options), find=self.find, now=now))

    def remove(
        self, *article_ids: str, undo: bool = False, wait_s: float = 0.0, now: datetime | None = None
    ) -> int:
        """
        Withdraw articles (or bring them back); give how many changed. Readers honour a withdrawal at once, and it waits
        for no other writer.

        Takes ids or URLs. An article that is brought back is indexed again, from vectors already known.
        Raises ArticleNotFound for an unknown id, and then changes nothing; and what `update` raises when articles were
        brought back but could not be indexed: the message says so.
        """
        now = now or datetime.now(UTC)
        ids = [self.find(one) or one for one in article_ids]
        if not undo:
            return len(self.store.withdraw(ids, now=now))
        with writer_lock(self.home, wait_s=wait_s):
            changed = self.store.restore(ids, now=now)
            if changed and self.indexes.exist():
                try:
                    self._builder(silent).update()
                except SearcherError as error:
                    raise type(error)(f"{len(changed):,} restored, not indexed yet: {error}") from error
        return len(changed)

    # Indexes -------------------------------------------------------------------------------------------------

    def update(self, *, wait_s: float = 0.0, progress: Progress = silent) -> UpdateReport:
        """Index what is new since the last time. Raises IndexOutdated, LibraryBusy, EncoderUnavailable."""
        with writer_lock(self.home, wait_s=wait_s):
            return self._builder(progress).update()

    def rebuild(self, *, wait_s: float = 0.0, progress: Progress = silent) -> UpdateReport:
        """Build both indexes from nothing, beside those that answer. Raises LibraryBusy, EncoderUnavailable."""
        with writer_lock(self.home, wait_s=wait_s):
            return self.rebuild_locked(progress=progress)

    def rebuild_locked(self, *, reuse: bool = True, progress: Progress = silent) -> UpdateReport:
        """Rebuild, for a caller that holds the writer's lock. Without `reuse` every text is encoded again."""
        return self._builder(progress).rebuild(reuse=reuse)

    def _builder(self, progress: Progress) -> Builder:
        from searcher.index.build import Builder

        recipe = Recipe(self.encoder, self.analyzer, self.settings.chunks.words)
        return Builder(self.indexes, self.store, recipe, broken=self.readers.broken, progress=progress)

    def backup(self, path: Path, *, replace: bool = False, now: datetime | None = None) -> Backup:
        """
        Write articles and settings to one file, from which `restore` makes a library; writers are not held up.

        Raises InputError if `path` is there and `replace` is not set, StoreDamaged if the library is not whole.
        """
        from searcher.library.backup import write_backup

        return write_backup(self.store, self.home, path, replace=replace, now=now or datetime.now(UTC))

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
        plain: bool = False,
        snippets: bool = True,
        browse: bool = False,
        overview: Interval | None = None,
        apart: bool = False,
        reader: Reader | None = None,
        as_of: int | None = None,
        now: datetime | None = None,
    ) -> Results:
        """
        Answer a query in the language of docs/query-language.md with articles, best first.

        `weight`: the dense leg's share, 0 to 1 (None: by the query's length, for `rrf` a half). `fold`: exact copies
        under the first.
        `plain`: the query is a text that nobody wrote as one; its quotes and dashes mean nothing. Without `snippets`,
        those of the hits are empty: choosing them takes most of the time where hundreds are wanted, and ends at the
        deadline (`[search] deadline_s`), which `Results.degraded` then says. `browse`: an
        empty query is answered with all there is, newest first. `overview`: count what is on all pages, too, by outlet,
        section, language, and time in bars of this length; `apart`: each of these without its own filter, so that
        beside an outlet that is chosen stand the others, with what they would give.
        `reader`: the generation to ask (None: the newest). `as_of`: the store's `last_seq` when the first page was
        asked for. With both, later pages continue the first, whatever is added or withdrawn meanwhile.
        Raises InputError for an empty query (without `browse`), NoIndex and IndexOutdated with what mends it.
        """
        question = Question(
            text=query,
            page=Page(limit, offset, snippets, as_of),
            mode=mode,
            filters=filters or Filters(),
            fusion=fusion or self.settings.fusion.method,
            weight=self.settings.fusion.weight if weight is None else weight,
            depth=self.settings.fusion.depth,
            sort=sort,
            fold=fold,
            plain=plain,
            now=now or datetime.now(UTC),
            deadline_s=self.settings.search.deadline_s,
            overview=overview,
            apart=apart,
            browse=browse,
        )
        return self.readers.answered(
            lambda reader: ask(question, reader, self.store, lambda: self._checked_encoder(reader)), reader
        )

    def passages(
        self,
        query: str,
        *,
        limit: int = 10,
        mode: Mode = "hybrid",
        filters: Filters | None = None,
        plain: bool = False,
        now: datetime | None = None,
    ) -> tuple[Passage, ...]:
        """
        Answer a query with passages, best first, whatever article they are of: what a program reads on.

        They are chunks of the fifty best articles, scored as `search` scores; none where `search` has no hit, nor of an
        article that is damaged. Raises what `search` raises.
        """
        from searcher.library.passages import find_passages

        question = Question(
            text=query,
            page=Page(limit, 0),
            mode=mode,
            filters=filters or Filters(),
            fusion=self.settings.fusion.method,
            weight=self.settings.fusion.weight,
            depth=self.settings.fusion.depth,
            sort="relevance",
            fold=False,
            plain=plain,
            now=now or datetime.now(UTC),
            deadline_s=self.settings.search.deadline_s,
        )
        return self.readers.answered(
            lambda reader: find_passages(question, reader, self.store, lambda: self._checked_encoder(reader))
        )

    def similar(
        self,
        article: str | Article,
        *,
        limit: int = 10,
        offset: int = 0,
        filters: Filters | None = None,
        before_it: bool = False,
        after_it: bool = False,
        intent: Intent = "event",
        weight: float | None = None,
        fold: bool = True,
        snippets: bool = True,
        reader: Reader | None = None,
        as_of: int | None = None,
    ) -> Results:
        """
        Find articles about the same thing as one in the library (its id or URL) or one from outside.

        The article itself and exact copies of it are left out. `intent`: articles of the same `event`, on the same
        `topic`, or `any` likeness; `weight`, the dense leg's share, says it as a number. `before_it`, `after_it`:
        published before or after it. `reader`, `as_of`: as for `search`.
        Raises ArticleNotFound, and InputError if the article has no date to be before or after of.
        """
        from searcher.library.likeness import Like, find_similar

        seq = None
        if isinstance(article, str):
            revision = self.store.latest(self.find(article) or article)
            article, seq = revision.article, revision.seq
        like = Like(
            article=article,
            seq=seq,
            page=Page(limit, offset, snippets, as_of),
            filters=filters or Filters(),
            before_it=before_it,
            after_it=after_it,
            intent=intent,
            weight=weight,
            depth=self.settings.fusion.depth,
            fold=fold,
            chunk_words=self.settings.chunks.words,
            deadline_s=self.settings.search.deadline_s,
        )
        return self.readers.answered(
            lambda reader: find_similar(like, reader, self.store, lambda: self._checked_encoder(reader)),
            reader,
        )

    def marks(
        self, query: str, text: str, *, reader: Reader | None = None, now: datetime | None = None
    ) -> tuple[tuple[int, int], ...]:
        """Give where the words of a query stand in a text: spans `[start, end)` of characters, in order."""
        parsed = parse_query(query, now=now or datetime.now(UTC))
        lexical = (reader or self.readers.current()).lexical
        terms = lexical.words_of(lexical.parse(parsed))
        return tuple((start, end) for start, end, _ in lexical.analyzer.marks(text, terms))

    def nearest(
        self, query: str, revision: Revision, *, reader: Reader | None = None, now: datetime | None = None
    ) -> tuple[int, int] | None:
        """Give the sentence of an article that is nearest to a query in meaning, a span of its body, or None."""
        from searcher.library.nearest import nearest_sentence

        parsed = parse_query(query, now=now or datetime.now(UTC))
        reader = reader or self.readers.current()
        return nearest_sentence(parsed, revision, reader, partial(self._checked_encoder, reader))

    def respelt(self, query: str, *, reader: Reader | None = None) -> str | None:
        """Give the query with words that no article has replaced by near ones that some have; None if none are."""
        from searcher.library.spelling import respell

        return respell(query, reader or self.readers.current())

    def copies(self, article: Article, *, reader: Reader | None = None) -> tuple[Article, ...]:
        """
        Give the live articles with the same text as this one, in the order they came; not the article itself, nor those
        that are damaged.
        """
        reader = reader or self.readers.current()
        same = reader.table.copy_key == np.uint64(copy_key(article.body))
        same &= admitted_articles(reader, self.store, Filters()).mask
        found = self.store.by_seq(reader.table.seq[same].tolist(), damaged=[])
        copies = (revision.article for _, revision in sorted(found.items()))
        return tuple(copy for copy in copies if copy.article_id != article.article_id)

    def show(self, id_or_url: str) -> tuple[Revision, ...]:
        """Give all revisions of an article, oldest first. Raises ArticleNotFound."""
        return self.store.revisions(self.find(id_or_url) or id_or_url)

    def find(self, id_or_url: str) -> str | None:
        """Give the id of the article with this id or at this URL (in any spelling of it), or None."""
        found = self.store.find(id_or_url)
        if found is not None:
            return found
        from searcher.ingest.urls import canonical_url

        url = canonical_url(id_or_url)
        return self.store.find(url) if url else None

    def rejects(self, limit: int = 100) -> tuple[tuple[datetime, Rejection], ...]:
        """Give the newest rejected inputs, newest first, with the moment each was rejected."""
        return self.store.rejections(limit)

    def status(self) -> Status:
        """Give the state of the library. Never raises for a missing or broken index: `problem` says so."""
        from searcher.library.state import state_of

        return state_of(self.home, self.store, self.indexes, accept=self._check_recipe)

    def reader(self, name: str | None = None) -> Reader:
        """
        Open the generation that answers now, for `search` and `similar`: none of its files is collected while anybody
        refers to it. `name`: that of another reader, for the same generation. Raises NoIndex, IndexOutdated,
        IndexDamaged.
        """
        return self.readers.open(name)

    def _open_reader(self, broken: frozenset[str], name: str | None) -> Reader:
        lexical, accept = self.settings.lexical, self._check_recipe
        return Reader(self.indexes, self.analyzer, lexical, accept=accept, broken=broken, name=name)

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
