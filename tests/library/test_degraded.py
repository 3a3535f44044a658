"""If one leg is down the other answers and says so; what cannot be answered says what to do."""

from __future__ import annotations

import sqlite3
from shutil import rmtree

import pytest

from searcher.errors import EncoderUnavailable, IndexDamaged, InputError, StoreDamaged
from searcher.library import Library, state
from searcher.library import library as door
from searcher.records import Filters
from searcher.store import Store
from tests.fake_encoder import FakeEncoder
from tests.library.safe import unguarded
from tests.library.samples import MODES, NOW, article, everything, ids, new_library, news, wanted


@pytest.fixture
def home(tmp_path):
    """A home with thirty articles, indexed."""
    with new_library(tmp_path) as library:
        library.add(*news(30), now=NOW)
    return tmp_path


@pytest.fixture
def library(home, monkeypatch):
    """That library, opened where the encoder cannot be loaded."""

    def refuse(settings):
        raise EncoderUnavailable("No model here. Try: pip install the model")

    monkeypatch.setattr(door, "load_encoder", refuse)
    with Library(home, Store.open(home / "articles.db"), wanted()) as opened:
        yield opened


def test_without_an_encoder_hybrid_answers_by_words_and_says_so(library):
    """The hits are those of the lexical mode, and `degraded` gives the reason with its next step."""
    results = library.search("harbour strike", limit=50, now=NOW)
    by_words = library.search("harbour strike", mode="lexical", limit=50, now=NOW)
    assert results.total > 3 and everything(results) == everything(by_words)
    assert "No model here" in results.degraded and "pip install" in results.degraded
    assert by_words.degraded is None


def test_without_an_encoder_dense_is_an_error(library):
    """A question for meaning alone cannot be answered by anything else."""
    with pytest.raises(EncoderUnavailable, match="No model here"):
        library.search("harbour", mode="dense", now=NOW)


def test_reciprocal_ranks_weigh_both_legs_alike(home):
    """The weight that adapts to a query's length was chosen for scores: without one given, ranks count by halves."""
    with new_library(home) as library:
        hit = library.search("harbour strike", fusion="rrf", now=NOW)[0]
        assert [leg.weight for leg in hit.explanation.legs] == [1.0, 1.0]
        hit = library.search("harbour strike", fusion="rrf", weight=0.25, now=NOW)[0]
        assert [leg.weight for leg in hit.explanation.legs] == [1.5, 0.5]


def test_filters_alone_need_no_encoder(library):
    """In no mode."""
    for mode in MODES:
        results = library.search("", mode=mode, filters=Filters(sources=("Nordwind",)), now=NOW)
        assert results.total > 0 and results.degraded is None


def test_similar_to_an_indexed_article_needs_no_encoder(library):
    """Its vector is in the index; an article from outside is compared by words, and the answer says so."""
    assert library.similar("n1").degraded is None
    outside = library.similar(article("out", "Harbour strike and vote.", title="Harbour"))
    assert outside.total > 0 and "No model here" in outside.degraded


def test_articles_are_kept_when_they_cannot_be_encoded(library):
    """The receipt says what is missing, and what is on disk; it waits."""
    receipt = library.add(article("kept"), now=NOW)
    assert receipt.added == 1 and isinstance(receipt.not_indexed, EncoderUnavailable)
    assert library.store.find("kept") == "kept" and library.status().waiting == 1


@pytest.mark.parametrize(
    "error", [EncoderUnavailable("Out of memory."), ImportError("No module named 'faiss'")]
)
def test_an_encoder_that_fails_while_it_encodes_degrades_too(home, error):
    """Loading is not the only thing that can fail."""

    class Failing(FakeEncoder):
        def encode_query(self, text):
            raise error

        def encode(self, texts, **progress):
            raise error

    with new_library(home, encoder=Failing()) as library:
        assert str(error) in library.search("harbour", now=NOW).degraded
        assert str(error) in library.similar(article("out", "Harbour strike.")).degraded
        assert library.add(article("kept"), now=NOW).not_indexed is error


@pytest.mark.parametrize(
    "error", [EncoderUnavailable("No model."), ImportError("No runtime.", name="onnxruntime")]
)
def test_an_encoder_that_cannot_be_loaded_is_not_tried_with_each_question(home, monkeypatch, error):
    """Not before a minute has passed; what cannot be imported degrades the answer as a missing model does."""
    tried, now = [], [1000.0]

    def refuse(settings):
        tried.append(now[0])
        raise error

    monkeypatch.setattr(door, "load_encoder", refuse)
    monkeypatch.setattr(door.time, "monotonic", lambda: now[0])
    with Library(home, Store.open(home / "articles.db"), wanted()) as library:
        for second in (0, 1, 59, 61, 62):
            now[0] = 1000.0 + second
            degraded = library.search("harbour", now=NOW).degraded
            assert str(error.name if isinstance(error, ImportError) else error) in degraded
    assert tried == [1000.0, 1061.0]


def test_status_answers_beside_a_collection(home, monkeypatch):
    """Segments that another process removes while status measures them are no error."""
    size = state._size

    def removing(path):
        if path.name == "CURRENT":
            rmtree(home / "indexes" / "segments")
        return size(path)

    monkeypatch.setattr(state, "_size", removing)
    with new_library(home) as library:
        assert library.status().index_bytes > 0


def test_damaged_vectors_degrade_and_damaged_words_do_not_answer(home):
    """Vectors of the right size that cannot be read: words answer, and `degraded` names the rebuild."""
    for path in home.glob("indexes/segments/*/vectors.faiss"):
        path.write_bytes(b"\0" * path.stat().st_size)
    with new_library(home) as library:
        assert "searcher rebuild" in library.search("harbour", now=NOW).degraded
        with pytest.raises(IndexDamaged, match="searcher rebuild"):
            library.search("harbour", mode="dense", now=NOW)
        similar = library.similar("n1")
        assert similar.total > 0 and "searcher rebuild" in similar.degraded
        library.rebuild()
        assert library.search("harbour", now=NOW).degraded is None


def test_a_missing_segment_is_said_and_status_still_answers(home):
    """A file that is gone: IndexDamaged with the next step, which status says too, and a rebuild mends it."""
    next(home.glob("indexes/segments/*/arrays")).unlink()
    with new_library(home) as library:
        with pytest.raises(IndexDamaged, match="searcher rebuild"):
            library.search("harbour", now=NOW)
        assert library.status().articles == 30
        assert "searcher rebuild" in library.status().problem
        library.rebuild()
        assert library.status().problem is None
        assert library.search("harbour", now=NOW).total > 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("query", ["", "   ", "\u200b", "\n\t"])
def test_an_empty_query_is_refused(home, query, mode):
    """Nothing was asked: InputError with an example, not everything and not nothing."""
    with new_library(home) as library, pytest.raises(InputError, match="Nothing was asked"):
        library.search(query, mode=mode, now=NOW)


def test_gibberish_finds_nothing_and_says_so(home):
    """A word that nothing holds: no hits, verdict none; in every mode the verdict is none exactly then."""
    with new_library(home) as library:
        found = {mode: library.search("qwxzplugh", mode=mode, now=NOW) for mode in MODES}
        assert (found["lexical"].total, found["lexical"].verdict) == (0, "none")
        assert all((one.verdict == "none") == (one.total == len(one) == 0) for one in found.values())


def test_only_stop_words_are_no_error(home):
    """A query of words that are never indexed is answered, perhaps with nothing."""
    with new_library(home) as library:
        for mode in MODES:
            assert library.search("the of and", mode=mode, now=NOW).total >= 0


def test_a_store_from_a_backup_asks_for_a_rebuild(home, tmp_path):
    """
    When `articles.db` is older than the index (it was restored), the library says so instead of showing other
    articles under the index's numbers; the rebuild that it names mends it.
    """
    backup = (home / "articles.db").read_bytes()
    with new_library(home) as library:
        library.add(article("late", "Zeppelins."), now=NOW)
    (home / "articles.db").write_bytes(backup)
    with new_library(home) as library:
        assert "backup" in library.status().problem
        for ask in (lambda: library.search("zeppelins", now=NOW), lambda: library.update()):
            with pytest.raises(Exception, match=r"backup.*searcher rebuild"):
                ask()
        library.rebuild()
        assert ids(library.search("zeppelins", mode="lexical", now=NOW)) == []
        assert library.search("harbour", now=NOW).total > 0


def test_an_article_that_articles_db_has_lost_is_said_to_be_missing(home):
    """A hit whose row is gone, as when a page of the file was lost, is left out, and the answer says so."""
    with new_library(home) as library:
        found = library.search("harbour strike", limit=5, now=NOW)
    with unguarded(home / "articles.db") as raw:
        raw.execute("DELETE FROM revisions WHERE article_id = ?", (ids(found)[0],))
    with new_library(home) as library:
        left = library.search("harbour strike", limit=5, now=NOW)
    assert ids(left) == ids(found)[1:]
    assert "1 of these articles cannot be shown" in left.degraded and "searcher doctor" in left.degraded


LOST = "DELETE FROM revisions WHERE article_id = ?"
DAMAGED = "UPDATE revisions SET title = title || '!' WHERE article_id = ?"


@pytest.mark.parametrize("damage", [LOST, DAMAGED])
def test_an_article_that_articles_db_has_lost_or_damaged_costs_its_passages_only(home, damage):
    """The passages of all others are given, as they were."""
    with new_library(home) as library:
        found = library.passages("harbour strike", limit=30, now=NOW)
    gone = found[0].article.article_id
    with unguarded(home / "articles.db") as raw:
        raw.execute(damage, (gone,))
    with new_library(home) as library:
        left = library.passages("harbour strike", limit=30, now=NOW)
    kept = {one.chunk: one.text for one in found if one.article.article_id != gone}
    assert len(kept) > 10
    assert kept.items() <= {one.chunk: one.text for one in left}.items()
    assert gone not in {one.article.article_id for one in left}


@pytest.mark.parametrize("damage", [LOST, DAMAGED])
def test_an_article_that_articles_db_has_lost_or_damaged_costs_its_copy_only(home, damage):
    """The other copies of a text are still named beside it."""
    with new_library(home) as library:
        library.add(article("same", library.show("n6")[-1].article.body), now=NOW)
        shown = library.show("n6")[-1].article
        assert [one.article_id for one in library.copies(shown)] == ["n5", "same"]
    with unguarded(home / "articles.db") as raw:
        raw.execute(damage, ("n5",))
    with new_library(home) as library:
        assert [one.article_id for one in library.copies(shown)] == ["same"]


@pytest.mark.parametrize("index", ["withdrawals", "revisions_of_article"])
def test_a_withdrawal_holds_where_an_index_of_articles_db_is_damaged(home, index):
    """
    The entries of one of SQLite's indexes are zeroed, which SQLite does not notice: what was withdrawn is not shown, or
    the answer is that the file is damaged.
    """
    with new_library(home) as library:
        withdrawn = ids(library.search("harbour strike", limit=1, now=NOW))[0]
        library.remove(withdrawn, now=NOW)
        library.store.close()
    raw = sqlite3.connect(home / "articles.db")
    (page,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (index,)).fetchone()
    (size,) = raw.execute("PRAGMA page_size").fetchone()
    raw.close()
    data = bytearray((home / "articles.db").read_bytes())
    # A page begins with its header and where its entries are; these fill it from the end.
    first, end = (page - 1) * size + size // 4, page * size
    assert any(data[first:end])
    data[first:end] = bytes(end - first)
    (home / "articles.db").write_bytes(data)
    with new_library(home) as library:
        try:
            shown = ids(library.search("harbour strike", limit=30, fold=False, now=NOW))
        except StoreDamaged as error:
            assert index == "revisions_of_article" and "backup" in str(error)
        else:
            assert withdrawn not in shown and len(shown) > 3
