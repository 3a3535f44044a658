"""
What are the numbers of one segment? Named arrays, all in one file: written in one go and synced once, and read
memory-mapped through one descriptor, of which a process may have as few as 256 (macOS).

The first line (`head -1`) says in JSON what lies where: {name: [type, shape, where it begins]}, in bytes from the end
of that line. Line and arrays are filled up to 64 bytes, so that each array begins at a multiple of that. Nothing in
such a file is ever run: no pickles.
"""

from __future__ import annotations

import json
import math
import mmap
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.errors import IndexDamaged

Array = npt.NDArray[Any]

_ALIGNMENT = 64
_TYPES = frozenset({"|u1", "<u2", "<i4", "<u4", "<f4", "<i8", "<u8"})


def write_arrays(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write these arrays to `path`, in this order, and sync it. The same arrays give the same bytes."""
    places: dict[str, tuple[str, tuple[int, ...], int]] = {}
    end = 0
    for name, array in arrays.items():
        places[name] = (_type_of(array), array.shape, end)
        end += array.nbytes + _gap(array.nbytes)
    line = json.dumps(places).encode()
    with path.open("wb") as file:
        file.write(line + b" " * _gap(len(line) + 1) + b"\n")
        for array in arrays.values():
            file.write(np.ascontiguousarray(array, dtype=_type_of(array)).data)
            file.write(bytes(_gap(array.nbytes)))
        file.flush()
        os.fsync(file.fileno())


def narrow(numbers: npt.NDArray[np.integer]) -> Array:
    """Give these numbers, none negative, in the narrowest unsigned type that holds them all."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))


class Arrays:
    """The arrays of one file of `write_arrays`, mapped and read-only. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Map the file. Raises IndexDamaged if it is none, or ends before its arrays do."""
        self.path = path
        try:
            with path.open("rb") as file:
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            start = data.find(b"\n") + 1
            places = json.loads(data[:start])
            self._arrays = {name: _view(data, start, *place) for name, place in places.items()}
        except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise IndexDamaged(f"{path} cannot be read ({error}). Run: searcher rebuild") from error

    def sizes(self) -> dict[str, int]:
        """Give how many bytes each array has."""
        return {name: array.nbytes for name, array in self._arrays.items()}

    def __getitem__(self, name: str) -> Array:
        """Give the array `name`. Raises IndexDamaged if it is not there."""
        try:
            return self._arrays[name]
        except KeyError:
            raise IndexDamaged(f"{self.path} lacks the array {name}. Run: searcher rebuild") from None


def _type_of(array: Array) -> str:
    name = array.dtype.newbyteorder("<").str
    if name not in _TYPES:
        raise ValueError(f"arrays of {array.dtype} are not kept")
    return name


def _gap(size: int) -> int:
    return -size % _ALIGNMENT


def _view(data: mmap.mmap, start: int, kind: str, shape: list[int], offset: int) -> Array:
    if kind not in _TYPES:
        raise ValueError(f"unknown type {kind!r}")
    end = start + offset + math.prod(shape) * np.dtype(kind).itemsize
    if min(offset, *shape) < 0 or offset % _ALIGNMENT or end > len(data):
        raise ValueError(f"no array of {shape} lies at byte {offset}")
    return np.ndarray(shape, kind, data, start + offset)
