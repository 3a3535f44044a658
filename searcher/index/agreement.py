"""May this index answer? Only for the store it was built from, and only if it was built as is wanted now."""

from __future__ import annotations

import hashlib

from searcher.errors import IndexOutdated, StoreDamaged
from searcher.index.generation import Fingerprints, Generation
from searcher.store import Store


def check_fingerprints(
    built: Fingerprints,
    *,
    encoder: str | None = None,
    chunker: str | None = None,
    analyzer: str | None = None,
) -> None:
    """Raise IndexOutdated, naming what changed, if the index was built otherwise than wanted (None: not asked)."""
    wanted = {"encoder": encoder, "chunker": chunker, "analyzer": analyzer}
    changed = [name for name, value in wanted.items() if value is not None and value != getattr(built, name)]
    if changed:
        raise IndexOutdated(
            f"The index was built with another {' and '.join(changed)}. Run: searcher rebuild"
        )


def check_witness(generation: Generation, store: Store) -> None:
    """Raise IndexOutdated if the store is not the one that was indexed: seqs would name other articles."""
    witness = witness_of(store, generation.covers)
    # A revision that is damaged cannot say which store it is of; the others are not refused for that.
    if witness is not None and generation.witness != witness:
        raise IndexOutdated(
            "The index holds articles that the library does not (was articles.db restored from a backup?). "
            "Run: searcher rebuild"
        )


def witness_of(store: Store, seq: int) -> str | None:
    """Give the digest of the revision with this number, "" if there is none, None if it is damaged."""
    damaged: list[StoreDamaged] = []
    revision = store.by_seq([seq], damaged=damaged).get(seq)
    if damaged:
        return None
    if revision is None:
        return ""
    said = (seq, revision.article.article_id, revision.recorded_at.isoformat(), revision.body_sha256)
    return hashlib.sha256(repr(said).encode("utf-8", "replace")).hexdigest()
