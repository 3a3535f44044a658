"""
What is asked, for which page, of which articles? A question as it came, checked and read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from searcher.errors import InputError
from searcher.index.admitted import Admitted
from searcher.index.reader import Reader
from searcher.ranking.grammar import parse_query, plain_query
from searcher.records import Filters, Node, Query
from searcher.records.answers import Interval, Mode, Sort
from searcher.settings import FusionMethod
from searcher.store import Store

MAX_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """
    Which hits are wanted: `limit` of them from `offset` on, and whether what answers is looked for in each.

    `as_of`: the store's seq when the first page was asked for (None: it is this one). Pages are cut from what was live
    then, so that a withdrawal between two of them moves nothing; what was withdrawn since is left out of its page.
    """

    limit: int
    offset: int
    snippets: bool = True
    as_of: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question as it was asked. `apart`: in its overview each kind is counted without its own filter."""

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
    apart: bool = False
    browse: bool = False


def read_query(question: Question) -> Query:
    """Give what was asked, parsed. Raises InputError if that is nothing."""
    if question.plain:
        query = plain_query(question.text, filters=question.filters)
    else:
        query = parse_query(question.text, now=question.now, filters=question.filters)
    if query.empty and not question.browse:
        raise InputError('Nothing was asked. Try: searcher search "bridge collapse" --since 7d')
    return query


def admitted_articles(
    reader: Reader,
    store: Store,
    filters: Filters,
    restriction: Node | None = None,
    *,
    as_of: int | None = None,
) -> Admitted:
    """
    Give the articles that filters and restriction admit, without what was withdrawn since (up to `as_of`) or is to be
    left out.
    """
    without = set(store.withdrawn_since(reader.generation.covers, as_of))
    for article_id in filters.exclude_ids:
        if (known := store.find(article_id)) is not None:
            without.update(store.seqs_of(known))
    admitted = reader.table.admitted(filters, without=without)
    return admitted if restriction is None else reader.lexical.matching(restriction, admitted)


def check_page(page: Page, weight: float | None) -> None:
    """Raise InputError for a page or weight that cannot be."""
    if not 1 <= page.limit <= MAX_LIMIT or page.offset < 0:
        raise InputError(
            f"The limit must lie between 1 and {MAX_LIMIT:,}, and the offset must not be negative."
        )
    if weight is not None and not 0 <= weight <= 1:
        raise InputError("The weight must lie between 0 (words only) and 1 (meaning only).")
