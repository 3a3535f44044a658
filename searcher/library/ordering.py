"""
In which order do articles stand, and which are counted? From what the legs found to articles in their places.

The pool (the best `depth` articles of each leg) is fused; lexical matches beyond it follow in their own order. Sorted
by date, all lexical matches are in the pool. None of this depends on the page that is shown: the total is fixed, and no
page repeats another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from searcher.index.admitted import Admitted
from searcher.index.reader import Reader
from searcher.index.table import Table
from searcher.library.legs import Found
from searcher.library.question import Question
from searcher.ranking.articles import best_rows
from searcher.ranking.fusion import Fused
from searcher.records import Explanation, LegScore

Mask = npt.NDArray[np.bool_]
Longs = npt.NDArray[np.int64]

DATE_FLOOR = 0.5
"""Sorted by date, articles are shown whose score is at least this share of the best."""


@dataclass(frozen=True, slots=True)
class Placed:
    """
    Articles in their order, each with the chunk that stands for it and its score: int64[n], int64[n], float64[n].

    `why`: says of a place how its score came about; only those of hits are asked.
    """

    articles: Longs
    chunks: Longs
    scores: npt.NDArray[np.float64]
    why: Callable[[int], Explanation]

    def __len__(self) -> int:
        return len(self.articles)

    def then(self, others: Placed) -> Placed:
        """Give these, and the others after them."""
        return Placed(
            np.concatenate([self.articles, others.articles]),
            np.concatenate([self.chunks, others.chunks]),
            np.concatenate([self.scores, others.scores]),
            lambda place: self.why(place) if place < len(self) else others.why(place - len(self)),
        )


@dataclass(frozen=True, slots=True)
class Ordered:
    """An answer's articles in order, as far as its page needs them, and all that matched: bool[n articles]."""

    placed: Placed
    matched: Mask


def best_first(question: Question, found: Found, reader: Reader, admitted: Admitted) -> Ordered:
    """Give the pool by its fused scores, and the lexical matches beyond it."""
    table = reader.table
    placed = place(reader, found.fused, found.worthy)
    pool = mask_of(placed.articles, table)
    if found.scores is None:
        return Ordered(placed, pool)
    beyond = found.scores.matches(admitted.mask) & ~pool
    matched = beyond | pool
    if question.page.offset + question.page.limit <= count_hits(table, pool, fold=question.fold):
        # The page ends within the pool: only copies of what stands there are still to be folded in.
        shown = np.zeros(len(table), dtype=bool)
        shown[table.copy_group[pool]] = True
        beyond &= shown[table.copy_group] & question.fold
    if beyond.any():
        rest = found.scores.rank(Admitted(beyond))
        of_words = rest.scores.tolist()
        unfused = np.zeros(len(rest))
        placed = placed.then(
            Placed(rest.articles, rest.chunks, unfused, lambda row: _beyond_pool(of_words[row]))
        )
    return Ordered(placed, matched)


def newest_of_best(found: Found, reader: Reader, *, all_good: bool) -> Ordered:
    """Give the articles that are good enough (`all_good`: all are), newest first, undated ones last."""
    table = reader.table
    rows = _rows_to_show(reader, found.fused, found.worthy)
    if len(rows) and not all_good:
        rows = rows[found.fused.scores[rows] >= DATE_FLOOR * found.fused.scores[rows[0]]]
    # Stable, so of one moment the best is the first. ~: as in `newest_first`.
    rows = rows[np.argsort(~table.published[found.fused.candidates.articles[rows]], kind="stable")]
    placed = _placed_at(found.fused, rows)
    return Ordered(placed, mask_of(placed.articles, table))


def newest_first(reader: Reader, admitted: Admitted) -> Ordered:
    """Give all that is admitted, newest first: where nothing scores, for only filters and exclusions were asked."""
    table = reader.table
    articles = np.flatnonzero(admitted.mask)
    # ~ turns the order around as - does, but has a place for the least integer, which stands for no date.
    articles = articles[np.lexsort((table.seq[articles], ~table.published[articles]))]
    return Ordered(
        Placed(articles, table.first_chunk[articles], np.zeros(len(articles)), _newest), admitted.mask
    )


def nothing(reader: Reader) -> Ordered:
    """Give no article."""
    return newest_first(reader, Admitted(np.zeros(len(reader.table), dtype=bool)))


def place(reader: Reader, fused: Fused, worthy: Mask) -> Placed:
    """Give each article once, best first, with its best chunk. `worthy`: bool[n candidates], which may be shown."""
    return _placed_at(fused, _rows_to_show(reader, fused, worthy))


def count_hits(table: Table, articles: Mask, *, fold: bool) -> int:
    """Count the hits that these articles (bool[n]) make: with `fold`, copies of each other once."""
    return table.count_groups(articles) if fold else int(np.count_nonzero(articles))


def _rows_to_show(reader: Reader, fused: Fused, worthy: Mask) -> Longs:
    """Give the row of each article's best candidate, best first, as far as they are worthy."""
    articles = fused.candidates.articles
    rows = best_rows(articles, fused.scores, reader.table.seq[articles])
    return rows[worthy[rows]]


def _placed_at(fused: Fused, rows: Longs) -> Placed:
    """Give the articles of these rows of the candidates, in their order."""
    articles, chunks = fused.candidates.articles[rows], fused.candidates.chunks[rows]
    return Placed(articles, chunks, fused.scores[rows], lambda place: fused.explanation(int(rows[place])))


def mask_of(articles: Longs, table: Table) -> Mask:
    """Give bool[n articles]: these."""
    mask = np.zeros(len(table), dtype=bool)
    mask[articles] = True
    return mask


def _newest(_: int) -> Explanation:
    return Explanation("no words to score: newest first", (), 0.0)


def _beyond_pool(score: float) -> Explanation:
    leg = LegScore("lexical", None, score, 0.0, 0.0)
    return Explanation("beyond the pool: ordered by the lexical score alone", (leg,), 0.0)
