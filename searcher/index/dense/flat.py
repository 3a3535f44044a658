"""
Which vectors are nearest to this one? Exactly, whatever finds the candidates.

Candidates come from a scan of the vectors themselves, or in large segments of their compressed copy; where it matters,
their scores are then computed once more, each row alone and in one way. A scan adds the products of a row up in an
order that depends on the row's neighbours, so that two copies of one text may differ in the last bit, by which mask was
given. Here a row's score depends on the row and the query only, and equal rows score equally, with and without a copy.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np

from searcher.index.dense.compressed import CompressedIndex
from searcher.index.dense.scan import Mask, Rows, Scan, write_scan
from searcher.index.dense.vectors import Vector, Vectors

# FAISS's score of a unit vector and ours differ by 1e-7 as measured; this is a hundred times that.
_ROUNDING = 1e-5
# A mask that admits fewer rows is scored row by row, without FAISS: the answer is the same, and the time up to
# here is shorter (100,000 x 384: .21 against .31 ms for 1,000 rows, 2.1 against 1.0 ms for 5,000).
_FEW = 2000
# Rows that are copied and multiplied at once: in memory that is still in the processor's caches.
_AT_ONCE = 1024


def write_flat(vectors: Vectors, path: Path) -> None:
    """
    Write float32[n, dim] as a FAISS file, durably: it is whole at `path`, or `path` is as it was.

    Raises ValueError if a number is not finite, OSError if the disk does not take it.
    """
    if vectors.ndim != 2 or vectors.dtype != np.float32 or not np.isfinite(vectors).all():
        raise ValueError("vectors must be float32[n, dim], all finite")
    write_scan(vectors, path)


class Nearest(NamedTuple):
    """
    Rows near a query, rising, with the scores they seem to have (int64[m], float32[m]), and what is known of the exact
    ones: none is further from the seen one than `error`, and no other row that was admitted scores more than `others`
    (-inf where there is none).
    """

    rows: Rows
    seen: Vectors
    error: float
    others: float


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
        # Floats that are not aligned are picked one by one, bytes row by row: a quarter less time.
        self._bytes = self._vectors.view(np.uint8)

    @classmethod
    def open(cls, path: Path, rows: int, dim: int, *, compressed: CompressedIndex | None = None) -> FlatIndex:
        """
        Open a file of `write_flat`, with a compressed copy of the same vectors if there is one.

        Raises IndexDamaged unless it holds exactly `rows` vectors of `dim` numbers.
        """
        return cls(Scan.open(path, "float32", rows, dim), compressed)

    def __len__(self) -> int:
        return len(self._vectors)

    def nearest(self, query: Vector, wanted: int, mask: Mask | None = None) -> Nearest:
        """
        Give the rows that seem nearest of those that `mask` (bool[n]) admits: `wanted` (1 or more) or some more, or all
        there are.

        `query`: float32[dim], unit length. One without direction (all zero, or with a number that is not finite) is
        near to nothing: no rows.
        """
        if not (query.any() and np.isfinite(query).all()):
            return Nearest(np.arange(0), np.zeros(0, np.float32), 0.0, -math.inf)
        admitted = len(self) if mask is None else int(np.count_nonzero(mask))
        if admitted <= wanted or (mask is not None and admitted <= _FEW):
            rows = np.arange(len(self)) if mask is None else np.flatnonzero(mask)
            return Nearest(rows, self.scores(query, rows), 0.0, -math.inf)
        if self._compressed is None:
            seen, error = self._scan.nearest(query, wanted, mask), _ROUNDING
        else:
            seen, error = self._compressed.nearest(query, wanted, mask)
            error += _ROUNDING
        return Nearest(seen.rows, seen.products, error, seen.others + error)

    def scores(self, query: Vector, rows: Rows) -> Vectors:
        """Give float32[len(rows)], the exact scores of these rows, equal to those that `nearest` gives."""
        scores: Vectors = np.empty(len(rows), dtype=np.float32)
        for start in range(0, len(rows), _AT_ONCE):
            here = slice(start, start + _AT_ONCE)
            np.einsum("ij,j->i", self.vectors(rows[here]), query, out=scores[here])
        return scores

    def vectors(self, rows: Rows) -> Vectors:
        """Give a copy, float32[len(rows), dim], of these rows."""
        return self._bytes.take(rows, axis=0).view(np.float32)

    def all(self) -> Vectors:
        """
        Give all vectors as a read-only float32[n, dim] view of the file.

        The view is not aligned to 4 bytes: arithmetic on it is correct but copies it whole. It is for copying
        on.
        """
        return self._vectors
