"""The indexes come to hold what the store holds: at the cost of what is new, and encoding nothing twice."""

from __future__ import annotations

import gc
import json
import os
import shutil

import numpy as np
import pytest

from searcher.errors import IndexDamaged, IndexOutdated
from searcher.index import build, merging
from searcher.index.dense.journal import Journal
from searcher.index.generation import Indexes
from searcher.index.kept import KeptVectors
from searcher.index.segment import Segment
from searcher.store import Store
from tests.fake_encoder import FakeEncoder
from tests.index.samples import indexed, live, segments_of, traces
from tests.library.samples import NOW, article, builder, news, no_waiting_for_the_disk  # noqa: F401


def test_an_update_costs_what_is_new(home, store):
    """
    The second update encodes the chunks of the new articles only, adds one segment, and leaves every file of the
    first as it was, the same file with the same bytes; only a correction's mask is in the new manifest.
    """
    encoder = FakeEncoder()
    store.add(news(30), now=NOW)
    first = builder(home, store, encoder).update()
    assert (first.articles, first.encoded, first.segments, first.changed) == (30, encoder.calls, 1, True)
    assert first.encoded + first.reused == first.chunks
    before, calls = traces(home / "indexes" / "segments"), encoder.calls
    store.add([article("new", "Just one sentence."), article("n3", "Another body now.")], now=NOW)
    second = builder(home, store, encoder).update()
    assert encoder.calls - calls == second.encoded == 2
    assert (second.articles, second.segments, second.merged, second.reused) == (31, 2, 0, 0)
    after = traces(home / "indexes" / "segments")
    assert {path: after[path] for path in before} == before
    assert indexed(home) == live(store)


def test_an_update_without_news_changes_nothing(home, store):
    """No file is written, and the report says so."""
    store.add(news(5), now=NOW)
    report = builder(home, store).update()
    before = traces(home / "indexes")
    again = builder(home, store).update()
    assert (again.changed, again.generation, again.encoded) == (False, report.generation, 0)
    assert traces(home / "indexes") == before


def test_an_empty_library_has_an_index_that_finds_nothing(home, store):
    """Update and rebuild of nothing publish a generation without segments; articles can follow."""
    assert builder(home, store).update().segments == 0
    assert builder(home, store).rebuild().articles == 0
    store.add(news(3), now=NOW)
    assert builder(home, store).update().articles == 3
    assert indexed(home) == live(store)


def test_a_withdrawn_article_is_masked_and_brought_back_without_encoding(home, store):
    """Withdrawal: a mask, no segment. Undo: one segment of one article, its vectors copied."""
    encoder = FakeEncoder()
    store.add(news(10), now=NOW)
    builder(home, store, encoder).update()
    store.withdraw(["n2"], now=NOW)
    gone = builder(home, store, encoder).update()
    assert (gone.articles, gone.segments) == (9, 1) and indexed(home) == live(store)
    store.restore(["n2"], now=NOW)
    calls = encoder.calls
    back = builder(home, store, encoder).update()
    assert (back.articles, back.segments, back.encoded, encoder.calls) == (10, 2, 0, calls)
    assert back.reused > 0 and indexed(home) == live(store)


def test_an_article_that_came_and_went_between_updates_is_never_indexed(home, store):
    """Only the last state counts: added and withdrawn costs nothing, corrected twice is indexed once."""
    encoder = FakeEncoder()
    store.add(news(3), now=NOW)
    builder(home, store, encoder).update()
    store.add([article("flash", "Wrong news.")], now=NOW)
    store.withdraw(["flash"], now=NOW)
    store.add([article("n0", "First correction.")], now=NOW)
    store.add([article("n0", "Second correction.")], now=NOW)
    calls = encoder.calls
    builder(home, store, encoder).update()
    assert encoder.calls - calls == 1 and indexed(home) == live(store)


def test_a_withdrawn_library_has_no_segments(home, store):
    """When every article of a segment is dead the segment is dropped, not carried along."""
    store.add(news(4), now=NOW)
    builder(home, store).update()
    store.withdraw([f"n{n}" for n in range(4)], now=NOW)
    assert builder(home, store).update().segments == 0
    assert indexed(home) == []


def test_small_segments_are_merged_and_nothing_is_encoded_for_it(home, store):
    """With the fourth small segment they become one; every vector is copied."""
    encoder = FakeEncoder()
    for number in range(3):
        store.add(news(5, seed=number, prefix=f"p{number}-"), now=NOW)
        assert builder(home, store, encoder).update().merged == 0
    assert len(segments_of(home)) == 3
    store.add(news(5, seed=3, prefix="p3-"), now=NOW)
    calls = encoder.calls
    report = builder(home, store, encoder).update()
    assert (report.merged, report.segments, report.articles) == (4, 1, 20)
    assert report.encoded == encoder.calls - calls
    assert indexed(home) == live(store)
    fresh = Segment(
        home / "indexes" / "segments" / segments_of(home)[0], Indexes(home / "indexes").read().segments[0]
    )
    assert (np.diff(fresh.table.seq) > 0).all()


def test_a_merged_segment_is_the_one_that_a_rebuild_makes(home, store):
    """Built in four steps and merged, or at once: the same bytes."""
    for number in range(4):
        store.add(news(5, seed=number, prefix=f"p{number}-"), now=NOW)
        builder(home, store).update()
    (merged,) = Indexes(home / "indexes").read().segments
    builder(home, store).rebuild()
    (rebuilt,) = Indexes(home / "indexes").read().segments
    assert (merged.digest, merged.chunks) == (rebuilt.digest, rebuilt.chunks)


def test_a_mostly_dead_segment_is_written_anew(home, store):
    """After more than half of a segment was corrected it holds live articles only."""
    store.add(news(10), now=NOW)
    builder(home, store).update()
    store.add([article(f"n{n}", f"Correction {n}.") for n in range(6)], now=NOW)
    report = builder(home, store).update()
    assert report.merged == 1
    assert all(mask is None for mask in Indexes(home / "indexes").read().live)
    assert indexed(home) == live(store)


def test_a_rebuild_encodes_nothing_that_is_known(home, store):
    """All vectors come from the segments on disk, also when the pointer is lost; without them, all are encoded."""
    encoder = FakeEncoder()
    store.add(news(20), now=NOW)
    builder(home, store, encoder).update()
    calls = encoder.calls
    report = builder(home, store, encoder).rebuild()
    assert (encoder.calls, report.encoded, report.reused) == (calls, 0, report.chunks)
    (home / "indexes" / "CURRENT").unlink()
    builder(home, store, encoder).rebuild()
    assert encoder.calls == calls
    shutil.rmtree(home / "indexes" / "segments")
    again = builder(home, store, encoder).rebuild()
    assert encoder.calls == 2 * calls and again.encoded == calls
    assert indexed(home) == live(store)


def test_a_great_build_is_split_over_segments(home, store, monkeypatch):
    """
    No segment is built from more chunks than fit; all together hold all, no text of two is encoded twice.

    What is remembered of a text's vector goes with each segment that is done: memory does not grow with the build.
    """
    monkeypatch.setattr(build, "LARGEST", 10)
    together, apart, handed_over = FakeEncoder(), FakeEncoder(), []
    forget = Journal.forget
    monkeypatch.setattr(Journal, "forget", lambda *these: (handed_over.append(these), forget(*these)))
    store.add([*news(30), article("copy", news(1)[0].body, title=news(1)[0].title)], now=NOW)
    report = builder(home, store, apart).rebuild()
    assert len(handed_over) == report.segments > 3 and report.articles == 31
    assert all(info.chunks < 20 for info in Indexes(home / "indexes").read().segments)
    assert indexed(home) == live(store)
    shutil.rmtree(home / "indexes" / "segments")
    monkeypatch.setattr(build, "LARGEST", 1000)
    assert builder(home, store, together).rebuild().segments == 1
    assert apart.calls == together.calls


def test_merging_ends(home, store, monkeypatch):
    """However small the segments of a build, for few chunks were in its texts: joined, they are not split again."""
    monkeypatch.setattr(build, "LARGEST", 6)
    monkeypatch.setattr(merging, "LARGEST", 40)
    monkeypatch.setattr(merging, "SMALLEST", 1)
    store.add(news(30), now=NOW)
    published: list[list[int]] = []
    publish = Indexes.publish

    def counted(indexes, generation):
        published.append([info.chunks for info in generation.segments])
        assert len(published) < 20
        publish(indexes, generation)

    monkeypatch.setattr(Indexes, "publish", counted)
    assert builder(home, store).update().merged > 0
    sizes = [len(chunks) for chunks in published]
    assert sizes == sorted(set(sizes), reverse=True) and max(published[-1]) <= 40
    assert indexed(home) == live(store)
    assert builder(home, store).update().changed is False


@pytest.mark.parametrize("number", ["000002", "000009"])
def test_a_build_that_died_before_its_segment_had_its_name_stops_no_rebuild(home, store, number):
    """A finished segment still called `building-...` is not built upon: the rebuild may have to replace it."""
    encoder = FakeEncoder()
    store.add(news(10), now=NOW)
    builder(home, store, encoder).update()
    (built,) = (home / "indexes" / "segments").iterdir()
    shutil.copytree(built, built.with_name(f"building-{number}-001"))
    store.add([article("new")], now=NOW)
    calls = encoder.calls
    assert builder(home, store, encoder).rebuild().articles == 11
    assert encoder.calls == calls + 1 and indexed(home) == live(store)
    assert len(list((home / "indexes" / "segments").iterdir())) == 2


def foreign(home, change):
    """Put beside the one segment of this home a copy that says otherwise of itself."""
    (built,) = (home / "indexes" / "segments").iterdir()
    shutil.copytree(built, copy := built.with_name("000000-foreign"))
    about = {**json.loads((built / "segment.json").read_bytes()), **change}
    (copy / "segment.json").write_text(
        json.dumps({key: about[key] for key in about if about[key] is not None})
    )
    return copy


@pytest.mark.parametrize(
    "change",
    [
        {"format": None, "dim": None, "encoder": None, "files": None},
        {"format": 0},
        {"files": ["vectors.faiss"]},
        {"files": {"/dev/null": {"bytes": 0, "sha256": ""}}},
        {"files": {"vectors.faiss": {"bytes": "many", "sha256": ""}}},
        {"files": {"vectors.faiss": 1}},
        {"chunks": -1},
        {"dim": 1e9},
    ],
    ids=str,
)
def test_a_directory_that_is_no_segment_of_ours_stops_no_rebuild(home, store, change):
    """A segment.json of another program or format, with anything in it, is no segment, and is passed over."""
    store.add(news(5), now=NOW)
    builder(home, store).update()
    copy = foreign(home, change)
    for opened in (KeptVectors, Segment.found_at):
        with pytest.raises(IndexDamaged, match="searcher rebuild"):
            opened(copy)
    report = builder(home, store).rebuild()
    assert (report.articles, report.encoded) == (5, 0) and indexed(home) == live(store)


@pytest.mark.parametrize(
    "change", [{"files": {}}, {"chunks": 10**9}, {"dim": 33}, {"articles": "many"}, {"chunker": 7}], ids=str
)
def test_a_segment_that_does_not_hold_what_it_says_stops_no_rebuild(home, store, change):
    """Where vectors are missing, or vectors, articles or chunks are not what is said, these are not copied."""
    store.add(news(5), now=NOW)
    builder(home, store).update()
    copy = foreign(home, change)
    if change == {"files": {}}:
        (copy / "vectors.faiss").unlink()
    report = builder(home, store).rebuild()
    assert (report.articles, report.encoded) == (5, 0) and indexed(home) == live(store)


def test_an_update_after_a_lost_pointer_encodes_nothing_that_is_known(home, store):
    """Without CURRENT an update starts from nothing but the vectors: those of the segments on disk are copied."""
    encoder = FakeEncoder()
    store.add(news(10), now=NOW)
    builder(home, store, encoder).update()
    store.add([article("new")], now=NOW)
    calls = encoder.calls
    (home / "indexes" / "CURRENT").unlink()
    report = builder(home, store, encoder).update()
    assert (report.articles, report.encoded, encoder.calls) == (11, 1, calls + 1)
    assert indexed(home) == live(store)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"encoder": FakeEncoder(name="another")}, "encoder"),
        ({"encoder": FakeEncoder(dim=48)}, "encoder"),
        ({"words": 50}, "chunker"),
        ({"stemmer": "none"}, "analyzer"),
        ({"encoder": FakeEncoder(name="another"), "words": 50}, "encoder and chunker"),
    ],
)
def test_another_recipe_asks_for_a_rebuild_and_a_rebuild_mends_it(home, store, change, named):
    """Encoder, chunk words or stemmer changed: update says so and changes nothing, rebuild builds anew."""
    store.add(news(8), now=NOW)
    builder(home, store).update()
    store.add([article("new")], now=NOW)
    before = traces(home / "indexes")
    with pytest.raises(IndexOutdated, match=f"another {named}.*searcher rebuild"):
        builder(home, store, **change).update()
    assert traces(home / "indexes") == before
    rebuilt = builder(home, store, **change).rebuild()
    assert rebuilt.articles == 9 and indexed(home) == live(store)
    assert builder(home, store, **change).update().changed is False


def test_another_analyzer_costs_no_encoding(home, store):
    """A rebuild for another stemmer reuses every vector; for another encoder, none."""
    encoder, other = FakeEncoder(), FakeEncoder(name="another")
    store.add(news(8), now=NOW)
    builder(home, store, encoder).update()
    assert builder(home, store, encoder, stemmer="none").rebuild().encoded == 0
    assert builder(home, store, other, stemmer="none").rebuild().reused < other.calls


def test_a_store_from_a_backup_is_not_answered_from_an_index_of_later_articles(home, store, tmp_path):
    """
    When `articles.db` was replaced by an older one and went on from there, the same seqs are other articles: update
    says so, and rebuild mends it.
    """
    older = Store.open(tmp_path / "older.db", create=True)
    for one in (store, older):
        one.add(news(5), now=NOW)
    store.add([article("lost")], now=NOW)
    builder(home, store).update()
    with pytest.raises(IndexOutdated, match="searcher rebuild"):
        builder(home, older).update()
    older.add([article("other"), article("another")], now=NOW)
    with pytest.raises(IndexOutdated, match="searcher rebuild"):
        builder(home, older).update()
    assert builder(home, older).rebuild().articles == 7
    assert indexed(home) == live(older)
    older.close()


def test_a_failed_build_leaves_no_file_open(home, store):
    """However often a build fails, the process does not run out of files."""

    class Failing(FakeEncoder):
        def encode(self, texts, **options):
            raise OSError("no")

    store.add(news(3), now=NOW)
    gc.collect()  # What other tests have let go of is not closed amid this one.
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208
    for _ in range(3):
        with pytest.raises(OSError, match="no"):
            builder(home, store, Failing()).update()
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208


def test_progress_tells_how_many_chunks_are_done(home, store):
    """Encoding counts from what is known to all chunks, writing ends with all."""
    store.add(news(10), now=NOW)
    told = []
    one = builder(home, store)
    one._progress = lambda stage, done, total: told.append((stage, done, total))
    report = one.update()
    encode = [(done, total) for stage, done, total in told if stage == "encode"]
    assert encode[0] == (report.reused, report.chunks) and encode[-1] == (report.chunks, report.chunks)
    assert encode == sorted(encode)
    assert told[-1] == ("write", report.chunks, report.chunks)
