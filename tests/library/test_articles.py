"""What becomes of articles: added, corrected, withdrawn, brought back; each is seen in both legs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from searcher.errors import ArticleNotFound, IndexOutdated, NoIndex
from searcher.library import keeping, open_library
from searcher.records import Moment, Origin, Precision, Receipt
from tests.fake_encoder import FakeEncoder
from tests.library.samples import MODES, NOW, article, everything, ids, new_library, news, on_day, wanted


@pytest.fixture
def library(tmp_path):
    """A library of thirty invented articles."""
    with new_library(tmp_path) as opened:
        opened.add(*news(30), now=NOW)
        yield opened


def find(library, query, mode):
    """Give the ids that a query finds."""
    return ids(library.search(query, mode=mode, limit=100, now=NOW))


def test_adding_is_idempotent(library):
    """The same articles again: all unchanged, no generation more, the same answers."""
    before = library.search("harbour strike", now=NOW)
    assert library.add(*news(30), now=NOW) == Receipt(unchanged=30)
    after = library.search("harbour strike", now=NOW)
    assert (after.generation, everything(after)) == (before.generation, everything(before))
    assert library.status().revisions == 30


def test_added_articles_wait_when_they_are_not_to_be_indexed(library):
    """With `index=False` they are kept and counted as waiting; update finds them."""
    library.add(article("later", "Zeppelins return."), index=False, now=NOW)
    assert library.search("zeppelins", mode="lexical", now=NOW).waiting == 1
    assert find(library, "zeppelins", "lexical") == []
    library.update()
    assert find(library, "zeppelins", "lexical") == ["later"]
    assert library.search("zeppelins", now=NOW).waiting == 0


@pytest.mark.parametrize("mode", MODES)
def test_a_corrected_headline_is_found_by_the_new_words_only(library, mode):
    """
    After the correction the new headline finds it first, and the old one does not: not by its words, nor by its
    vector, for the old chunks are dead in both legs.
    """
    library.add(article("a", "It rained.", title="Zeppelin lands safely"), now=NOW)
    assert find(library, "zeppelin lands safely", mode)[0] == "a"
    library.add(article("a", "It rained.", title="Dirigible explodes nearby"), now=NOW)
    assert find(library, "dirigible explodes nearby", mode)[0] == "a"
    assert "a" not in find(library, "zeppelin lands safely", mode)
    assert library.search("dirigible", mode=mode, now=NOW)[0].article.title == "Dirigible explodes nearby"
    assert [revision.article.title for revision in library.show("a")] == [
        "Zeppelin lands safely",
        "Dirigible explodes nearby",
    ]


@pytest.mark.parametrize("mode", MODES)
def test_a_correction_that_waits_is_answered_as_it_was(library, mode):
    """Until it is indexed a corrected article is found and shown in its old state, whole: text, snippet, title."""
    library.add(article("a", "Zeppelins rained.", title="Zeppelin lands"), now=NOW)
    library.add(article("a", "Short.", title="Dirigible"), index=False, now=NOW)
    hit = library.search("zeppelin lands", mode=mode, now=NOW)[0]
    assert (hit.article.title, hit.article.body, hit.snippet.text) == (
        "Zeppelin lands",
        "Zeppelins rained.",
        "Zeppelins rained.",
    )


@pytest.mark.parametrize("mode", MODES)
def test_a_withdrawn_article_is_gone_at_once_and_back_with_undo(library, mode):
    """
    In a library that is already open, without an update, in every mode and in similar; undo brings it back with the
    same score and without encoding.
    """
    library.add(
        article("a", "Zeppelins over the harbour."), article("b", "Zeppelins at the harbour."), now=NOW
    )
    with new_library(library.home) as other:
        before = library.search("zeppelins harbour", mode=mode, limit=50, now=NOW)
        assert "a" in ids(before) and "a" in ids(other.similar("b"))
        total = before.total
        assert library.remove("a", now=NOW) == 1
        for one in (library, other):
            gone = one.search("zeppelins harbour", mode=mode, limit=50, now=NOW)
            assert "a" not in ids(gone) and gone.total == total - 1
            assert "a" not in ids(one.similar("b"))
        assert library.remove("a", now=NOW) == 0
        calls = library.encoder.calls
        assert library.remove("a", undo=True, now=NOW) == 1
        encoded = library.encoder.calls - calls
        assert encoded == 0
        for one in (library, other):
            back = one.search("zeppelins harbour", mode=mode, limit=50, now=NOW)
            assert sorted(ids(back)) == sorted(ids(before)) and back.total == total


REMOVE = """
import sys
from pathlib import Path
from tests.library.samples import NOW, new_library
with new_library(Path(sys.argv[1])) as library:
    library.remove(*sys.argv[2:], now=NOW)
"""


def test_a_withdrawal_by_another_process_is_honoured_at_once(library):
    """A reader that is open looks at the store for withdrawals with every question."""
    library.add(article("a", "Zeppelins over the harbour."), now=NOW)
    assert find(library, "zeppelins", "hybrid") == ["a"]
    command = [sys.executable, "-c", REMOVE, str(library.home), "a"]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[2])
    for mode in MODES:
        assert "a" not in find(library, "zeppelins over the harbour", mode)


@pytest.mark.parametrize("mode", MODES)
def test_adding_a_withdrawn_article_brings_it_back(library, mode):
    """Added again it is live again, counted as changed, also when nothing in it changed."""
    one = article("a", "Zeppelins over the harbour.")
    library.add(one, now=NOW)
    library.remove("a", now=NOW)
    library.update()
    assert "a" not in find(library, "zeppelins over the harbour", mode)
    assert library.add(one, now=NOW) == Receipt(changed=1, restored=1)
    assert find(library, "zeppelins over the harbour", mode)[0] == "a"
    assert [revision.withdrawn for revision in library.show("a")] == [False, True, False]


def test_withdrawals_of_unknown_articles_change_nothing(library):
    """One unknown id: ArticleNotFound, and the others stay."""
    with pytest.raises(ArticleNotFound, match="nowhere"):
        library.remove("n1", "nowhere", now=NOW)
    assert library.status().withdrawn == 0


def test_an_article_can_be_withdrawn_by_its_url(library):
    """What is shown with a hit is enough to name it."""
    library.add(article("a", "Zeppelins.", url="https://example.org/a"), now=NOW)
    assert library.remove("https://example.org/a", now=NOW) == 1
    assert find(library, "zeppelins", "lexical") == []


def test_everything_can_be_withdrawn(library):
    """A library whose articles are all withdrawn answers with nothing, before and after an update."""
    library.remove(*[f"n{n}" for n in range(30)], now=NOW)
    for _ in range(2):
        for mode in MODES:
            results = library.search("harbour strike", mode=mode, now=NOW)
            assert (results.total, results.verdict, len(results)) == (0, "none", 0)
        assert library.similar(article("x", "Harbour strike.")).total == 0
        library.update()
    assert library.status().segments == 0


@pytest.mark.parametrize("body", ["", "  \n\t "])
def test_a_record_without_a_body_costs_that_record_only(library, body):
    """An article given as a record is checked as one that was read: rejected with a reason, the others kept."""
    receipt = library.add(article("x", "Xylophones."), article("blank", body), article("y"), now=NOW)
    assert (receipt.added, receipt.rejected) == (2, 1)
    assert "news.jsonl: line 1" in receipt.rejections[0].where and "body" in receipt.rejections[0].reason
    assert find(library, "xylophones", "lexical") == ["x"]


def test_records_and_files_can_be_added_together(library, tmp_path):
    """Records and paths in one call: all of them are kept."""
    path = tmp_path / "plain.jsonl"
    path.write_text('{"id": "f1", "title": "From a file", "body": "Xylophones were read."}\n')
    receipt = library.add(article("r1", "Xylophones were given."), path, now=NOW)
    assert receipt == Receipt(added=2)
    assert sorted(find(library, "xylophones", "lexical")) == ["f1", "r1"]


def test_other_settings_ask_for_a_rebuild_and_lose_nothing(library):
    """
    With other chunks, stemmer or encoder the library says `searcher rebuild`; what is added meanwhile is kept, and a
    rebuild mends it. Lexical answers do not need the encoder and go on.
    """
    changed = [
        (wanted(words=50), FakeEncoder(), "chunker"),
        (wanted(stemmer="none"), FakeEncoder(), "analyzer"),
        (wanted(), FakeEncoder(name="other"), "encoder"),
    ]
    for number, (settings, encoder, named) in enumerate(changed):
        with new_library(library.home, settings, encoder) as other:
            for ask in (other.search, other.similar):
                with pytest.raises(IndexOutdated, match=f"{named}.*searcher rebuild"):
                    ask(article("out") if ask == other.similar else "harbour")
            receipt = other.add(article(f"kept{number}", f"Xylophones {number}."), now=NOW)
            assert receipt.added == 1 and receipt.update is None
            with pytest.raises(IndexOutdated, match=f"{named}.*searcher rebuild"):
                raise receipt.not_indexed
            if named == "encoder":
                assert other.search("harbour", mode="lexical", now=NOW).total > 0
            else:
                assert "searcher rebuild" in other.status().problem
            other.rebuild()
            assert len(find(other, "xylophones", "lexical")) == number + 1
            assert other.status().problem is None
        with new_library(library.home) as again:
            again.rebuild()


def test_records_are_made_canonical(tmp_path):
    """
    What a program gives is cleaned as what is read is: no escapes, no bidi controls, NFC, one line of title, a
    language; it keeps its id and who chose it, its authors and when it was fetched.
    """
    body = "The nai\u0308ve \x1b[31mmayor\u202e resigned on Monday morning.  \n\n\n\nNo reason was given by anybody."
    given = article(
        "r1",
        body,
        title="Mayor\nresigns",
        source=" Daily\tEcho ",
        authors=("Doe, Jane", " "),
        id_origin="content",
        language=None,
        fetched=NOW,
        published=on_day(3),
    )
    with new_library(tmp_path) as library:
        library.add(given, now=NOW)
        kept = library.show("r1")[0].article
        assert kept.body == (
            "The na\u00efve [31mmayor resigned on Monday morning.\n\nNo reason was given by anybody."
        )
        assert (kept.title, kept.source, kept.language) == ("Mayor resigns", "Daily Echo", "en")
        assert (kept.authors, kept.id_origin, kept.fetched) == (("Doe, Jane",), "content", NOW)
        assert kept.published == on_day(3)
        assert library.add(kept, now=NOW) == Receipt(unchanged=1)


def test_a_bad_record_costs_that_record_only(library):
    """Too long a body, or a date without a time zone: rejected with place and reason, and all others are kept."""
    naive = NOW.replace(tzinfo=None)
    receipt = library.add(
        article("x", "Xylophones."),
        article("long", "x" * (library.settings.ingest.max_body_chars + 1)),
        article("naive", published=Moment(naive, Precision.DAY, "field")),
        article("fetched", fetched=naive),
        now=NOW,
    )
    assert (receipt.added, receipt.rejected) == (1, 3)
    assert [("time zone" in one.reason, one.where) for one in receipt.rejections] == [
        (False, "news.jsonl: line 1"),
        (True, "news.jsonl: line 1"),
        (True, "news.jsonl: line 1"),
    ]
    assert find(library, "xylophones", "lexical") == ["x"]


def test_the_receipt_says_what_indexing_did(library):
    """Its `update` is the report of the update that followed; None where none was wanted."""
    receipt = library.add(article("x", "Xylophones."), now=NOW)
    assert (receipt.update.generation, receipt.update.changed, receipt.not_indexed) == (2, True, None)
    assert library.add(article("y", "Yawls."), index=False, now=NOW).update is None


def test_what_was_restored_is_said_though_it_cannot_be_indexed(library):
    """The error of an undo that the index cannot follow says that the article is back."""
    library.remove("n1", now=NOW)
    with (
        new_library(library.home, wanted(words=50)) as other,
        pytest.raises(IndexOutdated, match=r"1 restored, not indexed yet: .*searcher rebuild"),
    ):
        other.remove("n1", undo=True, now=NOW)
    assert library.status().withdrawn == 0


def test_a_batch_ends_before_it_is_too_large(library, monkeypatch):
    """By its number of articles or by their text, whichever comes first."""
    sizes = []
    add = library.store.add
    monkeypatch.setattr(
        library.store, "add", lambda batch, now: sizes.append(len(batch)) or add(batch, now=now)
    )
    monkeypatch.setattr(keeping, "BATCH", 4)
    monkeypatch.setattr(keeping, "BATCH_CHARS", 100)
    bodies = ["Short.", "x" * 60, "y" * 60, *["Short."] * 5]
    library.add(*[article(f"b{n}", body) for n, body in enumerate(bodies)], index=False, now=NOW)
    assert sizes == [3, 4, 1]


def test_a_receipt_names_the_first_rejections_and_counts_all(library, monkeypatch):
    """Its size is bounded, however bad the input is."""
    monkeypatch.setattr(keeping, "MOST_REJECTIONS", 3)
    monkeypatch.setattr(keeping, "BATCH", 2)
    bad = [article(f"b{n}", "", origin=Origin(f"line {n}")) for n in range(9)]
    receipt = library.add(*bad, now=NOW)
    assert (receipt.rejected, [one.where for one in receipt.rejections]) == (
        9,
        ["line 0", "line 1", "line 2"],
    )


def test_a_library_is_opened_or_made(tmp_path):
    """Without `create` there has to be one; with it, home and indexes appear, and status says what to do."""
    with pytest.raises(NoIndex):
        open_library(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    with open_library(tmp_path / "new", create=True) as library:
        status = library.status()
        assert (status.articles, status.generation) == (0, None)
        assert "searcher rebuild" in str(status.problem)
        with pytest.raises(NoIndex, match="searcher rebuild"):
            library.search("harbour", now=NOW)
    with open_library(tmp_path / "new") as library:
        assert library.status().revisions == 0


def test_status_counts_what_is_there(library):
    """Articles, revisions, what waits (a withdrawal does not), segments and sizes."""
    library.add(article("n1", "Corrected."), now=NOW)
    library.remove("n2", now=NOW)
    status = library.status()
    assert (status.articles, status.revisions, status.withdrawn) == (29, 32, 1)
    assert (status.indexed_articles, status.waiting, status.segments) == (30, 0, 2)
    assert status.problem is None and status.index_bytes > 1000 and status.store_bytes > 1000
