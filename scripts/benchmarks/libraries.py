"""
What is searched with? A library of the articles of a corpus, made through its own door.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.corpora import Corpus
from searcher.index.dense.encoder import Encoder
from searcher.library.library import Library
from searcher.settings import Settings
from searcher.store import Store

_NOW = datetime(2025, 1, 1, tzinfo=UTC)
_BATCH = 5_000


def library_of(
    corpus: Corpus, home: Path, *, encoder: Encoder | None = None, settings: Settings | None = None
) -> tuple[Library, float]:
    """
    Give a library of these articles at `home`, and the seconds that its indexing took (0 if it was there already).

    `encoder`: in place of the one that the settings name.
    """
    home.mkdir(parents=True, exist_ok=True)
    library = Library(
        home, Store.open(home / "articles.db", create=True), settings or Settings(), encoder=encoder
    )
    if library.store.last_seq() == 0:
        for start in range(0, len(corpus.articles), _BATCH):
            library.add(*corpus.articles[start : start + _BATCH], index=False, now=_NOW)
    started = time.perf_counter()
    took = time.perf_counter() - started if library.update().changed else 0.0
    return library, took
