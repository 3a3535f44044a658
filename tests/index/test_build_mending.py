"""What is damaged is never carried on: the next build notices it, and builds anew what was lost."""

from __future__ import annotations

import os
import time

import pytest

from searcher.index import build, segment
from searcher.index.build import Builder
from searcher.index.generation import Indexes
from searcher.store import Store
from tests.fake_encoder import FakeEncoder
from tests.index.samples import indexed, live, segments_of
from tests.library.samples import NOW, article, builder, news, no_waiting_for_the_disk, recipe  # noqa: F401


def test_a_damaged_index_is_mended_by_the_next_update(home, store):
    """
    A missing file, and nothing whole to go on from: update builds anew, encoding what was lost only: vectors of a
    segment with one flipped byte are not trusted, those of others are.
    """
    encoder = FakeEncoder()
    store.add(news(10), now=NOW)
    first = builder(home, store, encoder).update()
    store.add([article("late", "One sentence.")], now=NOW)
    builder(home, store, encoder).update()
    damaged, _ = segments_of(home)
    vectors = home / "indexes" / "segments" / damaged / "vectors.faiss"
    data = bytearray(vectors.read_bytes())
    data[-2] ^= 64
    vectors.write_bytes(data)
    (home / "indexes" / "segments" / damaged / "arrays").unlink()
    store.add([article("later")], now=NOW)
    report = builder(home, store, encoder).update()
    assert (report.articles, report.encoded) == (12, first.encoded + 1)
    assert indexed(home) == live(store)


def test_a_rebuild_does_not_copy_a_flipped_byte(home, store):
    """Vectors whose file is not what was written are encoded again: what is built is what was built first."""
    store.add(news(10), now=NOW)
    builder(home, store).update()
    (first,) = Indexes(home / "indexes").read().segments
    vectors = home / "indexes" / "segments" / first.name / "vectors.faiss"
    data = bytearray(vectors.read_bytes())
    data[-2] ^= 64
    vectors.write_bytes(data)
    builder(home, store).rebuild()
    (mended,) = Indexes(home / "indexes").read().segments
    assert mended.digest == first.digest


@pytest.mark.parametrize("content", [b"", b"\0" * 80, b"000009.json " + b"0" * 64, None])
def test_a_damaged_pointer_is_mended_by_the_next_update(home, store, content):
    """With CURRENT broken or gone update goes on from the newest generation that is whole, and encodes nothing anew."""
    encoder = FakeEncoder()
    store.add(news(5), now=NOW)
    builder(home, store, encoder).update()
    store.add([article("late", "One sentence.")], now=NOW)
    (home / "indexes" / "CURRENT").unlink()
    if content is not None:
        (home / "indexes" / "CURRENT").write_bytes(content)
    report = builder(home, store, encoder).update()
    assert (report.articles, report.encoded, report.changed) == (6, 1, True)
    assert indexed(home) == live(store)
    assert builder(home, store).update().changed is False


def test_a_merge_does_not_seal_what_is_damaged(home, store):
    """Four small segments are due to be joined, one with a flipped byte: all is built anew, and nothing is copied."""
    encoder, fresh = FakeEncoder(), FakeEncoder()
    for number in range(3):
        store.add(news(3, seed=number, prefix=f"p{number}-"), now=NOW)
        builder(home, store, encoder).update()
    vectors = home / "indexes" / "segments" / segments_of(home)[1] / "vectors.faiss"
    data = bytearray(vectors.read_bytes())
    data[-2] ^= 64
    vectors.write_bytes(data)
    store.add(news(3, seed=9, prefix="new-"), now=NOW)
    builder(home, store, encoder).update()
    (mended,) = Indexes(home / "indexes").read().segments
    builder(home / "other", store, fresh).rebuild()
    (whole,) = Indexes(home / "other" / "indexes").read().segments
    assert mended.digest == whole.digest


def test_a_damaged_article_costs_itself(home, store):
    """What the store cannot give is left out and counted: of an update, a merge and a rebuild."""
    for number in range(4):
        store.add(news(3, seed=number, prefix=f"p{number}-"), now=NOW)
    store.add([article("bad", "The vote was 51 to 49.")], now=NOW)
    store.close()
    path = home / "articles.db"
    path.write_bytes(path.read_bytes().replace(b"The vote was 51 to 49.", b"The vote was 61 to 49."))
    with Store.open(path) as damaged:
        wanted = set(damaged.live_seqs(damaged.last_seq())) - {13}
        assert len(wanted) == 12
        for build in ("update", "rebuild"):
            report = getattr(builder(home, damaged), build)()
            assert (report.articles, report.damaged) == (12, 1)
            assert indexed(home) == sorted(wanted)


def long_unread(home, *ages):
    """Let the segments, in order of their names, have been read so many seconds after they may be read again."""
    now = time.time()
    for directory, age in zip(sorted((home / "indexes" / "segments").iterdir()), ages, strict=True):
        os.utime(directory / "segment.json", (now - build.SCRUB_AFTER_S - age,) * 2)


def flip_last(path):
    """Flip a bit of the last byte: nothing but reading all of the file finds it."""
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


@pytest.mark.parametrize(("age", "found"), [(10, True), (-3600, False), (-1e9, True)])
def test_what_was_not_read_for_a_week_is_read_by_the_next_update(home, store, monkeypatch, age, found):
    """
    A flipped bit of a great file, which opening does not see, is mended by an update a week after, though there is
    nothing new; not before. A date in the future is none.
    """
    monkeypatch.setattr(segment, "CHECKED_WHEN_OPENED", 0)
    store.add(news(15), now=NOW)
    first = builder(home, store).update()
    (directory,) = (home / "indexes" / "segments").iterdir()
    flip_last(directory / "vectors.faiss")
    long_unread(home, age)
    report = builder(home, store).update()
    assert report.changed is found
    if found:
        assert report.encoded == first.encoded  # No vector of it is trusted.
        assert Indexes(home / "indexes").read().segments[0].name != directory.name


def test_one_update_reads_one_segment_the_one_unread_for_longest(home, store, monkeypatch):
    """
    Three are due: three updates read them, and a fourth reads none. That news come with an update changes nothing.
    """
    for number in range(3):
        store.add(news(5, seed=number, prefix=f"s{number}-"), now=NOW)
        builder(home, store).update()
    names = sorted(path.name for path in (home / "indexes" / "segments").iterdir())
    long_unread(home, 10, 30, 20)
    read = []
    monkeypatch.setattr(segment.Segment, "verify", lambda self: read.append(self.info.name))
    for _ in range(3):
        assert builder(home, store).update().changed is False
    assert read == [names[1], names[2], names[0]]
    builder(home, store).update()
    assert len(read) == 3


def test_what_is_known_to_be_damaged_is_not_carried_on(home, store):
    """
    Told by another process or by the one that updates: the index is built anew, all that is whole known.
    """
    for number in range(2):
        store.add(news(6, seed=number, prefix=f"s{number}-"), now=NOW)
        builder(home, store).update()
    indexes = Indexes(home / "indexes")
    for told in (True, False):
        name = f"{indexes.read().segments[0].name}/vectors.faiss"
        if told:
            indexes.tell_damaged([name])
        report = Builder(indexes, store, recipe(), broken=() if told else {name}).update()
        assert report.changed and report.encoded == 0  # The bytes are whole, whatever was said of them.
        assert name.partition("/")[0] not in {info.name for info in indexes.read().segments}
