"""No text is encoded twice: its vector is found by its digest, in the segments or in the journal."""

from __future__ import annotations

import gc
import hashlib
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.errors import IndexDamaged
from searcher.index.cutting import text_digests
from searcher.index.dense.journal import Journal
from searcher.index.known import KnownVectors
from tests.fake_encoder import FakeEncoder
from tests.library.samples import build_alone, copy_of, news

ENCODER = FakeEncoder()


@pytest.fixture(scope="module")
def segment(tmp_path_factory):
    """A segment of twenty invented articles."""
    return build_alone(tmp_path_factory.mktemp("known") / "one", news(20))


@pytest.fixture
def journal(tmp_path):
    """An empty journal."""
    with Journal.open(tmp_path / "journal", ENCODER.fingerprint, ENCODER.dim) as opened:
        yield opened


@settings(deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=8), max_size=6))
def test_digests_are_the_first_half_of_sha256(texts):
    """Each text's digest is the first 16 bytes of its sha256, as two big-endian numbers."""
    digests = text_digests(texts)
    assert digests.dtype == np.uint64 and digests.shape == (len(texts), 2)
    for text, digest in zip(texts, digests, strict=True):
        assert digest.astype(">u8").tobytes() == hashlib.sha256(text.encode()).digest()[:16]


def test_a_lone_surrogate_has_a_digest():
    """No text makes it fail."""
    assert text_digests(["a\ud800b"]).tolist() == text_digests(["a?b"]).tolist()


def test_nothing_is_known_without_segments_and_journal(journal):
    """All rows are missing, and zero until they are encoded."""
    vectors, missing = KnownVectors([], journal, dim=32).look_up(text_digests(["one", "two"]))
    assert missing.tolist() == [0, 1] and not vectors.any() and vectors.dtype == np.float32


def test_every_vector_of_a_segment_is_found(segment, journal):
    """Each row of a segment is found by its digest, to the last bit, among texts that are not known."""
    digests = np.concatenate([text_digests(["new"]), segment.digests[0], text_digests(["newer"])])
    vectors, missing = KnownVectors([segment], journal, dim=32).look_up(digests)
    assert missing.tolist() == [0, len(digests) - 1]
    assert (vectors[1:-1] == segment.flat.all()).all()


def test_half_a_digest_is_not_enough(segment, journal):
    """Texts that share the first 64 bits only are not taken for each other: one needless encoding, no wrong vector."""
    digests = segment.digests[0].copy()
    digests[:, 1] ^= np.uint64(1)
    _, missing = KnownVectors([segment], journal, dim=32).look_up(digests)
    assert missing.tolist() == list(range(len(digests)))


def test_digests_beyond_both_ends_are_unknown(segment, journal):
    """The lowest and the highest digest there can be are looked up without stepping over the edge."""
    digests = np.array([[0, 0], [2**64 - 1, 2**64 - 1]], dtype=np.uint64)
    _, missing = KnownVectors([segment], journal, dim=32).look_up(digests)
    assert missing.tolist() == [0, 1]


def test_what_is_remembered_is_known_at_once_and_after_a_death(journal, tmp_path):
    """Fresh vectors are found in this build, and by the next one from the journal's file alone."""
    digests, vectors = text_digests(["one", "two"]), ENCODER.encode(["one", "two"])
    known = KnownVectors([], journal, dim=32)
    known.remember(digests, vectors)
    wanted = text_digests(["two", "three", "one"])
    with Journal.open(tmp_path / "journal", ENCODER.fingerprint, ENCODER.dim) as again:
        for one in (known, KnownVectors([], again, dim=32)):
            found, missing = one.look_up(wanted)
            assert missing.tolist() == [1]
            assert (found[[2, 0]] == vectors).all()


def test_what_is_remembered_is_not_held_in_memory(journal):
    """Vectors that were encoded lie in the journal, and nowhere else."""
    digests, vectors = text_digests(["one"]), ENCODER.encode(["one"])
    known, held = KnownVectors([], journal, dim=32), weakref.ref(vectors)
    known.remember(digests, vectors)
    del vectors
    gc.collect()
    assert held() is None


def test_a_segment_that_was_built_takes_over_from_the_journal(segment, journal):
    """Once it is added its vectors are found in it, the journal remembers only those of other texts."""
    digests, other = segment.digests[0], text_digests(["not yet in a segment"])
    known = KnownVectors([], journal, dim=32)
    known.remember(digests, segment.flat.all())
    known.remember(other, ENCODER.encode(["not yet in a segment"]))
    known.add(segment)
    vectors, missing = known.look_up(np.concatenate([digests, other]))
    assert missing.tolist() == [] and (vectors[:-1] == segment.flat.all()).all()
    _, missing = KnownVectors([], journal, dim=32).look_up(np.concatenate([digests, other]))
    assert missing.tolist() == list(range(len(digests)))


def test_an_empty_segment_knows_nothing(tmp_path, journal):
    """Looking into a segment without rows finds nothing and fails nowhere."""
    (tmp_path / "elsewhere").mkdir()
    empty = build_alone(tmp_path / "elsewhere" / "empty", [])
    _, missing = KnownVectors([empty], journal, dim=32).look_up(text_digests(["one"]))
    assert missing.tolist() == [0]


def test_counts_add_up(journal):
    """What each segment of a build encoded and reused is summed."""
    known = KnownVectors([], journal, dim=32)
    known.count(encoded=3, reused=4)
    known.count(encoded=10, reused=0)
    assert (known.encoded, known.reused) == (13, 4)


def test_damaged_digests_are_damage(tmp_path, segment, journal):
    """A file of arrays that is none is IndexDamaged, not a crash."""
    directory = copy_of(segment, tmp_path / segment.info.name)
    size = (directory / "arrays").stat().st_size
    (directory / "arrays").write_bytes(b"\0" * size)
    damaged = type(segment)(directory, segment.info)
    with pytest.raises(IndexDamaged, match=r"arrays is not what was written.*searcher rebuild"):
        KnownVectors([damaged], journal, dim=32).look_up(text_digests(["one"]))
