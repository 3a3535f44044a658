"""Vectors outlive the format of the segment that holds them: a new format costs no encoding."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from searcher.errors import IndexDamaged, IndexOutdated
from searcher.index import generation, segment
from searcher.index.arrays import Arrays, write_arrays
from searcher.index.files import file_digest
from searcher.index.generation import Indexes
from searcher.index.kept import KeptVectors
from tests.fake_encoder import FakeEncoder
from tests.library.samples import NOW, builder, news, no_waiting_for_the_disk  # noqa: F401


def of_format(home, number):
    """Make of this home's index one that a program of another format left: only what KeptVectors reads is as it is."""
    for sealed in (home / "indexes" / "segments").glob("*/segment.json"):
        about = json.loads(sealed.read_bytes())
        path = sealed.parent / "arrays"
        digests = Arrays(path)["digests.all"].copy()
        path.unlink()
        write_arrays(path, {"new": np.arange(3), "digests.all": digests})
        files = {name: {"sha256": file_digest(sealed.parent / name)} for name in about["files"]}
        kept = {name: about[name] for name in ("encoder", "chunks", "dim")}
        sealed.write_text(json.dumps({"format": number, **kept, "files": files}))
    for manifest in (home / "indexes" / "generations").glob("*.json"):
        data = json.dumps({**json.loads(manifest.read_bytes()), "format": number}).encode()
        manifest.write_bytes(data)
        name = f"{manifest.name} {hashlib.sha256(data).hexdigest()}"
        (home / "indexes" / "CURRENT").write_text(name)


@pytest.mark.parametrize("number", [2, 3, 99])
def test_vectors_outlive_the_format_of_their_segments(home, store, monkeypatch, number):
    """
    An index of another format, older or newer, cannot be searched or added to. A rebuild takes its vectors, and so
    does an update that finds no pointer; neither encodes anything, and what they make is what it always was.
    """
    monkeypatch.setattr(generation, "FORMAT", 7)
    monkeypatch.setattr(segment, "FORMAT", 7)
    encoder = FakeEncoder()
    store.add(news(10), now=NOW)
    builder(home, store, encoder).update()
    (wanted,) = Indexes(home / "indexes").read().segments
    calls = encoder.calls
    for how in ("rebuild", "update"):
        of_format(home, number)
        with pytest.raises(IndexOutdated, match=f"format {number}.*searcher rebuild"):
            builder(home, store, encoder).update()
        if how == "update":
            (home / "indexes" / "CURRENT").unlink()
        report = getattr(builder(home, store, encoder), how)()
        assert (report.encoded, encoder.calls, report.reused) == (0, calls, report.chunks)
        assert [info.digest for info in Indexes(home / "indexes").read().segments] == [wanted.digest]


def test_a_format_without_digests_has_no_vectors_to_take(home, store):
    """Format 1 kept them otherwise: passed over, never guessed at."""
    store.add(news(3), now=NOW)
    builder(home, store).update()
    of_format(home, 1)
    (directory,) = (home / "indexes" / "segments").iterdir()
    with pytest.raises(IndexDamaged, match="format 1"):
        KeptVectors(directory)


def test_vectors_of_unknown_texts_are_not_taken(home, store):
    """
    As many digests as vectors, or none is believed.
    """
    store.add(news(5), now=NOW)
    builder(home, store).update()
    (directory,) = (home / "indexes" / "segments").iterdir()
    digests = Arrays(directory / "arrays")["digests.all"].copy()
    for wrong in (digests[1:], digests[:, :1], digests.astype(np.int64)):
        (directory / "arrays").unlink()
        write_arrays(directory / "arrays", {"digests.all": wrong})
        about = json.loads((directory / "segment.json").read_bytes())
        about["files"]["arrays"]["sha256"] = file_digest(directory / "arrays")
        (directory / "segment.json").write_text(json.dumps(about))
        with pytest.raises(IndexDamaged, match=r"vectors of unknown texts.*searcher rebuild"):
            _ = KeptVectors(directory).digests
