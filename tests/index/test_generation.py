"""One pointer says which indexes answer; who reads keeps what it reads, and one process writes at a time."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.errors import IndexDamaged, IndexOutdated, NoIndex
from searcher.index.generation import Generation, Indexes, live_masks
from searcher.index.segment import SegmentInfo
from tests.index.samples import PRINTS, generation, names, publish


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.none() | st.lists(st.booleans(), min_size=1, max_size=30), max_size=4), st.integers(0, 2**60)
)
def test_what_is_published_is_read(tmp_path_factory, masks, covers):
    """Segments, masks of any length, seq and fingerprints survive the way to disk and back."""
    indexes = Indexes(tmp_path_factory.mktemp("read"))
    live = tuple(None if mask is None else np.array(mask) for mask in masks)
    infos = tuple(
        SegmentInfo(f"s{n}", 10 if mask is None else len(mask), 99, f"digest {n}")
        for n, mask in enumerate(masks)
    )
    publish(indexes, Generation(3, covers, PRINTS, "fäke", infos, live))
    read = indexes.read()
    assert (read.number, read.covers, read.fingerprints, read.encoder_name) == (3, covers, PRINTS, "fäke")
    assert read.segments == infos
    for mask, again in zip(masks, read.live, strict=True):
        if mask is None or all(mask):
            assert again is None
        else:
            assert again.tolist() == mask


def test_current_is_the_only_thing_that_changes(indexes):
    """Another generation adds a manifest and changes CURRENT; every file that was there keeps its bytes."""
    publish(indexes, generation(1, "a"))
    before = {path: path.read_bytes() for path in indexes.directory.rglob("*") if path.is_file()}
    current = indexes.directory / "CURRENT"
    publish(indexes, generation(2, "a", "b"))
    after = {path: path.read_bytes() for path in indexes.directory.rglob("*") if path.is_file()}
    assert {path for path in before if after[path] != before[path]} == {current}
    assert {path.name for path in after.keys() - before.keys()} == {"000002.json", "file"}
    current.write_bytes(before[current])
    assert indexes.read().number == 1


def test_current_names_the_manifest_by_its_digest(indexes):
    """CURRENT is one line: the manifest's name and the sha256 of its bytes."""
    publish(indexes, generation(12, "a"))
    manifest = indexes.generations / "000012.json"
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
    assert (indexes.directory / "CURRENT").read_text() == f"000012.json {digest}\n"


def test_asking_makes_nothing(indexes):
    """Where nothing is built NoIndex says how to build, and no directory appears."""
    for ask in (indexes.read, indexes.acquire, indexes.current_name):
        with pytest.raises(NoIndex, match="searcher rebuild"):
            ask()
    assert indexes.next_number() == 1
    indexes.collect()
    assert not indexes.directory.exists()


CURRENTS = {
    "empty": b"",
    "blank": b"\n",
    "zeros, as a power cut leaves them": b"\0" * 77,
    "not ASCII": b"\xff\xfe000001.json",
    "no digest": b"000001.json\n",
    "another digest": b"000001.json " + b"0" * 64 + b"\n",
    "a manifest that is not there": b"000009.json " + b"0" * 64 + b"\n",
    "a path out of the directory": b"../../etc/passwd " + b"0" * 64,
    "a directory": b". " + b"0" * 64,
    "a very long name": b"1" * 5000 + b".json " + b"0" * 64,
}


@pytest.mark.parametrize("content", CURRENTS.values(), ids=CURRENTS.keys())
def test_a_damaged_current_names_the_command_that_mends_it(indexes, content):
    """Whatever CURRENT holds, reading gives IndexDamaged with the next step, and collecting takes nothing."""
    publish(indexes, generation(1, "a"))
    (indexes.directory / "CURRENT").write_bytes(content)
    for ask in (indexes.read, indexes.acquire):
        with pytest.raises(IndexDamaged, match="searcher rebuild"):
            ask()
    indexes.collect()
    assert names(indexes.segments) == ["a"]
    assert indexes.next_number() == 2


def test_a_damaged_manifest_names_the_command_that_mends_it(indexes):
    """One byte changed, cut short, or gone: IndexDamaged, never a guess."""
    publish(indexes, generation(1, "a"))
    manifest = indexes.generations / "000001.json"
    data = manifest.read_bytes()
    for damaged in (data.replace(b'"covers": 7', b'"covers": 8'), data[:-1], b"", None):
        manifest.unlink()
        if damaged is not None:
            manifest.write_bytes(damaged)
        for ask in (indexes.read, indexes.acquire):
            with pytest.raises(IndexDamaged, match="searcher rebuild"):
                ask()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"[]", IndexDamaged),
        (b"not json", IndexDamaged),
        (b'{"format": 1}', IndexOutdated),
        (b'{"format": 2}', IndexDamaged),
        (b'{"format": 999}', IndexOutdated),
    ],
)
def test_a_manifest_of_another_shape_or_format_asks_for_a_rebuild(indexes, content, error):
    """A manifest that is whole and yet not ours to read: damaged, or of another format, with the next step."""
    publish(indexes, generation(1, "a"))
    (indexes.generations / "000001.json").write_bytes(content)
    (indexes.directory / "CURRENT").write_text(f"000001.json {hashlib.sha256(content).hexdigest()}\n")
    with pytest.raises(error, match="searcher rebuild"):
        indexes.read()


def test_a_number_is_never_given_twice(indexes):
    """Also a manifest that was written and never published has used its number up."""
    publish(indexes, generation(4, "a"))
    (indexes.generations / "000005.json").write_text("{}")
    assert indexes.next_number() == 6


def test_masks_of_segments_are_joined():
    """All live says None; otherwise one row an article, segment after segment."""
    infos = generation(1, "a", "b").segments
    assert live_masks((), ()) is None
    assert live_masks(infos, (None, None)) is None
    half = np.arange(10) < 5
    joined = live_masks(infos, (None, half))
    assert joined is not None and joined.tolist() == [True] * 15 + [False] * 5


def test_a_generation_that_goes_while_it_is_opened_is_not_taken(indexes, monkeypatch):
    """
    Between reading the pointer and holding the manifest the writer may publish twice and collect: the reader then takes
    the generation that answers now, whether the manifest went before it was opened or after.
    """
    publish(indexes, generation(1, "a"))
    stale = indexes.current_name()
    publish(indexes, generation(2, "b"))
    publish(indexes, generation(3, "c"))
    indexes.collect()
    real, said = indexes.current_name, [stale]
    monkeypatch.setattr(indexes, "current_name", lambda: said.pop() if said else real())
    with indexes.hold() as held:
        assert held.number == 3
    monkeypatch.undo()
    lock, locked = fcntl.flock, []

    def collected_first(file, how):
        lock(file, how)
        if not locked:
            locked.append(file)
            publish(indexes, generation(4, "d"))
            (indexes.generations / "000003.json").unlink()

    monkeypatch.setattr(fcntl, "flock", collected_first)
    with indexes.hold() as held:
        assert held.number == 4


def test_a_generation_that_always_goes_is_an_error_in_the_end(indexes, monkeypatch):
    """A manifest that is replaced each time it is locked is given up on, with a sentence."""
    publish(indexes, generation(1, "a"))
    manifest = indexes.generations / "000001.json"
    whole = manifest.read_bytes()

    def always_gone(file, how):
        manifest.unlink()
        manifest.write_bytes(whole)

    monkeypatch.setattr(fcntl, "flock", always_gone)
    with pytest.raises(IndexDamaged, match="changes faster than it can be read"), indexes.hold():
        pass


def test_a_manifest_that_cannot_be_opened_is_damage(indexes):
    """Whatever stands in the place of a manifest is an error of ours, with the command that mends it."""
    publish(indexes, generation(1, "a"))
    (indexes.generations / "000001.json").unlink()
    (indexes.generations / "000001.json").symlink_to("000001.json")
    with pytest.raises(IndexDamaged, match=r"000001.json cannot be read .*searcher rebuild"), indexes.hold():
        pass


def test_what_one_finds_damaged_all_are_told(indexes):
    """
    Names add up; nothing told is nothing; what cannot be read, or is none of ours, stops nobody.
    """
    assert indexes.damaged() == frozenset()
    indexes.directory.mkdir(exist_ok=True)
    indexes.tell_damaged(["b/arrays"])
    indexes.tell_damaged(["a/vectors.faiss", "b/arrays"])
    assert (indexes.directory / "damaged").read_bytes() == b"a/vectors.faiss\nb/arrays\n"
    assert Indexes(indexes.directory).damaged() == {"a/vectors.faiss", "b/arrays"}
    (indexes.directory / "damaged").write_bytes(b"\xff\x00 c/arrays\n")
    assert "c/arrays" in indexes.damaged()


def test_where_nothing_can_be_written_nothing_is_told(tmp_path):
    """
    Without an error: whoever found it only reads.
    """
    indexes = Indexes(tmp_path / "nowhere")
    indexes.tell_damaged(["a/arrays"])
    assert indexes.damaged() == frozenset() and not (tmp_path / "nowhere").exists()


def error_of(act):
    """Give the kind and the words of the error that this raises."""
    with pytest.raises((IndexDamaged, IndexOutdated, NoIndex)) as raised:
        act()
    return type(raised.value), str(raised.value)


def test_what_is_wrong_is_said_in_one_sentence_with_the_next_step(indexes):
    """
    Word for word: what, where, and the command.
    """
    home, current, manifest = (
        indexes.directory,
        indexes.directory / "CURRENT",
        indexes.generations / "000001.json",
    )
    mend = "Run: searcher rebuild"
    assert error_of(indexes.read) == (NoIndex, f"No index in '{home}' yet. {mend}")
    publish(indexes, generation(1, "a"))
    pointer, whole = current.read_bytes(), manifest.read_bytes()
    current.write_bytes(pointer.replace(b".json", b".jsoN"))
    assert error_of(indexes.read) == (IndexDamaged, f"{current} does not name a generation. {mend}")
    current.write_bytes(b"\xff")
    kind, said = error_of(indexes.read)
    assert kind is IndexDamaged and said.startswith(f"{current} cannot be read ('ascii' codec can't decode")
    assert said.endswith(f". {mend}")
    current.write_bytes(pointer)
    manifest.write_bytes(whole + b" ")
    assert error_of(indexes.read) == (IndexDamaged, f"{manifest} is not what {current} says. {mend}")
    manifest.unlink()
    assert error_of(indexes.read) == (
        IndexDamaged,
        f"{manifest} cannot be read (No such file or directory). {mend}",
    )
    assert error_of(indexes.acquire) == (IndexDamaged, f"{manifest} is missing. {mend}")
    for content, said in (
        (b'{"format": 7}', f"{manifest} has format 7, this program reads 2. {mend}"),
        (b'{"format": 2}', f"{manifest} is not a manifest ('segments'). {mend}"),
    ):
        manifest.write_bytes(content)
        name = f"000001.json {hashlib.sha256(content).hexdigest()}"
        kind = IndexOutdated if b"7" in content else IndexDamaged
        assert error_of(lambda name=name: indexes.read(name)) == (kind, said)


def test_the_manifest_on_disk_is_what_other_programs_were_promised(indexes):
    """
    Every key by its name: a reader of another version finds them there.
    """
    half = np.array([True, False] * 5)
    publish(indexes, replace(generation(12, "a", "b", live=(None, half)), witness="w"))
    path = indexes.generations / "000012.json"
    said = json.loads(path.read_bytes())
    seal = said.pop("seal")
    assert said == {
        "format": 2,
        "generation": 12,
        "covers": 7,
        "witness": "w",
        "encoder_name": "fake",
        "fingerprints": {"encoder": "encoder-1", "chunker": "chunker-1", "analyzer": "analyzer-1"},
        "segments": [
            {"name": "a", "articles": 10, "chunks": 25, "digest": "digest of a", "live": None},
            {
                "name": "b",
                "articles": 10,
                "chunks": 25,
                "digest": "digest of b",
                "live": base64.b64encode(zlib.compress(b"\xaa\x80")).decode(),
            },
        ],
    }
    assert seal == hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (indexes.directory / "CURRENT").read_bytes() == f"000012.json {digest}\n".encode()
    assert path.read_bytes().startswith(b'{\n "format": 2,\n')
    first, second = indexes.read().live
    assert first is None and second is not None and second.dtype == np.bool_


def test_what_was_published_exists_however_little_is_left(indexes):
    """
    A pointer or a manifest, readable or not.
    """
    assert not indexes.exist()
    publish(indexes, generation(1, "a"))
    assert indexes.exist()
    (indexes.directory / "CURRENT").unlink()
    assert indexes.exist()
    (indexes.generations / "000001.json").unlink()
    assert not indexes.exist()
    (indexes.directory / "CURRENT").write_bytes(b"?")
    assert indexes.exist()


def test_a_manifest_that_is_read_is_not_forgotten(indexes):
    """
    One that nobody holds is; one that is gone already counts as forgotten.
    """
    publish(indexes, generation(1, "a"))
    path = indexes.generations / "000001.json"
    with indexes.hold():
        assert indexes.forget(path) is False and path.exists()
    assert indexes.forget(path) is True and not path.exists()
    assert indexes.forget(path) is True


def test_other_manifests_are_those_that_are_whole(indexes):
    """
    Newest first, each with its own digest; of another name, another shape or with another seal, none.
    """
    for number in (1, 2, 3):
        publish(indexes, generation(number, "a"))
    names_of = [
        f"00000{n}.json {hashlib.sha256((indexes.generations / f'00000{n}.json').read_bytes()).hexdigest()}"
        for n in (3, 2, 1)
    ]
    assert indexes.others() == names_of
    whole = (indexes.generations / "000002.json").read_bytes()
    for other in ("1.json", "x.json", "0000000000002.json"):
        (indexes.generations / other).write_bytes(whole)
    for bad in (
        b"",
        b"[]",
        b"7",
        b"{}",
        b'{"seal": 1}',
        b"[" * 100_000,
        whole.replace(b'"covers": 7', b'"covers": 8'),
    ):
        (indexes.generations / "000002.json").write_bytes(bad)
        assert indexes.others() == [names_of[0], names_of[2]]


def test_masks_and_segments_that_do_not_pair_are_a_mistake():
    """
    They are never cut to the shorter. A mask is of booleans, whatever was given.
    """
    infos = [SegmentInfo(name, 2, 5, "") for name in "ab"]
    with pytest.raises(ValueError, match="shorter"):
        live_masks(infos, [np.ones(2, bool)])
    joined = live_masks(infos, [None, np.zeros(2, bool)])
    assert joined is not None and joined.dtype == np.bool_


def test_all_that_many_have_to_tell_is_told(tmp_path):
    """At one moment, each in a thread of its own: no line is lost."""
    names = [f"s{number}/arrays" for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda name: Indexes(tmp_path).tell_damaged([name]), names))
    assert Indexes(tmp_path).damaged() == set(names)


def test_who_holds_any_generation_is_seen(indexes):
    """In use as long as anybody holds the newest generation or an older one; looking takes nothing from them."""
    assert not indexes.in_use()
    publish(indexes, generation(1, "a"))
    assert not indexes.in_use()
    with indexes.hold() as held:
        assert [indexes.in_use() for _ in range(2)] == [True, True]
        publish(indexes, generation(2, "b"))
        assert indexes.in_use() and held.number == 1
    assert not indexes.in_use()


def test_what_cannot_be_told_is_not_in_use(indexes):
    """A manifest that cannot be opened holds up nobody who asks whether it is in use."""
    indexes.generations.mkdir(parents=True)
    (indexes.generations / "000001.json").symlink_to("000001.json")
    assert not indexes.in_use()
