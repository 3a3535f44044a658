"""Whatever happened to a library, it answers as one that was built from nothing, and holds what it should."""

from __future__ import annotations

import shutil
from random import Random

import pytest

from searcher.library import Library, legs
from searcher.records import Filters
from tests.fake_encoder import FakeEncoder
from tests.library.samples import (
    MODES,
    NOW,
    article,
    everything,
    ids,
    invented,
    new_library,
    on_day,
    wanted,
)

QUESTIONS = (
    "harbour",
    "strike vote bridge storm",
    "reactor prison witness",
    '"harbour strike"',
    "title:vote OR budget",
    "har* -storm",
    "brige~ mayor",
    "nordwind 2025",
)
NARROW = Filters(sources=("Nordwind",), since=on_day(20).at)


class Newsroom:
    """Does one thing after another to a library, and keeps a plain dictionary of what must be in it."""

    def __init__(self, library: Library, seed: int) -> None:
        self.library = library
        self.random = Random(seed)
        self.live: dict[str, tuple[str, str]] = {}
        self.withdrawn: dict[str, tuple[str, str]] = {}
        self.indexed: dict[str, tuple[str, str]] = {}
        self.count = 0

    def step(self) -> None:
        """Add, correct, copy, withdraw, restore or update, as chance has it."""
        acts = [self.add, self.add, self.correct, self.copy, self.withdraw, self.restore, self.update]
        self.random.choice(acts)()

    def add(self) -> None:
        made = [invented(self.new_id(), self.random) for _ in range(self.random.randint(1, 6))]
        self.keep(*made)

    def correct(self) -> None:
        for name in self.some(self.live):
            other = invented(name, self.random)
            body = self.random.choice([self.live[name][1], other.body])
            self.keep(article(name, body, title=other.title))

    def copy(self) -> None:
        for name in self.some(self.live):
            title, body = self.live[name]
            self.keep(article(self.new_id(), body, title=self.random.choice([title, "Wire report"])))

    def withdraw(self) -> None:
        for name in self.some(self.live):
            self.library.remove(name, now=NOW)
            self.withdrawn[name] = self.live.pop(name)

    def restore(self) -> None:
        for name in self.some(self.withdrawn):
            self.library.remove(name, undo=True, now=NOW)
            self.live[name] = self.withdrawn.pop(name)
            self.indexed = dict(self.live)

    def update(self) -> None:
        self.library.update()
        self.indexed = dict(self.live)

    def keep(self, *articles) -> None:
        index = self.random.random() < 0.7
        self.library.add(*articles, index=index, now=NOW)
        for one in articles:
            self.withdrawn.pop(one.article_id, None)
            self.live[one.article_id] = (one.title, one.body)
        if index:
            self.indexed = dict(self.live)

    def new_id(self) -> str:
        self.count += 1
        return f"a{self.count}"

    def some(self, names) -> list[str]:
        return self.random.sample(sorted(names), min(len(names), self.random.randint(1, 3)))


def answers(library: Library):
    """Give every answer to every question, without their scores, and the scores beside them."""
    shown, scores = [], []
    for results in asked(library):
        shown.append((results.total, results.verdict, everything(results)))
        scores.extend(hit.score for hit in results)
        scores.extend(leg.score for hit in results for leg in hit.explanation.legs)
    return shown, scores


def asked(library: Library):
    """Ask all questions in all modes, and for articles like three of those in the library."""
    for mode in MODES:
        for query in QUESTIONS:
            yield library.search(query, mode=mode, limit=50, now=NOW)
        yield library.search("harbour strike", mode=mode, filters=NARROW, limit=50, now=NOW)
        yield library.search("vote", mode=mode, sort="date", fold=False, limit=50, now=NOW)
    yield library.search("harbour strike", fusion="rrf", limit=50, now=NOW)
    yield library.search("", filters=NARROW, limit=50, now=NOW)
    for revision in [*library.store.live()][:3]:
        yield library.similar(revision.article.article_id, limit=50)


@pytest.mark.parametrize("seed", range(6))
def test_an_update_answers_as_a_rebuild_does(tmp_path, seed, monkeypatch):
    """
    After any history of adding, correcting, copying, withdrawing and restoring: the same hits in the same order with
    the same snippets, copies and totals, and the same scores to six digits, as a library built from nothing; and
    nothing was encoded that had been encoded before and was still known.
    """
    monkeypatch.setattr(legs, "DENSE_WINDOW", 15)
    settings = wanted(depth=10 if seed % 2 else 200)
    with new_library(tmp_path / "grown", settings) as grown:
        newsroom = Newsroom(grown, seed)
        for _ in range(40):
            newsroom.step()
        newsroom.update()
        assert sorted(newsroom.live) == sorted(one.article.article_id for one in grown.store.live())
        shutil.copytree(tmp_path / "grown", tmp_path / "built")
        shutil.rmtree(tmp_path / "built" / "indexes")
        with new_library(tmp_path / "built", settings) as built:
            built.rebuild()
            assert built.status().indexed_articles == grown.status().indexed_articles == len(newsroom.live)
            (shown, scores), (shown_built, scores_built) = answers(grown), answers(built)
            assert shown == shown_built
            assert scores == pytest.approx(scores_built, abs=1e-6)
        before = grown.encoder.calls
        assert grown.rebuild().encoded == 0 and grown.encoder.calls == before
        assert answers(grown)[0] == shown


@pytest.mark.parametrize("seed", range(10, 14))
def test_what_is_found_is_what_is_live(tmp_path, seed):
    """
    At every step of a history a query that all articles match finds each article that is live and indexed, in its
    indexed state, and no other: withdrawn ones are gone before any update.
    """
    with new_library(tmp_path) as library:
        newsroom = Newsroom(library, seed)
        newsroom.add()
        newsroom.update()
        merged = 0
        for _ in range(30):
            newsroom.step()
            results = library.search("headline OR NOT headline", limit=1000, fold=False, now=NOW)
            found = {hit.article_id: (hit.article.title, hit.article.body) for hit in results}
            expected = {
                name: said for name, said in newsroom.indexed.items() if name not in newsroom.withdrawn
            }
            assert found == expected
            assert len(ids(results)) == len(found) == results.total
            merged = max(merged, results.generation)
        assert library.status().segments <= 4 < merged


def test_merges_keep_the_answers(tmp_path):
    """Twenty updates of a few articles leave at most four segments, and each merge answers as before it."""
    encoder = FakeEncoder()
    random = Random(9)
    with new_library(tmp_path, encoder=encoder) as library:
        merged = 0
        for number in range(20):
            library.add(invented(f"m{number}", random), index=False, now=NOW)
            report = library.update()
            assert report.segments <= 4 and report.reused >= 0
            merged += report.merged
        assert merged >= 20
        shown, _ = answers(library)
        calls = encoder.calls
        library.rebuild()
        assert encoder.calls == calls
        assert answers(library)[0] == shown
