"""
How near in meaning? The cosine of query and chunk vectors, over every segment of a generation.

An article's dense score is that of its best chunk. Masks go into the search, so a narrow filter still finds
everything that it admits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from searcher.index.dense.flat import FlatIndex
from searcher.index.table import Table
from searcher.records import Ranking

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Longs = npt.NDArray[np.int64]

_CHUNKS_PER_ARTICLE = 4


class DenseLeg:
    """Cosines over the vectors of a generation. Immutable; safe to share between threads."""

    def __init__(self, segments: Sequence[FlatIndex], table: Table) -> None:
        self._segments = segments
        self._table = table
        self._starts = np.cumsum([0, *(len(segment) for segment in segments)])

    def rank(self, vector: Floats, admitted: Mask | None, depth: int) -> Ranking:
        """
        Give the `depth` articles nearest to `vector` (float32[dim], unit length), fewer when fewer are admitted.

        Chunks are gathered, and gathered deeper, until so many articles are found that no chunk left out could be
        among them, not even by a tie, or until no chunk is left.
        """
        # A scan that asks no mask is the faster one.
        chunk_mask = None if admitted is None or admitted.all() else admitted[self._table.chunk_article]
        available = (
            len(self._table.chunk_article) if chunk_mask is None else int(np.count_nonzero(chunk_mask))
        )
        wanted = _CHUNKS_PER_ARTICLE * depth
        while True:
            chunks, scores = self._nearest(vector, chunk_mask, wanted)
            ranking = _best_per_article(chunks, scores, self._table)
            if len(chunks) >= available or len(chunks) < min(wanted, available):
                break
            if depth <= len(ranking) and (depth == 0 or scores[-1] < ranking.scores[depth - 1]):
                break
            wanted = _deeper(wanted, depth, len(ranking))
        return Ranking(ranking.articles[:depth], ranking.chunks[:depth], ranking.scores[:depth])

    def scores(self, vector: Floats, chunks: Longs) -> Floats:
        """Give the exact cosine of each of these chunks: float32[n]."""
        result = np.zeros(len(chunks), dtype=np.float32)
        segment_of = np.searchsorted(self._starts, chunks, side="right") - 1
        for number, segment in enumerate(self._segments):
            here = segment_of == number
            if here.any():
                result[here] = segment.scores(vector, chunks[here] - self._starts[number])
        return result

    def vectors(self, chunks: Longs) -> Floats:
        """Give float32[n, dim]: the vectors of these chunks."""
        segment_of = np.searchsorted(self._starts, chunks, side="right") - 1
        parts = [
            self._segments[number].vectors(np.array([chunk - self._starts[number]]))
            for number, chunk in zip(segment_of.tolist(), chunks.tolist(), strict=True)
        ]
        return np.concatenate(parts)

    def _nearest(self, vector: Floats, mask: Mask | None, depth: int) -> tuple[Longs, Floats]:
        chunks, scores = [], []
        for number, segment in enumerate(self._segments):
            start, end = int(self._starts[number]), int(self._starts[number + 1])
            if start == end:
                continue
            rows, values = segment.search(vector, depth, None if mask is None else mask[start:end])
            chunks.append(rows + start)
            scores.append(values)
        if not chunks:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        all_chunks, all_scores = np.concatenate(chunks), np.concatenate(scores)
        order = np.argsort(-all_scores, kind="stable")[:depth]
        return all_chunks[order], all_scores[order]


def _deeper(wanted: int, depth: int, found: int) -> int:
    """
    Say how many chunks to gather where `wanted` held `found` articles, so that the next are likely to hold `depth`.

    Each gathering is a search of its own: at 50,000 chunks of 2,900 articles the best 200 lie in the best 450 to 1,050
    chunks, at 10,700 of 609 in 900 to 2,400.
    """
    missing = max(depth / max(found, 1), 1.0)
    return math.ceil(wanted * min(max(1.5, 1.25 * math.pow(missing, 1.5)), 16.0))


def _best_per_article(chunks: Longs, scores: Floats, table: Table) -> Ranking:
    """
    Keep each article's best chunk (the earliest of equals), best first, equal scores in order of `seq`.

    `chunks` are best first, equal ones rising.
    """
    articles = table.chunk_article[chunks].astype(np.int64)
    best = np.unique(articles, return_index=True)[1]
    best = best[np.lexsort((table.seq[articles[best]], -scores[best]))]
    return Ranking(articles[best], chunks[best], scores[best])
