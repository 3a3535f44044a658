"""The doctor finds what is wrong, names the next step, and mends what can be mended without loss."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from random import Random
from types import SimpleNamespace

import numpy as np
import pytest

from searcher.errors import EncoderUnavailable, IndexDamaged, LibraryBusy, NoIndex, StoreDamaged
from searcher.index.dense.flat import write_flat
from searcher.index.files import file_digest
from searcher.index.generation import Indexes
from searcher.index.segment import SegmentInfo
from searcher.index.writer_lock import writer_lock
from searcher.library import library as door
from searcher.library.health import doctor, surroundings
from searcher.library.health import indexes as examined
from searcher.store import Store
from tests.fake_encoder import FakeEncoder
from tests.library.safe import fake_encoder
from tests.library.samples import NOW, article, new_library, news, wanted

__all__ = ["fake_encoder"]

pytestmark = pytest.mark.usefixtures("fake_encoder")


@pytest.fixture
def home(tmp_path):
    """Two segments and two generations; one article corrected, one withdrawn."""
    with new_library(tmp_path) as library:
        library.add(*news(10), now=NOW)
        library.add(*news(4, seed=1, prefix="p"), article("n1", "Corrected: harbour strike."), now=NOW)
        library.remove("n2", now=NOW)
        library.update()
    return tmp_path


def examine(home, **options):
    """Examine the library at `home`."""
    return doctor(home, settings=wanted(), **options)


def states(examination, *checks):
    """Give the state and mendability of what is not well."""
    return {(one.check, one.state, one.mendable) for one in examination.findings if one.state != "ok"}


def test_a_whole_library_is_well(home):
    """Each check says so; nothing is broken, nothing needs a person, and looking changes nothing."""
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    examination = examine(home)
    assert states(examination) == set()
    assert {one.check for one in examination.findings} == {
        *("articles", "index", "segments", "contents", "sample", "encoder", "leftovers", "processes", "disk")
    }
    assert not examination.broken and not examination.needs_a_person and examination.repairs == ()
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before
    assert examine(home, repair=True).repairs == ()


def test_tables_that_cannot_be_read_need_a_person(home):
    """A flipped letter in the name of a column: all is said that can be, and nothing is mended or lost."""
    with closing(sqlite3.connect(home / "articles.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'fetched_at', 'fetched_bt') WHERE name = 'revisions'"
        )
    for repair in (False, True):
        examination = examine(home, repair=repair)
        assert examination.needs_a_person and examination.repairs == ()
        assert {one.check for one in examination.findings if one.state == "broken"} >= {"articles"}
    with pytest.raises(StoreDamaged), new_library(home) as library:
        library.show("n3")


def test_a_home_without_a_library_is_not_examined(tmp_path):
    """NoIndex as from every other reader, and no file is made."""
    with pytest.raises(NoIndex):
        examine(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_library_without_articles_is_well(tmp_path):
    """Nothing to index, no index."""
    new_library(tmp_path).close()
    examination = examine(tmp_path, repair=True)
    assert states(examination) == set() and examination.repairs == ()
    assert not Indexes(tmp_path / "indexes").exist()


def test_indexes_without_articles_need_a_person(home):
    """Only a backup has them."""
    for path in home.glob("articles.db*"):
        path.unlink()
    assert states(examine(home)) == {("articles", "broken", False)}
    assert states(examine(home, repair=True)) == {("articles", "broken", False)}


@pytest.mark.parametrize("damage", [b"no database" * 1000, b""])
def test_a_store_that_cannot_be_opened_needs_a_person(home, damage):
    """It is a finding, not a failure of the doctor."""
    (home / "articles.db").write_bytes(damage)
    examination = examine(home, repair=True)
    assert examination.needs_a_person and len(examination.findings) == 1


def test_a_damaged_article_needs_a_person_and_costs_no_index(home):
    """It is named; the index, which holds it as it was, is not built anew without it."""
    path = home / "articles.db"
    path.write_bytes(path.read_bytes().replace(b"Corrected: harbour", b"Corrected: herbour"))
    examination = examine(home, repair=True)
    assert states(examination) == {("articles", "broken", False)} and examination.repairs == ()
    (found,) = [one for one in examination.findings if one.state == "broken"]
    assert "'n1'" in found.said and "restore" in found.next_step


def test_many_damaged_articles_are_counted(tmp_path):
    """Twenty are named."""
    with new_library(tmp_path) as library:
        library.add(*[article(f"a{n}", f"Vote {n} of all.") for n in range(30)], index=False, now=NOW)
    path = tmp_path / "articles.db"
    path.write_bytes(path.read_bytes().replace(b" of all.", b" of ell."))
    findings = [one for one in examine(tmp_path).findings if one.check == "articles"]
    assert len(findings) == 21
    assert findings[-1] == replace(findings[0], said="10 more problems like these")
    assert (findings[0].state, findings[0].mendable) == ("broken", False) and "BACKUP" in findings[
        0
    ].next_step


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


def forge_vectors(indexes):
    """Write other vectors into the first segment that answers, with all digests right."""
    current = indexes.read()
    info = current.segments[0]
    directory = indexes.segments / info.name
    rows = np.zeros((info.chunks, 32), np.float32)
    rows[:, 0] = 1
    write_flat(rows, directory / "vectors.faiss")
    about = json.loads((directory / "segment.json").read_bytes())
    about["files"]["vectors.faiss"]["sha256"] = file_digest(directory / "vectors.faiss")
    data = json.dumps(about, indent=1).encode()
    (directory / "segment.json").write_bytes(data)
    forged = replace(info, digest=hashlib.sha256(data).hexdigest())
    for manifest in indexes.generations.iterdir():
        manifest.unlink()
    indexes.publish(replace(current, segments=(forged, *current.segments[1:])))


def test_vectors_of_another_text_are_found_by_encoding_again(home):
    """
    Files may all be what was written, and what was written be wrong: then cosines tell. A rebuild takes them as they
    are; the repair encodes all texts again.
    """
    forge_vectors(Indexes(home / "indexes"))
    examination = examine(home, deep=True)
    assert states(examination) == {("sample", "broken", True)}
    (found,) = [one for one in examination.findings if one.check == "sample"]
    said = r"\d+ of \d+ texts encoded again differ from the index: chunk 1 of 'n\d+' has cosine -?\d\.\d{4}"
    assert re.fullmatch(said, found.said) and found.next_step == "searcher doctor --repair"
    with new_library(home) as library:  # It believes its digests.
        assert library.rebuild().encoded == 0
    assert states(examine(home, deep=True)) == {("sample", "broken", True)}
    assert states(examine(home, deep=True, repair=True)) == set()


@pytest.mark.parametrize("change", ["lost", "extra"])
def test_an_index_of_other_articles_is_found_and_mended(home, change):
    """One live article is masked out of the index, or a withdrawn one is not: every digest is right."""
    indexes = Indexes(home / "indexes")
    current = indexes.read()
    masks = [
        np.ones(info.articles, bool) if mask is None else mask.copy()
        for info, mask in zip(current.segments, current.live, strict=True)
    ]
    row = 4 if change == "lost" else int(np.flatnonzero(~masks[0])[0])
    masks[0][row] = change != "lost"
    indexes.publish(replace(current, number=9, live=tuple(masks)))
    assert ("contents", "broken", True) in states(examine(home))
    assert states(examine(home, repair=True)) == set()


def test_another_encoder_chunker_or_library_asks_for_a_rebuild(home, monkeypatch):
    """Each is named, and mended by repair."""
    monkeypatch.setattr(door, "load_encoder", lambda settings: FakeEncoder(name="another"))
    assert ("encoder", "broken", True) in states(examine(home))
    assert states(examine(home, repair=True)) == set()
    older = home.with_name("older")
    with new_library(older) as library:
        library.add(*news(20, seed=5), index=False, now=NOW)
    shutil.copyfile(older / "articles.db", home / "articles.db")
    assert ("contents", "broken", True) in states(examine(home))
    assert states(examine(home, repair=True)) == set()


def test_a_missing_encoder_needs_a_person(home, monkeypatch):
    """The message is that of the encoder, which says what to install."""

    def refuse(settings):
        raise EncoderUnavailable("No model here. Try: pip install the model")

    monkeypatch.setattr(door, "load_encoder", refuse)
    examination = examine(home)
    assert states(examination) == {("encoder", "broken", False)} and examination.needs_a_person


def test_leftovers_are_named_and_removed(home):
    """Of dead builds and restores; the journal of an interrupted build is named and kept for the next."""
    indexes = home / "indexes"
    (indexes / "segments" / "building-000009-001").mkdir()
    (indexes / "segments" / "building-000009-001" / "arrays").write_bytes(b"x" * 1000)
    (indexes / "generations" / ".000009.json.1.1").touch()
    (indexes / ".CURRENT.1.1").touch()
    (home / ".restoring").mkdir()
    examination = examine(home)
    assert states(examination) == {("leftovers", "warning", True)} and not examination.broken
    assert examine(home, repair=True).repairs == ("removed 4 leftovers",)
    assert states(examine(home)) == set()
    (indexes / "journal").touch()
    assert states(examine(home, repair=True)) == {("leftovers", "warning", True)}
    assert (indexes / "journal").exists()


def test_what_waits_to_be_indexed_is_named(home):
    """It is no damage."""
    with new_library(home) as library:
        library.add(article("late"), index=False, now=NOW)
    examination = examine(home)
    assert states(examination) == {("contents", "warning", True)} and not examination.broken


def test_who_writes_and_who_reads_is_said(home):
    """What a running writer has beside is no leftover; repair waits for it, or says who it is."""
    (home / "indexes" / ".CURRENT.1.1").touch()
    with writer_lock(home), Indexes(home / "indexes").hold():
        examination = examine(home)
        (processes,) = [one for one in examination.findings if one.check == "processes"]
        assert processes.said.startswith(f"Process {os.getpid()} (")
        assert ") is writing; read at the moment: 000003.json" in processes.said
        assert states(examination) == set()
        with pytest.raises(LibraryBusy):
            examine(home, repair=True)


def test_repair_waits_for_a_writer_as_long_as_it_was_told(home):
    """Not at all unless it was; and it goes on when the writer is done."""
    shutil.rmtree(home / "indexes")
    released = threading.Event()

    def write():
        with writer_lock(home):
            began.set()
            released.wait(60)

    began, writer = threading.Event(), threading.Thread(target=write)
    writer.start()
    assert began.wait(60)
    at = time.monotonic()
    with pytest.raises(LibraryBusy):
        examine(home, repair=True)
    assert time.monotonic() - at < 30
    threading.Timer(0.3, released.set).start()
    assert states(examine(home, repair=True, wait_s=60.0)) == set()
    writer.join()


def test_one_article_that_no_index_holds_is_missed(tmp_path):
    """There is something to be found, so there should be an index."""
    with new_library(tmp_path) as library:
        library.add(article("only"), now=NOW, index=False)
    assert states(examine(tmp_path)) == {("index", "broken", True)}
    assert states(examine(tmp_path, repair=True)) == set()


def test_an_examination_says_of_which_library_it_is(home):
    """Whatever comes of it."""
    assert examine(home).home == home
    assert examine(home, repair=True).home == home
    (home / "articles.db").write_bytes(b"no database" * 1000)
    spoilt = examine(home)
    assert (spoilt.home, spoilt.findings[0].check, spoilt.findings[0].mendable) == (home, "library", False)
    (home / "articles.db").unlink()
    assert examine(home).home == home


def test_little_room_on_the_disk_is_a_warning(home, monkeypatch):
    """A rebuild needs as much again as the indexes take."""
    usage = shutil.disk_usage(home)
    monkeypatch.setattr(
        surroundings.shutil, "disk_usage", lambda path: usage._replace(free=surroundings.LEAST_FREE)
    )
    assert states(examine(home)) == {("disk", "warning", True)}

    def refuse(path):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(surroundings.shutil, "disk_usage", refuse)
    assert states(examine(home)) == {("disk", "warning", True)}


def test_settings_that_mean_nothing_need_a_person(home):
    """The key is named."""
    (home / "searcher.toml").write_text("[encoder]\nmodl = 1\n")
    examination = doctor(home)
    assert examination.needs_a_person and "modl" in examination.findings[0].said


def test_what_repair_leaves_is_what_the_store_holds(home):
    """After any repair every live article is found, once."""
    (home / "indexes" / "CURRENT").write_bytes(b"")
    examine(home, repair=True)
    with new_library(home) as library, Store.open(home / "articles.db") as store:
        found = [hit.article_id for hit in library.search("NOT qwxz", limit=1000, fold=False, now=NOW)]
        assert sorted(found) == sorted(one.article.article_id for one in store.live())


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


def test_a_store_that_fails_while_it_is_read_is_said(home, monkeypatch):
    """Neither half of the examination that needs it ends it."""

    def fail(*_, **__):
        raise StoreDamaged("the disk failed. Check it.")

    monkeypatch.setattr(Store, "live_seqs", fail)
    found = [one for one in examine(home).findings if one.check == "contents"]
    assert [one.state for one in found] == ["warning"] and "cannot be compared: the disk failed" in found[
        0
    ].said
    monkeypatch.setattr(Store, "check", fail)
    assert ("articles", "broken", False) in states(examine(home))


def test_a_sample_is_spread_over_the_library(tmp_path, monkeypatch):
    """Sixteen texts are encoded, with `deep` all of sixty; the first and the last article are among them."""
    encoder = FakeEncoder()
    monkeypatch.setattr(door, "load_encoder", lambda settings: encoder)
    with new_library(tmp_path, encoder=encoder) as library:
        library.add(*[article(f"a{n:02}", f"Vote {n}.") for n in range(60)], now=NOW)
    encode = FakeEncoder.encode
    for how, count in (({}, 16), ({"deep": False}, 16), ({"deep": True}, 60)):
        encoded = []
        with monkeypatch.context() as watched:
            watched.setattr(
                FakeEncoder,
                "encode",
                lambda self, texts, seen=encoded: seen.extend(texts) or encode(self, texts),
            )
            examine(tmp_path, **how)
        assert len(encoded) == count
        assert "Vote 0." in encoded[0] and "Vote 59." in encoded[-1]


def test_a_damaged_article_hides_no_wrong_vector(home):
    """It is left out of the sample, and the sample goes on."""
    with new_library(home) as library:
        library.rebuild()
    indexes = Indexes(home / "indexes")
    forge_vectors(indexes)
    path = home / "articles.db"
    first = bytes(news(10)[0].body[:30], "utf-8")
    assert path.read_bytes().count(first) == 1
    path.write_bytes(path.read_bytes().replace(first, first.swapcase()))
    assert ("sample", "broken", True) in states(examine(home))


def test_what_could_not_be_indexed_is_not_missing(tmp_path):
    """An article that was damaged before it was indexed: the index is as good as it can be."""
    with new_library(tmp_path) as library:
        library.add(*news(5), article("bad", "Harbour strike, 51 to 49."), index=False, now=NOW)
    path = tmp_path / "articles.db"
    path.write_bytes(path.read_bytes().replace(b"51 to 49.", b"61 to 49."))
    with new_library(tmp_path) as library:
        assert library.update().damaged == 1
    assert states(examine(tmp_path)) == {("articles", "broken", False)}


def test_an_index_of_nothing_is_compared_too(tmp_path):
    """All that was indexed is withdrawn: no segment is left."""
    with new_library(tmp_path) as library:
        library.add(article("a"), now=NOW)
        library.remove("a", now=NOW)
        library.update()
    examination = examine(tmp_path)
    assert states(examination) == set()
    assert "the index holds the 0 live articles, each once" in {one.said for one in examination.findings}


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


def test_a_repair_tells_how_far_it_is(home):
    """As every build does."""
    shutil.rmtree(home / "indexes")
    told = []
    examine(home, repair=True, progress=lambda stage, done, total: told.append((stage, done)))
    assert {"write", "encode"} <= {stage for stage, _ in told}
