"""
How well do the words fit? BM25F over every segment of a generation, for chunks and for whole articles together.

An article's lexical score is its best chunk's BM25F plus its own as a whole: sometimes the one finds what the
other misses, and the sum is the safe choice on every judged set tried. Statistics (how many chunks and articles,
how many hold a term, how long they are) are those of the live articles of the whole generation: answers depend on
what is in the library, never on how it got there.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from searcher.index.admitted import Admitted
from searcher.index.lexical import codes
from searcher.index.lexical.analysis import Analyzer
from searcher.index.lexical.loops import measures
from searcher.index.lexical.matching import Vocabulary, matching_articles
from searcher.index.lexical.plain_loops import BLOCK, Measures
from searcher.index.lexical.postings import Postings
from searcher.index.lexical.scores import QuestionScores
from searcher.index.lexical.scoring import Part, Unit, sums_of_terms
from searcher.index.table import Table
from searcher.records import Fuzzy, Node, Phrase, Prefix, Query, Word
from searcher.settings import LexicalSettings

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Longs = npt.NDArray[np.int64]

_REMEMBERED = 1_024
"""Terms whose place in the postings is remembered, 1 kB for each segment: who types asks for the same ones again."""

Scored = Word | Prefix | Fuzzy
"""One thing that scores: a term, or the words that a prefix or fuzzy word stands for."""


@dataclass(frozen=True, slots=True)
class Marked(Container[str]):
    """
    The terms that a question stands for, each asked for by name: behind a prefix there can be too many to list.

    `expanded`: for each segment bool[n terms], those that a prefix or fuzzy word stands for.
    """

    terms: frozenset[str]
    segments: Sequence[Postings]
    expanded: Sequence[Mask]

    def __contains__(self, term: object) -> bool:
        return term in self.terms or any(
            (number := segment.terms.find(str(term))) >= 0 and bool(mask[number])
            for segment, mask in zip(self.segments, self.expanded, strict=True)
        )


class Bounds(NamedTuple):
    """
    What a chunk can score, at most, of what its article does.

    `excess`: float32[n articles], how many times an article's share of a term (before the idf) one of its chunks' can
    be; `excess_of_blocks`: the greatest of each block of articles. `norm_ratio`: float32[n articles], the norm of the
    article's length by that of its shortest chunk, at least 1.
    """

    excess: Floats
    excess_of_blocks: Floats
    norm_ratio: Floats


class LexicalLeg:
    """BM25F over the postings of a generation. Immutable; safe to share between threads."""

    def __init__(
        self,
        segments: Sequence[Postings],
        table: Table,
        analyzer: Analyzer,
        settings: LexicalSettings,
    ) -> None:
        self.analyzer = analyzer
        self.segments = segments
        self.table = table
        self.settings = settings
        live_chunks = None if table.live is None else table.live[table.chunk_article]
        self._chunk = Unit([s.chunks for s in segments], live_chunks, settings)
        self._article = Unit([s.articles for s in segments], table.live, settings)
        self._vocabulary = Vocabulary(segments, analyzer, self._article.merged)
        self._parts_of_terms: dict[str, tuple[Part, Part]] = {}

    def parse(self, query: Query) -> list[Scored]:
        """Give what scores in a query: each term once, each prefix and fuzzy word as one."""
        terms: dict[str, Word] = {}
        for text in _texts(query):
            for term in self.analyzer.terms(text):
                terms.setdefault(term, Word(term))
        return [*terms.values(), *(node for node in query.scored if isinstance(node, Prefix | Fuzzy))]

    def matching(self, restriction: Node, admitted: Admitted) -> Admitted:
        """Give those of the admitted articles that meet the restriction."""
        articles = matching_articles(restriction, self._vocabulary)
        if articles is None:
            return admitted
        if articles.outside:
            return Admitted(admitted.mask & articles.mask(admitted.total))
        rows = articles.rows()
        if admitted.count < admitted.total:
            rows = rows[admitted.mask[rows]]
        return Admitted(rows=rows, total=admitted.total)

    def score(self, wanted: Sequence[Scored], named: Sequence[Mask] = ()) -> QuestionScores:
        """
        Score every chunk and article of the generation. An article without any of the words scores 0.

        `named`: for each outlet or day that the question names, bool[n articles], which are of it.
        """
        parts = [self._parts_of(scored) for scored in wanted]
        return QuestionScores(
            self.table,
            self._chunk,
            self._article,
            parts,
            measures=self._measures,
            article_weight=self.settings.article_weight,
            bonus=self._bonus(named) if named else None,
        )

    @cached_property
    def _measures(self) -> Measures:
        return measures(
            self.table.first_chunk, self.table.seq, *self._bounds, self._article.table, self._chunk.table
        )

    @cached_property
    def _bounds(self) -> Bounds:
        """
        A chunk holds a term at most as often as its article, but may be shorter for a chunk than the article is for an
        article: then a word that stands once, and nowhere but in the body, gains most by it. What stands more often is
        nearer to what any number of times would score, and titles and facts count alike in both. How near, `norm_ratio`
        says: see `Measures`.
        """
        if not len(self.table):
            return Bounds(*[np.zeros(0, dtype=np.float32)] * 3)
        k1 = self.settings.k1
        norms, of_chunks = self._article.norms(), self._chunk.norms()
        # A chunk without words has nothing to gain by. Not infinite: k1 may be 0.
        longest = np.finfo(np.float32).max
        shortest = np.minimum.reduceat(
            np.where(self._chunk.lengths > 0, of_chunks, longest), self.table.first_chunk[:-1]
        )
        excess = np.maximum((1 + k1 * norms) / (1 + k1 * shortest), 1).astype(np.float32)
        ratio = np.maximum(norms / shortest, 1).astype(np.float32)
        return Bounds(excess, np.maximum.reduceat(excess, np.arange(0, len(excess), BLOCK)), ratio)

    def _bonus(self, named: Sequence[Mask]) -> Floats:
        """
        float32[n articles]: what each article has for what is named. That is one more term each, which its articles
        hold beyond doubt, as a whole and in every chunk: its whole idf, weighted.
        """
        live = self._article.live
        bonus = np.zeros(len(self.table), dtype=np.float32)
        for articles in named:
            df = int(np.count_nonzero(articles if live is None else articles & live))
            if df:
                bonus[articles] += np.float32(self.settings.named_weight * float(self._article.idf(df)))
        return bonus * np.float32(1 + self.settings.article_weight)

    def sums(
        self, numbers: Sequence[npt.NDArray[np.int32]], weights: npt.NDArray[np.float64]
    ) -> tuple[Floats, Floats]:
        """
        Give float32[n articles], float32[n chunks]: the BM25F of many weighted terms, of articles and chunks alone.

        `numbers`: for each segment int32[n terms], their numbers there, -1 for none; `weights`: float64[n terms].
        """
        return sums_of_terms(numbers, weights, self._article), sums_of_terms(numbers, weights, self._chunk)

    def article_weights(self, df: Longs, in_body: Longs, in_title: Longs, length: int) -> Floats:
        """
        Give what each term alone would add to the score of an article of `length` terms that holds it so often; 0 for
        a term that no live article holds. `df`: how many do.
        """
        none, lengths = np.zeros(len(df), dtype=np.int64), np.full(len(df), length)
        code = codes.encode(in_body, in_title, none, codes.length_byte(lengths))
        idf = np.where(df > 0, self.article_idf(df), 0).astype(np.float32)
        return self._article.table.take(code) * idf

    @property
    def article_table(self) -> Floats:
        """float32[65536]: the score of each posting code of an article, before the idf."""
        return self._article.table

    def article_idf(self, df: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Give the idf among articles for each document frequency."""
        idf: npt.NDArray[np.float64] = self._article.idf(df, np.log)
        return idf

    def idf_of(self, wanted: Sequence[Scored]) -> dict[str, float]:
        """Give the idf among articles of each term that scores as a word; prefixes and fuzzy words are left out."""
        words = [scored for scored in wanted if isinstance(scored, Word)]
        return {word.text: float(self._parts_of(word)[1].idf) for word in words}

    def _parts_of(self, scored: Scored) -> tuple[Part, Part]:
        """Give what it adds to chunks and to articles."""
        if not isinstance(scored, Word):
            numbers = self._vocabulary.expand(scored)
            return self._chunk.part(scored, numbers), self._article.part(scored, numbers)
        try:
            return self._parts_of_terms[scored.text]
        except KeyError:
            if len(self._parts_of_terms) >= _REMEMBERED:
                self._parts_of_terms.clear()
            # A word that scores is a term already.
            numbers = self._vocabulary.term(scored.text).numbers
            parts = Part(numbers, self._chunk), Part(numbers, self._article)
            self._parts_of_terms[scored.text] = parts
            return parts

    def words_of(self, wanted: Sequence[Scored]) -> Container[str]:
        """Give the terms that the scored things stand for: what to mark in a snippet."""
        words = frozenset(scored.text for scored in wanted if isinstance(scored, Word))
        expanded = [self._vocabulary.expand(scored) for scored in wanted if not isinstance(scored, Word)]
        if not expanded:
            return words
        masks = [np.zeros(len(segment.terms), dtype=bool) for segment in self.segments]
        for numbers in expanded:
            for mask, terms in zip(masks, numbers, strict=True):
                mask[terms] = True
        return Marked(words, self.segments, masks)


def _texts(query: Query) -> list[str]:
    """The words of a query that score, as typed."""
    texts = list(query.free)
    for node in query.scored:
        if isinstance(node, Word):
            texts.append(node.text)
        elif isinstance(node, Phrase):
            texts.extend(node.words)
    return texts
