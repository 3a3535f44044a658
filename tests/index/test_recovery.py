"""Some generation answers as long as anything of it is whole, and says why it is not the one that should."""

from __future__ import annotations

import fcntl
import hashlib
import json
from dataclasses import replace

import pytest

from searcher.errors import IndexDamaged, IndexOutdated, NoIndex
from searcher.index import reader
from searcher.index.generation import Indexes
from searcher.index.recovery import open_segments, stand
from searcher.settings import LexicalSettings
from searcher.store import Store
from tests.library.samples import NOW, article, builder, news, no_waiting_for_the_disk, recipe

__all__ = ["no_waiting_for_the_disk"]


def accept(generation):
    """Take any generation."""


@pytest.fixture
def indexes(tmp_path):
    """Two generations: the first of segment A, the second of A and B."""
    with Store.open(tmp_path / "articles.db", create=True) as store:
        for number in range(2):
            store.add([*news(4, seed=number, prefix=f"p{number}-"), article(f"one {number}")], now=NOW)
            builder(tmp_path, store).update()
    return Indexes(tmp_path / "indexes")


def standing(indexes, **options):
    """Give which generation stands, of how many segments, whether whole, and what is said about it."""
    found = stand(indexes, accept, **options)
    found.lease.close()
    assert [one.info for one in found.segments] == list(found.generation.segments)
    return found.generation.number, len(found.segments), found.whole, found.problem


def names(indexes):
    """Give the names of the segments that answer."""
    return [info.name for info in indexes.read().segments]


def test_the_current_generation_answers_without_a_word(indexes):
    """Where nothing is wrong nothing is said."""
    assert standing(indexes) == (2, 2, True, None)


@pytest.mark.parametrize(
    "content", [None, b"", b"\xff", b"000009.json " + b"0" * 64, b"000001.json " + b"0" * 64]
)
def test_without_a_pointer_the_newest_whole_generation_answers(indexes, content):
    """CURRENT gone, empty, no text, or naming what is not so: each manifest says itself whether it is whole."""
    current = indexes.directory / "CURRENT"
    current.unlink()
    if content is not None:
        current.write_bytes(content)
    number, segments, whole, problem = standing(indexes)
    assert (number, segments, whole) == (2, 2, True)
    assert "Generation 2 answers, because" in problem and "searcher update" in problem


@pytest.mark.parametrize("damage", ["gone", "flipped", "empty"])
def test_without_its_manifest_the_previous_generation_answers(indexes, damage):
    """The manifest that CURRENT names is gone or not what it was."""
    manifest = indexes.generations / "000002.json"
    data = manifest.read_bytes()
    manifest.unlink()
    if damage != "gone":
        manifest.write_bytes(b"" if damage == "empty" else data.replace(b'"covers": 10', b'"covers": 11'))
    number, segments, whole, problem = standing(indexes)
    assert (number, segments, whole) == (1, 1, True)
    assert "Generation 1 answers, because" in problem


@pytest.mark.parametrize("file", ["arrays", "vectors.faiss", "segment.json"])
@pytest.mark.parametrize("cut", [None, 0, 100])
def test_without_its_newest_segment_the_previous_generation_answers(indexes, file, cut):
    """A file of the segment that the last update made is gone, empty or cut short."""
    path = indexes.segments / names(indexes)[1] / file
    data = path.read_bytes()
    path.unlink()
    if cut is not None:
        path.write_bytes(data[:cut])
    assert standing(indexes)[:3] == (1, 1, True)


def test_without_a_segment_that_all_share_the_others_answer(indexes):
    """What is left answers, and how much is missing is said."""
    (indexes.segments / names(indexes)[0] / "arrays").unlink()
    number, segments, whole, problem = standing(indexes)
    assert (number, segments, whole) == (2, 1, False)
    assert problem.startswith("5 of 10 articles cannot be searched") and "searcher update" in problem


def test_segments_that_are_known_to_be_broken_are_not_used(indexes):
    """Though their sizes are right."""
    first, second = names(indexes)
    assert standing(indexes, broken={f"{second}/arrays"})[:3] == (1, 1, True)
    assert standing(indexes, broken={f"{first}/arrays"})[:3] == (2, 1, False)
    with pytest.raises(IndexDamaged, match="searcher rebuild"):
        stand(indexes, accept, broken={f"{first}/arrays", f"{second}/arrays"})


def test_where_nothing_is_whole_the_damage_is_named(indexes):
    """Neither manifest can be read: the error is that of the one which should answer."""
    for manifest in indexes.generations.iterdir():
        manifest.write_bytes(b"{}")
    with pytest.raises(IndexDamaged, match=r"000002\.json.*searcher rebuild"):
        stand(indexes, accept)
    (indexes.directory / "CURRENT").unlink()
    with pytest.raises(NoIndex):
        stand(indexes, accept)


def test_what_is_not_accepted_never_stands_in(indexes):
    """An outdated generation is refused as such, and no older one of another recipe answers for a damaged one."""

    def refuse(generation):
        raise IndexOutdated("Another encoder. Run: searcher rebuild")

    with pytest.raises(IndexOutdated):
        stand(indexes, refuse)
    (indexes.directory / "CURRENT").write_bytes(b"")
    with pytest.raises(IndexDamaged):
        stand(indexes, refuse)


def test_a_manifest_of_before_the_seals_is_not_trusted_alone(indexes):
    """Without a seal only the digest in CURRENT vouches for a manifest."""
    manifest = indexes.generations / "000001.json"
    text = manifest.read_text()
    assert len(indexes.others()) == 2
    manifest.write_text(text[: text.rindex(",")] + "}")
    assert [name[:11] for name in indexes.others()] == ["000002.json"]


def test_what_stands_is_kept_from_being_collected(indexes):
    """The lease of a generation that stands in holds like any other."""
    (indexes.directory / "CURRENT").write_bytes(b"")
    (indexes.generations / "000002.json").unlink()
    found = stand(indexes, accept)
    with found.lease:
        assert found.generation.number == 1
        newer = Indexes(indexes.directory)
        for number in (3, 4, 5):
            newer.publish(type(found.generation)(number, 0, found.generation.fingerprints, "fake"))
            newer.collect()
        assert found.segments[0].directory.is_dir()
    newer.collect()
    assert not found.segments[0].directory.exists()


def test_a_segment_of_another_encoder_does_not_stand(indexes, tmp_path):
    """
    A segment whose vectors another encoder made is damage, also where its digests are those of the manifest: its
    generation does not answer, and what is left of it does.
    """
    manifest = indexes.read()
    foreign = manifest.segments[1]
    seal = indexes.segments / foreign.name / "segment.json"
    about = json.loads(seal.read_bytes())
    seal.write_text(json.dumps({**about, "encoder": "another"}))
    forged = replace(foreign, digest=hashlib.sha256(seal.read_bytes()).hexdigest())
    indexes.publish(replace(manifest, number=3, segments=(manifest.segments[0], forged)))
    for older in ("000001.json", "000002.json"):
        (indexes.generations / older).unlink(missing_ok=True)
    number, segments, whole, problem = standing(indexes)
    assert (number, segments, whole) == (3, 1, False) and "searcher update" in problem


def test_what_is_outdated_never_stands_in_part(indexes):
    """Where a segment is damaged and the rest was built otherwise, it is said that it was, and no lease is kept."""
    for info in indexes.read().segments[1:]:
        (indexes.segments / info.name / "arrays").unlink()
    asked = []

    def outdated(generation):
        asked.append(generation.number)
        if len(asked) > 1:
            raise IndexOutdated("built otherwise")

    with pytest.raises(IndexOutdated, match="built otherwise"):
        stand(indexes, outdated)
    with indexes.acquire()[1] as lease:
        fcntl.flock(lease, fcntl.LOCK_UN)
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_reader_that_cannot_be_made_holds_nothing(indexes, monkeypatch):
    """Its generation may be collected by the next update."""

    def fail(*_):
        raise MemoryError

    monkeypatch.setattr(reader, "Table", fail)
    with pytest.raises(MemoryError):
        reader.Reader(indexes, recipe().analyzer, LexicalSettings())
    with (indexes.generations / "000002.json").open("rb") as manifest:
        fcntl.flock(manifest, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_what_is_said_of_an_older_generation_is_one_sentence(indexes):
    """Why the current one does not answer, without the next step of that, and then ours."""
    current = indexes.directory / "CURRENT"
    current.write_bytes(b"nonsense")
    assert standing(indexes)[3] == (
        f"Generation 2 answers, because {current} does not name a generation. Run: searcher update"
    )
    current.unlink()
    assert standing(indexes)[3] == (
        "Generation 2 answers, because indexes/CURRENT is missing. Run: searcher update"
    )


def test_what_is_said_of_what_stands_in(indexes, tmp_path):
    """Word for word."""
    first, second = names(indexes)
    assert standing(indexes, broken={f"{first}/arrays"})[3] == (
        "5 of 10 articles cannot be searched: a part of the index is damaged. Run: searcher update"
    )
    assert standing(indexes, broken={f"{second}/arrays"})[3] == (
        f"Generation 1 answers, because {indexes.segments / second / 'arrays'} is not what was written. "
        "Run: searcher update"
    )
    current = indexes.read()
    with pytest.raises(IndexDamaged) as raised:
        open_segments(indexes, replace(current, fingerprints=replace(current.fingerprints, encoder="x")))
    assert str(raised.value) == (
        f"Segment {indexes.segments / first} was built with another encoder than its generation. "
        "Run: searcher rebuild"
    )
    assert [one.info.name for one in open_segments(indexes, current)] == [first, second]
