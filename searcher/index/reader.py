"""
The indexes of one generation, opened: both legs over the same numbers of chunks and articles.

A reader holds its generation from its first line to its last: nothing it uses is changed or collected meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from types import TracebackType

from searcher.index.dense.leg import DenseLeg
from searcher.index.generation import Indexes, live_masks
from searcher.index.lexical.analysis import Analyzer
from searcher.index.lexical.leg import LexicalLeg
from searcher.index.lexical.likeness import ArticleVectors
from searcher.index.recovery import Accept, stand
from searcher.index.table import Table
from searcher.settings import LexicalSettings


class Reader:
    """
    One generation, opened for searching: the current one, or what can stand in for it. Safe to share between threads.

    `accept`, `broken` and `name`: as for `recovery.stand`, whose errors it raises. `problem`: why the answers are not
    those of the generation that should answer, or None.
    """

    def __init__(
        self,
        indexes: Indexes,
        analyzer: Analyzer,
        settings: LexicalSettings,
        *,
        accept: Accept = lambda _: None,
        broken: Collection[str] = (),
        name: str | None = None,
    ) -> None:
        self._pointer, self._broken = indexes.pointer(), frozenset(broken)
        standing = stand(indexes, accept, broken=broken, name=name)
        self.generation, self.segments, self._lease = standing.generation, standing.segments, standing.lease
        self.problem = standing.problem
        try:
            live = live_masks(self.generation.segments, self.generation.live)
            self.table = Table([segment.table for segment in self.segments], live)
            postings = [segment.postings for segment in self.segments]
            if self.generation.fingerprints.analyzer == analyzer.fingerprint:
                analyzer = analyzer.knowing([one.stem_of for one in postings])
            self.lexical = LexicalLeg(postings, self.table, analyzer, settings)
        except BaseException:
            self._lease.close()
            raise
        self._dense: DenseLeg | None = None

    @property
    def dense(self) -> DenseLeg:
        """The dense leg, opened when it is first asked for. Raises IndexDamaged."""
        if self._dense is None:
            self._dense = DenseLeg([segment.flat for segment in self.segments], self.table)
        return self._dense

    @cached_property
    def article_vectors(self) -> ArticleVectors:
        """The BM25 vectors of all articles, prepared when they are first asked for."""
        return ArticleVectors(self.lexical)

    @property
    def name(self) -> str | None:
        """What another reader opens the same by, while this one is open; None for what stands in for a generation."""
        return None if self.problem or self._pointer is None else self._pointer.decode("ascii").strip()

    def is_current(self, indexes: Indexes, *, broken: Collection[str] = ()) -> bool:
        """Whether `CURRENT` says what it said when this was opened, and this is whole. Costs reading one line."""
        return indexes.pointer() == self._pointer and self.is_whole(broken)

    def is_whole(self, broken: Collection[str]) -> bool:
        """Whether none of the files that it uses is known to be broken since it was opened."""
        return not self._files.intersection(broken) - self._broken

    @cached_property
    def _files(self) -> frozenset[str]:
        return frozenset(f"{one.info.name}/{file}" for one in self.segments for file in one.file_names)

    def damaged_files(self) -> list[str]:
        """Read every byte; give the files, `SEGMENT/FILE`, that are not what was written."""
        return [name for segment in self.segments for name in segment.damaged_files()]

    @property
    def closed(self) -> bool:
        """Whether the generation was let go of."""
        return self._lease.closed

    def close(self) -> None:
        """Let go of the generation."""
        self._lease.close()

    def __del__(self) -> None:
        # The last thread that reads from a replaced generation lets go of it here.
        if lease := getattr(self, "_lease", None):
            lease.close()

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
