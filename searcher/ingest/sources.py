"""
Which inputs do these names mean? Files, directories with all that is in them, `-`, and URLs; and how each is opened.

A name that leads nowhere is one Rejection with the next step, whatever else was asked for.
"""

from __future__ import annotations

import io
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from searcher.errors import SourceUnreadable
from searcher.ingest.draft import IngestOptions
from searcher.records import Rejection

STDIN = "standard input"
"""What `-` is called in places and messages."""

_URL = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Source:
    """One input. `size` in bytes and `modified` are None where nobody knows them: stdin, URLs, pipes."""

    where: str
    size: int | None = None
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A source that can be read. `where` is the final address of a URL; `name` hints at the format."""

    stream: io.RawIOBase | io.BufferedIOBase
    where: str
    name: str
    is_url: bool = False


def find_sources(names: Iterable[str]) -> list[Source | Rejection]:
    """Give the inputs that `names` mean, in their order; what is in a directory is sorted by path."""
    return [source for name in names for source in _find(name)]


@contextmanager
def opened(source: Source, options: IngestOptions) -> Iterator[Opened]:
    """Open a source for reading. Raises SourceUnreadable or OSError if that cannot be done."""
    if source.where == "-":
        if sys.stdin is None:
            raise SourceUnreadable("there is none: name a file")
        yield Opened(sys.stdin.buffer, STDIN, "")  # type: ignore[arg-type]
    elif is_url(source.where):
        yield _fetched(source.where, options)
    else:
        with Path(source.where).open("rb", buffering=0) as stream:
            yield Opened(stream, source.where, Path(source.where).name)


def place_of(where: str) -> str:
    """Give what an input is called in places and messages."""
    return STDIN if where == "-" else where


def is_url(name: str) -> bool:
    """Whether a name is an http(s) URL."""
    return bool(_URL.match(name))


def _fetched(url: str, options: IngestOptions) -> Opened:
    from searcher.ingest.fetch import fetch

    page = fetch(url, options)
    return Opened(io.BytesIO(page.body), page.url, _ending_of(page.content_type), is_url=True)


def _ending_of(content_type: str | None) -> str:
    """What a server says of a page, as the file name it would have."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    for ending in ("html", "rss", "atom", "xml", "csv"):
        if ending in kind:
            return f"page.{ending}"
    return ""


def _find(name: str) -> Iterator[Source | Rejection]:
    if name == "-" or is_url(name):
        yield Source(name)
        return
    if not name.strip():
        yield Rejection(name, "an empty name leads nowhere: name a file, a directory, a URL or -")
        return
    path = Path(name)
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        yield Rejection(name, _why_not(error))
        return
    if not stat.S_ISDIR(status.st_mode):
        yield _source(name, status)
        return
    found = list(_walk(name, set()))
    yield from found or [Rejection(name, "there are no files in this directory")]


def _why_not(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file or directory: check the path"
    if isinstance(error, PermissionError):
        return "you may not read it: check its permissions"
    return f"it cannot be read: {getattr(error, 'strerror', None) or error}"


def _source(where: str, status: os.stat_result) -> Source:
    size = status.st_size if stat.S_ISREG(status.st_mode) else None
    return Source(where, size, datetime.fromtimestamp(max(0, status.st_mtime), UTC))


def _walk(directory: str, seen: set[tuple[int, int]]) -> Iterator[Source | Rejection]:
    """
    All regular files below, hidden ones left out. Each directory is read once, at the first of the paths that lead to
    it: links between directories would multiply them, or never end.
    """
    try:
        status = Path(directory).stat()
        here = (status.st_dev, status.st_ino)
        if here in seen:
            return
        seen.add(here)
        entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
    except OSError as error:
        yield Rejection(directory, _why_not(error))
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        try:
            if entry.is_dir():
                yield from _walk(entry.path, seen)
            elif entry.is_file():
                yield _source(entry.path, entry.stat())
            elif entry.is_symlink():
                yield Rejection(entry.path, "this link leads nowhere")
        except OSError as error:
            yield Rejection(entry.path, _why_not(error))


def unreadable(where: str, error: SourceUnreadable | OSError) -> Rejection:
    """Give the Rejection of a source that could not be opened."""
    why = _why_not(error) if isinstance(error, OSError) else str(error)
    return Rejection(place_of(where), why)
