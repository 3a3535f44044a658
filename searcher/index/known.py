"""
Which texts have we encoded before? Every vector on disk is looked up by the digest of its text.

The segments are the cache: nothing is stored twice. Beside them stands the journal of the build that runs (or was
interrupted), so that no text is ever encoded a second time by the same encoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from searcher.index.cutting import Cut, Digests
from searcher.index.dense.flat import FlatIndex
from searcher.index.dense.journal import Journal

Vectors = npt.NDArray[np.float32]


class Source(Protocol):
    """Where vectors lie: a segment."""

    @property
    def flat(self) -> FlatIndex:
        """Its vectors."""

    @property
    def digests(self) -> tuple[Digests, npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
        """uint64[n, 2] digests of their texts; the first halves, rising; and the rows in that order."""


class KnownVectors:
    """Vectors by the digest of their text, from segments of this encoder and from the journal."""

    def __init__(self, segments: Sequence[Source], journal: Journal, *, dim: int) -> None:
        self._segments = list(segments)
        self._journal = journal
        self._dim = dim
        self.encoded = 0
        self.reused = 0

    def look_up(self, digests: Digests) -> tuple[Vectors, npt.NDArray[np.int64]]:
        """Give float32[n, dim] with the rows that are known filled in, and the numbers of those that are not."""
        vectors = np.zeros((len(digests), self._dim), dtype=np.float32)
        rows = self._journal.find(_keys(digests))
        known = rows >= 0
        vectors[known] = self._journal.vectors(rows[known])
        for segment in self._segments:
            wanted = np.flatnonzero(~known)
            if not len(wanted):
                break
            rows = _find(*segment.digests, digests[wanted])
            found = rows >= 0
            if found.any():
                vectors[wanted[found]] = segment.flat.vectors(rows[found])
                known[wanted[found]] = True
        return vectors, np.flatnonzero(~known)

    def missing(self, digests: Digests) -> npt.NDArray[np.int64]:
        """Give the numbers of the rows whose vectors are not known. Reads none of them."""
        left = np.flatnonzero(self._journal.find(_keys(digests)) < 0)
        for segment in self._segments:
            if len(left):
                left = left[_find(*segment.digests, digests[left]) < 0]
        return left

    def remember(self, digests: Digests, vectors: Vectors) -> None:
        """Keep freshly encoded vectors; when this returns they survive the death of the process."""
        self._journal.append(_keys(digests), vectors)

    def add(self, segment: Source) -> None:
        """Find vectors in this segment too, that was just built, and no longer in the journal."""
        self._segments.append(segment)
        self._journal.forget(_keys(segment.digests[0]))

    def count(self, *, encoded: int, reused: int) -> None:
        """Add to what this build has encoded and reused."""
        self.encoded += encoded
        self.reused += reused


def _keys(digests: Digests) -> list[bytes]:
    joined = digests.astype(">u8").tobytes()
    return [joined[at : at + 16] for at in range(0, len(joined), 16)]


def _find(
    stored: Digests, rising: npt.NDArray[np.uint64], order: npt.NDArray[np.int32], digests: Digests
) -> npt.NDArray[np.int64]:
    """Give the row of each digest, or -1. Touches only what bisection needs."""
    if not len(order):
        return np.full(len(digests), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(rising, digests[:, 0]), len(order) - 1)
    rows = order[at].astype(np.int64)
    # Two texts that share 64 bits and not 128 would cost one needless encoding, nothing else.
    rows[(stored[rows] != digests).any(axis=1)] = -1
    return rows


class CutSource(Protocol):
    """Where cuts lie: a segment."""

    @property
    def cut_keys(self) -> tuple[Digests, npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
        """uint64[n, 2] digests of the cut keys of its articles; the first halves, rising; and their rows so."""

    def cut(self, row: int) -> Cut:
        """The cut of article `row`."""


class KnownCuts:
    """Cuts by the digest of their key, from segments that were made by the same recipe."""

    def __init__(self, segments: Sequence[CutSource] = ()) -> None:
        self._segments = segments

    def look_up(self, keys: Digests) -> list[Cut | None]:
        """Give the cut of each of these keys (uint64[n, 2]), None where it is not known."""
        cuts: list[Cut | None] = [None] * len(keys)
        left = np.arange(len(keys))
        for segment in self._segments:
            rows = _find(*segment.cut_keys, keys[left])
            for place, row in zip(left[rows >= 0].tolist(), rows[rows >= 0].tolist(), strict=True):
                cuts[place] = segment.cut(row)
            left = left[rows < 0]
        return cuts
