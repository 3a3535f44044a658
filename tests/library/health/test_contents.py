"""Articles, index and encoder are compared with each other, and what differs is found."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace

import numpy as np
import pytest

from searcher.errors import StoreDamaged
from searcher.index.generation import Indexes
from searcher.library import library as door
from searcher.store import Store
from tests.fake_encoder import FakeEncoder
from tests.library.health.examining import examine, forge_vectors, states
from tests.library.safe import fake_encoder
from tests.library.samples import NOW, article, new_library, news

__all__ = ["fake_encoder"]

pytestmark = pytest.mark.usefixtures("fake_encoder")


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


def test_what_waits_to_be_indexed_is_named(home):
    """It is no damage."""
    with new_library(home) as library:
        library.add(article("late"), index=False, now=NOW)
    examination = examine(home)
    assert states(examination) == {("contents", "warning", True)} and not examination.broken


def test_one_article_that_no_index_holds_is_missed(tmp_path):
    """There is something to be found, so there should be an index."""
    with new_library(tmp_path) as library:
        library.add(article("only"), now=NOW, index=False)
    assert states(examine(tmp_path)) == {("index", "broken", True)}
    assert states(examine(tmp_path, repair=True)) == set()


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
