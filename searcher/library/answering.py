"""
From articles in their order to a page of hits: copies are folded, the page is cut, texts are fetched, snippets chosen.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from searcher.index.reader import Reader
from searcher.library.ordering import Placed
from searcher.library.question import Page
from searcher.ranking.articles import fold_copies
from searcher.records import Chunk, Hit, Snippet
from searcher.store import Store

Snip = Callable[[str, Chunk], Snippet]


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
    wanted = [seq for seq in seqs.values() if seq not in gone]
    # What is damaged is named there; but where a whole page of articles.db is gone, nothing is left to name.
    revisions = store.by_seq(wanted, damaged=[])
    lost = len(wanted) - len(revisions)
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
    said = f"{lost:,} of these articles cannot be shown: damaged in articles.db. Run: searcher doctor"
    return tuple(hits), said if lost else None


def joined(*warnings: str | None) -> str | None:
    """Give those of the warnings that there are as one text, None if there is none."""
    return " · ".join(dict.fromkeys(filter(None, warnings))) or None


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
