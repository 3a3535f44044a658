"""
How is FAISS spoken to? It writes, reads and scans the codes of one file, and this is the only file that imports it.

A file holds one code per row: the vector itself, or its numbers as whole numbers from -128 to 127. It is written
beside, read back, synced and renamed, and read memory-mapped. Nothing here knows what the codes stand for. Whole
numbers that FAISS has mapped are scanned by a compiled loop (`_scan.c`), if the package was built with a C compiler.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from searcher.errors import IndexDamaged
from searcher.index.dense.vectors import Vector, Vectors
from searcher.index.files import beside_of, replace_durably

try:
    from searcher.index.dense import _scan
except ImportError:
    _scan = None  # type: ignore[assignment]

Kind = Literal["float32", "int8"]
Codes = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_BYTES = {"float32": 4, "int8": 1}
# Rows handed over at a time: FAISS takes whole numbers as float32 too, four times their size.
_BLOCK = 8192


def largest_number(dim: int) -> int:
    """Give up to which whole number the numbers of a query for int8 codes may go."""
    if _scan is None:
        return 127  # FAISS makes bytes of them, too.
    # In two bytes, and so that a product fits into four.
    return int(min(np.iinfo(np.int16).max, np.iinfo(np.int32).max // (128 * max(dim, 1))))


def write_scan(numbers: npt.NDArray[Any], path: Path) -> None:
    """
    Write float32[n, dim] or int8[n, dim] as a FAISS file, durably: it is whole at `path`, or `path` is as it was.

    Raises OSError if the disk does not take it.
    """
    kind: Kind = "int8" if numbers.dtype == np.int8 else "float32"
    index = _empty(kind, numbers.shape[1])
    for start in range(0, len(numbers), _BLOCK):
        index.add(np.ascontiguousarray(numbers[start : start + _BLOCK], np.float32))
    beside = beside_of(path)
    try:
        _write(index, beside)
        # On a full disk FAISS can leave a short file without saying so.
        if not np.array_equal(Scan.open(beside, kind, *numbers.shape).numbers(), numbers):
            raise OSError(f"{path}: what was written cannot be read back. Is the disk full?")
        replace_durably(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


class Seen(NamedTuple):
    """
    Rows, rising, with their inner products (int64[m], float32[m]); no other row that was admitted has more than
    `others`, which may be -inf where there is none.
    """

    rows: Rows
    products: Vectors
    others: float


class Scan:
    """The codes of one file, mapped and never changed. Usable from several threads at once."""

    def __init__(self, index: Any, kind: Kind) -> None:
        self._index = index
        self._codes = _mapped_codes(index) if kind == "int8" else None

    @classmethod
    def open(cls, path: Path, kind: Kind, rows: int, dim: int) -> Scan:
        """Open a file of `write_scan`. Raises IndexDamaged unless it holds exactly `rows` codes of `dim` numbers."""
        faiss = _faiss()
        try:
            # FAISS would try to read a file that is too short, or to allocate what a damaged header asks for.
            enough = path.stat().st_size >= rows * dim * _BYTES[kind]
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC) if enough else None
        except (OSError, RuntimeError, MemoryError) as error:
            raise IndexDamaged(f"{path} cannot be read. Run: searcher rebuild") from error
        if index is None or _shape(index) != _shape(_empty(kind, dim), rows):
            raise IndexDamaged(
                f"{path} does not hold {rows} vectors of {dim} numbers ({kind}). Run: searcher rebuild"
            )
        return cls(index, kind)

    def nearest(self, query: Vector, wanted: int, mask: Mask | None) -> Seen:
        """
        Give the `wanted` rows with the highest inner products among those that `mask` (bool[n], contiguous) admits, or
        some more.

        So many must be admitted. For int8 the query, float32[dim], holds whole numbers, none beyond `largest_number`.
        Last bits, and which of equal rows are given, as FAISS or the compiled loop has them.
        """
        if self._codes is None or _scan is None:
            return self._nearest_by_faiss(query, wanted, mask)
        rows, products, others = _scan.nearest(self._codes, query.astype(np.int16), wanted, mask)
        return Seen(
            np.frombuffer(rows, np.int64),
            np.frombuffer(products, np.int32).astype(np.float32),
            -math.inf if others is None else others,
        )

    def _nearest_by_faiss(self, query: Vector, wanted: int, mask: Mask | None) -> Seen:
        faiss = _faiss()
        parameters = None
        if mask is not None:
            bits = np.packbits(mask, bitorder="little")
            selector = faiss.IDSelectorBitmap(len(mask), faiss.swig_ptr(bits))
            parameters = faiss.SearchParameters(sel=selector)
        question = np.ascontiguousarray(query, np.float32)[np.newaxis]
        (products,), (rows,) = self._index.search(question, wanted, params=parameters)
        order = rows.argsort()
        return Seen(rows[order], products[order], float(products[-1]))

    def numbers(self) -> npt.NDArray[Any]:
        """
        Give what was written: for float32 a read-only view of the file, for int8 a copy.

        The view is not aligned to 4 bytes: arithmetic on it is correct but copies it whole. It is for copying on.
        """
        if self._codes is not None:
            # FAISS keeps them as numbers from 0 to 255.
            return (self._codes ^ 128).view(np.int8)
        if self._index.ntotal == 0:
            return np.zeros((0, self._index.d), np.float32)
        return np.asarray(_Mapped(self._index, "<f4", int(self._index.get_xb())))


class _Mapped:
    """What numpy needs to see FAISS's memory, and what keeps that memory there while it is seen."""

    def __init__(self, index: Any, kind: str, address: int) -> None:
        self.index = index
        self.__array_interface__ = {
            "data": (address, True),
            "shape": (index.ntotal, index.d),
            "typestr": kind,
            "version": 3,
        }


def _mapped_codes(index: Any) -> Codes:
    if index.ntotal == 0:
        return np.zeros((0, index.d), np.uint8)
    return np.asarray(_Mapped(index, "|u1", int(index.codes.data())))


def _empty(kind: Kind, dim: int) -> Any:
    faiss = _faiss()
    if kind == "float32":
        return faiss.IndexFlatIP(dim)
    # The numbers are multiplied as they are, four times as fast as 8-bit codes that have to be decoded first.
    return faiss.IndexScalarQuantizer(
        dim, faiss.ScalarQuantizer.QT_8bit_direct_signed, faiss.METRIC_INNER_PRODUCT
    )


def _shape(index: Any, rows: int | None = None) -> tuple[Any, ...]:
    """Give what decides whether a file is the one that is wanted."""
    codes = getattr(index, "sq", None)
    count = index.ntotal if rows is None else rows
    return type(index), index.d, index.metric_type, count, codes and codes.qtype


def _write(index: Any, path: Path) -> None:
    try:
        _faiss().write_index(index, str(path))
    except RuntimeError as error:
        raise OSError(f"{path} cannot be written: {error}") from error


def _faiss() -> Any:
    """Give FAISS, with one thread for the thread that asks: that is set per thread, and searches run side by side."""
    import faiss

    faiss.omp_set_num_threads(1)
    return faiss
