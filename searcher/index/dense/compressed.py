"""
Which rows may be among the nearest? Asked of vectors in a quarter of the space, with a bound on what they hide.

Each number is rounded to one of 255 steps, and those of the query to far more. How far rounding can move a score is
known beforehand (Cauchy & Schwarz): by the length of what the query lost, plus the longest of what the vectors lost. So
the rows that may be nearest are found for certain, and their exact scores are computed from the vectors themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from searcher.index.dense.scan import Mask, Scan, Seen, largest_number, write_scan
from searcher.index.dense.vectors import Vector, Vectors

_STEPS = 127
_BLOCK = 8192


@dataclass(frozen=True, slots=True)
class Compression:
    """How a segment's vectors were rounded: the length of a step, and the most that a vector lost (its length)."""

    step: float
    lost: float


def write_compressed(vectors: Vectors, path: Path) -> Compression:
    """
    Write float32[n, dim], rows no longer than 1, rounded to steps, beside the vectors' own file; give how.

    Raises OSError if the disk does not take it.
    """
    step = _step(vectors, _STEPS)
    codes = np.empty(vectors.shape, np.int8)
    lost = 0.0
    for start in range(0, len(vectors), _BLOCK):
        block = vectors[start : start + _BLOCK]
        codes[start : start + _BLOCK] = np.rint(block / step)
        rounded = codes[start : start + _BLOCK].astype(np.float32) * np.float32(step)
        lost = max(lost, float(np.linalg.norm(block - rounded, axis=1).max(initial=0)))
    write_scan(codes, path)
    return Compression(step, lost)


class CompressedIndex:
    """The rounded vectors of one segment, mapped from their file. Usable from several threads at once."""

    def __init__(self, scan: Scan, compression: Compression) -> None:
        self._scan = scan
        self._compression = compression

    @classmethod
    def open(cls, path: Path, rows: int, dim: int, compression: Compression) -> CompressedIndex:
        """Open a file of `write_compressed`. Raises IndexDamaged unless it holds `rows` vectors of `dim` numbers."""
        return cls(Scan.open(path, "int8", rows, dim), compression)

    def nearest(self, query: Vector, wanted: int, mask: Mask | None) -> tuple[Seen, float]:
        """
        Give the `wanted` rows that seem nearest to `query` (float32[dim], unit length) among those admitted, or more.

        As (seen, error): no exact score of any row, given or not, is further from the score seen here than `error`.
        """
        step = _step(query, largest_number(len(query)))
        whole = np.rint(query.astype(np.float64) / step).astype(np.float32)
        rows, products, others = self._scan.nearest(whole, wanted, mask)
        scale = np.float32(step * self._compression.step)
        seen = Seen(rows, products * scale, float(others * scale))
        return seen, self._error(query, whole * np.float32(step))

    def _error(self, query: Vector, rounded: Vector) -> float:
        """|q.v - q'.v'| <= |(q - q').v| + |q'.(v - v')| <= |q - q'| |v| + |q'| |v - v'|, where |v| <= 1."""
        lost = float(np.linalg.norm(query - rounded))
        return lost + float(np.linalg.norm(rounded)) * self._compression.lost


def _step(vectors: npt.NDArray[np.float32], steps: int) -> float:
    """Give how long a step is, if the largest of these numbers is so many."""
    return float(np.abs(vectors).max(initial=0)) / steps or 1.0
