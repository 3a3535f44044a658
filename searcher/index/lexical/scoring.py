"""
What does each word of a question add to chunks and articles? Its postings over the whole generation, with its idf.

A word's postings are those of all segments joined: the numbers of a generation run on from segment to segment. With
one segment they are slices of its arrays, nothing is copied.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.index.lexical import codes
from searcher.index.lexical.matching import Numbers, joined_postings
from searcher.index.lexical.postings import PostingList
from searcher.settings import LexicalSettings

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


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
        Give what a document frequency is worth; for an array of them `log` is numpy's. Always above 0.

        Lucene: ln(1 + (N - df + 0.5) / (df + 0.5)), near 0 for a word that stands everywhere. Whoosh: ln(N / (df + 1))
        + 1, near 1 for it.

        Source: Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework", with Lucene's 1 + inside;
        whoosh.scoring.WeightingModel.idf.
        """
        if self._idf == "whoosh":
            return log(self.count / (df + 1)) + 1
        return log(1 + (self.count - df + 0.5) / (df + 0.5))

    def norms(self) -> npt.NDArray[np.float64]:
        """Give by what the body's occurrences are divided in each unit, for its length as the codes round it."""
        return codes.norms(codes.rounded(self.lengths), self._b, self.mean_length)


class Part:
    """
    One thing that scores (a term, or terms that stand for one word) in one kind of unit, over all segments.

    `df`: how many live units hold it; `idf`: what that is worth.
    """

    def __init__(self, numbers: Numbers, unit: Unit) -> None:
        self._numbers = numbers
        self._unit = unit
        self._single = max(map(len, numbers), default=0) < 2
        self._postings: tuple[Ints, codes.Codes] | None = None
        self.size = self._count_postings()
        self.df = self._document_frequency()
        self.idf: float = unit.idf(self.df)
        # What the table's scores are multiplied by; 0 where no live unit holds it.
        self.factor = np.float32(self.idf if self.df else 0)

    def postings(self) -> tuple[Ints, codes.Codes]:
        """Give the units that hold it and the codes of each: rising for one term, else term after term."""
        if self._postings is None:
            self._postings = joined_postings(self._numbers, self._unit.lists)
        return self._postings

    def holds(self, unit: int) -> bool:
        """Whether it stands in this unit."""
        docs, _ = self.postings()
        if not self._single:
            return bool((docs == unit).any())
        place = int(docs.searchsorted(unit))
        return place < len(docs) and bool(docs[place] == unit)

    def _count_postings(self) -> int:
        if not self._single:
            return len(self.postings()[0])
        pairs = zip(self._numbers, self._unit.lists, strict=True)
        return sum([postings.count(int(terms[0])) for terms, postings in pairs if len(terms)])

    def _document_frequency(self) -> int:
        live = self._unit.live
        if self._single:
            return self.size if live is None else int(np.count_nonzero(live[self.postings()[0]]))
        holding = np.zeros(len(self._unit), dtype=bool)
        holding[self.postings()[0]] = True
        return int(np.count_nonzero(holding if live is None else holding & live))

    def add_to_all(self, sums: Floats) -> None:
        """Add its score to each unit of `sums`, float32[n units]; for several terms the best of theirs."""
        docs, code = self.postings()
        values = self._unit.table.take(code)
        if self._single:
            values *= self.factor
            np.add.at(sums, docs, values)
            return
        best = np.zeros(len(sums), dtype=np.float32)
        np.maximum.at(best, docs, values)
        best *= self.factor
        sums += best

    def add_to(self, sums: Floats, units: Ints) -> None:
        """Add its score to `sums`, one for each of these units, which rise."""
        docs, code = self.postings()
        if self._single:
            places, at = _meeting(units, docs)
            sums[places] += self._unit.table.take(code[at]) * self.factor
            return
        place = np.zeros(len(self._unit), dtype=np.int32)
        place[units] = np.arange(1, len(units) + 1, dtype=np.int32)
        found = place.take(docs)
        at = found.nonzero()[0]
        best = np.zeros(len(units), dtype=np.float32)
        np.maximum.at(best, found[at] - 1, self._unit.table.take(code[at]))
        best *= self.factor
        sums += best


def sums_of_terms(numbers: Sequence[Ints], weights: npt.NDArray[np.float64], unit: Unit) -> Floats:
    """
    Give float32[n units]: what so many terms, weighted, add to each unit together. As `Part` says it of one.

    `numbers`: for each segment int32[n terms], their numbers there, -1 where the segment has not got the term.
    """
    sums = np.zeros(len(unit), dtype=np.float32)
    df = np.zeros(len(weights), dtype=np.int64)
    found: list[tuple[Ints, codes.Codes, Longs]] = []
    base = 0
    for terms, postings in zip(numbers, unit.lists, strict=True):
        here = np.flatnonzero(terms >= 0)
        if len(here):
            docs, code = postings.of_terms(terms[here])
            docs = docs + np.int32(base)
            term = np.repeat(here, postings.counts(terms[here]))
            df += np.bincount(term if unit.live is None else term[unit.live[docs]], minlength=len(weights))
            found.append((docs, code, term))
        base += len(postings)
    factors = np.where(df > 0, unit.idf(df, np.log) * weights, 0).astype(np.float32)
    for docs, code, term in found:
        values = unit.table.take(code)
        values *= factors.take(term)
        np.add.at(sums, docs, values)
    return sums


def _meeting(first: Ints, second: Ints) -> tuple[Longs, Longs]:
    """Give where two rising arrays without repeats have the same numbers: the places in the first and second."""
    if len(first) > len(second):
        there, here = _meeting(second, first)
        return here, there
    at = second.searchsorted(first)
    # What lies past the end is compared with the last, and is not equal to it.
    places = (second.take(at, mode="clip") == first).nonzero()[0] if len(second) else at
    return places, at[places]
