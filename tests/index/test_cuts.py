"""An article is cut once: merging and rebuilding find its chunks in the segments, if these are what was written."""

from __future__ import annotations

import shutil

from searcher.index import cutting, known
from searcher.index.arrays import Arrays
from searcher.index.build import Builder
from searcher.index.generation import Indexes
from tests.library.samples import NOW, article, builder, news, no_waiting_for_the_disk, recipe  # noqa: F401


def cuts_made(monkeypatch):
    """Give a list that grows by the headline of each article that is cut from here on."""
    made = []
    cut = cutting.cut_body

    def counted(title, body, recipe):
        made.append(title)
        return cut(title, body, recipe)

    monkeypatch.setattr(cutting, "cut_body", counted)
    return made


def test_an_article_that_stays_is_cut_once(home, store, monkeypatch):
    """
    Merging and rebuilding take the chunks of each article from the segments; only what was corrected is cut, and a
    rebuild for other chunks cuts all. The segments are those that are made without this, to the byte.
    """
    for number in range(4):
        store.add(news(5, seed=number, prefix=f"p{number}-"), now=NOW)
        if number == 3:
            made = cuts_made(monkeypatch)
        report = builder(home, store).update()
    assert (report.merged, len(made)) == (4, 5)
    made.clear()
    store.add(
        [article("p0-0", "A correction."), article("p1-1", live_body(store, "p1-1"), title="Another")],
        now=NOW,
    )
    builder(home, store).rebuild()
    assert made == ["Headline of p0-0", "Another"]
    (quick,) = Indexes(home / "indexes").read().segments
    monkeypatch.setattr(known.KnownCuts, "look_up", lambda self, keys: [None] * len(keys))
    builder(home, store).rebuild()
    (slow,) = Indexes(home / "indexes").read().segments
    assert quick.digest == slow.digest and len(made) == 2 + 20
    monkeypatch.undo()
    made = cuts_made(monkeypatch)
    builder(home, store, words=40).rebuild()
    assert len(made) == 20


def live_body(store, name):
    """Give the body of an article as it stands."""
    return store.latest(name).article.body


def test_damaged_cuts_are_not_copied(home, store):
    """A span that is not what was written is cut anew: a merge that meets it leaves it, and all is built anew."""
    for number in range(3):
        store.add(news(5, seed=number, prefix=f"p{number}-"), now=NOW)
        builder(home, store).update()
    first = sorted((home / "indexes" / "segments").iterdir())[0]
    spans, data = Arrays(first / "arrays")["table.spans"].tobytes(), (first / "arrays").read_bytes()
    assert data.count(spans) == 1
    (first / "arrays").write_bytes(data.replace(spans, bytes(len(spans))))
    store.add(news(5, seed=3, prefix="p3-"), now=NOW)
    assert builder(home, store).update().merged == 0
    (mended,) = Indexes(home / "indexes").read().segments
    shutil.rmtree(home / "indexes")
    builder(home, store).rebuild()
    (rebuilt,) = Indexes(home / "indexes").read().segments
    assert mended.digest == rebuilt.digest


def test_stems_are_learnt_from_segments_and_change_nothing(home, store):
    """A rebuild stems no word that a segment has; one with another stemmer stems all. Bytes are as without it."""
    store.add(
        [*news(20), article("accents", "Café's naïve O'Brien U.S. wins; 漢字 \u0301 RUNNING running.")],
        now=NOW,
    )
    builder(home, store).update()
    (first,) = Indexes(home / "indexes").read().segments
    fresh = recipe()
    stemmed = []
    stem = fresh.analyzer._terms.stem
    fresh.analyzer._terms.stem = lambda word: (stemmed.append(word), stem(word))[1]
    Builder(Indexes(home / "indexes"), store, fresh).rebuild()
    (again,) = Indexes(home / "indexes").read().segments
    assert stemmed == [] and again.digest == first.digest
    other = recipe(stemmer="none")
    Builder(Indexes(home / "indexes"), store, other).rebuild()
    assert other.analyzer.term("running") == "running"
