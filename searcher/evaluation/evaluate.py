"""
The walk: a judged collection becomes a library of its own, is asked as users ask, and the answers are measured.

Nothing here ranks. Topics go through `Library.search` and `Library.similar`, as plain text, with copies not folded:
each of them may have been judged. The library is kept in the cache of the user, and used again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from searcher import __version__
from searcher.errors import IndexUnusable, InputError, SearcherError
from searcher.evaluation.collections import Collection, Topic
from searcher.evaluation.evidence import DEPTH as PASSAGES
from searcher.evaluation.evidence import measure_evidence, read_evidence
from searcher.evaluation.headlines import read_headlines
from searcher.evaluation.measures import MEASURES, Scores, measure_run
from searcher.evaluation.runs import Run
from searcher.evaluation.statistics import SEED, Interval, mean_interval
from searcher.ingest import read_articles
from searcher.ingest.canonical import derive_title
from searcher.ingest.draft import IngestOptions
from searcher.library import Library, open_library
from searcher.records import Article, Progress, silent
from searcher.records.answers import Mode
from searcher.settings import Settings

MODES: tuple[Mode, ...] = ("lexical", "dense", "hybrid")

DEPTH = 1_000
"""Articles of an answer that are looked at: as many as TREC runs have for each topic."""

_WEIGHTS: Mapping[Mode, float | None] = {"lexical": 0.0, "dense": 1.0, "hybrid": None}
"""`similar` has no modes: a leg alone is the one with all the weight."""

_READ = "evaluation-read"
_READ_BY = f"{__version__}, headlines too"
"""A file in the library's home, and what it says: how the corpus was read to its end."""

Asked = Callable[[Mode, int, int], None]


@dataclass(frozen=True, slots=True)
class Judged:
    """
    One mode: its answers, their scores topic by topic, and the mean of each measure with its interval.

    `evidence`: the measures of passages, where the collection says which sentences are evidence; else empty.
    """

    mode: Mode
    run: Run
    scores: Scores
    means: Mapping[str, Interval]
    evidence: Mapping[str, Interval]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """
    What was measured on one collection, over `topics` questions.

    Left out: `unjudged` (no relevant article), `unasked` (the article that it is like is not in the library).
    `articles` are in the library at `home`, `headlines` of them with their headline for a text; `rejected` could not be
    read; of the relevant ones, `missing` are not in the library (they count, as not found).
    """

    collection: Collection
    home: Path
    articles: int
    headlines: int
    rejected: int
    topics: int
    unjudged: int
    unasked: int
    missing: int
    encoder: str | None
    modes: tuple[Judged, ...]


def open_evaluation(
    collection: Collection,
    *,
    settings: Settings,
    now: datetime,
    body_only: bool = False,
    cache: Path | None = None,
    wait_s: float = 0.0,
    progress: Progress = silent,
) -> Library:
    """
    Open the library of a collection, read and indexed with these settings; what was done before is not done again.

    `body_only`: leave headlines out, as must be where they are the questions. The corpus is read again if that was
    interrupted, or done by another version of the program; an index that other settings made is rebuilt. Waits up to
    `wait_s` seconds for another process that does the same; raises LibraryBusy.
    """
    home = evaluation_home(collection, body_only=body_only, cache=cache)
    library = open_library(home, create=True, settings=settings)
    try:
        _read_corpus(
            library, collection.corpus, body_only=body_only, now=now, wait_s=wait_s, progress=progress
        )
        try:
            library.update(wait_s=wait_s, progress=progress)
        except IndexUnusable:
            library.rebuild(wait_s=wait_s, progress=progress)
    except BaseException:
        library.close()
        raise
    return library


def evaluation_home(collection: Collection, *, body_only: bool = False, cache: Path | None = None) -> Path:
    """
    Give where the library of a collection is: `$XDG_CACHE_HOME/searcher/evaluation/NAME-DIGEST`, or under `cache`.

    The digest is that of the corpus file: another corpus is another library. Creates nothing.
    """
    base = (
        cache or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "searcher" / "evaluation"
    )
    with collection.corpus.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    return base / f"{collection.name}-{digest}{'-bodies' if body_only else ''}"


def _read_corpus(
    library: Library, corpus: Path, *, body_only: bool, now: datetime, wait_s: float, progress: Progress
) -> None:
    marker = library.home / _READ
    if marker.is_file() and marker.read_text(encoding="utf-8") == _READ_BY:
        return
    articles: Sequence[Article | Path] = (
        _bodies(corpus, now) if body_only else [corpus, *read_headlines(corpus)]
    )
    library.add(*articles, index=False, now=now, wait_s=wait_s, progress=progress)
    marker.write_text(_READ_BY, encoding="utf-8")


def _bodies(corpus: Path, now: datetime) -> list[Article]:
    """The articles of a corpus as they would be had they come without a headline."""
    read = read_articles([str(corpus)], IngestOptions(now=now))
    return [replace(one, title=derive_title(one.body)) for one in read if isinstance(one, Article)]


def evaluate(
    library: Library,
    collection: Collection,
    *,
    now: datetime,
    modes: Sequence[Mode] = MODES,
    limit_topics: int | None = None,
    seed: int = SEED,
    asked: Asked = lambda mode, done, total: None,
) -> Evaluation:
    """
    Ask the topics of a collection in each mode of the library that `open_evaluation` gave, and measure the answers.

    `limit_topics`: only the first so many, by id. `asked` is told the mode, how many topics are done, and of how many.
    Raises InputError if no topic can be asked.
    """
    askable = [one for one in collection.topics if one.like is None or library.find(one.like)]
    topics = askable[:limit_topics]
    if not topics:
        raise InputError(f"{collection.directory} has no query that its corpus lets one ask.")
    facts = read_evidence(collection.directory)
    judged = []
    for mode in modes:
        run = ask_topics(library, topics, mode, now=now, asked=asked)
        evidence = measure_evidence(topics, facts, partial(_passages, library, mode, now), seed=seed)
        judged.append(_judge(collection, topics, mode, run, seed, evidence))
    status = library.status()
    headlines = sum(library.find(one.article_id) is not None for one in read_headlines(collection.corpus))
    return Evaluation(
        collection=collection,
        home=library.home,
        articles=status.articles,
        headlines=headlines,
        rejected=max(0, status.rejected - headlines),
        topics=len(topics),
        unjudged=collection.unjudged,
        unasked=len(collection.topics) - len(askable),
        missing=_missing(library, collection, topics),
        encoder=status.encoder,
        modes=tuple(judged),
    )


def ask_topics(
    library: Library,
    topics: Sequence[Topic],
    mode: Mode,
    *,
    now: datetime,
    asked: Asked,
    depth: int = DEPTH,
) -> Run:
    """Give the first `depth` articles for each topic. A topic that the mode cannot answer has none."""
    rankings = {}
    for done, topic in enumerate(topics, start=1):
        rankings[topic.topic_id] = _answer(library, topic, mode, now, depth)
        asked(mode, done, len(topics))
    return Run(f"searcher-{mode}", rankings)


def _answer(library: Library, topic: Topic, mode: Mode, now: datetime, depth: int) -> tuple[str, ...]:
    try:
        if topic.like is not None:
            results = library.similar(
                topic.like, limit=depth, weight=_WEIGHTS[mode], fold=False, snippets=False
            )
        else:
            results = library.search(
                topic.text, limit=depth, mode=mode, fold=False, plain=True, snippets=False, now=now
            )
    except InputError:
        return ()  # No words in it, or in a script that the encoder cannot read: what a user gets is nothing.
    if results.degraded:
        raise SearcherError(f"One leg does not answer, so nothing can be measured: {results.degraded}")
    return tuple(hit.article_id for hit in results)


def _passages(library: Library, mode: Mode, now: datetime, topic: Topic) -> list[str]:
    passages = library.passages(topic.text, limit=PASSAGES, mode=mode, plain=True, now=now)
    return [passage.text for passage in passages]


def _judge(
    collection: Collection,
    topics: Sequence[Topic],
    mode: Mode,
    run: Run,
    seed: int,
    evidence: Mapping[str, Interval],
) -> Judged:
    scores = measure_run({one.topic_id: collection.qrels[one.topic_id] for one in topics}, run.rankings)
    means = {measure: mean_interval(scores.of(measure), seed=seed) for measure in MEASURES}
    return Judged(mode, run, scores, means, evidence)


def _missing(library: Library, collection: Collection, topics: Sequence[Topic]) -> int:
    relevant = {
        article
        for topic in topics
        for article, grade in collection.qrels[topic.topic_id].items()
        if grade > 0
    }
    return sum(library.find(article) is None for article in relevant)
