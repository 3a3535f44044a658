"""
What does each word of a question add to chunks and articles? Its postings over the whole generation, with its idf.

The units of a generation are numbered on from segment to segment; a term's postings are slices of each segment's
arrays, of which nothing is copied. Those of several terms that stand for one word are merged.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.index.lexical import codes
from searcher.index.lexical.expansion import Numbers
from searcher.index.lexical.loops import add_terms, merge_postings, part
from searcher.index.lexical.matching import pieces_of
from searcher.index.lexical.plain_loops import Piece, ScoredPart
from searcher.index.lexical.postings import PostingList
from searcher.records import Fuzzy, Prefix
from searcher.settings import LexicalSettings

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


_REMEMBERED, _REMEMBERED_POSTINGS = 64, 500_000
"""Prefixes and fuzzy words whose postings are remembered, 6 bytes each: those of the last question, and a few more."""


class Unit:
    """
    Chunks, or articles: their postings, their live statistics, and the score of each posting code.

    `live`: bool[n units], or None when all are.
    """

    def __init__(self, lists: Sequence[PostingList], live: Mask | None, settings: LexicalSettings) -> None:
        self.lists = lists
        self.live = live
        self.lengths: Ints = np.concatenate([np.zeros(0, np.int32), *(one.lengths for one in lists)])
        lengths = self.lengths if live is None else self.lengths[live]
        self.count = len(lengths)
        self.mean_length = float(lengths.mean()) if len(lengths) else 1.0
        self._parts: dict[Prefix | Fuzzy, Part] = {}
        self._b = settings.b
        self._idf = settings.idf
        self.table = codes.score_table(
            k1=settings.k1,
            b=settings.b,
            mean_length=self.mean_length,
            title_weight=settings.title_weight,
            facts_weight=settings.facts_weight,
        )

    def __len__(self) -> int:
        """How many units there are, live or not."""
        return len(self.lengths)

    def idf(self, df: Any, log: Callable[[Any], Any] = math.log) -> Any:
        """
        Give what a document frequency is worth; for an array of them `log` is numpy's. Above 0 where any unit holds it.

        Lucene: ln(1 + (N - df + 0.5) / (df + 0.5)), near 0 for a word that stands everywhere. Whoosh: ln(N / (df + 1))
        + 1, near 1 for it.

        Source: Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework", with Lucene's 1 + inside;
        whoosh.scoring.WeightingModel.idf.
        """
        if self._idf == "whoosh":
            return log(max(self.count, 1) / (df + 1)) + 1
        return log(1 + (self.count - df + 0.5) / (df + 0.5))

    @cached_property
    def ranks(self) -> tuple[codes.Codes, codes.Codes]:
        """The rank of each code by its score, and the code of each rank. It takes 2 ms: only who merges asks."""
        return codes.rank_codes(self.table)

    def part(self, node: Prefix | Fuzzy, numbers: Numbers) -> Part:
        """Give what a prefix or fuzzy word adds, which stands for these terms: merged once for all that asks for it."""
        try:
            return self._parts[node]
        except KeyError:
            part = Part(numbers, self)
            sizes = [one.size for one in tuple(self._parts.values())]
            if len(sizes) >= _REMEMBERED or sum(sizes) + part.size > _REMEMBERED_POSTINGS:
                self._parts.clear()
            self._parts[node] = part
            return part

    def merged(self, node: Prefix | Fuzzy, numbers: Numbers) -> list[Piece]:
        """Give the postings of it."""
        return self.part(node, numbers).pieces

    def norms(self) -> npt.NDArray[np.float64]:
        """Give by what the body's occurrences are divided in each unit, for its length as the codes round it."""
        return codes.norms(codes.rounded(self.lengths), self._b, self.mean_length)


class Part:
    """
    One thing that scores (a term, or terms that stand for one word) in one kind of unit, over all segments.

    `df`: how many live units hold it; `idf`: what that is worth.
    """

    def __init__(self, numbers: Numbers, unit: Unit) -> None:
        self.pieces: list[Piece] = pieces_of(numbers, unit.lists)
        """Its postings, at most one piece for a segment: those of its term there, or all of them merged."""
        is_merged = max(map(len, numbers), default=0) > 1
        if is_merged:
            units, code = merge_postings(self.pieces, len(unit), *unit.ranks)
            self.pieces = [(0, np.frombuffer(units, np.int32), np.frombuffer(code, np.uint16))]
        self.size = sum([len(piece[2]) for piece in self.pieces])
        self.df = self.size if unit.live is None else self._live_units(unit.live)
        self.idf: float = unit.idf(self.df)
        self.factor = self.idf if self.df else 0.0
        """What the table's scores are multiplied by; 0 where no live unit holds it."""
        self.scored: ScoredPart = part(self.factor, self.pieces, is_merged)
        """The same, as the inner loops take it."""

    def holds(self, unit: int) -> bool:
        """Whether it stands in this unit."""
        return any(bool((units == unit - base).any()) for base, units, _ in self.pieces if unit >= base)

    def _live_units(self, live: Mask) -> int:
        return sum([int(np.count_nonzero(live[base:][units])) for base, units, _ in self.pieces])


def sums_of_terms(numbers: Sequence[Ints], weights: npt.NDArray[np.float64], unit: Unit) -> Floats:
    """
    Give float32[n units]: what so many terms, weighted, add to each unit together. As `Part` says it of one.

    `numbers`: for each segment int32[n terms], their numbers there, -1 where the segment has not got the term.
    """
    df = np.zeros(len(weights), dtype=np.int64)
    sums, base = np.zeros(len(unit), dtype=np.float32), 0
    for terms, postings in zip(numbers, unit.lists, strict=True):
        here = np.flatnonzero(terms >= 0)
        counts = postings.counts(terms[here])
        if unit.live is None:
            df[here] += counts
        elif len(here):
            live = unit.live[base:].take(postings.gathered(terms[here])[0])
            df += np.bincount(np.repeat(here, counts)[live], minlength=len(weights))
        base += len(postings)
    factors, base = np.where(df > 0, unit.idf(df, np.log) * weights, 0).astype(np.float32), 0
    for terms, postings in zip(numbers, unit.lists, strict=True):
        starts, units, code = postings.arrays
        add_terms(sums, terms, factors, starts, base, units, code, unit.table)
        base += len(postings)
    return sums
