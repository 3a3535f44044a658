"""
A query's way: parsed, scored by both legs under one mask, fused, and laid out as pages of articles.

The pool (the best `depth` articles of each leg) is fused; lexical matches beyond it follow in their own order. Sorted
by date, all lexical matches are in the pool. None of this depends on the page that is shown: the total is fixed, and no
page repeats another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt

from searcher.chunking import split_sentences
from searcher.errors import EncoderUnavailable, IndexDamaged, IndexOutdated, InputError
from searcher.index.dense.encoder import Encoder
from searcher.index.lexical.leg import Scored
from searcher.index.lexical.scores import QuestionScores
from searcher.index.reader import Reader
from searcher.library.answering import (
    Page,
    Placed,
    count_hits,
    gather,
    hits_of,
    joined,
    meaning_span,
    place,
    placed_at,
    rows_to_show,
)
from searcher.library.deadline import SnippetsInTime
from searcher.library.facets import overview_of
from searcher.ranking.fusion import Candidates, Fused, adaptive_weight, fuse, ranks_of
from searcher.ranking.grammar import parse_query, plain_query
from searcher.ranking.naming import named_days, named_outlets
from searcher.ranking.snippets import make_snippet, meaning_snippet
from searcher.ranking.verdict import LEAST_COSINE, judge, least_cosine
from searcher.records import Chunk, Explanation, Filters, LegScore, Query, Ranking, Results, Snippet
from searcher.records.answers import Interval, Mode, Sort, Verdict
from searcher.settings import FusionMethod
from searcher.store import Store

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

DENSE_WINDOW = 1_000
"""Articles that a dense-only question can be paged through: everything has some likeness to everything."""

DATE_FLOOR = 0.5
"""Sorted by date, articles are shown whose score is at least this share of the best."""

MAX_LIMIT = 10_000

MEANING_SNIPPETS = 20
"""Hits of one page whose nearest sentence is looked for: encoders that give no sketches take about 15 ms for each."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One question as it was asked."""

    text: str
    page: Page
    mode: Mode
    filters: Filters
    fusion: FusionMethod
    weight: float | None
    depth: int
    sort: Sort
    fold: bool
    plain: bool
    now: datetime
    deadline_s: float
    overview: Interval | None = None
    browse: bool = False


def ask(asking: Asking, reader: Reader, store: Store, encoder: Callable[[], Encoder]) -> Results:
    """Answer a question from one generation. `encoder` is called only if the dense leg is needed."""
    started, snippets = time.perf_counter(), SnippetsInTime(asking.deadline_s)
    check_page(asking.page, asking.weight)
    query = read_query(asking)
    question = Question(asking, query, reader, store, encoder)
    placed, total = question.answer()
    hits, lost = hits_of(
        reader, store, placed, asking.page, fold=asking.fold, snip=snippets.limit(question.snip)
    )
    return Results(
        query=query,
        hits=hits,
        total=total,
        offset=asking.page.offset,
        mode=asking.mode,
        generation=reader.generation.number,
        took_ms=(time.perf_counter() - started) * 1000,
        verdict=question.verdict if total else "none",
        notes=query.notes,
        degraded=joined(reader.problem, question.degraded, lost, snippets.problem),
        waiting=store.waiting(reader.generation.covers),
        overview=overview_of(reader, store, question.matched, asking.overview, fold=asking.fold)
        if asking.overview
        else None,
    )


def read_query(asking: Asking) -> Query:
    """Give what was asked, parsed. Raises InputError if that is nothing."""
    if asking.plain:
        query = plain_query(asking.text, filters=asking.filters)
    else:
        query = parse_query(asking.text, now=asking.now, filters=asking.filters)
    if query.empty and not asking.browse:
        raise InputError('Nothing was asked. Try: searcher search "bridge collapse" --since 7d')
    return query


def admitted_articles(reader: Reader, store: Store, filters: Filters, as_of: int | None = None) -> Mask:
    """
    Give bool[n articles]: those the filters admit, without what was withdrawn since (up to `as_of`) or is to be left
    out.
    """
    without = set(store.withdrawn_since(reader.generation.covers, as_of))
    for article_id in filters.exclude_ids:
        if (known := store.find(article_id)) is not None:
            without.update(store.seqs_of(known))
    return reader.table.admitted(filters, without=without)


def check_page(page: Page, weight: float | None) -> None:
    """Raise InputError for a page or weight that cannot be."""
    if not 1 <= page.limit <= MAX_LIMIT or page.offset < 0:
        raise InputError(
            f"The limit must lie between 1 and {MAX_LIMIT:,}, and the offset must not be negative."
        )
    if weight is not None and not 0 <= weight <= 1:
        raise InputError("The weight must lie between 0 (words only) and 1 (meaning only).")


class Question:
    """One question under way."""

    def __init__(
        self, asking: Asking, query: Query, reader: Reader, store: Store, encoder: Callable[[], Encoder]
    ) -> None:
        self._asking = asking
        self._query = query
        self._reader = reader
        self._encoder = encoder
        self.degraded: str | None = None
        self.verdict: Verdict = "strong"
        self._wanted: Sequence[Scored] = reader.lexical.parse(query)
        self._vector: Floats | None = None
        self._sought: Floats | None = None
        self._weight = 0.0
        self._meaning_snippets = 0
        self._admitted = admitted_articles(reader, store, query.filters, asking.page.as_of)
        if query.restriction is not None:
            self._admitted &= reader.lexical.matching(query.restriction)
        self.matched: Mask = np.zeros(len(reader.table), dtype=bool)
        """bool[n articles]: what `answer` counted, copies and all."""

    @cached_property
    def _words(self) -> Container[str]:
        """The terms to mark in snippets: a page without any need not look its prefixes up."""
        return self._reader.lexical.words_of(self._wanted)

    def answer(self) -> tuple[Placed, int]:
        """Give the articles in order, as far as the page needs, and how many there are in all."""
        if not self._wanted and not self._query.text:
            return self._newest_first()
        fused, scores = self._fused()
        if self.verdict == "none":
            return place(self._reader, fused, np.zeros(len(fused.candidates), dtype=bool)), 0
        worthy = self._worthy(fused.candidates, scores)
        if self._asking.sort == "date":
            return self._by_date(fused, worthy)
        return self._with_rest(place(self._reader, fused, worthy), scores)

    def passages(self, articles: int) -> Fused:
        """Give all chunks of so many of the best articles, each with the scores of both legs, fused as articles are."""
        fused, scores = self._fused()
        best: list[int] = []
        if self.verdict != "none":
            placed = place(self._reader, fused, self._worthy(fused.candidates, scores))
            best = placed.articles[:articles].tolist()
        table = self._reader.table
        chunks = np.array([n for article in sorted(best) for n in table.chunks_of(article)], dtype=np.int64)
        nothing = np.zeros(len(chunks))
        lexical = nothing if scores is None else scores.of_chunks(chunks).astype(np.float64)
        dense = nothing
        if self._vector is not None:
            dense = self._reader.dense.scores(self._vector, chunks).astype(np.float64)
        candidates = Candidates(
            chunks,
            table.chunk_article[chunks].astype(np.int64),
            lexical,
            dense,
            ranks_of(lexical),
            ranks_of(dense),
        )
        return fuse(candidates, method=self._asking.fusion, dense_weight=self._weight)

    def idf_of_words(self) -> dict[str, float]:
        """Give the idf, among articles, of each term that scores."""
        return self._reader.lexical.idf_of(self._wanted)

    def _fused(self) -> tuple[Fused, QuestionScores | None]:
        """Ask both legs, judge what they found, and fuse it; beside it the lexical leg's scores of everything."""
        lexical, scores = self._ask_words()
        dense = self._ask_meaning()
        coverage, rarest = _coverage(lexical, scores)
        self.verdict = self._judged(lexical, dense, coverage, rarest)
        candidates = gather(
            self._reader,
            lexical,
            dense,
            lexical_scores=None if scores is None else scores.of_chunks,
            dense_vector=self._vector,
        )
        self._weight = self._dense_weight(lexical, dense, coverage)
        return fuse(candidates, method=self._asking.fusion, dense_weight=self._weight), scores

    def snip(self, body: str, chunk: Chunk) -> Snippet:
        """
        Choose what to show of a chunk: its matched words, else the sentence nearest in meaning (for the first few
        hits of a page that need it; for the others the chunk's beginning).
        """
        marks = partial(self._reader.lexical.analyzer.marks, terms=self._words)
        snippet = make_snippet(body, chunk, matches=marks)
        if snippet.kind == "words" or self._vector is None or self._meaning_snippets >= MEANING_SNIPPETS:
            return snippet
        self._meaning_snippets += 1
        sentences = [
            (chunk.start + start, chunk.start + end)
            for start, end in split_sentences(body[chunk.start : chunk.end])
        ]
        encoder = self._encoder()
        if self._sought is None:
            # Like is compared with like, too: both together choose better than either.
            self._sought = self._vector + encoder.sketch([self._query.text])[0]
        return meaning_snippet(body, chunk, meaning_span(body, sentences, self._sought, encoder))

    def _ask_words(self) -> tuple[Ranking | None, QuestionScores | None]:
        if self._asking.mode == "dense":
            return None, None
        scores = self._reader.lexical.score(self._wanted, self._named())
        # The newest match may be the worst.
        depth = None if self._asking.sort == "date" else self._asking.depth
        return scores.rank(self._admitted, depth), scores

    def _named(self) -> list[Mask]:
        """Give the articles of each outlet and day that the question names."""
        text, table = self._query.text, self._reader.table
        if self._reader.lexical.settings.named_weight == 0:
            return []
        days = [dates for day in named_days(text) if (dates := day.dates(table.years))]
        outlets = named_outlets(text, table.outlets)
        return [*map(table.from_outlet, outlets), *map(table.published_on, days)]

    def _ask_meaning(self) -> Ranking | None:
        """Rank by meaning; where that cannot be done in hybrid mode, say so and go on with the words."""
        mode = self._asking.mode
        if mode == "lexical":
            return None
        try:
            encoder = self._encoder()
            if not self._query.text or encoder.unknown_share(self._query.text) > 0.5:
                if mode == "dense":
                    raise InputError(
                        "The encoder cannot read this query (its script is unknown to it). Try: --mode lexical"
                    )
                return None
            vector = encoder.encode_query(self._query.text)
            ranking = self._reader.dense.rank(vector, self._admitted, self._dense_depth())
        except IndexOutdated:
            raise
        except (EncoderUnavailable, IndexDamaged, ImportError) as error:
            if mode == "dense":
                raise
            self.degraded = f"Only words were searched, not meaning: {error}"
            return None
        self._vector = vector
        return ranking

    def _dense_depth(self) -> int:
        """A narrow filter finds everything it admits; otherwise the pool is fixed."""
        if self._asking.mode == "dense":
            return max(DENSE_WINDOW, self._asking.depth)
        admitted = int(np.count_nonzero(self._admitted))
        return admitted if admitted <= DENSE_WINDOW else self._asking.depth

    def _dense_weight(self, lexical: Ranking | None, dense: Ranking | None, coverage: float) -> float:
        if lexical is None or dense is None:
            return 1.0 if lexical is None else 0.0
        if self._asking.weight is not None:
            return self._asking.weight
        return 0.5 if self._asking.fusion == "rrf" else adaptive_weight(len(self._wanted), coverage)

    def _judged(
        self, lexical: Ranking | None, dense: Ranking | None, coverage: float, rarest: int
    ) -> Verdict:
        """How well the best of both legs answer. What an operator asked for is an answer."""
        if self._query.scored:
            return "strong"
        cosine = (float(dense.scores[0]) if len(dense) else 0.0) if dense is not None else None
        return judge(cosine, coverage if lexical is not None else None, rarest)

    def _worthy(self, candidates: Candidates, scores: QuestionScores | None) -> Mask | None:
        """Which candidates are not noise: their article holds a word of the query, or they are near in meaning."""
        if self._query.scored:
            return None
        if scores is None:
            return candidates.dense >= LEAST_COSINE
        holding = scores.article_sums[candidates.articles] > 0
        near: Mask = candidates.dense >= least_cosine(any_words=bool(holding.any()))
        return holding | near

    def _with_rest(self, placed: Placed, scores: QuestionScores | None) -> tuple[Placed, int]:
        """Append the lexical matches beyond the pool, as far as the page needs them; count all."""
        self.matched[placed.articles] = True
        in_pool = self._count(placed)
        if scores is None:
            return placed, in_pool
        table, page = self._reader.table, self._asking.page
        pool = self.matched
        beyond = scores.matches(self._admitted) & ~pool
        self.matched = everything = beyond | pool
        total = table.count_groups(everything) if self._asking.fold else int(np.count_nonzero(everything))
        if page.offset + page.limit <= in_pool:
            # The page ends within the pool: only copies of what stands there are still to be folded in.
            shown = np.zeros(len(table), dtype=bool)
            shown[table.copy_group[pool]] = True
            beyond &= shown[table.copy_group] & self._asking.fold
        if beyond.any():
            rest = scores.rank(beyond)
            worths = rest.scores.tolist()
            unscored = np.zeros(len(rest))
            placed = placed.then(
                Placed(rest.articles, rest.chunks, unscored, lambda row: _beyond_pool(worths[row]))
            )
        return placed, total

    def _by_date(self, fused: Fused, worthy: Mask | None) -> tuple[Placed, int]:
        """Order the articles that are good enough by date, newest first, undated ones last."""
        table = self._reader.table
        rows = rows_to_show(self._reader, fused, worthy)
        if len(rows) and not self._query.scored:
            rows = rows[fused.scores[rows] >= DATE_FLOOR * fused.scores[rows[0]]]
        # Stable, so of one moment the best is the first. ~: as in _newest_first.
        rows = rows[np.argsort(~table.published[fused.candidates.articles[rows]], kind="stable")]
        placed = placed_at(fused, rows)
        self.matched[placed.articles] = True
        return placed, self._count(placed)

    def _newest_first(self) -> tuple[Placed, int]:
        """Nothing scores (only filters and exclusions were asked): all that is admitted, newest first."""
        table = self._reader.table
        self.matched = self._admitted
        articles = np.flatnonzero(self._admitted)
        # ~ turns the order around as - does, but has a place for the least integer, which stands for no date.
        articles = articles[np.lexsort((table.seq[articles], ~table.published[articles]))]
        placed = Placed(articles, table.first_chunk[articles], np.zeros(len(articles)), _newest)
        return placed, self._count(placed)

    def _count(self, placed: Placed) -> int:
        return count_hits(self._reader, placed, fold=self._asking.fold)


def _coverage(lexical: Ranking | None, scores: QuestionScores | None) -> tuple[float, int]:
    """
    Give the share of the query's idf that the best article by words holds, and in how many articles the rarest word
    that it holds stands.
    """
    if lexical is None or scores is None or not len(lexical):
        return 0.0, 0
    return scores.evidence(int(lexical.articles[0]))


def _newest(_: int) -> Explanation:
    return Explanation("no words to score: newest first", (), 0.0)


def _beyond_pool(score: float) -> Explanation:
    leg = LegScore("lexical", None, score, 0.0, 0.0)
    return Explanation("beyond the pool: ordered by the lexical score alone", (leg,), 0.0)
