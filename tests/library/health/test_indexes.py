"""Pointer, manifests and segments: whatever is damaged in them is found, named and mended."""

from __future__ import annotations

import shutil
from dataclasses import replace
from random import Random
from types import SimpleNamespace

import numpy as np
import pytest

from searcher.errors import IndexDamaged
from searcher.index.generation import Indexes
from searcher.index.segment import SegmentInfo
from searcher.library.health import indexes as examined
from tests.library.health.examining import examine, states
from tests.library.safe import fake_encoder
from tests.library.samples import NOW, article, new_library

__all__ = ["fake_encoder"]

pytestmark = pytest.mark.usefixtures("fake_encoder")


def test_whatever_is_damaged_in_the_indexes_is_found_and_mended(home):
    """
    Any file of the indexes with a flipped bit, cut, empty, longer or gone: it is found; repair mends it, from vectors
    that are whole, and the answers are what they were.
    """
    saved = home.with_name("saved")
    shutil.copytree(home, saved)
    with new_library(home) as library:
        before = [hit.article_id for hit in library.search("harbour strike", limit=50, now=NOW)]
    files = sorted(path for path in (home / "indexes").rglob("*") if path.is_file())
    random = Random(0)
    for trial in range(3 * len(files)):
        shutil.rmtree(home)
        shutil.copytree(saved, home)
        path = files[trial % len(files)]
        data = path.read_bytes()
        flipped = bytearray(data)
        flipped[random.randrange(len(data))] ^= 1 << random.randrange(8)
        damaged = random.choice(
            [bytes(flipped)] * 4 + [data[: random.randrange(len(data))], data + b"x", None]
        )
        path.unlink()
        if damaged is not None:
            path.write_bytes(damaged)
        mendable = damaged is not None or "generations" not in str(path) or path.stem == "000003"
        assert examine(home).broken is mendable, (path, damaged and len(damaged))
        examine(home, repair=True)
        assert states(examine(home)) == set(), path
        with new_library(home) as library:
            found = library.search("harbour strike", limit=50, now=NOW)
            assert ([hit.article_id for hit in found], found.degraded) == (before, None)


def test_a_segment_that_only_an_old_generation_names_is_removed(home):
    """What answers is whole, and is not built anew."""
    with new_library(home) as library:
        library.rebuild()
    indexes = Indexes(home / "indexes")
    (answering,) = indexes.read().segments
    for path in indexes.segments.iterdir():
        if path.name != answering.name:
            (path / "arrays").write_bytes(b"")
    assert states(examine(home)) == {("segments", "broken", True)}
    examination = examine(home, repair=True)
    assert states(examination) == set() and not any("built" in one for one in examination.repairs)
    assert [path.name for path in indexes.segments.iterdir()] == [answering.name]


def test_what_a_writer_collects_meanwhile_is_not_missed(home, monkeypatch):
    """While the doctor reads, an update may replace what it is reading: that is no damage."""
    from searcher.library.health import indexes as module

    with new_library(home) as library:
        library.rebuild()  # The segments of the generation before are read first, and nobody holds it.

    whole = module._verify

    def collected_first(directory, info):
        with new_library(home) as library:
            for number in range(3):
                library.add(article(f"meanwhile {number}"), now=NOW)
                library.rebuild()
        monkeypatch.setattr(module, "_verify", whole)
        whole(directory, info)

    monkeypatch.setattr(module, "_verify", collected_first)
    first = sorted(path.name for path in (home / "indexes" / "segments").iterdir())[0]
    broken = [one for one in examine(home).findings if one.check == "segments" and one.state == "broken"]
    assert broken == [] and not (home / "indexes" / "segments" / first).exists()


def test_an_index_that_is_gone_is_built(home):
    """All of `indexes/` may be deleted."""
    shutil.rmtree(home / "indexes")
    assert states(examine(home)) == {("index", "broken", True)}
    assert states(examine(home, repair=True)) == set()


def test_what_others_found_damaged_is_said_and_built_anew(home):
    """Also where the bytes are whole now: as long as it is told nobody answers from it."""
    indexes = Indexes(home / "indexes")
    name = indexes.read().segments[0].name
    indexes.tell_damaged([f"{name}/vectors.faiss"])
    assert states(examine(home)) == {("segments", "broken", True)}
    mended = examine(home, repair=True)
    assert states(mended) == set() and "built generation" in mended.repairs[0]
    assert indexes.damaged() == frozenset()
    with new_library(home) as library:
        assert library.search("harbour", now=NOW).degraded is None


def test_an_index_of_wrong_counts_is_found(home):
    """Every digest is right, and yet the manifest counts articles that no table has."""
    indexes = Indexes(home / "indexes")
    current = indexes.read()
    first, *others = current.segments
    indexes.publish(
        replace(current, segments=(replace(first, articles=first.articles - 1), *others), live=(None, None))
    )
    (found,) = [one for one in examine(home).findings if one.check == "segments"]
    assert found.state == "broken" and "1 articles of the table too many" in found.said
    indexes.publish(
        replace(current, segments=(replace(first, articles=first.articles + 2), *others), live=(None, None))
    )
    (found,) = [one for one in examine(home).findings if one.check == "segments"]
    assert "2 articles of the table too few" in found.said


def test_an_index_of_mixed_encoders_is_found_and_mended(home):
    """Every file is what was written, but the segments are not of the encoder that their generation names."""
    indexes = Indexes(home / "indexes")
    current = indexes.read()
    for manifest in indexes.generations.iterdir():
        manifest.unlink()
    indexes.publish(replace(current, fingerprints=replace(current.fingerprints, encoder="another")))
    found = [one for one in examine(home).findings if one.check == "segments" and one.state == "broken"]
    assert len(found) == 1 and "built with another encoder" in found[0].said


def test_a_stranger_in_a_segment_is_damage(home):
    """A segment is exactly the files that its seal names; more is named and built anew."""
    indexes = Indexes(home / "indexes")
    (indexes.segments / indexes.read().segments[0].name / "more").touch()
    (found,) = [one for one in examine(home).findings if one.check == "segments"]
    assert found.state == "broken" and found.said.endswith("holds what is not of it: more.")
    assert states(examine(home, repair=True)) == set()


def test_a_manifest_that_somebody_reads_is_not_removed(home):
    """Damaged or not: its reader goes on from it; the next repair removes it."""
    indexes = Indexes(home / "indexes")
    with new_library(home) as library:
        library.rebuild()
    old = sorted(indexes.generations.iterdir())[-2]
    name = next(name for name in indexes.others() if name.startswith(old.name))
    generation, lease = indexes.acquire(name)
    (indexes.segments / generation.segments[0].name / "arrays").write_bytes(b"")
    assert not any("removed 0" in one for one in examine(home, repair=True).repairs) and old.exists()
    examination = examine(home)
    (found,) = [one for one in examination.findings if one.check == "segments"]
    assert (found.state, found.next_step) == (
        "warning",
        "searcher doctor --repair, when that process has ended",
    )
    assert "arrays has 0 bytes instead of" in found.said
    assert found.said.endswith(". No index needs it but an older one, which a process has open")
    assert not examination.broken
    lease.close()
    assert states(examine(home)) == {("segments", "broken", True)}
    assert f"removed {old.name}, which was damaged" in examine(home, repair=True).repairs
    assert not old.exists() and states(examine(home)) == set()


def test_a_manifest_that_is_no_file_is_named(home):
    """A directory in its place is neither read nor held by anybody."""
    (home / "indexes" / "generations" / "000009.json").mkdir()
    assert states(examine(home)) == {("index", "broken", True)}


def test_a_manifest_that_goes_while_it_is_read_is_no_damage(home, monkeypatch):
    """An update collected it meanwhile."""
    read = Indexes.read

    def gone(self, name=None):
        if name is not None and name.startswith("000001"):
            (self.generations / "000001.json").unlink()
        return read(self, name)

    with new_library(home) as library:
        library.indexes.collect = lambda: None
        assert sorted(path.name for path in library.indexes.generations.iterdir())[0] < "000003.json"
    first = sorted((home / "indexes" / "generations").iterdir())[0]
    first.rename(first.with_name("000001.json"))
    monkeypatch.setattr(Indexes, "read", gone)
    assert states(examine(home)) == set()
    assert not (home / "indexes" / "generations" / "000001.json").exists()


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("articles of the table", {"seq": 1}),
        ("articles of the postings", {"articles": 1}),
        ("chunks of the table", {"spans": 1}),
        ("chunk counts of the table", {"counts": 1}),
        ("chunks of the postings", {"chunks": 1}),
        ("digests", {"digests": 1}),
        ("vectors", {"vectors": 1}),
    ],
)
def test_every_part_of_a_segment_has_as_many_rows(tmp_path, monkeypatch, what, change):
    """Each part that has one more, or one less, is named."""
    info = SegmentInfo("s", 3, 7, "")
    for sign, said in ((1, "1 {} too many"), (-1, "1 {} too few")):
        more = {name: sign * number for name, number in change.items()}
        rows = {name: range(count + more.get(name, 0)) for name, count in ROWS.items()}
        table = SimpleNamespace(
            seq=rows["seq"], spans=rows["spans"], chunk_counts=np.array([len(rows["counts"])])
        )
        segment = SimpleNamespace(
            verify=lambda: None,
            file_names=frozenset(),
            table=table,
            postings=SimpleNamespace(articles=rows["articles"], chunks=rows["chunks"]),
            digests=(rows["digests"],),
            flat=rows["vectors"],
        )
        monkeypatch.setattr(examined, "Segment", lambda *_, segment=segment: segment)
        with pytest.raises(IndexDamaged) as raised:
            examined._verify(tmp_path, info)
        assert str(raised.value) == f"{tmp_path}: {said.format(what)}."


ROWS = {"seq": 3, "articles": 3, "spans": 7, "counts": 7, "chunks": 7, "digests": 7, "vectors": 7}
