"""Arrays and bytes on disk."""

import os

import numpy as np
import pytest

from searcher.errors import IndexDamaged
from searcher.index.arrays import read_array, write_array
from searcher.index.files import file_digest, replace_file, write_bytes


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12, dtype=np.int32).reshape(3, 4),
        np.arange(12, dtype=np.int32).reshape(3, 4).T,
        np.zeros(0, dtype=np.uint16),
        np.zeros((0, 7), dtype=np.float32),
        np.array([1.5, -0.0, np.inf], dtype=np.float32),
        np.array([2**64 - 1], dtype=np.uint64),
    ],
    ids=lambda array: f"{array.dtype}{list(array.shape)}",
)
def test_arrays_come_back_as_they_were(tmp_path, array):
    """
    Shape, type and every value survive the disk; what is read cannot be written to.
    """
    write_array(tmp_path / "a.npy", array)
    found = read_array(tmp_path / "a.npy")
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)
    assert type(found) is np.ndarray
    if array.size:
        with pytest.raises(ValueError, match="read-only"):
            found[0] = 0


@pytest.mark.parametrize(
    "data", [b"", b"\x93NUMPY", b"no array at all", b"\x93NUMPY\x01\x00v\x00{'descr': '<i4'"]
)
def test_what_is_no_array_is_a_damaged_index(tmp_path, data):
    """
    An empty, short or foreign file is named as damaged, with what to do.
    """
    path = tmp_path / "a.npy"
    path.write_bytes(data)
    with pytest.raises(IndexDamaged, match=r"a\.npy cannot be read .* searcher rebuild"):
        read_array(path)


def test_an_array_cut_short_is_damaged(tmp_path):
    """
    A file shorter than its header says is damaged, not read as far as it goes.
    """
    write_array(tmp_path / "a.npy", np.arange(1000))
    os.truncate(tmp_path / "a.npy", 4000)
    with pytest.raises(IndexDamaged):
        read_array(tmp_path / "a.npy")


def test_a_missing_array_is_damaged(tmp_path):
    """
    A file that is not there is a damaged index too.
    """
    with pytest.raises(IndexDamaged):
        read_array(tmp_path / "a.npy")


def test_pickles_are_not_opened(tmp_path):
    """
    An array of objects, which NumPy would unpickle, is refused.
    """
    with (tmp_path / "a.npy").open("wb") as file:
        np.save(file, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(IndexDamaged):
        read_array(tmp_path / "a.npy")


def test_replacing_leaves_the_new_bytes_and_nothing_beside(tmp_path):
    """
    A file is replaced whole; no file beside it stays.
    """
    path = tmp_path / "CURRENT"
    for data in (b"one", b"two, longer", b""):
        replace_file(path, data)
        assert path.read_bytes() == data
        assert [entry.name for entry in tmp_path.iterdir()] == ["CURRENT"]


def test_a_replacement_that_fails_leaves_the_old_bytes(tmp_path, monkeypatch):
    """
    If the disk fails before the rename, the old file stands as it was and nothing lies beside it.
    """
    path = tmp_path / "CURRENT"
    replace_file(path, b"old")

    def fail(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["CURRENT"]


def test_digest_is_sha256(tmp_path):
    """
    A file's digest is its sha256: here that of nothing, and of "abc" as FIPS 180 has it.
    """
    write_bytes(tmp_path / "a", b"")
    assert file_digest(tmp_path / "a").startswith("e3b0c44298fc1c149afbf4c8996fb924")
    write_bytes(tmp_path / "a", b"abc")
    assert file_digest(tmp_path / "a").startswith("ba7816bf8f01cfea414140de5dae2223")
