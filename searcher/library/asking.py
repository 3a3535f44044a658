"""
A query's way: parsed, scored by both legs under one mask, fused, and laid out as pages of articles.

The pool (the best `depth` articles of each leg) is fused; lexical matches beyond it follow in their own order. Sorted
by date, all lexical matches are in the pool. None of this depends on the page that is shown: the total is fixed, and no
page repeats another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

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
    meaning_span,
    place,
    placed_at,
    rows_to_show,
)
from searcher.ranking.fusion import Candidates, Fused, adaptive_weight, fuse
from searcher.ranking.grammar import parse_query, plain_query
from searcher.ranking.snippets import make_snippet, meaning_snippet
from searcher.ranking.verdict import LEAST_COSINE, is_answered, least_cosine
from searcher.records import Chunk, Explanation, Filters, LegScore, Query, Ranking, Results, Snippet
from searcher.records.answers import Mode, Sort
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
"""Hits of one page whose nearest sentence is looked for: each costs the encoding of its sentences, about 15 ms."""


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


def ask(asking: Asking, reader: Reader, store: Store, encoder: Callable[[], Encoder]) -> Results:
    """Answer a question from one generation. `encoder` is called only if the dense leg is needed."""
    started = time.perf_counter()
    check_page(asking.page, asking.weight)
    query = _read(asking)
    if query.empty:
        raise InputError('Nothing was asked. Try: searcher search "bridge collapse" --since 7d')
    question = _Question(asking, query, reader, store, encoder)
    placed, total = question.answer()
    hits = hits_of(reader, store, placed, asking.page, fold=asking.fold, snip=question.snip)
    return Results(
        query=query,
        hits=hits,
        total=total,
        offset=asking.page.offset,
        mode=asking.mode,
        generation=reader.generation.number,
        took_ms=(time.perf_counter() - started) * 1000,
        verdict="good" if total else "none",
        notes=query.notes,
        degraded=question.degraded,
        waiting=store.waiting(reader.generation.covers),
    )


def _read(asking: Asking) -> Query:
    if asking.plain:
        return plain_query(asking.text, filters=asking.filters)
    return parse_query(asking.text, now=asking.now, filters=asking.filters)


def admitted_articles(reader: Reader, store: Store, filters: Filters) -> Mask:
    """Give bool[n articles]: those the filters admit, without what was withdrawn since or is to be left out."""
    without = set(store.withdrawn_since(reader.generation.covers))
    for article_id in filters.exclude_ids:
        if (known := store.find(article_id)) is not None:
            without.update(revision.seq for revision in store.revisions(known))
    return reader.table.admitted(filters, without=without)


def check_page(page: Page, weight: float | None) -> None:
    """Raise InputError for a page or weight that cannot be."""
    if not 1 <= page.limit <= MAX_LIMIT or page.offset < 0:
        raise InputError(
            f"The limit must lie between 1 and {MAX_LIMIT:,}, and the offset must not be negative."
        )
    if weight is not None and not 0 <= weight <= 1:
        raise InputError("The weight must lie between 0 (words only) and 1 (meaning only).")


class _Question:
    """One question under way."""

    def __init__(
        self, asking: Asking, query: Query, reader: Reader, store: Store, encoder: Callable[[], Encoder]
    ) -> None:
        self._asking = asking
        self._query = query
        self._reader = reader
        self._encoder = encoder
        self.degraded: str | None = None
        self._wanted: Sequence[Scored] = reader.lexical.parse(query)
        self._words = reader.lexical.words_of(self._wanted)
        self._vector: Floats | None = None
        self._meaning_snippets = 0
        self._admitted = admitted_articles(reader, store, query.filters)
        if query.restriction is not None:
            self._admitted &= reader.lexical.matching(query.restriction)

    def answer(self) -> tuple[list[Placed], int]:
        """Give the articles in order, as far as the page needs, and how many there are in all."""
        if not self._wanted and not self._query.text:
            return self._newest_first()
        lexical, scores = self._ask_words()
        dense = self._ask_meaning()
        if not self._is_answered(lexical, dense):
            return [], 0
        candidates = gather(
            self._reader,
            lexical,
            dense,
            lexical_scores=None if scores is None else scores.of_chunks,
            dense_vector=self._vector,
        )
        fused = fuse(candidates, method=self._asking.fusion, dense_weight=self._dense_weight(lexical, dense))
        worthy = self._worthy(candidates, scores)
        if self._asking.sort == "date":
            return self._by_date(fused, worthy)
        return self._with_rest(place(self._reader, fused, worthy), scores)

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
        return meaning_snippet(body, chunk, meaning_span(body, sentences, self._vector, self._encoder()))

    def _ask_words(self) -> tuple[Ranking | None, QuestionScores | None]:
        if self._asking.mode == "dense":
            return None, None
        scores = self._reader.lexical.score(self._wanted)
        # The newest match may be the worst.
        depth = None if self._asking.sort == "date" else self._asking.depth
        return scores.rank(self._admitted, depth), scores

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

    def _dense_weight(self, lexical: Ranking | None, dense: Ranking | None) -> float:
        if lexical is None or dense is None:
            return 1.0 if lexical is None else 0.0
        if self._asking.weight is not None:
            return self._asking.weight
        return adaptive_weight(len(self._wanted)) if self._asking.fusion == "score" else 0.5

    def _is_answered(self, lexical: Ranking | None, dense: Ranking | None) -> bool:
        """Whether the best of both legs is good enough to show anything. What an operator asked for always is."""
        if self._query.scored or lexical is None or dense is None or not len(lexical):
            return True
        best_cosine = float(dense.scores[0]) if len(dense) else 0.0
        best = int(lexical.articles[0])
        return is_answered(best_cosine, lambda: self._reader.lexical.evidence(self._wanted, best))

    def _worthy(self, candidates: Candidates, scores: QuestionScores | None) -> Mask | None:
        """Which candidates are not noise: their article holds a word of the query, or they are near in meaning."""
        if self._query.scored:
            return None
        if scores is None:
            return candidates.dense >= LEAST_COSINE
        holding = scores.article_sums[candidates.articles] > 0
        near: Mask = candidates.dense >= least_cosine(any_words=bool(holding.any()))
        return holding | near

    def _with_rest(self, placed: list[Placed], scores: QuestionScores | None) -> tuple[list[Placed], int]:
        """Append the lexical matches beyond the pool, as far as the page needs them; count all."""
        if scores is None:
            return placed, self._count(placed)
        table, page = self._reader.table, self._asking.page
        pool = np.zeros(len(table), dtype=bool)
        pool[[one.article for one in placed]] = True
        beyond = scores.matches(self._admitted) & ~pool
        everything = beyond | pool
        total = table.count_groups(everything) if self._asking.fold else int(np.count_nonzero(everything))
        if page.offset + page.limit <= self._count(placed):
            # The page ends within the pool: only copies of what stands there are still to be folded in.
            shown = np.zeros(len(table), dtype=bool)
            shown[table.copy_group[pool]] = True
            beyond &= shown[table.copy_group] & self._asking.fold
        rest = scores.rank(beyond)
        placed = placed + [
            Placed(int(article), int(chunk), 0.0, partial(_beyond_pool, float(score)))
            for article, chunk, score in zip(rest.articles, rest.chunks, rest.scores, strict=True)
        ]
        return placed, total

    def _by_date(self, fused: Fused, worthy: Mask | None) -> tuple[list[Placed], int]:
        """Order the articles that are good enough by date, newest first, undated ones last; give those to show."""
        table, page = self._reader.table, self._asking.page
        rows = rows_to_show(self._reader, fused, worthy)
        if len(rows) and not self._query.scored:
            rows = rows[fused.scores[rows] >= DATE_FLOOR * fused.scores[rows[0]]]
        # Stable, so of one moment the best is the first. ~: as in _newest_first.
        rows = rows[np.argsort(~table.published[fused.candidates.articles[rows]], kind="stable")]
        articles = fused.candidates.articles[rows]
        keys = table.copy_group[articles] if self._asking.fold else articles
        _, first, group = np.unique(keys, return_index=True, return_inverse=True)
        last = np.sort(first)[: page.offset + page.limit][-1:]
        return placed_at(fused, rows[first[group] <= last]), len(first)

    def _newest_first(self) -> tuple[list[Placed], int]:
        """Nothing scores (only filters and exclusions were asked): all that is admitted, newest first."""
        table = self._reader.table
        articles = np.flatnonzero(self._admitted)
        # ~ turns the order around as - does, but has a place for the least integer, which stands for no date.
        articles = articles[np.lexsort((table.seq[articles], ~table.published[articles]))]
        placed = [Placed(int(a), int(table.first_chunk[a]), 0.0, _newest) for a in articles]
        return placed, self._count(placed)

    def _count(self, placed: Sequence[Placed]) -> int:
        return count_hits(self._reader, placed, fold=self._asking.fold)


def _newest() -> Explanation:
    return Explanation("no words to score: newest first", (), 0.0)


def _beyond_pool(score: float) -> Explanation:
    leg = LegScore("lexical", None, score, 0.0, 0.0)
    return Explanation("beyond the pool: ordered by the lexical score alone", (leg,), 0.0)
