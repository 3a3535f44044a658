"""
Which texts were encoded by a build that did not finish? Their vectors, kept as they come, so none is encoded
twice.

One append-only file: a header that names the encoder, then one record per vector: a digest of 16 bytes,
the float32 numbers, and the CRC-32 of both. A record counts only if it is whole; at the first that is not,
the file ends. One process writes it, under the library's lock. The vectors stay in the file: in memory are only
the digests, and the rows where their vectors lie.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from searcher.index.dense.vectors import Vectors
from searcher.index.files import sync

Rows = npt.NDArray[np.int64]

_MAGIC = b"searcher journal 1\n"
_DIGEST_BYTES = 16


class Journal:
    """The vectors of an unfinished build. Use it as a context manager, or `close` it."""

    def __init__(self, path: Path, header: bytes, record: np.dtype[np.void]) -> None:
        self._path = path
        self._header = header
        self._record = record
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        records = self._whole()
        self._rows = {digest.tobytes(): row for row, digest in enumerate(records["digest"])}
        self._end = len(header) + records.nbytes
        os.ftruncate(self._file, self._end)

    @classmethod
    def open(cls, path: Path, fingerprint: str, dim: int) -> Journal:
        """
        Open the journal for vectors of `dim` numbers by the encoder of this fingerprint, or begin it.

        A journal of another encoder is begun afresh. What a crash left unfinished at its end is cut off.
        """
        who = hashlib.sha256(f"{fingerprint} {dim}".encode()).digest()
        fields = [("digest", f"V{_DIGEST_BYTES}"), ("vector", "<f4", (dim,)), ("crc", "<u4")]
        return cls(path, _MAGIC + who, np.dtype(fields))

    def append(self, digests: Sequence[bytes], vectors: Vectors) -> None:
        """
        Add one vector per digest, float32[n, dim]; they are on the disk when it returns.

        After an OSError none of them is there, and the journal can still be used.
        """
        records = np.zeros(len(digests), self._record)
        records["digest"] = np.array(list(digests), f"V{_DIGEST_BYTES}")
        records["vector"] = vectors
        records["crc"] = _checksums(records)
        try:
            _write_at(self._file, records.tobytes(), self._end)
            os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, self._end)
            raise
        first = self._count(self._end)
        self._rows.update(zip(digests, range(first, first + len(records)), strict=True))
        self._end += records.nbytes

    def find(self, digests: Sequence[bytes]) -> Rows:
        """Give the row of each digest, or -1."""
        return np.array([self._rows.get(digest, -1) for digest in digests], np.int64)

    def vectors(self, rows: Rows) -> Vectors:
        """Give a copy, float32[len(rows), dim], of these rows."""
        vectors: Vectors = self._records(self._count(self._end))["vector"][rows]
        return vectors.astype(np.float32, copy=False)

    def forget(self, digests: Sequence[bytes]) -> None:
        """Find these no longer: their vectors stand elsewhere. The file keeps them, for the next build."""
        for digest in digests:
            self._rows.pop(digest, None)

    def discard(self) -> None:
        """Close and delete it: its vectors are safe elsewhere."""
        self.close()
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file. It may be closed again."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _whole(self) -> npt.NDArray[np.void]:
        """
        Give the whole records; none, and a header written anew, if this is not the journal of our encoder.
        """
        if os.pread(self._file, len(self._header), 0) != self._header:
            self._begin()
        records = self._records(self._count(os.fstat(self._file).st_size))
        whole = records["crc"] == _checksums(records)
        return records if whole.all() else records[: int(np.argmin(whole))]

    def _count(self, size: int) -> int:
        """Give how many records a file of so many bytes has room for."""
        return (size - len(self._header)) // self._record.itemsize

    def _records(self, count: int) -> npt.NDArray[np.void]:
        """Give the first `count` records, mapped from the file."""
        size = len(self._header) + count * self._record.itemsize
        mapped = mmap.mmap(self._file, size, access=mmap.ACCESS_READ)
        return np.frombuffer(mapped, self._record, count, len(self._header))

    def _begin(self) -> None:
        os.ftruncate(self._file, 0)
        _write_at(self._file, self._header, 0)
        os.fsync(self._file)
        sync(self._path.parent)


def _checksums(records: npt.NDArray[np.void]) -> npt.NDArray[np.uint32]:
    """Give the CRC-32 of each record's digest and vector."""
    size = records.dtype.itemsize
    content = records.view(np.uint8).data
    return np.array(
        [zlib.crc32(content[at : at + size - 4]) for at in range(0, len(content), size)], np.uint32
    )


def _write_at(file: int, content: bytes, offset: int) -> None:
    while content:
        written = os.pwrite(file, content, offset)
        content, offset = content[written:], offset + written
