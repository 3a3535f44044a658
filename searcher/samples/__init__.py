"""
The sample news that ships with the package: what is there to try a library on, with no network and no files?

Invented articles about invented people and places, in the formats that news comes in. README.md, beside this
file, says what each file is for. Only data lives here: reading it is the business of `ingest`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

# The moment from which the relative times of the page dump count ("3 hours ago").
AS_OF = datetime(2025, 7, 23, 12, 0, tzinfo=UTC)

# The agency comes first, then those who print its copy: an original enters a library before its reprints.
_NAMES = (
    "wire.rss",
    "newsroom.jsonl",
    "science.atom",
    "bank-merger-cleared.html",
    "port-strike-day-nine.html",
    "pagedump.txt",
)


def sample_paths() -> list[Path]:
    """Give the paths of the sample files, always in the same order. They are to be read as of `AS_OF`."""
    home = Path(str(files(__name__)))
    return [home / name for name in _NAMES]
