"""
Does the index hold what the store holds? The same articles, each once, cut and encoded as they would be today.

Digests say that a file is what was written. These checks say that what was written is right.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from searcher.errors import IndexOutdated, SearcherError
from searcher.index.agreement import check_witness
from searcher.index.cutting import Recipe, cut, encoded_texts
from searcher.index.generation import Generation, Indexes, live_masks
from searcher.index.recovery import open_segments
from searcher.index.segment import Segment
from searcher.index.table import Table
from searcher.records import Finding
from searcher.store import Store

Longs = npt.NDArray[np.int64]
Vector = npt.NDArray[np.float32]

SAMPLE, DEEP_SAMPLE = 16, 512
"""Chunks that are encoded again: about half a second, and 20 s."""
LEAST_COSINE = 0.999
"""Between a stored vector and the same text encoded again: float32 on another machine differs by 1e-6."""

_MEND = "searcher doctor --repair (or searcher rebuild)"


def examine_contents(indexes: Indexes, generation: Generation, store: Store) -> Iterator[Finding]:
    """Compare the articles of the generation, whose segments are whole, with those of the store at its `covers`."""
    try:
        check_witness(generation, store)
        wanted = np.fromiter(store.live_seqs(generation.covers), dtype=np.int64)
        waiting = store.waiting(generation.covers)
        held = _live_seqs(indexes, generation)
        # What the store cannot give could not be indexed either.
        lost = store.by_seq(np.setdiff1d(wanted, held).tolist(), damaged=[])
    except IndexOutdated as error:
        yield Finding.of("contents", error, _MEND)
        return
    except SearcherError as error:
        yield Finding("contents", "warning", f"articles and index cannot be compared: {error}")
        return
    extra = np.setdiff1d(held, wanted)
    twice = len(held) - len(np.unique(held))
    for number, said in (
        (len(lost), "are missing from it"),
        (len(extra), "in it are not live"),
        (twice, "are in it twice"),
    ):
        if number:
            yield Finding("contents", "broken", f"the index is wrong: {number:,} articles {said}", _MEND)
    if not len(lost) and not len(extra) and not twice:
        yield Finding("contents", "ok", f"the index holds the {len(held):,} live articles, each once")
    if waiting:
        yield Finding("contents", "warning", f"{waiting:,} articles are not indexed yet", "searcher update")


def examine_sample(
    indexes: Indexes, generation: Generation, store: Store, recipe: Recipe, *, deep: bool
) -> Iterator[Finding]:
    """Cut and encode some chunks again, spread evenly over the library, and compare the vectors."""
    segments = open_segments(indexes, generation)
    table = Table([one.table for one in segments], live_masks(generation.segments, generation.live))
    articles = np.flatnonzero(np.ones(len(table), bool) if table.live is None else table.live)
    size = min(len(articles), DEEP_SAMPLE if deep else SAMPLE)
    chosen = articles[np.linspace(0, len(articles) - 1, size).astype(np.int64)] if size else articles
    wrong = []
    for place, article in enumerate(chosen.tolist()):
        seq = int(table.seq[article])
        revision = store.by_seq([seq], damaged=[]).get(seq)
        if revision is None:
            continue
        numbers = table.chunks_of(article)
        spans = cut(revision.article, recipe)
        if [table.chunk(number) for number in numbers] != spans:
            wrong.append(f"'{revision.article.article_id}' is cut otherwise")
            continue
        at = place % len(spans)  # Not always the first: beginnings are alike.
        texts = [revision.article.body[spans[at].start : spans[at].end]]
        (fresh,) = recipe.encoder.encode(encoded_texts(revision.article.title, texts, recipe.encoder))
        kept = _vector(segments, numbers[at])
        if kept.any() != fresh.any() or (fresh.any() and not float(fresh @ kept) > LEAST_COSINE):
            wrong.append(
                f"chunk {at + 1} of '{revision.article.article_id}' has cosine {float(fresh @ kept):.4f}"
            )
    if wrong:
        said = f"{len(wrong)} of {size} texts encoded again differ from the index: {wrong[0]}"
        yield Finding("sample", "broken", said, "searcher doctor --repair")
    else:
        yield Finding("sample", "ok", f"{size} texts, encoded again, give the same vectors")


def _live_seqs(indexes: Indexes, generation: Generation) -> Longs:
    segments = open_segments(indexes, generation)
    parts = [
        np.asarray(segment.table.seq) if mask is None else np.asarray(segment.table.seq)[mask]
        for segment, mask in zip(segments, generation.live, strict=True)
    ]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def _vector(segments: list[Segment], number: int) -> Vector:
    ends = np.cumsum([segment.info.chunks for segment in segments])
    place = int(np.searchsorted(ends, number, side="right"))
    segment = segments[place]
    vector: Vector = segment.flat.vectors(np.array([number - int(ends[place]) + segment.info.chunks]))[0]
    return vector
