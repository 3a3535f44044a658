"""
Arrays on disk: written beside, synced, then renamed; read memory-mapped.

NumPy's own .npy format (no pickles allowed), so that any tool can look into a segment.
"""

from __future__ import annotations

import hashlib
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


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path` and sync it."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` at `path` so that a reader finds the old bytes or the new, whatever happens meanwhile."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write_bytes(beside, data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make names created or changed in this directory last through a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_digest(path: Path) -> str:
    """Give the sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
