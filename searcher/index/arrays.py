"""
Arrays on disk: written beside, synced, then renamed; read memory-mapped.

NumPy's own .npy format (no pickles allowed), so that any tool can look into a segment.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.errors import IndexDamaged


def write_array(path: Path, array: npt.NDArray[Any]) -> None:
    """Write `array` to `path` (.npy) and sync it."""
    with path.open("wb") as file:
        np.save(file, np.ascontiguousarray(array), allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())


def read_array(path: Path) -> npt.NDArray[Any]:
    """Give the array at `path`, memory-mapped and read-only. Raises IndexDamaged if it is none."""
    try:
        array: npt.NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError, SyntaxError) as error:
        # An array without elements cannot be mapped; it is read instead.
        try:
            array = np.load(path, allow_pickle=False)
        except Exception:
            raise IndexDamaged(f"{path} cannot be read ({error}). Run: searcher rebuild") from error
    return array.view(np.ndarray)
