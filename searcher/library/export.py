"""
How does a library leave for another program, or for a searcher of another age? As JSON Lines: one article a line, or
one revision. `searcher add` reads them back as they were; articles that cannot be read are left out and named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from searcher.errors import StoreDamaged
from searcher.ingest.exported import as_record
from searcher.library.backup import written_beside
from searcher.store import Store


def export_lines(store: Store, *, everything: bool, damaged: list[StoreDamaged]) -> Iterator[str]:
    """
    Give each live article, or with `everything` each revision, as a line of ASCII, in the order of their `seq`.

    What cannot be read as it was stored is named in `damaged`. What is added meanwhile may or may not be in it.
    """
    revisions = store.all(damaged=damaged) if everything else store.live(damaged=damaged)
    for revision in revisions:
        yield json.dumps(as_record(revision))


def write_export(lines: Iterator[str], path: Path, *, replace: bool) -> int:
    """
    Write these lines to `path`, whole and on the disk when this returns, or not there; give how many.

    Raises InputError if `path` is there and `replace` is not set, or has no directory.
    """
    count = 0
    with (
        written_beside(path, replace=replace) as beside,
        beside.open("w", encoding="ascii", newline="\n") as file,
    ):
        for line in lines:
            file.write(f"{line}\n")
            count += 1
    return count
