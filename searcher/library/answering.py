"""
From candidates to a page of hits: what a query and a similar question share.

Fused candidates become articles, copies are folded, the page is cut, texts are fetched, snippets chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from searcher.errors import StoreDamaged
from searcher.index.dense.encoder import Encoder
from searcher.index.reader import Reader
from searcher.ranking.articles import best_rows, fold_copies
from searcher.ranking.fusion import Candidates, Fused
from searcher.records import Chunk, Explanation, Hit, Ranking, Snippet
from searcher.store import Store

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

Snip = Callable[[str, Chunk], Snippet]


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


def gather(
    reader: Reader,
    lexical: Ranking | None,
    dense: Ranking | None,
    *,
    lexical_scores: Callable[[Longs], Floats] | None,
    dense_vector: Floats | None,
) -> Candidates:
    """
    Join the chunks of both rankings, each leg's exact score filled in for what only the other gave.

    `lexical_scores`: gives those of chunks; `dense_vector`: float32[dim]; None for a leg that was not asked.
    """
    rankings = [ranking for ranking in (lexical, dense) if ranking is not None]
    chunks = np.unique(np.concatenate([r.chunks for r in rankings])) if rankings else np.zeros(0, np.int64)
    articles = reader.table.chunk_article[chunks].astype(np.int64)
    nothing = np.zeros(len(chunks))
    return Candidates(
        chunks=chunks,
        articles=articles,
        lexical=nothing if lexical_scores is None else lexical_scores(chunks).astype(np.float64),
        dense=nothing
        if dense_vector is None or dense is None
        else reader.dense.scores(dense_vector, chunks).astype(np.float64),
        lexical_rank=_ranks(articles, lexical),
        dense_rank=_ranks(articles, dense),
    )


def place(reader: Reader, fused: Fused, worthy: Mask | None = None) -> Placed:
    """Give each article once, best first, with its best chunk. `worthy`: which candidates may be shown (None: all)."""
    return placed_at(fused, rows_to_show(reader, fused, worthy))


def rows_to_show(reader: Reader, fused: Fused, worthy: Mask | None) -> Longs:
    """Give the row of each article's best candidate, best first, as far as they are worthy (None: all are)."""
    articles = fused.candidates.articles
    rows = best_rows(articles, fused.scores, reader.table.seq[articles])
    return rows if worthy is None else rows[worthy[rows]]


def placed_at(fused: Fused, rows: Longs) -> Placed:
    """Give the articles of these rows of the candidates, in their order."""
    articles, chunks = fused.candidates.articles[rows], fused.candidates.chunks[rows]
    return Placed(articles, chunks, fused.scores[rows], lambda place: fused.explanation(int(rows[place])))


def hits_of(
    reader: Reader, store: Store, placed: Placed, page: Page, *, fold: bool, snip: Snip
) -> tuple[tuple[Hit, ...], str | None]:
    """
    Give the hits of one page: copies folded (unless not wanted), texts fetched, snippets chosen if wanted.

    A hit whose article is damaged is left out, and what is said about that is given too.
    """
    gone = frozenset() if page.as_of is None else store.withdrawn_since(reader.generation.covers)
    pages = _page_of(reader, placed, page, fold=fold)
    seqs = {place: int(reader.table.seq[placed.articles[place]]) for places in pages for place in places}
    damaged: list[StoreDamaged] = []
    revisions = store.by_seq([seq for seq in seqs.values() if seq not in gone], damaged=damaged)
    hits = []
    for rank, places in enumerate(pages, start=page.offset + 1):
        left = [place for place in places if seqs[place] not in gone]
        if not left or seqs[left[0]] not in revisions:
            continue
        first, *others = left
        article, chunk = revisions[seqs[first]].article, reader.table.chunk(int(placed.chunks[first]))
        hits.append(
            Hit(
                rank=rank,
                score=float(placed.scores[first]),
                article=article,
                snippet=snip(article.body, chunk) if page.snippets else Snippet("", (), "lead", chunk.start),
                explanation=placed.why(first),
                copies=tuple(
                    revisions[seqs[place]].article.article_id for place in others if seqs[place] in revisions
                ),
            )
        )
    lost = f"{len(damaged):,} of these articles cannot be shown: damaged in articles.db. Run: searcher doctor"
    return tuple(hits), lost if damaged else None


def joined(*warnings: str | None) -> str | None:
    """Give those of the warnings that there are as one text, None if there is none."""
    return " · ".join(dict.fromkeys(filter(None, warnings))) or None


def count_hits(reader: Reader, placed: Placed, *, fold: bool) -> int:
    """Count the hits that these articles make: with `fold`, copies of each other once."""
    return len(np.unique(reader.table.copy_group[placed.articles])) if fold else len(placed)


def meaning_span(
    body: str, sentences: Sequence[tuple[int, int]], wanted: Floats, encoder: Encoder
) -> tuple[int, int]:
    """Give the sentence (a span of `body`) whose sketch is nearest to `wanted` (float32[dim])."""
    scores = encoder.sketch([body[start:end] for start, end in sentences]) @ wanted
    return sentences[int(scores.argmax())]


def _page_of(reader: Reader, placed: Placed, page: Page, *, fold: bool) -> list[list[int]]:
    """Give the places of each hit of the page: its best article, and with `fold` the copies of it, best first."""
    if not fold:
        return [[place] for place in range(page.offset, min(page.offset + page.limit, len(placed)))]
    heads, group = fold_copies(reader.table.copy_group[placed.articles])
    shown = range(page.offset, min(page.offset + page.limit, len(heads)))
    on_page = np.flatnonzero((group >= shown.start) & (group < shown.stop))
    places: list[list[int]] = [[] for _ in shown]
    for place, number in zip(on_page.tolist(), group[on_page].tolist(), strict=True):
        places[number - page.offset].append(place)
    return places


def _ranks(articles: Longs, ranking: Ranking | None) -> Longs:
    """Give the rank in the ranking, from 1, of the article that each candidate belongs to; 0 where it is not in it."""
    ranks = np.zeros(len(articles), dtype=np.int64)
    if ranking is not None and len(ranking):
        order = np.argsort(ranking.articles)
        at = np.minimum(np.searchsorted(ranking.articles[order], articles), len(ranking) - 1)
        found = ranking.articles[order][at] == articles
        ranks[found] = order[at][found] + 1
    return ranks
