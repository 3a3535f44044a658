"""Whatever is damaged, what is whole is still found, the answer says what is missing, and the next update mends it."""

from __future__ import annotations

import shutil
from random import Random

import pytest

from searcher.errors import IndexDamaged, SearcherError, StoreDamaged
from searcher.library import open_library
from tests.fake_encoder import FakeEncoder
from tests.library.samples import MODES, NOW, article, everything, ids, new_library, news


@pytest.fixture
def home(tmp_path):
    """Three segments; one article corrected, one withdrawn."""
    with new_library(tmp_path) as library:
        for number in range(2):
            library.add(*news(15, seed=number, prefix=f"p{number}-"), now=NOW)
        library.add(article("p0-1", "Corrected: harbour strike."), now=NOW)
        library.remove("p1-2", now=NOW)
        library.update()
    return tmp_path


def answers(library):
    """Ask in every mode; give what the pages show."""
    return [everything(library.search("harbour strike vote", mode=mode, limit=50, now=NOW)) for mode in MODES]


def segments(home):
    """Give the directories of the segments that answer, oldest first."""
    with new_library(home) as library:
        return [library.indexes.segments / info.name for info in library.indexes.read().segments]


@pytest.mark.parametrize("content", [None, b"", b"\0" * 77])
def test_a_lost_pointer_changes_no_answer(home, content):
    """The same hits, and a warning with the next step; after the update, without the warning."""
    with new_library(home) as library:
        before = answers(library)
        (home / "indexes" / "CURRENT").unlink()
        if content is not None:
            (home / "indexes" / "CURRENT").write_bytes(content)
        for opened in (library, new_library(home)):
            results = opened.search("harbour strike vote", now=NOW)
            assert "searcher update" in results.degraded
            assert "searcher update" in opened.similar("p1-3").degraded
            assert answers(opened) == before
            assert "searcher update" in opened.status().problem
        report = library.update()
        assert report.changed and report.encoded == 0
        assert library.search("harbour", now=NOW).degraded is None and library.status().problem is None
        assert answers(library) == before


def test_a_vanished_segment_costs_its_articles_until_the_next_update(home):
    """Of three segments the first is gone: what the others hold is found, the rest after the update."""
    with new_library(home) as library:
        before = answers(library)
    first = segments(home)[0]
    shutil.rmtree(first)
    for manifest in (home / "indexes" / "generations").glob("*.json"):
        if manifest.name != (home / "indexes" / "CURRENT").read_text().partition(" ")[0]:
            manifest.unlink()
    with new_library(home, encoder=(encoder := FakeEncoder())) as library:
        results = library.search("harbour strike vote", limit=50, now=NOW)
        assert "articles cannot be searched" in results.degraded
        assert 0 < len(results) < len(before[0])
        assert library.update().encoded == encoder.calls > 0
        assert answers(library) == before
        assert library.search("harbour", now=NOW).degraded is None


def test_an_open_library_goes_on_when_everything_vanishes(home):
    """Whoever reads keeps what is open; whoever opens is told what to do; the next update builds it anew."""
    with new_library(home) as library:
        before = answers(library)
        for path in (home / "indexes" / "segments").iterdir():
            shutil.rmtree(path)
        (home / "indexes" / "CURRENT").write_bytes(b"")
        assert answers(library) == before
        assert "searcher" in library.search("harbour", now=NOW).degraded
        with new_library(home) as other, pytest.raises(IndexDamaged, match="searcher rebuild"):
            other.search("harbour", now=NOW)
        library.update()
        assert answers(library) == before and library.search("harbour", now=NOW).degraded is None


def test_no_flipped_bit_is_more_than_a_degraded_answer(home):
    """
    Any bit of any file of the index: a question is answered, or refused with an error of ours; never another one. When
    the damage makes a query fail, the segments that are whole answer.
    """
    files = sorted(path for path in (home / "indexes").rglob("*") if path.is_file())
    random = Random(0)
    for _ in range(60):
        path = random.choice(files)
        data = path.read_bytes()
        flipped = bytearray(data)
        flipped[random.randrange(len(data))] ^= 1 << random.randrange(8)
        path.write_bytes(flipped if random.random() < 0.8 else data[: random.randrange(len(data))])
        try:
            with new_library(home) as library:
                assert all(answers(library))
        except SearcherError:
            pass
        finally:
            path.write_bytes(data)


def test_a_query_that_fails_on_damage_is_answered_from_what_is_whole(home):
    """The size is right and the content is not: noticed when it makes a query fail, and left out from then on."""
    newest = segments(home)[-1] / "arrays"
    data = bytearray(newest.read_bytes())
    data[data.index(b"\n") + 1 :] = b"\xff" * (len(data) - data.index(b"\n") - 1)
    newest.write_bytes(data)
    with new_library(home) as library:
        results = library.search("harbour strike vote", mode="lexical", limit=50, now=NOW)
        assert results.total > 3 and "searcher" in results.degraded
        assert ids(library.search("harbour strike vote", mode="lexical", limit=50, now=NOW)) == ids(results)


def test_a_mistake_of_ours_is_not_taken_for_damage(home, monkeypatch):
    """An unexpected error on a whole index is raised as it is."""

    def fail(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("searcher.library.library.ask", fail)
    with new_library(home) as library, pytest.raises(ZeroDivisionError):
        library.search("harbour", now=NOW)


def test_a_damaged_article_is_left_out_of_the_answer(tmp_path):
    """Its hit is missing, the others keep their ranks, and the answer says so; alone it is an error that names it."""
    with new_library(tmp_path) as library:
        library.add(*news(20), article("bad", "Harbour strike, harbour vote, 51 to 49."), now=NOW)
        whole = library.search("harbour strike vote", limit=50, now=NOW)
    path = tmp_path / "articles.db"
    path.write_bytes(path.read_bytes().replace(b"51 to 49.", b"61 to 49."))
    with new_library(tmp_path) as library:
        found = library.search("harbour strike vote", limit=50, now=NOW)
        assert [(hit.rank, hit.article_id) for hit in found] == [
            (hit.rank, hit.article_id) for hit in whole if hit.article_id != "bad"
        ]
        assert "1 of these articles" in found.degraded and "searcher doctor" in found.degraded
        assert "searcher doctor" in library.similar("n3", limit=50).degraded
        for ask in (lambda: library.similar("bad"), lambda: library.show("bad")):
            with pytest.raises(StoreDamaged, match="'bad'"):
                ask()
        library.add(article("bad", "Harbour strike, harbour vote, 52 to 48."), now=NOW)
        assert library.search("harbour strike vote", limit=50, now=NOW).degraded is None
        assert library.search("52 to 48", mode="lexical", now=NOW)[0].article_id == "bad"


@pytest.mark.parametrize("create", [False, True])
def test_articles_that_are_gone_are_not_replaced_by_none(home, create):
    """
    Where articles.db is gone and an index is there, no library is made or opened: the next update would remove the
    last of it. The message names the backup, and nothing is written.
    """
    before = sorted(path for path in (home / "indexes").rglob("*"))
    for path in home.glob("articles.db*"):
        path.unlink()
    with pytest.raises(StoreDamaged, match=r"articles\.db' is gone.*searcher restore BACKUP"):
        open_library(home, create=create)
    assert not (home / "articles.db").exists()
    assert sorted(path for path in (home / "indexes").rglob("*")) == before
