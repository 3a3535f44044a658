"""
Which articles are shown, in which order? Chunks become articles, copies are folded, pages are cut.

Pure functions over arrays. Articles come before pages: nothing here knows which page is shown until all is ordered,
so that no page repeats or misses what another shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Group(NamedTuple):
    """
    One hit to be: the row of its best candidate, and the rows of its copies, best first.

    Hundreds are made for each page: as a tuple, in a third of the time of a dataclass.
    """

    row: int
    copies: tuple[int, ...] = ()


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


def fold_copies(rows: Sequence[int], keys: Sequence[int]) -> list[Group]:
    """Fold rows with equal keys under the first of them, keeping the order. `keys[i]` belongs to `rows[i]`."""
    groups: dict[int, list[int]] = {}
    for row, key in zip(rows, keys, strict=True):
        if (members := groups.get(key)) is None:
            groups[key] = [row]
        else:
            members.append(row)
    return [Group(members[0], tuple(members[1:])) for members in groups.values()]
