"""Vectors in a quarter of the space: what rounding may hide is known, and files of something else are refused."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searcher.errors import IndexDamaged
from searcher.index.dense import scan
from searcher.index.dense.compressed import CompressedIndex, write_compressed
from searcher.index.dense.scan import Scan
from tests.index.dense.test_flat import DIM, unit_rows


def test_hand_computed_steps(tmp_path):
    """The largest number is 127 steps; the others are rounded to the nearest, and what a vector lost is its length."""
    vectors = np.array([[0.8, 0.6], [-0.8, 0.6]], np.float32)
    how = write_compressed(vectors, tmp_path / "compressed")
    codes = Scan.open(tmp_path / "compressed", "int8", 2, 2).numbers()
    # 0.6 is 95.25 steps of 0.8 / 127: a quarter of a step is lost.
    assert codes.tolist() == [[127, 95], [-127, 95]]
    assert (how.step, how.lost) == pytest.approx((0.8 / 127, 0.25 * 0.8 / 127), rel=1e-4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.integers(1, 200), spike=st.floats(0, 1), zeros=st.booleans(), seed=st.integers(0, 999))
def test_no_score_is_further_off_than_the_error(tmp_path, rows, spike, zeros, seed):
    """For any unit vectors, also uneven ones and zero, each seen score lies within the error of the exact one."""
    vectors = unit_rows(rows, seed=seed)
    vectors[:, 0] += spike
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[::3] *= not zeros
    how = write_compressed(vectors, tmp_path / "compressed")
    index = CompressedIndex.open(tmp_path / "compressed", rows, DIM, how)
    query = unit_rows(1, seed=seed + 1)[0]
    exact = vectors.astype(np.float64) @ query.astype(np.float64)
    for loop in (scan._scan, None):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(scan, "_scan", loop)
            (found, scores, _), error = index.nearest(query, rows, None)
            fewer, _ = index.nearest(query, max(rows // 2, 1), None)
        assert (found.tolist(), scores.dtype) == (list(range(rows)), np.float32)
        assert (np.abs(scores - exact) <= error + 1e-6).all()
        left = np.setdiff1d(found, fewer.rows)
        assert (exact[left] <= fewer.others + error + 1e-6).all()


def test_what_the_query_loses_is_counted(tmp_path):
    """Of vectors that lose nothing a score is still off by what the query lost, and by no more."""
    vectors = np.zeros((2, 3), np.float32)
    vectors[0], vectors[1, 0] = (100 / 127, 0, 0), 1.0
    how = write_compressed(vectors, tmp_path / "compressed")
    index = CompressedIndex.open(tmp_path / "compressed", 2, 3, how)
    query = np.array([0.6, 0.8 - 0.8 / 127 / 3, 0], np.float32)
    for loop in (scan._scan, None):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(scan, "_scan", loop)
            (_, scores, _), error = index.nearest(query, 2, None)
        off = np.abs(scores - vectors @ query).max()
        assert how.lost < 1e-7 and off <= error
        if loop is None:  # In 255 steps it is off by much more than rounding of floats.
            assert error > 1e-3 and off > 1e-4


def test_a_file_of_something_else_is_refused(tmp_path):
    """A file of other rows, of whole vectors, a short one or none is IndexDamaged."""
    how = write_compressed(unit_rows(4), tmp_path / "compressed")
    (tmp_path / "short").write_bytes((tmp_path / "compressed").read_bytes()[:-1])
    with pytest.raises(IndexDamaged, match="searcher rebuild"):
        Scan.open(tmp_path / "compressed", "float32", 1, DIM)
    for name, rows in (("compressed", 3), ("compressed", 5), ("short", 4), ("none", 4)):
        with pytest.raises(IndexDamaged, match="searcher rebuild"):
            CompressedIndex.open(tmp_path / name, rows, DIM, how)
