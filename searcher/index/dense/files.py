"""How are this room's files written so that each is either whole or not there?"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def file_sha256(path: Path) -> str:
    """Give the hex SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(value: Mapping[str, Any], path: Path) -> None:
    """Write `value` beside `path`, make it last, and put it in place in one step."""
    beside = beside_of(path)
    try:
        beside.write_text(json.dumps(value, indent=1), encoding="utf-8")
        replace_durably(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def beside_of(path: Path) -> Path:
    """Give a name beside `path` that no other process or thread uses. (mkstemp's files are their owner's only.)"""
    return path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")


def replace_durably(beside: Path, path: Path) -> None:
    """
    Put the finished file or directory `beside` in the place of `path`; after a power cut it is still there.
    """
    sync(beside)
    os.replace(beside, path)  # noqa: PTH105
    sync(path.parent)


def sync(path: Path) -> None:
    """Wait until a file's bytes, or a directory's entries, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
