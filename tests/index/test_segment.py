"""A segment is made from its revisions alone, and row i is chunk i in everything it holds."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from random import Random

import numpy as np
import pytest

from searcher.errors import IndexDamaged
from searcher.index import helpers, preparing
from searcher.index import segment as segments
from searcher.index.cutting import copy_key, encoded_text, facts_as_words, text_digests
from searcher.index.dense.journal import Journal
from searcher.index.files import Stopped
from searcher.index.known import KnownVectors
from searcher.index.segment import Segment, build_segment, split_revisions
from searcher.records import Moment, Precision
from tests.fake_encoder import FakeEncoder
from tests.library.samples import (
    NOW,
    article,
    build_alone,
    copy_of,
    invented,
    news,
    on_day,
    recipe,
    revisions,
)

THREE_CHUNKS = " ".join(f"{word.capitalize()}{' and more' * 9}." for word in ("one", "two", "three"))
"""Three sentences of nineteen words, where a chunk has twenty."""


@pytest.fixture(scope="module")
def articles():
    """Twenty invented articles, some of them copies."""
    return news(20)


@pytest.fixture(scope="module")
def segment(tmp_path_factory, articles):
    """The segment of these articles."""
    return build_alone(tmp_path_factory.mktemp("segment") / "one", articles)


def test_row_i_is_chunk_i_everywhere(segment, articles):
    """
    Table, postings and vectors have one row for each chunk, in the order of articles and of the body: the vector
    of row i is the encoding of headline and chunk i, and the postings of row i are the words of chunk i.
    """
    encoder, analyzer, table = FakeEncoder(), recipe().analyzer, segment.table
    assert len(table.spans) == len(segment.flat) == len(segment.postings.chunks) == segment.info.chunks
    assert len(table.seq) == len(segment.postings.articles) == segment.info.articles == len(articles)
    terms = [segment.postings.terms[n].decode() for n in range(len(segment.postings.terms))]
    held = [set() for _ in range(segment.info.chunks)]
    for number, term in enumerate(terms):
        for row in segment.postings.chunks.of(number)[0]:
            held[row].add(term)
    row = 0
    for one, count in zip(articles, table.chunk_counts, strict=True):
        around = {*analyzer.terms(one.title), *analyzer.terms(facts_as_words(one))}
        for start, end in table.spans[row : row + count]:
            text = encoded_text(one.title, one.body[start:end])
            assert segment.flat.vectors(np.array([row]))[0].tolist() == encoder.encode_query(text).tolist()
            assert segment.digests[0][row].tolist() == text_digests([text])[0].tolist()
            assert held[row] == around | set(analyzer.terms(one.body[start:end]))
            row += 1
    assert row == segment.info.chunks > len(articles)


def test_an_articles_postings_are_those_of_its_chunks(segment, articles):
    """An article holds a term if and only if one of its chunks does."""
    postings, counts = segment.postings, segment.table.chunk_counts
    article_of_chunk = np.repeat(np.arange(len(articles)), counts)
    for number in range(len(postings.terms)):
        chunks, in_articles = postings.chunks.of(number)[0], postings.articles.of(number)[0]
        assert np.unique(article_of_chunk[chunks]).tolist() == in_articles.tolist()


def test_spans_tile_each_body(segment, articles):
    """The first chunk begins where the body does, each begins where the last one ends, the last ends it."""
    row = 0
    for one, count in zip(articles, segment.table.chunk_counts, strict=True):
        at = 0
        for start, end in segment.table.spans[row : row + count]:
            assert start == at < end
            at = end
        assert at == len(one.body)
        row += count


def test_facts_are_in_the_table(segment, articles):
    """Seqs, dates in seconds (the least integer for none), folded labels, and one key for equal texts."""
    table = segment.table
    assert table.seq.tolist() == [revision.seq for revision in revisions(articles)]
    dates = [int(one.published.at.timestamp()) if one.published else -(2**63) for one in articles]
    assert table.published.tolist() == dates
    column, names = table.labels["source"]
    assert [names[code] for code in column] == [(one.source or "").lower() for one in articles]
    same_text = {(i, j) for i in range(20) for j in range(20) if articles[i].body == articles[j].body}
    same_key = {(i, j) for i in range(20) for j in range(20) if table.copy_key[i] == table.copy_key[j]}
    assert same_key == same_text and len(same_text) > 20


def test_every_file_is_named_with_its_digest(segment):
    """segment.json names every other file with size and sha256; the manifest will name segment.json by its own."""
    about = json.loads((segment.directory / "segment.json").read_bytes())
    files = {path.name: path.read_bytes() for path in segment.directory.iterdir()}
    sealed = files.pop("segment.json")
    assert hashlib.sha256(sealed).hexdigest() == segment.info.digest
    assert set(about["files"]) == set(files)
    for name, data in files.items():
        assert about["files"][name] == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def test_the_same_input_gives_the_same_bytes(tmp_path, articles, segment):
    """Built again, elsewhere, from vectors that are known: every byte of every file is the same."""
    encoder = FakeEncoder()
    (tmp_path / "cold").mkdir()
    (tmp_path / "warm").mkdir()
    cold = build_alone(tmp_path / "cold" / "one", articles)
    warm = build_alone(tmp_path / "warm" / "one", articles, encoder=encoder, segments=[segment])
    assert encoder.calls == 0
    for again in (cold, warm):
        assert again.info == segment.info
        for path in segment.directory.iterdir():
            assert (again.directory / path.name).read_bytes() == path.read_bytes()
    assert not list(tmp_path.rglob("building-*"))


def test_pages_and_batches_leave_no_trace(tmp_path, articles, segment, monkeypatch):
    """
    Articles that are prepared three at a time and encoded two texts at a time make the same segment: its numbers are
    those of all of them. Where nobody is named to prepare them, this process does it alone, however much there is.
    """
    monkeypatch.setattr(preparing, "PAGE", 3)
    monkeypatch.setattr(segments, "BATCH", 2)
    monkeypatch.setattr(helpers, "ALONE_CHARS", 0)
    monkeypatch.setattr(helpers, "cores", lambda: 4)
    monkeypatch.setattr(helpers.Helpers, "start", lambda *_: pytest.fail("a process was started"))
    assert build_alone(tmp_path / "one", articles).info == segment.info


def test_a_build_says_how_far_it_is(tmp_path, monkeypatch):
    """
    In chunks: those that are cut, page by page; those whose vectors are there, from the ones that are known or stand
    twice on, batch by batch; and in the end all of them. What was encoded and what was not is counted.
    """
    monkeypatch.setattr(preparing, "PAGE", 2)
    monkeypatch.setattr(segments, "BATCH", 2)
    one, two, wire = article("one"), article("two", THREE_CHUNKS), article("wire")
    copy = article("copy", wire.body, title=wire.title)
    seen = build_alone(tmp_path / "seen", [one])
    told, encoder = [], FakeEncoder()
    with Journal.open(tmp_path / "journal", encoder.fingerprint, encoder.dim) as journal:
        known = KnownVectors([seen], journal, dim=encoder.dim)
        build_segment(
            tmp_path / "five",
            revisions([one, two, wire, copy, article("last")]),
            recipe(encoder),
            known,
            progress=lambda *said: told.append(said),
        )
    assert told == [
        ("write", 4, None),
        ("write", 6, None),
        ("write", 7, None),
        ("encode", 2, 7),
        ("encode", 4, 7),
        ("encode", 6, 7),
        ("encode", 7, 7),
        ("write", 7, 7),
    ]
    assert (known.encoded, known.reused, encoder.calls) == (5, 2, 5)


def test_texts_of_like_length_are_encoded_together(tmp_path, articles, monkeypatch):
    """A batch costs what its longest text costs: the longest texts come first, whatever article they are of."""
    monkeypatch.setattr(segments, "BATCH", 4)
    encoder, batches = FakeEncoder(), []
    encode = encoder.encode
    monkeypatch.setattr(encoder, "encode", lambda texts: batches.append(texts) or encode(texts))
    build_alone(tmp_path / "one", articles, encoder=encoder)
    lengths = [len(text) for batch in batches for text in batch]
    assert lengths == sorted(lengths, reverse=True) and len(set(lengths)) > 10
    assert {len(batch) for batch in batches[:-1]} == {4}


def test_of_equal_texts_the_first_row_is_found(tmp_path):
    """
    What a segment is looked up by is in one order on every machine: by the first half of the digest, then by row.
    """
    wires = [invented(f"wire{n}", Random(n)) for n in range(3)]
    copies = [article(f"copy {n}", wires[n % 3].body, title=wires[n % 3].title) for n in range(120)]
    segment = build_alone(tmp_path / "copies", copies)
    for digests, rising, order in (segment.digests, segment.cut_keys):
        halves = digests[:, 0].tolist()
        assert order.tolist() == sorted(range(len(halves)), key=lambda row: (halves[row], row))
        assert rising.tolist() == sorted(halves) and len(set(halves)) < len(halves) / 30


def test_a_segment_is_built_where_its_directory_went_meanwhile(tmp_path):
    """All of `indexes/` may be deleted at any time, also between two segments of one build."""
    encoder = FakeEncoder()
    with Journal.open(tmp_path / "journal", encoder.fingerprint, encoder.dim) as journal:
        known = KnownVectors([], journal, dim=encoder.dim)
        directory = tmp_path / "indexes" / "segments" / "one"
        info = build_segment(directory, revisions([article("a")]), recipe(encoder), known)
    assert Segment(directory, info).table.seq.tolist() == [1]


@pytest.mark.parametrize("change", [{"words": 40}, {"stemmer": "none"}])
def test_another_recipe_gives_another_segment(tmp_path, articles, segment, change):
    """Chunk words and stemmer are part of what a segment is made from."""
    assert build_alone(tmp_path / "one", articles, **change).info.digest != segment.info.digest


def test_a_segment_of_nothing_can_be_opened(tmp_path):
    """No revisions make a segment without rows."""
    segment = build_alone(tmp_path / "none", [])
    assert (segment.info.articles, segment.info.chunks) == (0, 0)
    assert Segment.found_at(segment.directory).info == segment.info
    assert len(segment.flat) == len(segment.table.seq) == len(segment.postings.terms) == 0


def test_what_a_dead_build_left_is_built_over(tmp_path, articles, segment):
    """A half-built directory of the same name does not end up in the segment."""
    left = tmp_path / "building-one"
    left.mkdir()
    (left / "stray").write_bytes(b"half")
    assert build_alone(tmp_path / "one", articles).info == segment.info
    assert not left.exists()


def test_a_missing_or_short_file_is_seen_at_opening(tmp_path, segment):
    """For every file of a segment: without it, or one byte short, or one too long, it is IndexDamaged."""
    names = sorted(path.name for path in segment.directory.iterdir())
    directory = copy_of(segment, tmp_path / segment.info.name)
    for name in names:
        data = (directory / name).read_bytes()
        for damaged in (None, data[:-1], data + b"\0"):
            (directory / name).unlink()
            if damaged is not None:
                (directory / name).write_bytes(damaged)
            with pytest.raises(IndexDamaged, match="searcher rebuild"):
                Segment(directory, segment.info)
            (directory / name).write_bytes(data)
    assert Segment(directory, segment.info).table.seq.tolist() == segment.table.seq.tolist()


def test_a_segment_takes_two_descriptors(segment):
    """Everything of a segment is read through two open files: its arrays and its vectors. macOS allows 256 in all."""
    again = Segment(segment.directory, segment.info)
    before = len(list(Path("/dev/fd").iterdir()))
    held = (again.table, again.postings, again.digests, again.flat)
    assert all(held) and len(list(Path("/dev/fd").iterdir())) - before <= 2


def test_another_segment_of_the_same_name_is_not_taken_for_it(tmp_path, articles, segment):
    """The digest that a manifest names decides, not the name."""
    other = build_alone(tmp_path / segment.info.name, articles[:-1])
    with pytest.raises(IndexDamaged, match="not the one its generation names"):
        Segment(other.directory, segment.info)


def test_a_missing_segment_is_damage(tmp_path, segment):
    """A directory that is gone is IndexDamaged, with the next step."""
    with pytest.raises(IndexDamaged, match=r"missing.*searcher rebuild"):
        Segment(tmp_path / "gone", segment.info)


def test_flipped_bytes_are_found_by_verifying(tmp_path, segment):
    """Opening looks at sizes only; `verify` reads every byte and names the file that is not what it was."""
    directory = copy_of(segment, tmp_path / segment.info.name)
    Segment(directory, segment.info).verify()
    for name in ("vectors.faiss", "arrays"):
        data = (directory / name).read_bytes()
        (directory / name).write_bytes(data[:-3] + bytes([data[-3] ^ 4]) + data[-2:])
        with pytest.raises(IndexDamaged, match=name):
            Segment(directory, segment.info).verify()
        (directory / name).write_bytes(data)


def test_a_file_that_went_since_is_damage(tmp_path, segment):
    """A segment that is open stays named as it was: reading it finds which of its files is gone."""
    directory = copy_of(segment, tmp_path / segment.info.name)
    opened = Segment(directory, segment.info)
    (directory / "arrays").unlink()
    with pytest.raises(IndexDamaged, match=r"arrays cannot be read .*searcher rebuild"):
        opened.verify()
    assert opened.damaged_files() == [f"{segment.info.name}/arrays"]


def test_reading_stops_when_it_is_told_to(segment):
    """Who closes a library does not wait until a file of a gigabyte is read: it is neither damaged nor whole then."""
    for read in (segment.is_damaged, segment.verify_file):
        with pytest.raises(Stopped):
            read("vectors.faiss", stopped=lambda: True)
        assert not read("vectors.faiss", stopped=lambda: False)


def test_a_segment_is_found_without_its_manifest(segment):
    """What a manifest says of it, it says itself: its name, and how many articles and chunks it holds."""
    found = Segment.found_at(segment.directory)
    assert found.info == segment.info and found.info.articles < found.info.chunks
    assert found.recipe == segment.recipe and found.analyzer_fingerprint == recipe().analyzer.fingerprint


def test_a_text_that_stands_several_times_is_encoded_once(tmp_path):
    """A wire copy under the same headline costs no second encoding, within one build too."""
    one = invented("one", Random(3))
    copies = [article(f"copy {n}", one.body, title=one.title) for n in range(5)]
    encoder = FakeEncoder()
    segment = build_alone(tmp_path / "copies", [one, *copies], encoder=encoder)
    assert encoder.calls * 6 == segment.info.chunks
    rows = segment.flat.all()
    assert (rows.reshape(6, -1) == rows[: len(rows) // 6].reshape(1, -1)).all()


def test_a_long_headline_leaves_room_for_the_chunk(tmp_path):
    """A headline past a quarter of the window is cut at a word; what is encoded fits the window."""
    encoder = FakeEncoder(window=64)
    seen = []
    encode = encoder.encode

    def spy(texts, **options):
        seen.extend(texts)
        return encode(texts, **options)

    encoder.encode = spy
    headline = " ".join(f"word{n}" for n in range(100))
    build_alone(tmp_path / "long", [invented("a", Random(1), title=headline)], encoder=encoder, words=100)
    assert seen and all(text.startswith("word0 word1 ") for text in seen)
    assert all(pieces + 2 <= 64 for pieces in encoder.count_pieces(seen))
    assert all(encoder.count_pieces([text.split("\n")[0]])[0] <= 16 for text in seen)


@pytest.mark.parametrize(
    ("precision", "words"),
    [
        (Precision.SECOND, "TechCrunch 2023-10-07 October 7"),
        (Precision.DAY, "TechCrunch 2023-10-07 October 7"),
        (Precision.MONTH, "TechCrunch 2023-10 October"),
        (Precision.YEAR, "TechCrunch 2023"),
    ],
)
def test_facts_are_said_as_exactly_as_they_are_known(precision, words):
    """Outlet and date are searchable words; a month or year known alone says no more."""
    at = NOW.replace(year=2023, month=10, day=7)
    one = article("a", source="TechCrunch", published=Moment(at, precision, "field"))
    assert facts_as_words(one) == words


def test_facts_that_are_not_known_say_nothing():
    """Without outlet and date there are no such words; with one of them, only it."""
    assert facts_as_words(article("a")) == ""
    assert facts_as_words(article("a", source="Nordwind")) == "Nordwind"
    assert facts_as_words(article("a", published=on_day(0))) == "2025-01-01 January 1"


def test_copies_are_known_by_their_letters():
    """White space, case and accents do not make another text; a word does."""
    assert copy_key("Café  Noir\nopens.") == copy_key("cafe noir opens.")
    assert copy_key("Cafe noir opens.") != copy_key("Cafe noir closes.")


def test_revisions_are_split_by_their_chunks():
    """Each part holds about so many chunks, one of an article at least; no revision is lost or moved."""
    bodies = [600, 600, 60_000, 599, 599, 599, 6]
    all_of_them = revisions(article(str(n), "x" * size) for n, size in enumerate(bodies))
    parts = [list(part) for part in split_revisions(all_of_them, chunk_words=100, max_chunks=3)]
    assert [len(part) for part in parts] == [2, 1, 3, 1]
    assert [revision for part in parts for revision in part] == all_of_them
    assert list(split_revisions([], chunk_words=100, max_chunks=3)) == []


def test_a_large_segment_has_a_compressed_copy_and_gives_the_same(tmp_path, articles, monkeypatch):
    """
    From `COMPRESS_FROM` chunks on a segment says how its vectors are compressed; rows and scores are those of a
    segment without. One that says nothing, as all did once, is searched exactly.
    """
    plain = build_alone(tmp_path / "plain", articles)
    monkeypatch.setattr(segments, "COMPRESS_FROM", plain.info.chunks)
    large = build_alone(tmp_path / "large", articles)
    assert (plain.compression, large.compression is None) == (None, False)
    more = {path.name for path in large.directory.iterdir()} - {
        path.name for path in plain.directory.iterdir()
    }
    assert more == {"compressed.faiss"}
    about = json.loads((plain.directory / "segment.json").read_bytes())
    del about["compression"]
    (plain.directory / "segment.json").write_text(json.dumps(about))
    old = Segment.found_at(plain.directory)
    for word in ("reactor", "harvest", "strike"):
        query = FakeEncoder().encode_query(word)
        one, other = (segment.flat.nearest(query, len(old.flat)) for segment in (old, large))
        assert one.rows.tolist() == other.rows.tolist()
        assert np.abs(one.seen - other.seen).max() <= one.error + other.error
        # Asked for a few, the copy chooses, and says the same of those it gives.
        few = large.flat.nearest(query, 5)
        assert few.others > -1 and 5 <= len(few.rows) < len(old.flat)
        exact = (segment.flat.scores(query, few.rows).tolist() for segment in (old, large))
        assert next(exact) == next(exact)
    (large.directory / "compressed.faiss").unlink()
    with pytest.raises(IndexDamaged, match="compressed"):
        Segment.found_at(large.directory)


@pytest.mark.parametrize("file", ["arrays", "vectors.faiss"])
def test_a_small_file_is_read_to_its_last_byte_when_it_is_opened(tmp_path, segment, file, monkeypatch):
    """
    A flipped byte in it is damage at once, up to the size that is read so; in one that is larger it is not looked for,
    unless it is known.
    """
    directory = copy_of(segment, tmp_path / segment.info.name)
    data = (directory / file).read_bytes()
    (directory / file).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    monkeypatch.setattr(segments, "CHECKED_WHEN_OPENED", len(data))
    opened = Segment(directory, segment.info)
    with pytest.raises(IndexDamaged, match=rf"{file} is not what was written.*searcher rebuild"):
        _ = opened.table if file == "arrays" else opened.flat
    monkeypatch.setattr(segments, "CHECKED_WHEN_OPENED", len(data) - 1)
    great = Segment(directory, segment.info)
    _ = great.table if file == "arrays" else great.flat
    assert great.damaged_files() == [f"{segment.info.name}/{file}"] and great.broken == []
    known = Segment(directory, segment.info, broken=great.damaged_files())
    assert known.broken == [file]
    with pytest.raises(IndexDamaged, match=rf"{file} is not what was written"):
        _ = known.table, known.flat


def test_a_segment_whose_vectors_are_known_to_be_damaged_keeps_its_words(segment):
    """
    Files are refused one by one, and those of other segments are no concern of this one.
    """
    one = segment.info.name
    known = Segment(segment.directory, segment.info, broken={f"{one}/vectors.faiss", "other/arrays"})
    assert known.broken == ["vectors.faiss"] and len(known.table.seq) == segment.info.articles
    with pytest.raises(IndexDamaged):
        _ = known.flat


def test_no_segment_is_made_without_a_vector_for_each_row(tmp_path, articles, monkeypatch):
    """
    Were an encoded vector forgotten, its row would be filled with zeros, and found by nobody.
    """
    monkeypatch.setattr(KnownVectors, "remember", lambda *_: None)
    with pytest.raises(RuntimeError, match="are nowhere, though all were encoded"):
        build_alone(tmp_path / "one", articles)
    assert not (tmp_path / "one").exists()
