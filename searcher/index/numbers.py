"""Which numbers are these, and where do equal ones stand together? Of arrays that numpy's own ways take longer for."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", bound=np.integer)
Longs = npt.NDArray[np.int64]


def distinct(numbers: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """
    Give each of these numbers once, rising, as `np.unique` does. That imports numpy.ma when it is first asked, which
    takes a process that asks one question a twentieth of its time.
    """
    rising = np.sort(numbers)
    return rising[_begins(rising)]


def runs(numbers: npt.NDArray[Number]) -> tuple[Longs, Longs]:
    """Give where each run of equal numbers begins, and for each number which run it is in, from 0: both int64."""
    begins = _begins(numbers)
    return begins.nonzero()[0], begins.cumsum() - 1


def _begins(numbers: npt.NDArray[Number]) -> npt.NDArray[np.bool_]:
    """Give bool[n]: whether each number differs from the one before it."""
    begins = np.ones(len(numbers), dtype=bool)
    np.not_equal(numbers[1:], numbers[:-1], out=begins[1:])
    return begins
