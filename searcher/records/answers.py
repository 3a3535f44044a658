"""What is given back: hits with their snippets and explanations, results, reports and status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from searcher.records.articles import Article
from searcher.records.queries import Query

Mode = Literal["hybrid", "lexical", "dense"]
Sort = Literal["relevance", "date"]
Interval = Literal["auto", "day", "month", "year"]
Verdict = Literal["strong", "thin", "none"]


@dataclass(frozen=True, slots=True)
class Snippet:
    """
    What is shown of a chunk: `text`, a piece of the body beginning at character `start` of it.

    `marks`: spans `[start, end)` into `text` to highlight.
    `kind`: `words` when the marks are matched words, `meaning` when they mark the sentence nearest in meaning,
    `lead` when nothing in particular matched and the text is the chunk's beginning.
    """

    text: str
    marks: tuple[tuple[int, int], ...]
    kind: Literal["words", "meaning", "lead"]
    start: int


@dataclass(frozen=True, slots=True)
class LegScore:
    """
    What one leg said of a hit. `rank`: the article's in this leg, from 1 (None: not in the leg's pool). `score`: that
    of the chunk that stands for the hit, exact also where the leg itself gave another chunk, or none.
    """

    leg: Literal["lexical", "dense"]
    rank: int | None
    score: float
    normalised: float
    weight: float

    @property
    def part(self) -> float:
        """What it adds to the fused score."""
        return self.weight * self.normalised


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a score came about: the parts of `legs` sum to `score`. `formula` names the fusion in words."""

    formula: str
    legs: tuple[LegScore, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """
    One article on the result page. `rank` counts from 1 over all pages; `score`: higher is better.

    `copies`: ids of articles with the same text, folded under this one, in rank order.
    """

    rank: int
    score: float
    article: Article
    snippet: Snippet
    explanation: Explanation
    copies: tuple[str, ...] = ()

    @property
    def article_id(self) -> str:
        """The article's id."""
        return self.article.article_id


@dataclass(frozen=True, slots=True)
class Facet:
    """One outlet, section or language, as its newest article spells it, and how many hits have it."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Bar:
    """How many hits were published in the day, month or year (UTC) that begins with `start`."""

    start: date
    count: int


@dataclass(frozen=True, slots=True)
class Overview:
    """
    What an answer holds over all its pages: hits counted by facts, the most frequent first, and by time, oldest first.

    Copies of one text count once for each fact that one of them has. `facets`: `source`, `section` and `language`.
    `bars`: those that are not empty, each one `interval` long; `undated` hits are in none.
    """

    facets: Mapping[str, tuple[Facet, ...]]
    bars: tuple[Bar, ...]
    interval: Literal["day", "month", "year"]
    undated: int


@dataclass(frozen=True, slots=True)
class Results:
    """
    An answer. `total`: how many hits there are over all pages, the same for every page of one question.

    `verdict`: `strong` when the best hits answer, `thin` when they may have little to do with the question, `none`
    when nothing does (then `hits` is empty).
    `degraded`: why this is not all that the library has to say (a leg that did not answer, a generation that could
    not, a damaged article), with the next step, or None. `waiting`: revisions not yet indexed.
    `generation` is the number of the set of indexes that answered; `took_ms` is wall time. `overview`: what all pages
    hold, where it was asked for.
    """

    query: Query
    hits: tuple[Hit, ...]
    total: int
    offset: int
    mode: Mode
    generation: int
    took_ms: float
    verdict: Verdict = "strong"
    notes: tuple[str, ...] = ()
    degraded: str | None = None
    waiting: int = 0
    overview: Overview | None = None

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)

    def __getitem__(self, index: int) -> Hit:
        return self.hits[index]


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """
    What an update or rebuild did. `encoded` chunks were run through the encoder, `reused` came from the cache.

    `damaged`: articles that were left out, because articles.db does not give them as they were stored.
    """

    generation: int
    articles: int
    chunks: int
    encoded: int
    reused: int
    segments: int
    merged: int
    took_s: float
    changed: bool
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """
    The state of a library. Sizes in bytes. `generation` is None when nothing is built.

    `waiting`: revisions not yet indexed; `problem`: why the index cannot answer, with the next step, or None.
    """

    home: Path
    articles: int
    revisions: int
    withdrawn: int
    rejected: int
    sources: int
    oldest: datetime | None
    newest: datetime | None
    generation: int | None
    segments: int
    chunks: int
    indexed_articles: int
    waiting: int
    encoder: str | None
    store_bytes: int
    index_bytes: int
    problem: str | None
