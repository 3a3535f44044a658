"""
What the doctor says, word for word: each thing that may be wrong, and its next step.

A person at three in the morning has nothing else to go by. Changed words are reviewed here.
"""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from searcher.errors import EncoderUnavailable, StoreDamaged
from searcher.index.generation import Indexes
from searcher.library import library as door
from searcher.library.health import doctor, surroundings
from searcher.store import Store
from tests.fake_encoder import FakeEncoder
from tests.library.safe import fake_encoder
from tests.library.samples import NOW, article, new_library, wanted

__all__ = ["fake_encoder"]

pytestmark = pytest.mark.usefixtures("fake_encoder")

MEND = "searcher doctor --repair (or searcher rebuild)"
FROM_A_BACKUP = (
    "searcher restore --force BACKUP; a damaged headline or fact is mended by adding the article again"
)
WELL = {
    ("articles", "ok", "all 7 revisions of 5 articles are as stored", None, True),
    ("index", "ok", "generation 3 answers: CURRENT and its manifest are whole", None, True),
    (
        "segments",
        "ok",
        "2 with 6 chunks: every file is what was written; table, postings and vectors agree",
        None,
        True,
    ),
    ("contents", "ok", "the index holds the 4 live articles, each once", None, True),
    ("sample", "ok", "4 texts, encoded again, give the same vectors", None, True),
    ("encoder", "ok", "fake loads, 32 dimensions", None, True),
    ("leftovers", "ok", "none", None, True),
    ("processes", "ok", "nobody is writing", None, True),
    ("disk", "ok", "7.0 GB free", None, True),
}


@pytest.fixture(autouse=True)
def free(monkeypatch):
    """Seven gigabytes are free on every disk."""
    usage = shutil.disk_usage("/")._replace(free=7_000_000_000)
    monkeypatch.setattr(surroundings.shutil, "disk_usage", lambda path: usage)


@pytest.fixture
def home(tmp_path):
    """Five articles in two segments: one corrected, one withdrawn."""
    texts = {"a": "Harbour strike.", "b": "Court vote.", "c": "Storm.", "d": "River.", "e": "School."}
    with new_library(tmp_path) as library:
        library.add(*[article(name, text) for name, text in texts.items()], now=NOW)
        library.add(article("a", "Corrected harbour strike."), now=NOW)
        library.remove("c", now=NOW)
        library.update()
    return tmp_path


def said(home, **options):
    """Give all that is said of the library at `home`, which is called HOME."""
    return {
        (one.check, one.state, one.said.replace(str(home), "HOME"), one.next_step, one.mendable)
        for one in doctor(home, settings=wanted(), **options).findings
    }


def news_of(home, **options):
    """Give what is said that is not said of a library that is well."""
    return said(home, **options) - WELL


def test_of_a_library_that_is_well(home):
    """Each check says what it looked at."""
    assert said(home) == WELL


def test_of_articles(home, monkeypatch):
    """What is damaged is named, with what mends it."""
    path = home / "articles.db"
    path.write_bytes(path.read_bytes().replace(b"Court vote.", b"Court vate."))
    assert news_of(home) == {
        (
            "articles",
            "broken",
            "Article 'b' (revision 2) is damaged in articles.db: its body is not what was stored. "
            "Restore articles.db from a backup.",
            FROM_A_BACKUP,
            False,
        ),
    }

    def fail(*_):
        raise StoreDamaged("The disk failed. Run: something")

    monkeypatch.setattr(Store, "check", fail)
    monkeypatch.setattr(Store, "live_seqs", fail)
    assert news_of(home) == {
        ("articles", "broken", "The disk failed.", FROM_A_BACKUP, False),
        (
            "contents",
            "warning",
            "articles and index cannot be compared: The disk failed. Run: something",
            None,
            True,
        ),
    }


def test_of_a_library_whose_articles_are_gone(home):
    """There is nothing else to say."""
    for path in home.glob("articles.db*"):
        path.unlink()
    step = "searcher restore --force BACKUP"
    gone = (
        "articles",
        "broken",
        "indexes are there, but no articles: articles.db is missing or empty",
        step,
        False,
    )
    assert said(home) == {gone} and doctor(home, settings=wanted()).home == home
    (home / "articles.db").write_bytes(b"no database" * 1000)
    untrusted = "HOME/articles.db cannot be trusted (file is not a database). Restore it from a backup."
    assert said(home) == {("library", "broken", untrusted, None, False)}


def test_of_indexes_that_are_gone(home):
    """With the articles, and without any."""
    shutil.rmtree(home / "indexes")
    assert ("index", "broken", "no index answers: indexes/CURRENT is missing", MEND, True) in said(home)
    new_library(home / "new").close()
    assert ("index", "ok", "no index, and no articles to index", None, True) in said(home / "new")


def test_of_pointers_and_manifests(home):
    """The error's own next step gives way to the doctor's."""
    (home / "indexes" / "CURRENT").write_bytes(b"?")
    assert ("index", "broken", "HOME/indexes/CURRENT does not name a generation.", MEND, True) in said(home)
    (home / "indexes" / "generations" / "000002.json").write_bytes(b"")
    manifest = ("index", "broken", "HOME/indexes/generations/000002.json is not a whole manifest", MEND, True)
    assert manifest in said(home)


def test_of_segments(home):
    """Which file it is; what is not of it; which counts do not agree; and what others found."""
    indexes = Indexes(home / "indexes")
    first, second = indexes.read().segments
    directory = indexes.segments / first.name

    def segments(what):
        return {
            ("segments", "broken", what.replace("SEGMENT", f"HOME/indexes/segments/{first.name}"), MEND, True)
        }

    whole = (directory / "arrays").read_bytes()
    (directory / "arrays").write_bytes(whole[:-1] + b"\1")
    assert news_of(home) == segments("SEGMENT/arrays is not what was written.")
    (directory / "arrays").write_bytes(whole)
    (directory / "more").touch()
    (directory / "and more").touch()
    assert news_of(home) == segments("SEGMENT holds what is not of it: and more, more.")
    (directory / "more").unlink()
    (directory / "and more").unlink()
    indexes.tell_damaged([f"{first.name}/arrays"])
    assert news_of(home) == segments("SEGMENT was found damaged by somebody, and is not used.")
    (home / "indexes" / "damaged").unlink()
    current = indexes.read()
    for count, what in (
        ({"articles": 6}, "SEGMENT: 1 articles of the table too few."),
        ({"articles": 3}, "SEGMENT: 2 articles of the table too many."),
    ):
        segments_of = (replace(first, **count), second)
        indexes.publish(replace(current, segments=segments_of, live=(None, None)))
        assert segments(what) <= news_of(home)


def test_of_contents(home):
    """What is missing, what should not be there, what is there twice, what waits, and another library's index."""
    indexes = Indexes(home / "indexes")
    current = indexes.read()
    first, second = current.segments

    def contents(*what):
        return {("contents", "broken", f"the index is wrong: {one}", MEND, True) for one in what}

    indexes.publish(replace(current, live=(None, None)))
    assert news_of(home) - {
        ("sample", "ok", "6 texts, encoded again, give the same vectors", None, True)
    } == (contents("2 articles in it are not live"))
    indexes.publish(replace(current, segments=(second,), live=(None,)))
    assert contents("3 articles are missing from it") <= news_of(home)
    indexes.publish(replace(current, segments=(first, second, second), live=(current.live[0], None, None)))
    assert contents("1 articles are in it twice") <= news_of(home)
    indexes.publish(current)
    with new_library(home) as library:
        library.add(article("late"), index=False, now=NOW)
    waiting = ("contents", "warning", "1 articles are not indexed yet", "searcher update", True)
    assert waiting in news_of(home)
    indexes.publish(replace(current, witness="another"))
    (another,) = [one for one in news_of(home) if one[0] == "contents"]
    assert another[1:] == (
        "broken",
        "The index holds articles that the library does not (was articles.db restored from a backup?).",
        MEND,
        True,
    )


def test_of_encoders(home, monkeypatch):
    """Another one, or none."""
    monkeypatch.setattr(door, "load_encoder", lambda settings: FakeEncoder(name="another"))
    another = (
        "encoder",
        "broken",
        "the index was built with fake, the encoder is another another",
        "searcher rebuild",
    )
    assert (*another, True) in news_of(home)

    def refuse(settings):
        raise EncoderUnavailable("No model here. Try: pip install it. Run: that")

    monkeypatch.setattr(door, "load_encoder", refuse)
    none = ("encoder", "broken", "No model here. Try: pip install it.", "words are searched meanwhile", False)
    assert none in news_of(home)


def test_of_what_is_left_over(home):
    """How much it is, and that it is no harm."""
    left = home / "indexes" / "segments" / "building-000009-001"
    left.mkdir()
    (left / "arrays").write_bytes(b"x" * 1_200_000)
    (home / ".restoring").mkdir()
    (home / ".restoring" / "articles.db").write_bytes(b"x" * 300_000)
    (home / "indexes" / ".damaged.1.1").write_bytes(b"x" * 100_000)
    assert news_of(home) == {
        (
            "leftovers",
            "warning",
            "3 leftovers of builds that died, 1.6 MB: .damaged.1.1",
            "the next update removes them, and: searcher doctor --repair",
            True,
        )
    }
    assert doctor(home, settings=wanted(), repair=True).repairs == ("removed 3 leftovers",)
    (home / "indexes" / "journal").touch()
    assert ("leftovers", "ok", "none", None, True) not in said(home)
    assert news_of(home) == {
        (
            "leftovers",
            "warning",
            "a build was interrupted: what it had encoded is kept",
            "searcher update",
            True,
        )
    }


def test_of_the_disk(home, monkeypatch):
    """Too little is less than the indexes take, and 200 MB."""
    indexes = sum(path.stat().st_size for path in (home / "indexes").rglob("*") if path.is_file())
    usage = shutil.disk_usage("/")
    for free, state in ((200_000_000 + indexes, "ok"), (200_000_000 + indexes - 1, "warning")):
        monkeypatch.setattr(
            surroundings.shutil, "disk_usage", lambda path, free=free: usage._replace(free=free)
        )
        (disk,) = [one for one in news_of(home) if one[0] == "disk"]
        assert disk[1] == state
    assert disk[2:] == ("0.2 GB free, less than a rebuild may need (0.2 GB)", "free some space", True)

    def refuse(path):
        assert path == home
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(surroundings.shutil, "disk_usage", refuse)
    unread = ("disk", "warning", "its free space cannot be read ([Errno 5] Input/output error)", None, True)
    assert unread in news_of(home)


def test_of_who_reads(home):
    """The names of what they read."""
    with Indexes(home / "indexes").hold():
        assert news_of(home) == {
            ("processes", "ok", "nobody is writing; read at the moment: 000003.json", None, True)
        }


def test_of_repairs(home):
    """What was done, in the order it was done."""
    indexes = Indexes(home / "indexes")
    name = indexes.read().segments[0].name
    (indexes.segments / name / "vectors.faiss").write_bytes(b"")
    done = doctor(home, settings=wanted(), repair=True).repairs
    assert done == (
        "built generation 4 anew (3 encoded, 1 known)",
        "removed 000002.json, which was damaged",
        "removed 000003.json, which was damaged",
    )
