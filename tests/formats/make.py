"""
Keeps a library of today's format for ever: `python -m tests.formats.make NAME` writes tests/formats/NAME.tar.gz.

To be run when a format was shipped, and never again for that format. Beside the library lies expected.json: what it
holds and what it found when it was made.
"""

from __future__ import annotations

import json
import sys
import tarfile
import tempfile
from pathlib import Path

from tests.library.samples import NOW, article, ids, new_library, news

QUESTIONS = (
    "harbour",
    '"harbour strike"',
    "title:vote OR budget",
    "har*",
    "-storm source:nordwind",
    "brigde~",
)


def make(archive: Path) -> None:
    """Make a library with several segments, a correction, a withdrawal and an article that waits; pack it."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory, "home")
        with new_library(home) as library:
            library.add(*news(12, seed=1, prefix="one-"), now=NOW)
            library.add(
                *news(6, seed=2, prefix="two-"), article("one-3", "Corrected: harbour strike."), now=NOW
            )
            library.remove("one-5", now=NOW)
            library.add(article("waiting", "The harbour waits."), index=False, now=NOW)
            expected = {
                "live": {one.article.article_id: one.body_sha256 for one in library.store.live()},
                "revisions": library.store.counts().revisions,
                "found": {question: found(library, question) for question in QUESTIONS},
            }
        Path(directory, "expected.json").write_text(json.dumps(expected, indent=1))
        (home / "writer.lock").unlink()
        with tarfile.open(archive, "w:gz") as packed:
            for name in ("home", "expected.json"):
                packed.add(Path(directory, name), name, filter=anonymous)


def found(library, question):
    """Give what the words find, whatever their order."""
    return sorted(ids(library.search(question, mode="lexical", limit=100, fold=False, now=NOW)))


def anonymous(about: tarfile.TarInfo) -> tarfile.TarInfo:
    """Who made it, and when, is of no interest."""
    about.uid = about.gid = about.mtime = 0
    about.uname = about.gname = ""
    return about


if __name__ == "__main__":
    make(Path(__file__).with_name(f"{sys.argv[1]}.tar.gz"))
