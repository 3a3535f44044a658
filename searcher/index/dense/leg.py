"""
How near in meaning? The cosine of query and chunk vectors, over every segment of a generation.

An article's dense score is that of its best chunk. Masks go into the search, so a narrow filter still finds
everything that it admits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt

from searcher.index.dense.flat import FlatIndex, Nearest
from searcher.index.numbers import runs
from searcher.index.table import Table
from searcher.records import Ranking

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Longs = npt.NDArray[np.int64]

_CHUNKS_PER_ARTICLE = 8
"""
So many chunks are looked at first for each article that is wanted. At 50,000 chunks of 2,855 articles that was enough
for the best 200 of 92 questions in 100; 600 of them had to be scored exactly.
"""

_SLACK = 1.5
"""No segment has just its share of what is near: each is asked for so many times of it, but not for more than all."""

_DEEPER = 3


class DenseLeg:
    """Cosines over the vectors of a generation. Immutable; safe to share between threads."""

    def __init__(self, segments: Sequence[FlatIndex], table: Table) -> None:
        self._segments = segments
        self._table = table
        self._starts = list(accumulate((len(segment) for segment in segments), initial=0))

    def rank(self, vector: Floats, admitted: Mask | None, depth: int) -> Ranking:
        """
        Give the `depth` articles nearest to `vector` (float32[dim], unit length), fewer when fewer are admitted.

        A segment is asked again, for more chunks, while one that it has not given could belong to these articles, if
        only by a tie.
        """
        articles = len(self._table.seq) if admitted is None else int(np.count_nonzero(admitted))
        # A scan that asks no mask is the faster one.
        everything = admitted is None or articles == len(admitted)
        mask = None if admitted is None or everything else admitted[self._table.chunk_article]
        # Where all articles are wanted all chunks are: to ask for some of them first would be to ask twice.
        wanted = self._shares(mask, _CHUNKS_PER_ARTICLE * depth if depth < articles else self._starts[-1])
        found: dict[int, Nearest] = {}
        ranking = Ranking(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
        while wanted:
            for number, count in wanted.items():
                start, end = self._starts[number : number + 2]
                here = None if mask is None else mask[start:end]
                found[number] = self._segments[number].nearest(vector, count, here)
            chunks = self._possible(found, depth)
            ranking = _best_per_article(chunks, self.scores(vector, chunks), self._table)
            least = ranking.scores[depth - 1] if depth <= len(ranking) else -math.inf
            wanted = {
                number: _DEEPER * len(near.rows)
                for number, near in found.items()
                if near.others >= least and near.others > -math.inf
            }
        return Ranking(ranking.articles[:depth], ranking.chunks[:depth], ranking.scores[:depth])

    def _possible(self, found: Mapping[int, Nearest], depth: int) -> Longs:
        """
        Give those of the chunks found, rising, whose exact score may be the best of their article, and that among the
        `depth` best: the others need not be scored.
        """
        near = [found[number] for number in sorted(found)]
        chunks = np.concatenate([found[number].rows + self._starts[number] for number in sorted(found)])
        least = np.concatenate([one.seen - np.float32(one.error) for one in near])
        most = np.concatenate([one.seen + np.float32(one.error) for one in near])
        if not len(chunks):
            return chunks
        starts, article = runs(self._table.chunk_article[chunks])
        sure = np.maximum.reduceat(least, starts)
        floor = np.partition(sure, -depth)[-depth] if depth < len(sure) else -np.inf
        possible: Longs = chunks[most >= np.maximum(sure, floor)[article]]
        return possible

    def scores(self, vector: Floats, chunks: Longs) -> Floats:
        """Give the exact cosine of each of these chunks, which rise: float32[n]."""
        borders = np.searchsorted(chunks, self._starts).tolist()
        parts = [
            segment.scores(vector, chunks[first:last] - start)
            for segment, start, first, last in zip(
                self._segments, self._starts, borders, borders[1:], strict=False
            )
            if first < last
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def vectors(self, chunks: Longs) -> Floats:
        """Give float32[n, dim]: the vectors of these chunks."""
        segment_of = np.searchsorted(self._starts, chunks, side="right") - 1
        parts = [
            self._segments[number].vectors(np.array([chunk - self._starts[number]]))
            for number, chunk in zip(segment_of.tolist(), chunks.tolist(), strict=True)
        ]
        return np.concatenate(parts)

    def _shares(self, mask: Mask | None, chunks: int) -> dict[int, int]:
        """Part `chunks` among the segments as their admitted chunks are many; none to those that have none."""
        borders = list(pairwise(self._starts))
        if mask is None:
            sizes = [end - start for start, end in borders]
        else:
            sizes = [int(np.count_nonzero(mask[start:end])) for start, end in borders]
        return {
            number: min(chunks, math.ceil(_SLACK * chunks * size / sum(sizes)))
            for number, size in enumerate(sizes)
            if size and chunks
        }


def _best_per_article(chunks: Longs, scores: Floats, table: Table) -> Ranking:
    """
    Keep each article's best chunk (the earliest of equals), best first, equal scores in order of `seq`. Chunks rise.
    """
    articles = table.chunk_article[chunks].astype(np.int64)
    starts, article = runs(articles)
    best = np.maximum.reduceat(scores, starts) if len(starts) else scores
    # The first of each article's chunks that has its best.
    tops = np.flatnonzero(scores == best[article])
    tops = tops[np.searchsorted(tops, starts)]
    tops = tops[np.lexsort((table.seq[articles[tops]], -scores[tops]))]
    return Ranking(articles[tops], chunks[tops], scores[tops])
