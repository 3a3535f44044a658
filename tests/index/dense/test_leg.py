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
    form=st.sampled_from(["even", "close", "spiky"]),
    compressed=st.lists(st.booleans(), min_size=4, max_size=4),
    share=st.sampled_from([0.0, 0.1, 0.6, 1.0]),
    depth=st.integers(0, 60),
    few=st.sampled_from([0, 2000]),
    by_faiss=st.booleans(),
    seed=st.integers(0, 99),
)
def test_the_nearest_articles_are_those_of_brute_force(
    tmp_path_factory, sizes, kinds, form, compressed, share, depth, few, by_faiss, seed
):
    """
    Whatever the segments, masks and ties: the same articles, chunks and scores in the same order, although each segment
    is first asked for a few chunks only.
    """
    random = np.random.default_rng(seed)
    known = unit_rows(kinds, dim=DIM, seed=seed)
    if form == "close":  # By less than rounding hides.
        known = known[:1] + 0.003 * known
    elif form == "spiky":  # What is small beside the greatest number is lost in rounding.
        known[:, 0] += 3 * random.random(kinds) ** 4
    known /= np.linalg.norm(known, axis=1, keepdims=True)
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


def test_hand_computed_which_chunks_may_matter():
    """
    Scores are known to .03. The best article has .49 or more: a chunk that has .50 at most may be better. One that is
    certainly behind another chunk of its article, or behind the articles wanted, need not be scored.
    """
    table = SimpleNamespace(chunk_article=np.array([0, 0, 1, 1, 2], dtype=np.int32), seq=np.arange(3))
    seen = np.array([0.47, 0.42, 0.52, 0.44, 0.45], dtype=np.float32)
    near = flat.Nearest(np.arange(5), seen, 0.03, -np.inf)
    leg = DenseLeg([range(5)], table)
    assert leg._possible({0: near}, 1).tolist() == [0, 2]
    assert leg._possible({0: near}, 2).tolist() == [0, 1, 2, 4]
    assert leg._possible({0: near._replace(error=0.0)}, 2).tolist() == [0, 2]


def test_only_chunks_that_may_matter_are_scored(tmp_path, monkeypatch):
    """Of 4,000 chunks a few hundred are looked at for the best ten articles, and a few dozen are scored."""
    vectors = unit_rows(4000, dim=DIM)
    segment = write_and_open(vectors, tmp_path, compressed=True)
    table = SimpleNamespace(chunk_article=np.repeat(np.arange(500, dtype=np.int32), 8), seq=np.arange(500))
    scored = []
    scores = flat.FlatIndex.scores
    monkeypatch.setattr(
        flat.FlatIndex,
        "scores",
        lambda self, query, rows: (scored.append(len(rows)), scores(self, query, rows))[1],
    )
    found = DenseLeg([segment], table).rank(unit_rows(1, dim=DIM, seed=1)[0], None, 10)
    assert len(found) == 10 and 10 <= sum(scored) < 40


@pytest.mark.parametrize("admitted", [None, 300])
def test_where_all_articles_are_wanted_each_chunk_is_scored_once(tmp_path, monkeypatch, admitted):
    """A segment is asked once, for all that is admitted; then only the best chunk of each article is scored again."""
    segment = write_and_open(unit_rows(4000, dim=DIM), tmp_path, compressed=True)
    table = SimpleNamespace(chunk_article=np.repeat(np.arange(500, dtype=np.int32), 8), seq=np.arange(500))
    mask = None if admitted is None else np.arange(500) < admitted
    asked, scored = [], []
    nearest, scores = flat.FlatIndex.nearest, flat.FlatIndex.scores
    monkeypatch.setattr(
        flat.FlatIndex, "nearest", lambda self, *args: (asked.append(args[1]), nearest(self, *args))[1]
    )
    monkeypatch.setattr(
        flat.FlatIndex,
        "scores",
        lambda self, query, rows: (scored.append(len(rows)), scores(self, query, rows))[1],
    )
    count = admitted or 500
    found = DenseLeg([segment], table).rank(unit_rows(1, dim=DIM, seed=1)[0], mask, count)
    assert len(found) == count and len(asked) == 1
    assert scored == [8 * count, count]


def split(size, random):
    """Part so many chunks into articles."""
    while size > 0:
        count = min(size, int(random.integers(1, 10)))
        size -= count
        yield count
