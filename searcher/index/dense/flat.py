"""
Which vectors are nearest to this one? Exactly, whatever finds the candidates.

Candidates come from a scan of the vectors themselves, or in large segments of their compressed copy; their scores are
then computed once more, each row alone and in one way. A scan adds the products of a row up in an order that depends
on the row's neighbours, so that two copies of one text may differ in the last bit, by which mask was given. Here a
row's score depends on the row and the query only, equal rows score equally, and ties go to the lower row: the same
rows and scores with and without a compressed copy.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from searcher.index.dense.compressed import CompressedIndex
from searcher.index.dense.scan import Mask, Rows, Scan, write_scan
from searcher.index.dense.vectors import Vector, Vectors

# Candidates beyond `depth` that are asked for at first, so that ties at its edge are seen whole.
_MARGIN = 32
# As many again where scores are rounded: of real queries at 50,000 chunks the best 800 needed 1,215 candidates on
# average and 1,555 at most, the best 100 needed 148 and 217.
_COMPRESSED_SHARE = 2
# FAISS's score of a unit vector and ours differ by 1e-7 as measured; this is a hundred times that.
_ROUNDING = 1e-5
# A mask that admits fewer rows is scored row by row, without FAISS: the answer is the same, and the time up to
# here is shorter (100,000 x 384: .21 against .31 ms for 1,000 rows, 2.1 against 1.0 ms for 5,000).
_FEW = 2000


def write_flat(vectors: Vectors, path: Path) -> None:
    """
    Write float32[n, dim] as a FAISS file, durably: it is whole at `path`, or `path` is as it was.

    Raises ValueError if a number is not finite, OSError if the disk does not take it.
    """
    if vectors.ndim != 2 or vectors.dtype != np.float32 or not np.isfinite(vectors).all():
        raise ValueError("vectors must be float32[n, dim], all finite")
    write_scan(vectors, path)


class FlatIndex:
    """
    Unit vectors of one segment, mapped from their file and never changed. Usable from several threads at
    once.

    Row numbers are chunk numbers. A score is the inner product, so the cosine where both are unit vectors.
    """

    def __init__(self, scan: Scan, compressed: CompressedIndex | None = None) -> None:
        self._scan = scan
        self._compressed = compressed
        self._vectors: Vectors = scan.numbers()

    @classmethod
    def open(cls, path: Path, rows: int, dim: int, *, compressed: CompressedIndex | None = None) -> FlatIndex:
        """
        Open a file of `write_flat`, with a compressed copy of the same vectors if there is one.

        Raises IndexDamaged unless it holds exactly `rows` vectors of `dim` numbers.
        """
        return cls(Scan.open(path, "float32", rows, dim), compressed)

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, query: Vector, depth: int, mask: Mask | None = None) -> tuple[Rows, Vectors]:
        """
        Give the `depth` best rows among those that `mask` (bool[n]) admits, as (int64[m], float32[m]).

        Best first, ties by row; fewer only if fewer are admitted. A query without direction (all zero, or
        with a number that is not finite) is near to nothing: no rows.
        """
        rows, scores = np.arange(0), np.zeros(0, np.float32)
        if depth > 0 and query.any() and np.isfinite(query).all():
            rows, scores = self._candidates(query, depth, mask)
        order = np.lexsort((rows, -scores))[:depth]
        return rows[order], scores[order]

    def scores(self, query: Vector, rows: Rows) -> Vectors:
        """Give float32[len(rows)], the exact scores of these rows, equal to those that `search` gives."""
        scores: Vectors = np.einsum("ij,j->i", self._vectors[rows], query)
        return scores

    def vectors(self, rows: Rows) -> Vectors:
        """Give a copy, float32[len(rows), dim], of these rows."""
        return self._vectors[rows]

    def all(self) -> Vectors:
        """
        Give all vectors as a read-only float32[n, dim] view of the file.

        The view is not aligned to 4 bytes: arithmetic on it is correct but copies it whole. It is for copying
        on.
        """
        return self._vectors

    def _candidates(self, query: Vector, depth: int, mask: Mask | None) -> tuple[Rows, Vectors]:
        """Give rows among which the `depth` best are sure to be, and their exact scores."""
        admitted = len(self) if mask is None else int(np.count_nonzero(mask))
        if mask is not None and admitted <= max(_FEW, depth):
            return self._scored(query, np.flatnonzero(mask))
        wanted = depth + _MARGIN if self._compressed is None else _COMPRESSED_SHARE * depth + _MARGIN
        while wanted < admitted:
            rows, seen, error = self._nearest(query, wanted, mask)
            first = self.scores(query, rows[:depth])
            # The best `depth` score at least so much: whatever is seen to score less, by more than the error, is out.
            least = float(first.min()) - error
            if seen[-1] < least:
                others = rows[depth : int(np.searchsorted(-seen, -least, side="right"))]
                return rows[: depth + len(others)], np.concatenate([first, self.scores(query, others)])
            wanted *= 4
        return self._scored(query, np.arange(len(self)) if mask is None else np.flatnonzero(mask))

    def _scored(self, query: Vector, rows: Rows) -> tuple[Rows, Vectors]:
        return rows, self.scores(query, rows)

    def _nearest(self, query: Vector, wanted: int, mask: Mask | None) -> tuple[Rows, Vectors, float]:
        """Give the rows that seem nearest, their scores as they seem, and by how much these may be wrong."""
        if self._compressed is not None:
            rows, scores, error = self._compressed.nearest(query, wanted, mask)
            return rows, scores, error + _ROUNDING
        return *self._scan.nearest(query, wanted, mask), _ROUNDING
