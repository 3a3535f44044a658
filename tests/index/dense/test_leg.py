"""The nearest articles over several segments, against brute force: masks, ties, compressed copies, few and many."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searcher.index.dense import flat, leg, scan
from searcher.index.dense.leg import DenseLeg
from tests.index.dense.test_flat import unit_rows, write_and_open

DIM = 24


def brute_force(vectors, query, table, admitted, depth):
    """Give (article, its first best chunk, score) by the definition: best first, equals by seq."""
    scores = np.einsum("ij,j->i", vectors, query)
    best = {}
    for chunk, article in enumerate(table.chunk_article.tolist()):
        if admitted[article] and (article not in best or scores[chunk] > scores[best[article]]):
            best[article] = chunk
    ordered = sorted(best, key=lambda article: (-scores[best[article]], table.seq[article]))[:depth]
    return [(article, best[article], scores[best[article]]) for article in ordered]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sizes=st.lists(st.integers(0, 120), max_size=4),
    kinds=st.integers(1, 200),
    compressed=st.lists(st.booleans(), min_size=4, max_size=4),
    share=st.sampled_from([0.0, 0.1, 0.6, 1.0]),
    depth=st.integers(0, 12),
    few=st.sampled_from([0, 2000]),
    by_faiss=st.booleans(),
    seed=st.integers(0, 99),
)
def test_the_nearest_articles_are_those_of_brute_force(
    tmp_path_factory, sizes, kinds, compressed, share, depth, few, by_faiss, seed
):
    """
    Whatever the segments, masks and ties: the same articles, chunks and scores in the same order, although each segment
    is first asked for a few chunks only.
    """
    random = np.random.default_rng(seed)
    known = unit_rows(kinds, dim=DIM, seed=seed)
    parts = [known[random.integers(0, kinds, size)] for size in sizes]
    segments = [
        write_and_open(part, tmp_path_factory.mktemp("segment"), compressed=packed)
        for part, packed in zip(parts, compressed, strict=False)
    ]
    # Articles of one to nine chunks, none of which lies in two segments.
    counts = [count for size in sizes for count in split(size, random)]
    table = SimpleNamespace(
        chunk_article=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
        seq=random.permutation(len(counts)),
    )
    admitted = random.random(len(counts)) < share
    query = unit_rows(1, dim=DIM, seed=seed + 1)[0]
    vectors = np.concatenate([np.zeros((0, DIM), np.float32), *parts])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flat, "_FEW", few)
        patch.setattr(scan, "_scan", None if by_faiss else scan._scan)
        patch.setattr(leg, "_CHUNKS_PER_ARTICLE", 1)
        found = DenseLeg(segments, table).rank(query, admitted, depth)
    rows = list(zip(found.articles.tolist(), found.chunks.tolist(), found.scores, strict=True))
    assert rows == brute_force(vectors, query, table, admitted, depth)


def split(size, random):
    """Part so many chunks into articles."""
    while size > 0:
        count = min(size, int(random.integers(1, 10)))
        size -= count
        yield count
