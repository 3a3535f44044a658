"""
What outlives the format of a segment? Its vectors, with the digests of the texts that they are of.

Encoding is nearly all that an index costs. So a later program takes the vectors out of segments that it cannot search
any more, and encodes nothing twice. It relies on what every format since 2 has, and every later one must keep, or else
teach this file both:

    segment.json    format, encoder (a fingerprint), chunks, dim, and size and sha256 of each of its files
    vectors.faiss   float32[chunks, dim] (dense/flat.py)
    arrays          (arrays.py) in it digests.all: uint64[chunks, 2]
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from searcher.errors import IndexDamaged
from searcher.index.arrays import Arrays
from searcher.index.cutting import Digests
from searcher.index.dense.flat import FlatIndex
from searcher.index.files import file_digest

OLDEST = 2
"""The first format that keeps digests as they are kept today."""

_FILES = ("vectors.faiss", "arrays")


class KeptVectors:
    """
    The vectors of one segment, of this format or another. Raises IndexDamaged if its files are not what was written.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        try:
            about = json.loads((directory / "segment.json").read_bytes())
            self.format: int = about["format"]
            self.encoder_fingerprint: str = about["encoder"]
            self._chunks, self._dim = _count(about["chunks"]), _count(about["dim"])
            if type(self.format) is not int or self.format < OLDEST:
                raise ValueError(f"format {self.format}")
            for name in _FILES:
                if file_digest(directory / name) != about["files"][name]["sha256"]:
                    raise ValueError(f"{name} is not what was written")
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise IndexDamaged(f"{directory} is not a segment ({error}). Run: searcher rebuild") from error

    @cached_property
    def flat(self) -> FlatIndex:
        """The vectors. Raises IndexDamaged."""
        return FlatIndex.open(self.directory / "vectors.faiss", self._chunks, self._dim)

    @cached_property
    def digests(self) -> tuple[Digests, npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
        """uint64[n, 2] digests of their texts; the first halves, rising; the rows so. Raises IndexDamaged."""
        digests = Arrays(self.directory / "arrays")["digests.all"]
        if digests.shape != (self._chunks, 2) or digests.dtype != np.uint64:
            raise IndexDamaged(f"{self.directory} has vectors of unknown texts. Run: searcher rebuild")
        order = np.argsort(digests[:, 0], kind="stable")
        return digests, digests[order, 0], order.astype(np.int32)


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("it does not count")
    return value
