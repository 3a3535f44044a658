"""
What is known of each article and chunk, as columns: the facts that filters ask for and where a chunk lies.

A segment has its columns on disk (`SegmentTable`); a generation joins those of its segments (`Table`). Articles
and chunks are numbered through the whole generation, segment after segment.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.errors import IndexDamaged
from searcher.index.admitted import Admitted
from searcher.index.arrays import Array, Arrays
from searcher.records import Article, Chunk, Filters
from searcher.text import fold

Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

NO_DATE = np.iinfo(np.int64).min
"""Stands in `published` where an article has no date."""

_NO_FILTERS = Filters()

_LABELS = ("source", "section", "language")


@dataclass(frozen=True, slots=True)
class SegmentTable:
    """The columns of one segment: `seq`, `published` (seconds since 1970), `copy_key`, three label columns."""

    seq: Longs
    published: Longs
    copy_key: npt.NDArray[np.uint64]
    chunk_counts: Ints
    spans: Ints
    labels: dict[str, tuple[Ints, list[str]]]

    @classmethod
    def open(cls, arrays: Arrays) -> SegmentTable:
        """Read the columns. Raises IndexDamaged."""
        try:
            names = json.loads(arrays["table.labels"].tobytes())
            labels = {label: (arrays[f"table.{label}"], list(names[label])) for label in _LABELS}
        except (ValueError, KeyError, TypeError) as error:
            raise IndexDamaged(
                f"The labels in {arrays.path} cannot be read ({error}). Run: searcher rebuild"
            ) from error
        return cls(
            arrays["table.seq"],
            arrays["table.published"],
            arrays["table.copy_key"],
            arrays["table.chunk_counts"],
            arrays["table.spans"],
            labels,
        )


class TableWriter:
    """Collects the facts of articles and chunks, in order."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, int, int]] = []
        self._spans: list[tuple[int, int]] = []
        self._codes: dict[str, list[int]] = {label: [] for label in _LABELS}
        self._names: dict[str, dict[str, int]] = {label: {} for label in _LABELS}

    def add_article(self, seq: int, article: Article, copy_key: int, chunks: Sequence[Chunk]) -> None:
        """Add the next article with its chunks."""
        published = int(article.published.at.timestamp()) if article.published else NO_DATE
        self._rows.append((seq, published, copy_key, len(chunks)))
        self._spans.extend((chunk.start, chunk.end) for chunk in chunks)
        for label in _LABELS:
            names = self._names[label]
            name = fold(getattr(article, label) or "")
            self._codes[label].append(names.setdefault(name, len(names)))

    def arrays(self) -> dict[str, Array]:
        """Give all columns, as `SegmentTable.open` reads them; the names of the labels are JSON."""
        rows = self._rows
        names = {label: list(self._names[label]) for label in _LABELS}
        columns: dict[str, Array] = {
            "seq": np.array([row[0] for row in rows], dtype=np.int64),
            "published": np.array([row[1] for row in rows], dtype=np.int64),
            "copy_key": np.array([row[2] for row in rows], dtype=np.uint64),
            "chunk_counts": np.array([row[3] for row in rows], dtype=np.int32),
            "spans": np.array(self._spans, dtype=np.int32).reshape(-1, 2),
            "labels": np.frombuffer(json.dumps(names).encode(), dtype=np.uint8),
        }
        for label in _LABELS:
            columns[label] = np.array(self._codes[label], dtype=np.int32)
        return {f"table.{name}": values for name, values in columns.items()}


class Table:
    """The joined columns of a generation. `live`: bool[n articles], or None when all are."""

    def __init__(self, segments: Sequence[SegmentTable], live: Mask | None) -> None:
        self.live = live
        self.seq: Longs = _join([s.seq for s in segments], np.int64)
        self.published: Longs = _join([s.published for s in segments], np.int64)
        self.copy_key: npt.NDArray[np.uint64] = _join([s.copy_key for s in segments], np.uint64)
        counts = _join([s.chunk_counts for s in segments], np.int64)
        self.first_chunk: Longs = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self.chunk_article: Ints = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        self._spans = [s.spans for s in segments]
        self._span_starts = [0, *accumulate(len(s.spans) for s in segments)]
        self._labels = [(s.labels, len(s.seq)) for s in segments]
        self._joined_labels: dict[str, tuple[Ints, list[str]]] = {}

    def __len__(self) -> int:
        """How many articles there are, live or not."""
        return len(self.seq)

    @property
    def live_articles(self) -> int:
        """How many articles can be found."""
        return len(self) if self.live is None else int(np.count_nonzero(self.live))

    @property
    def live_chunks(self) -> int:
        """How many chunks can be found."""
        if self.live is None:
            return len(self.chunk_article)
        return int(np.diff(self.first_chunk)[self.live].sum())

    def chunk(self, number: int) -> Chunk:
        """Give where chunk `number` lies in its article's body."""
        segment = bisect_right(self._span_starts, number) - 1
        return Chunk(*self._spans[segment][number - self._span_starts[segment]].tolist())

    def chunks_of(self, article: int) -> range:
        """Give the numbers of an article's chunks."""
        return range(int(self.first_chunk[article]), int(self.first_chunk[article + 1]))

    def best_of_chunks(self, scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Give float32[n articles]: the highest score among each article's chunks."""
        if not len(self):
            return np.zeros(0, dtype=np.float32)
        best: npt.NDArray[np.float32] = np.maximum.reduceat(scores, self.first_chunk[:-1])
        return best

    def best_chunks(
        self, scores_of: Callable[[Longs], npt.NDArray[np.float32]], articles: npt.NDArray[np.integer]
    ) -> Longs:
        """
        Give the number of each article's best chunk, the earliest of equals: int64[n]. `scores_of`: gives those of
        chunks.
        """
        if not len(articles):
            return np.zeros(0, dtype=np.int64)
        firsts = self.first_chunk[articles]
        counts = self.first_chunk[articles + 1] - firsts
        starts = counts.cumsum() - counts
        chunks = np.arange(int(counts.sum())) + np.repeat(firsts - starts, counts)
        scores = scores_of(chunks)
        tops = np.flatnonzero(scores == np.repeat(np.maximum.reduceat(scores, starts), counts))
        best: Longs = chunks[tops[tops.searchsorted(starts)]]
        return best

    @cached_property
    def copy_group(self) -> Longs:
        """int64[n articles]: the same number for articles with the same text."""
        return np.unique(self.copy_key, return_inverse=True)[1].astype(np.int64)

    def count_groups(self, articles: Mask) -> int:
        """Count these articles (bool[n]), copies of each other once."""
        seen = np.zeros(len(self), dtype=bool)
        seen[self.copy_group[articles]] = True
        return int(np.count_nonzero(seen))

    def labels(self, label: str) -> tuple[Ints, list[str]]:
        """
        Give `source`, `section` or `language` of each article: int32[n articles] into a list of names, folded, in which
        "" stands for none.
        """
        if label not in self._joined_labels:
            names: dict[str, int] = {}
            parts = [np.zeros(0, dtype=np.int32)]
            for labels, _ in self._labels:
                column, known = labels[label]
                codes = [names.setdefault(name, len(names)) for name in known]
                parts.append(np.array(codes, dtype=np.int32)[column])
            self._joined_labels[label] = np.concatenate(parts), list(names)
        return self._joined_labels[label]

    def rows_of(self, seqs: Iterable[int]) -> Longs:
        """Give the articles that hold these revisions; unknown ones are left out."""
        return np.flatnonzero(_is_one_of(self.seq, list(seqs)))

    def admitted(self, filters: Filters, *, without: Collection[int] = ()) -> Admitted:
        """Give the articles that are live, admitted by the filters, and not one of the revisions `without`."""
        if filters == _NO_FILTERS and not without:
            return self._live_articles
        mask = self._live_articles.mask.copy()
        if filters.since is not None:
            mask &= self.published >= _seconds(filters.since)
        if filters.until is not None:
            mask &= (self.published < _seconds(filters.until)) & (self.published != NO_DATE)
        for label, wanted, unwanted in (
            ("source", filters.sources, filters.not_sources),
            ("section", filters.sections, filters.not_sections),
            ("language", filters.languages, filters.not_languages),
        ):
            if wanted:
                mask &= self._labelled(label, wanted)
            if unwanted:
                mask &= ~self._labelled(label, unwanted)
        if without:
            mask[self.rows_of(without)] = False
        return Admitted(mask)

    @cached_property
    def _live_articles(self) -> Admitted:
        mask = np.ones(len(self), dtype=bool) if self.live is None else self.live.copy()
        mask.flags.writeable = False  # All questions share it.
        return Admitted(mask)

    @cached_property
    def outlets(self) -> frozenset[str]:
        """The folded names of all sources."""
        return frozenset(name for labels, _ in self._labels for name in labels["source"][1] if name)

    def from_outlet(self, name: str) -> Mask:
        """Give bool[n articles]: those whose source has this name, whatever its case and accents."""
        return self._labelled("source", (name,))

    def published_on(self, days: Sequence[date]) -> Mask:
        """Give bool[n articles]: those published on one of these days, in UTC."""
        wanted: Mask = np.isin(self._days, np.array(days, dtype="datetime64[D]"))
        return wanted

    @cached_property
    def years(self) -> range:
        """The years from the first to the last date of an article."""
        dated = self._days[~np.isnat(self._days)]
        if not len(dated):
            return range(0)
        return range(dated.min().astype(date).year, dated.max().astype(date).year + 1)

    @cached_property
    def _days(self) -> npt.NDArray[np.datetime64]:
        # NO_DATE is what numpy holds for "not a time", which equals nothing.
        return self.published.astype("datetime64[s]").astype("datetime64[D]")

    def _labelled(self, label: str, names: Sequence[str]) -> Mask:
        wanted = {fold(name) for name in names}
        parts = []
        for labels, _ in self._labels:
            column, known = labels[label]
            parts.append(_is_one_of(column, [code for code, name in enumerate(known) if name in wanted]))
        return np.concatenate(parts) if parts else np.zeros(0, dtype=bool)


def _is_one_of(column: npt.NDArray[np.signedinteger], numbers: Sequence[int]) -> Mask:
    """Give which numbers of a column are among these."""
    # One or two, nearly always: comparing is ten times as fast as looking up.
    if len(numbers) > 2:
        return np.isin(column, numbers)
    mask = np.zeros(len(column), dtype=bool)
    for number in numbers:
        mask |= column == number
    return mask


def _seconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp())


def _join(parts: Sequence[npt.NDArray[Any]], dtype: Any) -> npt.NDArray[Any]:
    return np.concatenate(parts).astype(dtype, copy=False) if parts else np.zeros(0, dtype=dtype)
