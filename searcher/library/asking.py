"""A query's way: read, asked of both legs, put in order, and laid out as a page of articles."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from searcher.index.admitted import Admitted
from searcher.index.dense.encoder import Encoder
from searcher.index.reader import Reader
from searcher.library.answering import hits_of, joined
from searcher.library.deadline import SnippetsInTime
from searcher.library.facets import each_apart, overview_of
from searcher.library.legs import Found, ask_legs
from searcher.library.ordering import Ordered, best_first, count_hits, newest_first, newest_of_best, nothing
from searcher.library.question import Question, admitted_articles, check_page, read_query
from searcher.library.snipping import Snipper
from searcher.records import Filters, Overview, Query, Results
from searcher.store import Store


def ask(question: Question, reader: Reader, store: Store, encoder: Callable[[], Encoder]) -> Results:
    """Answer a question from one generation. `encoder` is called only if the dense leg is needed."""
    started, in_time = time.perf_counter(), SnippetsInTime(question.deadline_s)
    check_page(question.page, question.weight)
    query = read_query(question)
    wanted = reader.lexical.parse(query)
    admitted = admitted_articles(reader, store, query.filters, query.restriction, as_of=question.page.as_of)
    found = None
    if wanted or query.text:
        found = ask_legs(question, query, wanted, reader, admitted, encoder)
    ordered = _ordered(question, query, found, reader, admitted)

    def count(filters: Filters) -> Overview:
        """What the same question matches under other filters."""
        other = replace(
            question, filters=filters, page=replace(question.page, limit=1, offset=0), browse=True
        )
        query = read_query(other)
        admitted = admitted_articles(
            reader, store, query.filters, query.restriction, as_of=question.page.as_of
        )
        again = found and ask_legs(other, query, wanted, reader, admitted, encoder, before=found)
        return count_matched(_ordered(other, query, again, reader, admitted))

    def count_matched(ordered: Ordered) -> Overview:
        return overview_of(reader, store, ordered.matched, question.overview or "auto", fold=question.fold)

    overview = count_matched(ordered) if question.overview else None
    if overview is not None and question.apart:
        overview = each_apart(overview, question.filters, count)
    snipper = Snipper(reader, wanted, query.text, found.vector if found else None, encoder)
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
        verdict=(found.verdict if found else "strong") if total else "none",
        notes=query.notes,
        degraded=joined(reader.problem, found.degraded if found else None, lost, in_time.problem),
        waiting=store.waiting(reader.generation.covers),
        overview=overview,
    )


def _ordered(
    question: Question, query: Query, found: Found | None, reader: Reader, admitted: Admitted
) -> Ordered:
    """Put in order what was found, or, where nothing scores, what is admitted."""
    if found is None:
        return newest_first(reader, admitted)
    if found.verdict == "none":
        return nothing(reader)
    if question.sort == "date":
        return newest_of_best(found, reader, all_good=bool(query.scored))
    return best_first(question, found, reader, admitted)
