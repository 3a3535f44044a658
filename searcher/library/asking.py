"""A query's way: read, asked of both legs, put in order, and laid out as a page of articles."""

from __future__ import annotations

import time
from collections.abc import Callable

from searcher.index.dense.encoder import Encoder
from searcher.index.reader import Reader
from searcher.library.answering import hits_of, joined
from searcher.library.deadline import SnippetsInTime
from searcher.library.facets import overview_of
from searcher.library.legs import ask_legs
from searcher.library.ordering import best_first, count_hits, newest_first, newest_of_best, nothing
from searcher.library.question import Question, admitted_articles, check_page, read_query
from searcher.library.snipping import Snipper
from searcher.records import Results
from searcher.records.answers import Verdict
from searcher.store import Store


def ask(question: Question, reader: Reader, store: Store, encoder: Callable[[], Encoder]) -> Results:
    """Answer a question from one generation. `encoder` is called only if the dense leg is needed."""
    started, in_time = time.perf_counter(), SnippetsInTime(question.deadline_s)
    check_page(question.page, question.weight)
    query = read_query(question)
    wanted = reader.lexical.parse(query)
    admitted = admitted_articles(reader, store, query.filters, query.restriction, as_of=question.page.as_of)
    verdict: Verdict = "strong"
    degraded, vector = None, None
    if not wanted and not query.text:
        ordered = newest_first(reader, admitted)
    else:
        found = ask_legs(question, query, wanted, reader, admitted, encoder)
        verdict, degraded, vector = found.verdict, found.degraded, found.vector
        if verdict == "none":
            ordered = nothing(reader)
        elif question.sort == "date":
            ordered = newest_of_best(found, reader, all_good=bool(query.scored))
        else:
            ordered = best_first(question, found, reader, admitted)
    snipper = Snipper(reader, wanted, query.text, vector, encoder)
    hits, lost = hits_of(
        reader, store, ordered.placed, question.page, fold=question.fold, snip=in_time.limit(snipper.snip)
    )
    total = count_hits(reader.table, ordered.matched, fold=question.fold)
    return Results(
        query=query,
        hits=hits,
        total=total,
        offset=question.page.offset,
        mode=question.mode,
        generation=reader.generation.number,
        took_ms=(time.perf_counter() - started) * 1000,
        verdict=verdict if total else "none",
        notes=query.notes,
        degraded=joined(reader.problem, degraded, lost, in_time.problem),
        waiting=store.waiting(reader.generation.covers),
        overview=overview_of(reader, store, ordered.matched, question.overview, fold=question.fold)
        if question.overview
        else None,
    )
