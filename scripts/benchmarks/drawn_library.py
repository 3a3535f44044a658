"""
What is searched by words and meaning? A library of any size: real news, encoded for real, and beyond it articles of its
sentences with vectors drawn from its own (`drawn_encoder`).

The real part, 10,700 chunks of one collection, takes some minutes of encoding once; with the same `home` it is used
again.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.corpora import DATA, Corpus, corpus_of
from benchmarks.drawn_encoder import DrawnEncoder
from benchmarks.libraries import library_of
from searcher.library.library import Library

_COLLECTION = "multihop-rag"
_REAL_CHUNKS = 10_000


def drawn_library(chunks: int, home: Path) -> tuple[Corpus, Library]:
    """Give articles of about so many chunks and their library, both kept under `home`."""
    data = _alone(_COLLECTION, home / "data")
    real, _ = library_of(corpus_of(_REAL_CHUNKS, data=data), home / "real")
    corpus = corpus_of(chunks, data=data)
    library, _ = library_of(corpus, home / f"drawn-{chunks}", encoder=DrawnEncoder(real))
    return corpus, library


def _alone(collection: str, directory: Path) -> Path:
    """Give a data directory that holds this collection alone (nothing, where it is not at hand)."""
    directory.mkdir(parents=True, exist_ok=True)
    link = directory / collection
    if (DATA / collection).exists() and not link.exists():
        link.symlink_to((DATA / collection).resolve())
    return directory
