"""
Which articles may answer a question? Some of a generation, as rows or as a mask: whichever was found first.

What words restrict a question to is found as rows, and often it is few of many; filters look at every article, and
give a mask. Each is made of the other where somebody asks for it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]


class Admitted:
    """Some of the articles of a generation. Immutable; safe to share between threads."""

    __slots__ = ("_count", "_mask", "_rows", "is_rows", "total")

    def __init__(self, mask: Mask | None = None, *, rows: Ints | None = None, total: int = 0) -> None:
        """`mask`: bool[n articles]; without one, `rows` rise, each once, of `total` articles."""
        self._mask = mask
        self._rows = rows
        self._count = None if rows is None else len(rows)
        self.is_rows = rows is not None
        """Whether it was found as rows: then they are few enough to go by."""
        self.total = total if mask is None else len(mask)
        """How many articles the generation has."""

    @property
    def count(self) -> int:
        """How many of them are admitted."""
        if self._count is None:
            self._count = int(np.count_nonzero(self.mask))
        return self._count

    @property
    def rows(self) -> Ints:
        """int32[count], rising."""
        if self._rows is None:
            self._rows = self.mask.nonzero()[0].astype(np.int32)
        return self._rows

    @property
    def mask(self) -> Mask:
        """bool[n articles]; not to be changed."""
        if self._mask is None:
            mask = np.zeros(self.total, dtype=bool)
            mask[self.rows] = True
            self._mask = mask
        return self._mask
