"""
A similar question's way: the article's own vector and its most telling terms, from `fuse` on like any query.

Words: the cosine between BM25-weighted vectors of whole articles, over the article's most telling terms. Meaning: the
cosine between encoded headline and lead. The article itself and exact copies of it are left out.
"""

from __future__ import annotations

import calendar
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import numpy as np
import numpy.typing as npt

from searcher.errors import EncoderUnavailable, IndexDamaged, IndexOutdated, InputError
from searcher.index.admitted import Admitted
from searcher.index.cutting import copy_key
from searcher.index.dense.encoder import Encoder
from searcher.index.likeness import lead_vector
from searcher.index.reader import Reader
from searcher.library.answering import hits_of, joined
from searcher.library.deadline import SnippetsInTime
from searcher.library.legs import gather
from searcher.library.ordering import count_hits, mask_of, place
from searcher.library.question import Page, admitted_articles, check_page
from searcher.ranking.fusion import fuse
from searcher.ranking.snippets import make_snippet
from searcher.records import Article, Filters, Moment, Precision, Query, Results
from searcher.records.answers import Intent
from searcher.store import Store

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

DENSE_WEIGHTS: Mapping[Intent, float] = {"event": 0.3, "any": 0.5, "topic": 0.7}
"""
The same event has the same names, so it wants words; the same kind of thing elsewhere wants meaning. On ECB+, where
both are judged, average precision is flat around each (docs/ranking.md).
"""

LEAST_WORDS = 0.05
LEAST_COSINE = 0.5
"""Below both, articles have nothing in common: of 5,008 pairs judged to tell of one event, 99 % are above one."""


@dataclass(frozen=True, slots=True)
class Like:
    """
    One similar question: the article, and which of those like it are wanted. `seq`: of the revision that was read for
    it, None for an article that was given.
    """

    article: Article
    seq: int | None
    page: Page
    filters: Filters
    before_it: bool
    after_it: bool
    intent: Intent
    weight: float | None
    depth: int
    fold: bool
    chunk_words: int
    deadline_s: float


def find_similar(like: Like, reader: Reader, store: Store, encoder: Callable[[], Encoder]) -> Results:
    """Answer a similar question from one generation. `encoder` is called only for an article that is not in it."""
    started, snippets = time.perf_counter(), SnippetsInTime(like.deadline_s)
    check_page(like.page, like.weight)
    if not like.article.body.strip():
        raise InputError("The article has no body to compare. Give one with a text.")
    filters = _with_dates(like)
    mine = _own_revisions(like.article, store)
    others = reader.table.copy_key != _copy_key(like, reader, store, mine)
    others &= admitted_articles(reader, store, filters, as_of=like.page.as_of).mask
    others[reader.table.rows_of(mine)] = False
    degraded = None
    try:
        vector: Floats | None = lead_vector(like.article, reader, mine, encoder, like.chunk_words)
    except IndexOutdated:
        raise
    except (EncoderUnavailable, IndexDamaged, ImportError) as error:
        vector, degraded = None, f"Only words were compared, not meaning: {error}"
    terms = reader.article_vectors.telling_terms(like.article.title, like.article.body)
    scores = reader.article_vectors.likeness(terms)
    lexical = scores.rank(Admitted(others), like.depth)
    dense = reader.dense.rank(vector, others, like.depth) if vector is not None else None
    candidates = gather(reader, lexical, dense, lexical_scores=scores.of_chunks, dense_vector=vector)
    weight = DENSE_WEIGHTS[like.intent] if like.weight is None else like.weight
    fused = fuse(candidates, method="score", dense_weight=weight if dense is not None else 0.0)
    worthy = (candidates.lexical >= LEAST_WORDS) | (candidates.dense >= LEAST_COSINE)
    placed = place(reader, fused, worthy)
    snip = partial(make_snippet, matches=partial(reader.lexical.analyzer.marks, terms=terms))
    hits, lost = hits_of(reader, store, placed, like.page, fold=like.fold, snip=snippets.limit(snip))
    total = count_hits(reader.table, mask_of(placed.articles, reader.table), fold=like.fold)
    return Results(
        query=Query(raw=like.article.article_id, text=like.article.title, filters=filters),
        hits=hits,
        total=total,
        offset=like.page.offset,
        mode="hybrid",
        generation=reader.generation.number,
        took_ms=(time.perf_counter() - started) * 1000,
        verdict="strong" if total else "none",
        degraded=joined(reader.problem, degraded, lost, snippets.problem),
        waiting=store.waiting(reader.generation.covers),
    )


def _copy_key(like: Like, reader: Reader, store: Store, mine: list[int]) -> np.uint64:
    """What exact copies of the article share: from the index if it is there as it is, else computed."""
    body, newest = like.article.body, mine[-1:]
    rows = reader.table.rows_of(newest)
    if len(rows) and (
        like.seq in newest
        or any(one.article.body == body for one in store.by_seq(newest, damaged=[]).values())
    ):
        return np.uint64(reader.table.copy_key[rows[0]])
    return np.uint64(copy_key(body))


def _own_revisions(article: Article, store: Store) -> list[int]:
    """The seqs of this article's revisions, oldest first; none for one from outside."""
    seqs = store.seqs_of(article.article_id)
    if not seqs and (known := store.find(article.article_id)) is not None:
        seqs = store.seqs_of(known)
    return seqs


def _with_dates(like: Like) -> Filters:
    filters = like.filters
    if not (like.before_it or like.after_it):
        return filters
    if like.before_it and like.after_it:
        raise InputError("An article cannot be published both before and after it. Choose one.")
    if like.article.published is None:
        raise InputError(
            f"'{like.article.article_id}' has no date to be before or after of. Use --since or --until instead."
        )
    if like.before_it:
        at = like.article.published.at
        return replace(filters, until=min(at, filters.until) if filters.until else at)
    at = _end_of(like.article.published)
    return replace(filters, since=max(at, filters.since) if filters.since else at)


def _end_of(moment: Moment) -> datetime:
    """The first moment that is surely after this one: of a day, the next."""
    at = moment.at
    if moment.precision is Precision.YEAR:
        return at + timedelta(days=366 if calendar.isleap(at.year) else 365)
    if moment.precision is Precision.MONTH:
        return at + timedelta(days=calendar.monthrange(at.year, at.month)[1])
    return at + timedelta(**{f"{moment.precision}s": 1})
