"""Arrays and bytes on disk."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from searcher.errors import IndexDamaged
from searcher.index.arrays import Arrays, write_arrays
from searcher.index.files import file_digest, replace_file, write_bytes

KEPT = {
    "matrix": np.arange(12, dtype=np.int32).reshape(3, 4),
    "turned": np.arange(12, dtype=np.int32).reshape(3, 4).T,
    "nothing": np.zeros(0, dtype=np.uint16),
    "no rows": np.zeros((0, 7), dtype=np.float32),
    "floats": np.array([1.5, -0.0, np.inf], dtype=np.float32),
    "largest": np.array([2**64 - 1], dtype=np.uint64),
    "big-endian": np.array([1, 2**40], dtype=">i8"),
    "büro\n": np.array([7], dtype=np.uint8),
    "last": np.zeros((2, 0), dtype=np.int64),
}


@pytest.fixture
def path(tmp_path):
    """Where the file of arrays is."""
    return tmp_path / "arrays"


def test_arrays_come_back_as_they_were(path):
    """
    Name, shape, type and every value survive the disk, also of arrays without elements; none can be written to.
    """
    write_arrays(path, KEPT)
    arrays = Arrays(path)
    for name, array in KEPT.items():
        found = arrays[name]
        assert type(found) is np.ndarray and found.dtype == array.dtype.newbyteorder("<")
        np.testing.assert_array_equal(found, array, strict=name != "big-endian")
        assert not found.flags.writeable


def test_no_arrays_are_a_file_too(path):
    """
    A file that holds nothing can be written and read.
    """
    write_arrays(path, {})
    with pytest.raises(IndexDamaged, match="lacks the array"):
        Arrays(path)["any"]


def test_each_array_is_aligned(path):
    """
    Every array begins at a multiple of 64 bytes, whatever the sizes of those before it.
    """
    write_arrays(path, {str(n): np.ones(n, dtype=np.uint8) for n in (1, 63, 64, 65, 3)})
    arrays = Arrays(path)
    assert [arrays[str(n)].ctypes.data % 64 for n in (1, 63, 64, 65, 3)] == [0] * 5


def test_a_file_of_arrays_takes_one_descriptor_and_one_sync(path, monkeypatch):
    """
    However many arrays there are, the file is synced once, and held open once while they are used.
    """
    syncs = []
    monkeypatch.setattr(os, "fsync", syncs.append)
    before = len(list(Path("/dev/fd").iterdir()))
    write_arrays(path, {str(n): np.arange(n) for n in range(50)})
    arrays = Arrays(path)
    assert arrays["49"][-1] == 48
    assert len(syncs) == 1 and len(list(Path("/dev/fd").iterdir())) - before <= 1


def test_the_first_line_says_what_lies_where(path):
    """
    The first line is JSON; what it says is enough to read an array with nothing but its bytes.
    """
    write_arrays(path, {"one": np.arange(5), "two": np.array([[258, 3]], dtype=np.uint16)})
    line, _, rest = path.read_bytes().partition(b"\n")
    assert json.loads(line) == {"one": ["<i8", [5], 0], "two": ["<u2", [1, 2], 64]}
    assert rest[64:68] == b"\x02\x01\x03\x00"


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 100, b"{}", b"[]\n", b"[1]\n", b'{"a": 1}\n', b"{" * 99 + b"\n"]
)
def test_what_is_no_file_of_arrays_is_a_damaged_index(path, data):
    """
    An empty, short or foreign file is named as damaged, with what to do.
    """
    path.write_bytes(data)
    with pytest.raises(IndexDamaged, match=r"arrays cannot be read .* searcher rebuild"):
        Arrays(path)


@pytest.mark.parametrize(
    "place",
    [
        ["<i4", [3], 64],
        ["<i4", [17], 0],
        ["<i4", [2**62, 4], 0],
        ["<i4", [-1], 0],
        ["<i4", [-4, -4], 0],
        ["<i4", [1], -64],
        ["<i4", [1], 4],
        ["<i4", [1], 2**70],
        ["<i4", [1.0], 0],
        ["<i4", [1], 0.0],
        ["<i4", ["1"], 0],
        ["<i4", 1, 0],
        ["|O", [1], 0],
        ["no type", [1], 0],
        [["<i4"], [1], 0],
        ["<i4", [1]],
    ],
    ids=str,
)
def test_an_array_outside_its_file_is_damaged(path, place):
    """
    A place past the end, before the beginning or between two steps, a shape or a type that cannot be, and objects,
    which NumPy would unpickle: all are damage, and nothing is read.
    """
    path.write_bytes(json.dumps({"a": ["<i4", [16], 0]}).encode() + b"\n" + bytes(64))
    assert len(Arrays(path)["a"]) == 16
    path.write_bytes(json.dumps({"a": place}).encode() + b"\n" + bytes(64))
    with pytest.raises(IndexDamaged, match="arrays cannot be read"):
        Arrays(path)


def test_a_file_cut_short_is_damaged(path):
    """
    A file that ends before its arrays do is damaged, wherever it was cut.
    """
    write_arrays(path, {"one": np.arange(100), "two": np.arange(8)})
    for size in range(0, path.stat().st_size, 61):
        write_arrays(path, {"one": np.arange(100), "two": np.arange(8)})
        os.truncate(path, size)
        with pytest.raises(IndexDamaged):
            Arrays(path)


def test_a_missing_file_is_damaged(path):
    """
    A file that is not there is a damaged index too.
    """
    with pytest.raises(IndexDamaged):
        Arrays(path)


def test_objects_are_not_kept(path):
    """
    An array of objects, which NumPy would pickle, is refused, and no file is made.
    """
    with pytest.raises(ValueError, match="object"):
        write_arrays(path, {"a": np.array([{"a": 1}], dtype=object)})
    assert not path.exists()


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
