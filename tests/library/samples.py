"""Invented news, libraries that hold it, and what their answers come to, for the tests of index and library."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from searcher.index.build import Builder
from searcher.index.cutting import Recipe
from searcher.index.dense.journal import Journal
from searcher.index.generation import Indexes
from searcher.index.known import KnownVectors
from searcher.index.lexical.analysis import Analyzer
from searcher.index.segment import Segment, build_segment
from searcher.library import Library
from searcher.records import Article, Moment, Origin, Precision, Results, Revision
from searcher.settings import ChunkSettings, FusionSettings, LexicalSettings, SearchSettings, Settings
from searcher.store import Store
from tests.fake_encoder import FakeEncoder

NOW = datetime(2025, 7, 23, 12, 0, tzinfo=UTC)
MODES = ("hybrid", "lexical", "dense")
OUTLETS = ("Daily Echo", "The Ledger", "Nordwind", None)
_SPELLED = """
harbour strike vote bridge storm court budget union ferry mayor river school tax winter train miner glacier vaccine
orchard senate quarry festival tariff drought satellite archive witness prison election reactor
"""
WORDS = _SPELLED.split()


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `fsync` return at once: what a power cut does is not the claim of the tests that import this."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def article(article_id: str, body: str | None = None, **facts: Any) -> Article:
    """Give an article in canonical form; whatever is not named is plain."""
    plain = {"title": f"Headline of {article_id}", "origin": Origin("news.jsonl", "line 1"), "language": "en"}
    facts = {**plain, **facts}
    return Article(article_id=article_id, body=f"Body of {article_id}." if body is None else body, **facts)


def on_day(day: int) -> Moment:
    """Give a date: so many days after the first of January 2025."""
    return Moment(datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=day), Precision.DAY, "field")


def story(random: Random, *, sentences: int = 6, words: int = 9) -> str:
    """Give a body of sentences of words, common ones and rare ones."""
    made = [
        " ".join(random.choices(WORDS, [1 / (n + 1) for n in range(len(WORDS))], k=words))
        for _ in range(sentences)
    ]
    return " ".join(f"{text.capitalize()}." for text in made)


def invented(article_id: str, random: Random, **facts: Any) -> Article:
    """Give an article of invented words, outlet and day, one to four chunks of twenty words long."""
    facts = {
        "title": " ".join(random.sample(WORDS, 4)).capitalize(),
        "source": random.choice(OUTLETS),
        "published": random.choice([None, on_day(random.randrange(100))]),
        **facts,
    }
    return article(article_id, story(random, sentences=random.randint(1, 8)), **facts)


def news(count: int, *, seed: int = 0, prefix: str = "n") -> list[Article]:
    """Give so many invented articles, ids `n0`, `n1`, ...; every seventh has the text of the one before."""
    random = Random(seed)
    made: list[Article] = []
    for number in range(count):
        one = invented(f"{prefix}{number}", random)
        if number % 7 == 6:
            one = article(one.article_id, made[-1].body, title=made[-1].title, source="Wire")
        made.append(one)
    return made


def wanted(*, words: int = 20, depth: int = 200, stemmer: str = "english") -> Settings:
    """
    Give settings with short chunks, so that short articles have several; and a deadline that no busy machine reaches.
    """
    return Settings(
        chunks=ChunkSettings(words=words),
        fusion=FusionSettings(depth=depth),
        lexical=LexicalSettings(stemmer=stemmer),
        search=SearchSettings(deadline_s=600.0),
    )


def new_library(home: Path, settings: Settings | None = None, encoder: FakeEncoder | None = None) -> Library:
    """Open the library at `home`, made if it is not there, with an encoder for tests."""
    (home / "indexes").mkdir(parents=True, exist_ok=True)
    store = Store.open(home / "articles.db", create=True)
    return Library(home, store, settings or wanted(), encoder=encoder or FakeEncoder())


def recipe(encoder: FakeEncoder | None = None, *, words: int = 20, stemmer: str = "english") -> Recipe:
    """Give a recipe with an encoder for tests."""
    return Recipe(encoder or FakeEncoder(), Analyzer(stemmer), words)


def builder(home: Path, store: Store, encoder: FakeEncoder | None = None, **changes: Any) -> Builder:
    """Give what builds the indexes of the library at `home`."""
    return Builder(Indexes(home / "indexes"), store, recipe(encoder, **changes))


def revisions(articles: Iterable[Article], first: int = 1) -> list[Revision]:
    """Give a revision of each article, with rising seqs that leave gaps."""
    return [Revision(first + 3 * n, one, NOW, False, "") for n, one in enumerate(articles)]


def build_alone(
    directory: Path,
    articles: Iterable[Article],
    *,
    encoder: FakeEncoder | None = None,
    segments: Sequence[Segment] = (),
    **changes: Any,
) -> Segment:
    """Build a segment of these articles at `directory`; give it, opened."""
    encoder = encoder or FakeEncoder()
    with Journal.open(directory.parent / "journal", encoder.fingerprint, encoder.dim) as journal:
        known = KnownVectors(segments, journal, dim=encoder.dim)
        info = build_segment(directory, revisions(articles), recipe(encoder, **changes), known)
        journal.discard()
    return Segment(directory, info)


def copy_of(segment: Segment, directory: Path) -> Path:
    """Copy a segment's files to `directory`."""
    directory.mkdir()
    for path in segment.directory.iterdir():
        (directory / path.name).write_bytes(path.read_bytes())
    return directory


def ids(results: Results) -> list[str]:
    """Give the ids of the hits in order."""
    return [hit.article_id for hit in results]


def everything(results: Results) -> list[tuple[Any, ...]]:
    """Give all that a page shows but its score: what two libraries with the same articles must agree on."""
    return [(hit.rank, hit.article, hit.snippet, hit.copies) for hit in results]


def pages(sizes: Iterable[int], ask: Any) -> Iterator[Results]:
    """Give page after page, of these sizes; `ask(limit=, offset=)` gives one."""
    offset = 0
    for size in sizes:
        yield ask(limit=size, offset=offset)
        offset += size


def left_over(home: Path) -> list[str]:
    """Give what is in the indexes and neither answers nor remembers."""
    known = {"CURRENT", "generations", "segments", "journal", "damaged"}
    return [
        path.name
        for path in (home / "indexes").rglob("*")
        if path.name.startswith((".", "building-"))
        or (path.parent.name == "indexes" and path.name not in known)
    ]
