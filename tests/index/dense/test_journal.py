"""The journal of an unfinished build, cut and damaged at every byte."""

import hashlib
import os
import tracemalloc

import numpy as np
import pytest

from searcher.index.dense.journal import Journal

DIM = 4
TEXTS = [f"text {number}" for number in range(5)]
DIGESTS = [hashlib.sha256(text.encode()).digest()[:16] for text in TEXTS]
VECTORS = np.random.default_rng(0).standard_normal((5, DIM)).astype(np.float32)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "encoded"


def contents(path, fingerprint="f", dim=DIM):
    with Journal.open(path, fingerprint, dim) as journal:
        return loaded(journal)


def loaded(journal):
    rows = journal.find(DIGESTS)
    found = [digest for digest, row in zip(DIGESTS, rows, strict=True) if row >= 0]
    return dict(zip(found, journal.vectors(rows[rows >= 0]), strict=True))


def same(found, count):
    expected = dict(zip(DIGESTS[:count], VECTORS, strict=False))
    return found.keys() == expected.keys() and all(
        np.array_equal(found[key], expected[key]) for key in expected
    )


def written(path, *batches):
    with Journal.open(path, "f", DIM) as journal:
        for first, last in batches:
            journal.append(DIGESTS[first:last], VECTORS[first:last])
    return path.read_bytes()


def test_what_was_appended_is_loaded(path):
    """Vectors of several appends, in one process and the next, come back bit for bit."""
    with Journal.open(path, "f", DIM) as journal:
        assert loaded(journal) == {}
        journal.append(DIGESTS[:2], VECTORS[:2])
        assert same(loaded(journal), 2)
        journal.append([], np.zeros((0, DIM), np.float32))
    written(path, (2, 5))
    assert same(contents(path), 5)


def test_cut_at_every_byte(path):
    """Whatever a crash leaves of the file, its whole records are loaded, and appending goes on after them."""
    content = written(path, (0, 2), (2, 4))
    record = 16 + 4 * DIM + 4
    header = len(content) - 4 * record
    for size in range(len(content) + 1):
        path.write_bytes(content[:size])
        whole = max(0, size - header) // record
        assert same(contents(path), whole), size
        written(path, (whole, 5))
        assert same(contents(path), 5), size


def test_damage_at_every_byte(path):
    """A damaged record and what follows it are not believed; what stands before it is."""
    content = written(path, (0, 4))
    record = 16 + 4 * DIM + 4
    header = len(content) - 4 * record
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x40]) + content[place + 1 :])
        assert same(contents(path), max(0, place - header) // record), place


@pytest.mark.parametrize("fingerprint, dim", [("other", DIM), ("f", DIM + 1)])
def test_another_encoder_begins_afresh(path, fingerprint, dim):
    """Vectors of another encoder, also one of the same dimension, are never given."""
    written(path, (0, 4))
    assert contents(path, fingerprint, dim) == {}
    assert contents(path) == {}


def test_vectors_stay_in_the_file(path):
    """A great journal is opened and read from with little memory: about what its digests take."""
    dim, count = 1024, 4000
    digests = [number.to_bytes(16) for number in range(count)]
    with Journal.open(path, "f", dim) as journal:
        for start in range(0, count, 100):
            journal.append(digests[start : start + 100], np.full((100, dim), start, np.float32))
    tracemalloc.start()
    try:
        with Journal.open(path, "f", dim) as journal:
            rows = journal.find([digests[250], b"?" * 16, digests[3999]])
            assert rows.tolist() == [250, -1, 3999]
            assert journal.vectors(rows[[0, 2]])[:, 7].tolist() == [200, 3900]
        assert tracemalloc.get_traced_memory()[1] < path.stat().st_size / 10
    finally:
        tracemalloc.stop()


def test_what_is_forgotten_is_in_the_file(path):
    """Forgotten vectors are not found any more; the next build finds them again."""
    with Journal.open(path, "f", DIM) as journal:
        journal.append(DIGESTS, VECTORS)
        journal.forget([*DIGESTS[2:], b"never there"])
        assert same(loaded(journal), 2)
    assert same(contents(path), 5)


def test_discard_deletes_it(path):
    """A discarded journal is gone, and the next one is empty."""
    with Journal.open(path, "f", DIM) as journal:
        journal.append(DIGESTS, VECTORS)
        journal.discard()
        assert not path.exists()
    assert contents(path) == {}


def test_a_full_disk_costs_one_append(path, monkeypatch):
    """An append that the disk refuses adds nothing, and the next one is kept."""

    def full(_: int) -> None:
        raise OSError("No space left on device")

    with Journal.open(path, "f", DIM) as journal:
        journal.append(DIGESTS[:1], VECTORS[:1])
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(OSError, match="No space"):
                journal.append(DIGESTS[3:], VECTORS[3:])
        assert same(loaded(journal), 1)
        journal.append(DIGESTS[1:3], VECTORS[1:3])
    assert same(contents(path), 3)
