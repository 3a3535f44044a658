"""
Files that never change: each is served under a name that holds its digest, and may be kept for ever.

They are few and small, and lie in memory, plain and packed.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DIRECTORY = Path(__file__).parent / "static"
PREFIX = "/static/"

_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".svg": "image/svg+xml"}
_PACKED = (".css", ".js", ".mjs", ".svg", ".webmanifest")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file. `name` holds the digest; `packed` is None where packing does not make it smaller."""

    name: str
    media_type: str
    data: bytes
    packed: bytes | None


class Assets:
    """All files of `static/`, read once."""

    def __init__(self, directory: Path = DIRECTORY) -> None:
        self._names: dict[str, str] = {}
        self._assets: dict[str, Asset] = {}
        for path in sorted(directory.rglob("*")):
            if path.is_file():
                asset = _read(path, path.relative_to(directory).as_posix())
                self._names[path.relative_to(directory).as_posix()] = asset.name
                self._assets[asset.name] = asset

    def url(self, name: str) -> str:
        """Give where a file of `static/` is served: `app.css` -> `/static/app.3fa9c1d2e4b5.css`. Raises KeyError."""
        return PREFIX + self._names[name]

    def find(self, name: str) -> Asset | None:
        """Give the file of this name with its digest, or None if there is none."""
        return self._assets.get(name)


@cache
def shipped() -> Assets:
    """Give the files that come with the program."""
    return Assets()


def _read(path: Path, name: str) -> Asset:
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()[:12]
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = gzip.compress(data, mtime=0) if path.suffix in _PACKED else None
    if packed is not None and len(packed) >= len(data):
        packed = None
    return Asset(f"{name.removesuffix(path.suffix)}.{digest}{path.suffix}", media_type, data, packed)
