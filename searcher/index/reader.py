"""
The indexes of one generation, opened: both legs over the same numbers of chunks and articles.

A reader holds its generation from its first line to its last: nothing it uses is changed or collected meanwhile.
"""

from __future__ import annotations

from functools import cached_property
from types import TracebackType

from searcher.errors import IndexDamaged
from searcher.index.dense.leg import DenseLeg
from searcher.index.generation import Generation, Indexes, live_masks
from searcher.index.lexical.analysis import Analyzer
from searcher.index.lexical.leg import LexicalLeg
from searcher.index.lexical.likeness import ArticleVectors
from searcher.index.segment import Segment
from searcher.index.table import Table
from searcher.settings import LexicalSettings


class Reader:
    """One generation, opened for searching. Safe to share between threads. Raises NoIndex, IndexUnusable."""

    def __init__(self, indexes: Indexes, analyzer: Analyzer, settings: LexicalSettings) -> None:
        self._name = indexes.current_name()
        self.generation, self._lease = indexes.acquire()
        try:
            self.segments = open_segments(indexes, self.generation)
            live = live_masks(self.generation.segments, self.generation.live)
            self.table = Table([segment.table for segment in self.segments], live)
            self.lexical = LexicalLeg(
                [segment.postings for segment in self.segments], self.table, analyzer, settings
            )
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

    def is_current(self, indexes: Indexes) -> bool:
        """Whether this is (still) the generation that answers. Costs reading one line."""
        return indexes.current_name() == self._name

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


def open_segments(indexes: Indexes, generation: Generation) -> list[Segment]:
    """Open the segments of a generation. Raises IndexDamaged."""
    segments = [Segment(indexes.segments / info.name, info) for info in generation.segments]
    for segment in segments:
        if segment.encoder_fingerprint != generation.fingerprints.encoder:
            raise IndexDamaged(
                f"Segment {segment.directory} was built with another encoder than its generation. "
                "Run: searcher rebuild"
            )
    return segments
