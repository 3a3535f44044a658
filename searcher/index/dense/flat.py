"""
Which vectors are nearest to this one? Exactly, from one file of FAISS, and this is the only file that imports
it.

FAISS finds the candidates; their scores are then computed once more, each row alone and in one way. FAISS
adds the products of a row up in an order that depends on the row's neighbours, so that two copies of one text
may differ in the last bit, by which mask was given. Here a row's score depends on the row and the query only,
equal rows score equally, and ties go to the lower row.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.errors import IndexDamaged
from searcher.index.dense.vectors import Vector, Vectors
from searcher.index.files import beside_of, replace_durably

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# Candidates beyond `depth` that are asked for at first, so that ties at its edge are seen whole.
_MARGIN = 32
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
    faiss = _faiss()
    index = faiss.IndexFlatIP(vectors.shape[1])
    if len(vectors):
        index.add(np.ascontiguousarray(vectors))
    beside = beside_of(path)
    try:
        _write(index, beside)
        # On a full disk FAISS can leave a short file without saying so.
        if not np.array_equal(FlatIndex.open(beside, len(vectors), vectors.shape[1]).all(), vectors):
            raise OSError(f"{path}: what was written cannot be read back. Is the disk full?")
        replace_durably(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


class FlatIndex:
    """
    Unit vectors of one segment, mapped from their file and never changed. Usable from several threads at
    once.

    Row numbers are chunk numbers. A score is the inner product, so the cosine where both are unit vectors.
    """

    def __init__(self, index: Any) -> None:
        self._index = index
        self._vectors = _view(index)

    @classmethod
    def open(cls, path: Path, rows: int, dim: int) -> FlatIndex:
        """
        Open a file of `write_flat`. Raises IndexDamaged unless it holds exactly `rows` vectors of `dim`
        numbers.
        """
        faiss = _faiss()
        try:
            # FAISS would try to read a file that is too short, or to allocate what a damaged header asks for.
            enough = path.stat().st_size >= rows * dim * 4
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC) if enough else None
        except (OSError, RuntimeError, MemoryError) as error:
            raise IndexDamaged(f"{path} cannot be read. Run: searcher rebuild") from error
        whole = isinstance(index, faiss.IndexFlatIP) and (index.ntotal, index.d) == (rows, dim)
        if index is None or not whole or index.metric_type != faiss.METRIC_INNER_PRODUCT:
            raise IndexDamaged(f"{path} does not hold {rows} vectors of {dim} numbers. Run: searcher rebuild")
        return cls(index)

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, query: Vector, depth: int, mask: Mask | None = None) -> tuple[Rows, Vectors]:
        """
        Give the `depth` best rows among those that `mask` (bool[n]) admits, as (int64[m], float32[m]).

        Best first, ties by row; fewer only if fewer are admitted. A query without direction (all zero, or
        with a number that is not finite) is near to nothing: no rows.
        """
        rows = np.arange(0)
        if depth > 0 and query.any() and np.isfinite(query).all():
            rows = self._candidates(query, depth, mask)
        scores = self.scores(query, rows)
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

    def _candidates(self, query: Vector, depth: int, mask: Mask | None) -> Rows:
        """Give rows among which the `depth` best are sure to be."""
        admitted = len(self) if mask is None else int(np.count_nonzero(mask))
        if mask is not None and admitted <= max(_FEW, depth):
            return np.flatnonzero(mask)
        wanted = depth + _MARGIN
        while wanted < admitted:
            scores, rows = self._nearest(query, wanted, mask)
            # Whatever was not given scores at most the last one: enough if that is clearly under the edge.
            if scores[-1] < scores[depth - 1] - _ROUNDING:
                return rows
            wanted *= 4
        return np.arange(len(self)) if mask is None else np.flatnonzero(mask)

    def _nearest(self, query: Vector, wanted: int, mask: Mask | None) -> tuple[Vectors, Rows]:
        faiss = _faiss()
        parameters = None
        if mask is not None:
            bits = np.packbits(mask, bitorder="little")
            selector = faiss.IDSelectorBitmap(len(mask), faiss.swig_ptr(bits))
            parameters = faiss.SearchParameters(sel=selector)
        question = np.ascontiguousarray(query, np.float32)[np.newaxis]
        scores, rows = self._index.search(question, wanted, params=parameters)
        return scores[0], rows[0]


class _Mapped:
    """What numpy needs to see FAISS's memory, and what keeps that memory there while it is seen."""

    def __init__(self, index: Any) -> None:
        self.index = index
        self.__array_interface__ = {
            "data": (int(index.get_xb()), True),
            "shape": (index.ntotal, index.d),
            "typestr": "<f4",
            "version": 3,
        }


def _view(index: Any) -> Vectors:
    if index.ntotal == 0:
        return np.zeros((0, index.d), np.float32)
    return np.asarray(_Mapped(index))


def _write(index: Any, path: Path) -> None:
    try:
        _faiss().write_index(index, str(path))
    except RuntimeError as error:
        raise OSError(f"{path} cannot be written: {error}") from error


def _faiss() -> Any:
    """
    Give FAISS, with one thread for the thread that asks: the setting is per thread, and searches run side by
    side.
    """
    import faiss

    faiss.omp_set_num_threads(1)
    return faiss
