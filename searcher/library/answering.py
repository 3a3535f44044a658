"""
From candidates to a page of hits: what a query and a similar question share.

Fused candidates become articles, copies are folded, the page is cut, texts are fetched, snippets chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from searcher.errors import StoreDamaged
from searcher.index.dense.encoder import Encoder
from searcher.index.reader import Reader
from searcher.ranking.articles import best_rows, fold_copies
from searcher.ranking.fusion import Candidates, Fused
from searcher.records import Chunk, Explanation, Hit, Ranking, Revision, Snippet
from searcher.store import Store

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

Snip = Callable[[str, Chunk], Snippet]


class Placed(NamedTuple):
    """One article in its place: the chunk that stands for it, its score, and how to say why (only hits are asked)."""

    article: int
    chunk: int
    score: float
    why: Callable[[], Explanation]


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


def place(reader: Reader, fused: Fused, worthy: Mask | None = None) -> list[Placed]:
    """Give each article once, best first, with its best chunk. `worthy`: which candidates may be shown (None: all)."""
    return placed_at(fused, rows_to_show(reader, fused, worthy))


def rows_to_show(reader: Reader, fused: Fused, worthy: Mask | None) -> Longs:
    """Give the row of each article's best candidate, best first, as far as they are worthy (None: all are)."""
    articles = fused.candidates.articles
    rows = best_rows(articles, fused.scores, reader.table.seq[articles])
    return rows if worthy is None else rows[worthy[rows]]


def placed_at(fused: Fused, rows: Longs) -> list[Placed]:
    """Give the articles of these rows of the candidates, in their order."""
    candidates = fused.candidates
    columns = (candidates.articles[rows], candidates.chunks[rows], fused.scores[rows], rows)
    articles, chunks, scores, numbers = (column.tolist() for column in columns)
    return list(map(Placed, articles, chunks, scores, map(partial(partial, fused.explanation), numbers)))


def hits_of(
    reader: Reader, store: Store, placed: Sequence[Placed], page: Page, *, fold: bool, snip: Snip
) -> tuple[tuple[Hit, ...], str | None]:
    """
    Give the hits of one page: copies folded (unless not wanted), texts fetched, snippets chosen if wanted.

    A hit whose article is damaged is left out, and what is said about that is given too.
    """
    keys = reader.table.copy_key if fold else reader.table.seq
    groups = fold_copies(range(len(placed)), keys[[one.article for one in placed]].tolist())
    wanted = groups[page.offset : page.offset + page.limit]
    gone = frozenset() if page.as_of is None else store.withdrawn_since(reader.generation.covers)
    shown = {
        rank: [row for row in (group.row, *group.copies) if _seq(reader, placed[row]) not in gone]
        for rank, group in enumerate(wanted, start=page.offset + 1)
    }
    damaged: list[StoreDamaged] = []
    revisions = store.by_seq(
        [_seq(reader, placed[row]) for rows in shown.values() for row in rows], damaged=damaged
    )
    hits = tuple(
        _hit(reader, revisions, placed, rows, rank, snip if page.snippets else _no_snippet)
        for rank, rows in shown.items()
        if rows and _seq(reader, placed[rows[0]]) in revisions
    )
    lost = f"{len(damaged):,} of these articles cannot be shown: damaged in articles.db. Run: searcher doctor"
    return hits, lost if damaged else None


def joined(*warnings: str | None) -> str | None:
    """Give those of the warnings that there are as one text, None if there is none."""
    return " · ".join(dict.fromkeys(filter(None, warnings))) or None


def count_hits(reader: Reader, placed: Sequence[Placed], *, fold: bool) -> int:
    """Count the hits that these articles make: with `fold`, copies of each other once."""
    if not fold:
        return len(placed)
    return len(np.unique(reader.table.copy_key[[one.article for one in placed]]))


def meaning_span(
    body: str, sentences: Sequence[tuple[int, int]], wanted: Floats, encoder: Encoder
) -> tuple[int, int]:
    """Give the sentence (a span of `body`) whose sketch is nearest to `wanted` (float32[dim])."""
    scores = encoder.sketch([body[start:end] for start, end in sentences]) @ wanted
    return sentences[int(scores.argmax())]


def _hit(
    reader: Reader,
    revisions: dict[int, Revision],
    placed: Sequence[Placed],
    rows: Sequence[int],
    rank: int,
    snip: Snip,
) -> Hit:
    one = placed[rows[0]]
    article = revisions[_seq(reader, one)].article
    return Hit(
        rank=rank,
        score=one.score,
        article=article,
        snippet=snip(article.body, reader.table.chunk(one.chunk)),
        explanation=one.why(),
        copies=tuple(
            revisions[seq].article.article_id
            for row in rows[1:]
            if (seq := _seq(reader, placed[row])) in revisions
        ),
    )


def _no_snippet(body: str, chunk: Chunk) -> Snippet:
    return Snippet("", (), "lead", chunk.start)


def _seq(reader: Reader, one: Placed) -> int:
    return int(reader.table.seq[one.article])


def _ranks(articles: Longs, ranking: Ranking | None) -> Longs:
    """Give the rank in the ranking, from 1, of the article that each candidate belongs to; 0 where it is not in it."""
    ranks = np.zeros(len(articles), dtype=np.int64)
    if ranking is not None and len(ranking):
        order = np.argsort(ranking.articles)
        at = np.minimum(np.searchsorted(ranking.articles[order], articles), len(ranking) - 1)
        found = ranking.articles[order][at] == articles
        ranks[found] = order[at][found] + 1
    return ranks
