"""
Which texts were encoded by a build that did not finish? Their vectors, kept as they come, so none is encoded
twice.

One append-only file: a header that names the encoder, then one record per vector: a digest of 16 bytes,
the float32 numbers, and the CRC-32 of both. A record counts only if it is whole; at the first that is not,
the file ends. One process writes it, under the library's lock.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from searcher.index.dense.vectors import Vector, Vectors
from searcher.index.files import sync

_MAGIC = b"searcher journal 1\n"
_DIGEST_BYTES = 16


class Journal:
    """The vectors of an unfinished build. Use it as a context manager, or `close` it."""

    def __init__(self, path: Path, header: bytes, record: np.dtype[np.void]) -> None:
        self._path = path
        self._header = header
        self._record = record
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        self._records = self._read()
        self._end = len(header) + len(self._records) * record.itemsize
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
        self._end += records.nbytes

    def load(self) -> dict[bytes, Vector]:
        """Give every vector, by digest."""
        records = self._read()
        vectors = np.ascontiguousarray(records["vector"], np.float32)
        return {digest.tobytes(): vector for digest, vector in zip(records["digest"], vectors, strict=True)}

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

    def _read(self) -> npt.NDArray[np.void]:
        """
        Give the whole records; none, and a header written anew, if this is not the journal of our encoder.
        """
        content = self._path.read_bytes()
        if not content.startswith(self._header):
            self._begin()
            return np.zeros(0, self._record)
        count = (len(content) - len(self._header)) // self._record.itemsize
        records = np.frombuffer(content, self._record, count, len(self._header))
        whole = records["crc"] == _checksums(records)
        return records if whole.all() else records[: int(np.argmin(whole))]

    def _begin(self) -> None:
        os.ftruncate(self._file, 0)
        _write_at(self._file, self._header, 0)
        os.fsync(self._file)
        sync(self._path.parent)


def _checksums(records: npt.NDArray[np.void]) -> npt.NDArray[np.uint32]:
    """Give the CRC-32 of each record's digest and vector."""
    size = records.dtype.itemsize
    content = memoryview(records.tobytes())
    return np.array(
        [zlib.crc32(content[at : at + size - 4]) for at in range(0, len(content), size)], np.uint32
    )


def _write_at(file: int, content: bytes, offset: int) -> None:
    while content:
        written = os.pwrite(file, content, offset)
        content, offset = content[written:], offset + written
