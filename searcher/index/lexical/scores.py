"""
What scores do the articles of a generation have, and which are the best? Worked out only where it is asked.

An article's score is its best chunk's plus its own as a whole. The sums of whole articles are cheap, those of chunks
are not; but a chunk's cannot exceed its article's by more than a factor that is known for each article. So the chunks
of an article are only looked at where the article may be among the best. The answers are those of scoring everything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from searcher.index.admitted import Admitted
from searcher.index.lexical.loops import add_scores, add_scores_of, best_articles
from searcher.index.lexical.plain_loops import LOOK_UP, Measures, best_of, shares
from searcher.index.lexical.scoring import Part, Unit
from searcher.index.table import Table
from searcher.records import Ranking

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


class LexicalScores(Protocol):
    """The scores of one question over a whole generation."""

    def of_chunks(self, chunks: npt.NDArray[np.integer]) -> Floats:
        """Give each of these chunks' BM25F plus its article's share."""

    def matches(self, admitted: Mask) -> Mask:
        """Give bool[n articles]: the admitted articles that hold a word of the question."""

    def rank(self, admitted: Admitted, depth: int | None = None) -> Ranking:
        """Give the `depth` best articles (None: all) that hold a word of the question, each with its best chunk."""


class KnownScores:
    """
    Scores of which those of articles are all known: `articles`, float32[n articles], the best chunk's. `of_chunks`:
    gives those of chunks.
    """

    def __init__(
        self, table: Table, of_chunks: Callable[[npt.NDArray[np.integer]], Floats], articles: Floats
    ) -> None:
        self._table = table
        self._of_chunks = of_chunks
        self.articles = articles

    def of_chunks(self, chunks: npt.NDArray[np.integer]) -> Floats:
        """As LexicalScores says."""
        return self._of_chunks(chunks)

    def matches(self, admitted: Mask) -> Mask:
        """As LexicalScores says."""
        found: Mask = admitted & (self.articles > 0)
        return found

    def rank(self, admitted: Admitted, depth: int | None = None) -> Ranking:
        """As LexicalScores says."""
        rows = np.flatnonzero(self.matches(admitted.mask))
        kept = best_of(rows, self.articles[rows], self._table.seq, len(rows) if depth is None else depth)
        rows = rows[kept]
        return Ranking(
            rows.astype(np.int64), self._table.best_chunks(self.of_chunks, rows), self.articles[rows]
        )


class QuestionScores:
    """The scores of what a question asks for, found out as they are needed."""

    def __init__(
        self,
        table: Table,
        chunk: Unit,
        article: Unit,
        parts: Sequence[tuple[Part, Part]],
        *,
        measures: Measures,
        article_weight: float,
        bonus: Floats | None = None,
    ) -> None:
        """
        `parts`: what scores, in chunks and in articles; `measures`: by what, the same for all questions. `bonus`:
        float32[n articles], what each has beside its words, if it holds one at all.
        """
        self._table = table
        self._chunk, self._article = chunk, article
        self._asked = parts
        self._chunk_parts = [chunk for chunk, article in parts if chunk.factor and article.factor]
        self._article_parts = [article for chunk, article in parts if chunk.factor and article.factor]
        self._weight = article_weight
        self._measures = measures
        self._bonus = bonus

    @cached_property
    def article_sums(self) -> Floats:
        """float32[n articles]: the BM25F of each article as a whole; 0 where no word stands."""
        return _of_all(self._article_parts, self._article)

    @cached_property
    def chunk_sums(self) -> Floats:
        """float32[n chunks]: the BM25F of each chunk on its own."""
        return _of_all(self._chunk_parts, self._chunk)

    @property
    def chunks(self) -> Floats:
        """float32[n chunks]: each chunk's score."""
        return self.chunk_sums + self._shares(self.article_sums, None)[self._table.chunk_article]

    @property
    def articles(self) -> Floats:
        """float32[n articles]: each article's score; 0 where no word stands."""
        return self._shares(self.article_sums, None) + self._table.best_of_chunks(self.chunk_sums)

    def of_chunks(self, chunks: npt.NDArray[np.integer]) -> Floats:
        """As LexicalScores says. `chunks` rise, each once."""
        rising = chunks.astype(np.int32)
        of_articles = self._table.chunk_article[rising]
        rows, place = np.unique(of_articles, return_inverse=True)
        return self._sums_of_chunks(rising) + self._shares(self._sums_of_articles(rows), rows)[place]

    def matches(self, admitted: Mask) -> Mask:
        """As LexicalScores says."""
        found: Mask = admitted & (self.article_sums > 0)
        return found

    def rank(self, admitted: Admitted, depth: int | None = None) -> Ranking:
        """As LexicalScores says."""
        rows, sums = self._admitted_sums(admitted)
        count = admitted.total if rows is None else len(rows)
        articles, chunks, scores = best_articles(
            rows,
            sums,
            self._measures,
            self._bonus,
            self._weight,
            [part.scored for part in self._article_parts],
            [part.scored for part in self._chunk_parts],
            count if depth is None else min(depth, count),
        )
        return Ranking(
            np.frombuffer(articles, dtype=np.int64),
            np.frombuffer(chunks, dtype=np.int64),
            np.frombuffer(scores, dtype=np.float32),
        )

    def evidence(self, article: int) -> tuple[float, int]:
        """
        Say how much of the question a live article holds: the share of its idf (0 to 1), and in how many live articles
        the rarest of the words that it holds stands (0 if it holds none).
        """
        asked = [part for _, part in self._asked]
        held = [part for part in asked if part.df and part.holds(article)]
        total = sum([part.idf for part in asked])
        share = sum([part.idf for part in held]) / total if total else 0.0
        return share, min((part.df for part in held), default=0)

    def _admitted_sums(self, admitted: Admitted) -> tuple[Ints | None, Floats | None]:
        """
        Give articles (None: all of the generation) and their sums, 0 for those that are not admitted; no sums where
        they are to be looked up.
        """
        if admitted.is_rows or self._are_few(admitted):
            known = self.article_sums[admitted.rows] if "article_sums" in self.__dict__ else None
            return admitted.rows, known
        sums = self.article_sums
        return None, (sums if admitted.count == admitted.total else sums * admitted.mask)

    def _are_few(self, admitted: Admitted) -> bool:
        """Whether looking up the admitted articles costs less than going through all postings."""
        postings = sum([part.size for part in self._article_parts])
        return LOOK_UP * admitted.count * len(self._article_parts) < postings

    def _shares(self, sums: Floats, rows: npt.NDArray[np.integer] | None) -> Floats:
        return shares(sums, self._weight, self._bonus, rows)

    def _sums_of_articles(self, rows: Ints) -> Floats:
        if "article_sums" in self.__dict__:
            return self.article_sums[rows]
        return _looked_up(rows, self._article_parts, self._article)

    def _sums_of_chunks(self, chunks: Ints) -> Floats:
        """Give the sums of these chunks, which rise: looked up, or, where that costs more, picked from all."""
        postings = sum([part.size for part in self._chunk_parts])
        if LOOK_UP * len(chunks) * len(self._chunk_parts) > len(self._chunk) + postings:
            return self.chunk_sums[chunks]
        return _looked_up(chunks, self._chunk_parts, self._chunk)


def _of_all(parts: Sequence[Part], unit: Unit) -> Floats:
    sums = np.zeros(len(unit), dtype=np.float32)
    add_scores(sums, [part.scored for part in parts], unit.table)
    return sums


def _looked_up(units: Ints, parts: Sequence[Part], unit: Unit) -> Floats:
    sums = np.zeros(len(units), dtype=np.float32)
    add_scores_of(sums, units, [part.scored for part in parts], unit.table)
    return sums
