"""
The vectors' file against brute force, with and without a compressed copy: masks, ties, damage, and questions without
direction.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searcher.errors import IndexDamaged
from searcher.index.dense import flat, scan
from searcher.index.dense.compressed import CompressedIndex, write_compressed
from searcher.index.dense.flat import FlatIndex, write_flat

DIM = 24


def unit_rows(rows: int, *, dim: int = DIM, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((rows, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def brute_force(vectors, query, depth, mask):
    """Give (rows, scores) by the definition, in float64; best first, ties by row."""
    scores = vectors.astype(np.float64) @ query.astype(np.float64)
    admitted = range(len(vectors)) if mask is None else np.flatnonzero(mask)
    rows = sorted(admitted, key=lambda row: (-scores[row], row))[:depth]
    return rows, scores[rows]


def write_and_open(vectors, directory: Path, *, compressed: bool) -> FlatIndex:
    write_flat(vectors, directory / "vectors.faiss")
    copy = None
    if compressed:
        how = write_compressed(vectors, directory / "compressed.faiss")
        copy = CompressedIndex.open(directory / "compressed.faiss", *vectors.shape, how)
    return FlatIndex.open(directory / "vectors.faiss", *vectors.shape, compressed=copy)


def search(index, query, depth, mask=None):
    """
    Give the `depth` best rows and their scores, best first, ties by row: as far as the index was asked for so many, and
    asked again for more until no other row can be among them.
    """
    wanted = depth
    while True:
        near = index.nearest(query, wanted, mask)
        assert (np.diff(near.rows) > 0).all() and (mask is None or mask[near.rows].all())
        scores = index.scores(query, near.rows)
        order = np.lexsort((near.rows, -scores))[:depth]
        if near.others == -np.inf or (len(order) == depth and near.others < scores[order[-1]]):
            return near.rows[order], scores[order]
        wanted *= 2


@pytest.fixture(params=["exact", "compressed", "compressed, by FAISS"])
def make(tmp_path, request, monkeypatch):
    if request.param.endswith("FAISS"):
        monkeypatch.setattr(scan, "_scan", None)
    return partial(write_and_open, directory=tmp_path, compressed=request.param != "exact")


def test_hand_computed_scores(make):
    """The score is the inner product, the best row is first."""
    index = make(np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32))
    rows, scores = search(index, np.array([0, 1], np.float32), 3)
    assert rows.tolist() == [1, 2, 0]
    assert scores.tolist() == [1.0, np.float32(0.8), 0.0]
    assert (rows.dtype, scores.dtype) == (np.int64, np.float32)


@pytest.mark.parametrize("admitted", [None, 1.0, 0.5, 0.01, 0.0])
def test_equals_brute_force_under_masks(make, admitted, monkeypatch):
    """A search gives what brute force gives over the rows that the mask admits, through FAISS and without."""
    vectors = unit_rows(5000)
    index = make(vectors)
    mask = None if admitted is None else np.random.default_rng(1).random(5000) < admitted
    for few in (0, 10_000):
        monkeypatch.setattr(flat, "_FEW", few)
        for query in unit_rows(5, seed=2):
            rows, scores = search(index, query, 100, mask)
            expected_rows, expected_scores = brute_force(vectors, query, 100, mask)
            assert rows.tolist() == list(expected_rows)
            assert scores == pytest.approx(expected_scores, abs=1e-6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.integers(0, 300),
    kinds=st.integers(1, 8),
    depth=st.integers(1, 60),
    admitted=st.floats(0, 1),
    few=st.sampled_from([0, 2000]),
    compressed=st.booleans(),
    seed=st.integers(0, 99),
)
def test_ties_go_to_the_lower_row(tmp_path, rows, kinds, depth, admitted, few, compressed, seed):
    """Among many copies of few texts, the copies with the lowest rows are given, in order of rows."""
    random = np.random.default_rng(seed)
    vectors = unit_rows(kinds, seed=seed)[random.integers(0, kinds, rows)]
    mask = random.random(rows) < admitted
    index = write_and_open(vectors, tmp_path, compressed=compressed)
    query = unit_rows(1, seed=seed + 1)[0]
    exact = index.scores(query, np.arange(rows))
    expected = sorted((-exact[row], row) for row in np.flatnonzero(mask))[:depth]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flat, "_FEW", few)
        found, scores = search(index, query, depth, mask)
    assert list(zip(-scores, found, strict=True)) == expected


@pytest.mark.parametrize("admitted", [None, 0.5])
def test_no_other_row_scores_more_than_is_said(make, admitted, monkeypatch):
    """
    However few rows are asked for, what is said of them and of all others is true, and not idle: it is near what they
    have. A few more rows may be given, never less.
    """
    monkeypatch.setattr(flat, "_FEW", 0)
    vectors = unit_rows(3000)
    index = make(vectors)
    mask = None if admitted is None else np.random.default_rng(1).random(3000) < admitted
    for query, wanted in zip(unit_rows(6, seed=2), (1, 2, 10, 100, 1000, 1400), strict=True):
        near = index.nearest(query, wanted, mask)
        others = np.ones(3000, bool) if mask is None else mask.copy()
        others[near.rows] = False
        most = (vectors[others] @ query).max()
        assert wanted <= len(near.rows) < wanted + 10
        assert most <= near.others < most + 0.1
        assert (np.abs(near.seen - vectors[near.rows] @ query) <= near.error).all()
        assert near.error < 0.05


def test_copies_score_equally_wherever_they_stand(make):
    """Equal rows have equal scores to the last bit, in `nearest` under any mask and in `scores` in any order."""
    vectors = unit_rows(997, dim=384)
    vectors[[3, 10, 500, 501, 502, 996]] = vectors[0]
    index, random = make(vectors), np.random.default_rng(5)
    query = unit_rows(1, dim=384, seed=6)[0]
    score = index.scores(query, np.array([0]))[0]
    for _ in range(20):
        mask = random.random(997) < 0.7
        rows, scores = search(index, query, 997, mask)
        copies = np.isin(rows, [0, 3, 10, 500, 501, 502, 996])
        assert (scores[copies] == score).all()
        shuffled = random.permutation(rows)
        assert dict(zip(shuffled, index.scores(query, shuffled), strict=True)) == dict(
            zip(rows, scores, strict=True)
        )


def test_a_mask_that_admits_few_still_gives_all_of_them(make):
    """A filter for one row in a thousand finds each of its rows, however far from the query."""
    index = make(unit_rows(5000))
    mask = np.zeros(5000, bool)
    mask[[7, 1234, 4999]] = True
    rows, _ = search(index, unit_rows(1, seed=9)[0], 100, mask)
    assert sorted(rows.tolist()) == [7, 1234, 4999]


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_a_query_without_direction_finds_nothing(make, value):
    """A zero, NaN or infinite query is near to nothing, and no row is numbered -1."""
    index = make(unit_rows(50))
    query = np.full(DIM, value, np.float32)
    assert [len(part) for part in search(index, query, 10)] == [0, 0]
    assert [len(part) for part in search(index, query, 10, np.ones(50, bool))] == [0, 0]


def test_an_empty_index_works(make):
    """An index of no rows opens, and finds nothing."""
    index = make(np.zeros((0, DIM), np.float32))
    assert (len(index), index.all().shape) == (0, (0, DIM))
    rows, scores = search(index, unit_rows(1)[0], 10)
    assert (rows.tolist(), scores.tolist()) == ([], [])
    rows, _ = search(index, unit_rows(1)[0], 10, np.zeros(0, bool))
    assert rows.tolist() == []


def test_vectors_come_back_as_they_were(make):
    """What was written is read, row by row and as a whole; the whole cannot be written to."""
    vectors = unit_rows(200)
    index = make(vectors)
    assert np.array_equal(index.all(), vectors)
    assert np.array_equal(index.vectors(np.array([5, 0, 5])), vectors[[5, 0, 5]])
    with pytest.raises(ValueError, match="read-only"):
        index.all()[0, 0] = 1


def test_the_view_outlives_its_index(make):
    """The memory behind `all` stays while somebody looks at it."""
    vectors = unit_rows(200)
    view = make(vectors).all()
    make(unit_rows(300, seed=3))
    assert np.array_equal(view, vectors)


def test_every_shorter_file_is_refused(make, tmp_path):
    """A file that was cut anywhere is IndexDamaged, never a wrong answer and never a crash."""
    make(unit_rows(4))
    content = (tmp_path / "vectors.faiss").read_bytes()
    for size in range(len(content)):
        (tmp_path / "cut").write_bytes(content[:size])
        with pytest.raises(IndexDamaged, match="searcher rebuild"):
            FlatIndex.open(tmp_path / "cut", 4, DIM)


def test_another_file_is_refused(make, tmp_path):
    """A file of other rows, other numbers, another metric, or none at all is IndexDamaged."""
    import faiss

    make(unit_rows(4))
    other = faiss.IndexFlatL2(DIM)
    other.add(unit_rows(4))
    faiss.write_index(other, str(tmp_path / "l2"))
    for name, rows, dim in (
        ("vectors.faiss", 3, DIM),
        ("vectors.faiss", 5, DIM),
        ("vectors.faiss", 8, DIM // 2),
        ("l2", 4, DIM),
        ("none", 4, DIM),
    ):
        with pytest.raises(IndexDamaged):
            FlatIndex.open(tmp_path / name, rows, dim)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_not_written(tmp_path, bad):
    """A vector that cannot be compared raises, and leaves no file."""
    vectors = unit_rows(3)
    vectors[1, 1] = bad
    with pytest.raises(ValueError, match="finite"):
        write_flat(vectors, tmp_path / "vectors.faiss")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_swallows_what_is_written_is_noticed(tmp_path, monkeypatch):
    """When FAISS leaves a short file without saying so, the old file stays, and OSError is raised."""
    old = unit_rows(4)
    write_and_open(old, tmp_path, compressed=False)
    monkeypatch.setattr(scan, "_write", lambda index, path: Path(path).write_bytes(b""))
    with pytest.raises((OSError, IndexDamaged)):
        write_flat(unit_rows(9), tmp_path / "vectors.faiss")
    assert [path.name for path in tmp_path.iterdir()] == ["vectors.faiss"]
    assert np.array_equal(FlatIndex.open(tmp_path / "vectors.faiss", 4, DIM).all(), old)


def test_threads_search_side_by_side(make):
    """Eight threads get the answers that one gets."""
    vectors = unit_rows(5000)
    index, queries = make(vectors), unit_rows(64, seed=4)
    alone = [search(index, query, 50)[0].tolist() for query in queries]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda query: search(index, query, 50)[0].tolist(), queries))
    assert together == alone


@pytest.mark.parametrize("admitted", [None, 0.5, 0.01])
def test_vectors_in_clusters_lose_none_of_the_nearest(make, admitted, monkeypatch):
    """
    Where vectors lie as those of news do, in clusters of events, all of the nearest 100 and 800 are found (recall 1),
    under a filter that admits one in a hundred, too.
    """
    monkeypatch.setattr(flat, "_FEW", 0)
    random = np.random.default_rng(8)
    near = unit_rows(300, dim=384)[random.integers(0, 300, 12_000)]
    vectors = near + 0.6 * unit_rows(12_000, dim=384, seed=1)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = make(vectors)
    mask = None if admitted is None else random.random(12_000) < admitted
    for query, depth in zip(unit_rows(4, dim=384, seed=2) + vectors[:4], (100, 800, 100, 800), strict=True):
        query /= np.linalg.norm(query)
        rows, _ = search(index, query, depth, mask)
        assert rows.tolist() == list(brute_force(vectors, query, depth, mask)[0])
