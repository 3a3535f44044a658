"""
Which articles are shown, in which order? Chunks become articles, copies are folded, pages are cut.

Pure functions over arrays. Articles come before pages: nothing here knows which page is shown until all is ordered,
so that no page repeats or misses what another shows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def best_rows(articles: Longs, scores: Floats, seq: Longs) -> Longs:
    """
    Give the row of each article's best candidate, best first.

    Equal scores: within an article the first row, between articles the lower `seq` (int64[n], of each row).
    """
    if not len(articles):
        return np.zeros(0, dtype=np.int64)
    order = np.lexsort((np.arange(len(articles)), -scores, articles))
    firsts = np.concatenate([[True], articles[order][1:] != articles[order][:-1]])
    best = order[firsts]
    ordered: Longs = best[np.lexsort((seq[best], -scores[best]))]
    return ordered


def fold_copies(keys: Longs) -> tuple[Longs, Longs]:
    """
    Fold rows with equal keys under the first of them, keeping the order. `keys`: int64[n], of each row.

    As (heads, group): the rows that are first of their key, rising, and for each row the place of its head among these.
    """
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(first), dtype=np.int64)
    place[order] = np.arange(len(first))
    return first[order].astype(np.int64), place[group]
