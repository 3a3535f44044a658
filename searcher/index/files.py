"""
How is a file of the indexes written so that it is whole or not there, also after a power cut?

Beside, synced, renamed, and the directory synced. Nothing is ever changed in place.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path` and sync it: for files of a directory that is itself put in place when it is whole."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` at `path` so that a reader finds the old bytes or the new, whatever happens meanwhile."""
    beside = beside_of(path)
    try:
        write_bytes(beside, data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    sync(path.parent)


def replace_json(path: Path, value: Mapping[str, Any]) -> None:
    """Put `value` at `path` as JSON, as `replace_file` does."""
    replace_file(path, json.dumps(value, indent=1).encode())


def replace_durably(beside: Path, path: Path) -> None:
    """Put the finished file or directory `beside` in the place of `path`; after a power cut it is still there."""
    sync(beside)
    os.replace(beside, path)  # noqa: PTH105
    sync(path.parent)


def beside_of(path: Path) -> Path:
    """Give a name beside `path` that no other process or thread uses. (mkstemp's files are their owner's only.)"""
    return path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")


def sync(path: Path) -> None:
    """Wait until a file's bytes, or a directory's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Stopped(Exception):
    """A file was not read to its end, for somebody wants to be done."""


def file_digest(path: Path, *, stopped: Callable[[], bool] | None = None) -> str:
    """Give the sha256 of a file, in hex. Raises Stopped as soon as `stopped`, asked at each megabyte, says so."""
    digest, block = hashlib.sha256(), bytearray(1 << 20)
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(block):
            digest.update(memoryview(block)[:size])
            if stopped is not None and stopped():
                raise Stopped
    return digest.hexdigest()
