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

import numpy as np
import numpy.typing as npt

from searcher.index.lexical import codes
from searcher.index.lexical.analysis import Analyzer
from searcher.index.lexical.matching import Numbers, Vocabulary, matching_articles, postings_of
from searcher.index.lexical.postings import PostingList, Postings
from searcher.index.table import Table
from searcher.records import Fuzzy, Node, Phrase, Prefix, Query, Ranking, Word
from searcher.settings import LexicalSettings

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scored:
    """One thing that scores: a term, or the words a prefix or fuzzy word stands for, with its weight."""

    nodes: tuple[Word | Prefix | Fuzzy, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class LexicalScores:
    """
    The answer to one query over the whole generation.

    `chunks`: float32[n chunks], each chunk's BM25F plus its article's share.
    `articles`: float32[n articles], the best chunk's; 0 where no word of the query stands.
    """

    chunks: Floats
    articles: Floats


@dataclass(frozen=True, slots=True)
class _Unit:
    """Chunks, or articles: their live statistics and the score of each posting code."""

    live: Mask | None
    count: int
    table: Floats

    def idf(self, df: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """
        Lucene's idf of each document frequency, ln(1 + (N - df + 0.5) / (df + 0.5)): never negative, near 0 for a word
        that stands everywhere.

        Source: Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework", with Lucene's 1 + inside.
        """
        df = np.asarray(df)
        idf: npt.NDArray[np.float64] = np.log(1 + (self.count - df + 0.5) / (df + 0.5))
        return idf


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
        self._chunk = self._unit([s.chunks for s in segments], live_chunks)
        self._article = self._unit([s.articles for s in segments], table.live)
        self._vocabulary = Vocabulary(segments, analyzer)

    def _unit(self, lists: Sequence[PostingList], live: Mask | None) -> _Unit:
        lengths = (
            np.concatenate([np.asarray(one.lengths) for one in lists]) if lists else np.zeros(0, np.int32)
        )
        if live is not None:
            lengths = lengths[live]
        settings = self.settings
        table = codes.score_table(
            k1=settings.k1,
            b=settings.b,
            mean_length=float(lengths.mean()) if len(lengths) else 1.0,
            title_weight=settings.title_weight,
            facts_weight=settings.facts_weight,
        )
        return _Unit(live, len(lengths), table)

    def parse(self, query: Query) -> list[Scored]:
        """Give what scores in a query: each term once, each prefix and fuzzy word as one."""
        terms: dict[str, Scored] = {}
        for text in _texts(query):
            for term in self.analyzer.terms(text):
                terms.setdefault(term, Scored((Word(term),)))
        expanded = [Scored((node,)) for node in query.scored if isinstance(node, Prefix | Fuzzy)]
        return [*terms.values(), *expanded]

    def matching(self, restriction: Node) -> Mask:
        """Give bool[n articles]: which articles of the generation meet the restriction."""
        mask = matching_articles(restriction, self._vocabulary)
        return np.ones(len(self.table), dtype=bool) if mask is None else mask

    def score(self, wanted: Sequence[Scored]) -> LexicalScores:
        """Score every chunk and article of the generation. An article without any of the words scores 0."""
        sums = self.sums(wanted)
        articles = sums.articles * np.float32(self.settings.article_weight)
        return LexicalScores(
            sums.chunks + articles[self.table.chunk_article],
            articles + self.table.best_of_chunks(sums.chunks),
        )

    def sums(self, wanted: Sequence[Scored]) -> LexicalScores:
        """Give the BM25F sums of chunks and of articles, each on their own."""
        chunks = np.zeros(len(self.table.chunk_article), dtype=np.float32)
        articles = np.zeros(len(self.table), dtype=np.float32)
        for scored in wanted:
            numbers = self._numbers(scored)
            self._add(chunks, [s.chunks for s in self.segments], numbers, self._chunk, scored.weight)
            self._add(articles, [s.articles for s in self.segments], numbers, self._article, scored.weight)
        return LexicalScores(chunks, articles)

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
        return self._article.idf(df)

    def evidence(self, wanted: Sequence[Scored], article: int) -> tuple[float, int]:
        """
        Say how much of a query an article holds: the share of its idf (0 to 1), and in how many live articles the
        rarest of the words that it holds stands (0 if it holds none).
        """
        held, total, rarest = 0.0, 0.0, 0
        for scored in wanted:
            holders = self._holders(self._numbers(scored))
            idf = float(self._article.idf(len(holders)))
            total += idf
            if article in holders:
                held += idf
                rarest = min(rarest or len(holders), len(holders))
        return (held / total if total else 0.0), rarest

    def _holders(self, numbers: Numbers) -> Longs:
        """Give the live articles that hold one of these terms, rising."""
        found, base = [np.zeros(0, dtype=np.int64)], 0
        for segment, terms in zip(self.segments, numbers, strict=True):
            docs, _ = postings_of(terms, segment.articles)
            found.append((docs if len(terms) == 1 else np.unique(docs)) + np.int64(base))
            base += len(segment.articles)
        holders = np.concatenate(found)
        return holders if self._article.live is None else holders[self._article.live[holders]]

    def matches(self, scores: LexicalScores, admitted: Mask) -> Mask:
        """Give bool[n articles]: the admitted articles that hold a word of the query."""
        found: Mask = admitted & (scores.articles > 0)
        return found

    def rank(self, scores: LexicalScores, admitted: Mask, depth: int | None = None) -> Ranking:
        """Give the `depth` best articles (None: all) that hold a word of the query, each with its best chunk."""
        found = np.flatnonzero(self.matches(scores, admitted))
        values = scores.articles[found]
        if depth is not None and len(found) > depth:
            least = np.partition(values, len(found) - depth)[len(found) - depth]
            found, values = found[values >= least], values[values >= least]
        order = np.lexsort((self.table.seq[found], -values))[:depth]
        found, values = found[order], values[order]
        return Ranking(found.astype(np.int64), self.table.best_chunks(scores.chunks, found), values)

    def _numbers(self, scored: Scored) -> Numbers:
        """Give the numbers of the terms it stands for."""
        found = [
            # A word that scores is a term already.
            self._vocabulary.terms([node.text]) if isinstance(node, Word) else self._vocabulary.expand(node)
            for node in scored.nodes
        ]
        if len(found) == 1:
            return found[0]
        return [np.unique(np.concatenate(own)) for own in zip(*found, strict=True)]

    def _add(
        self,
        scores: Floats,
        lists: Sequence[PostingList],
        numbers: Numbers,
        unit: _Unit,
        weight: float,
    ) -> None:
        """Add one term's scores, or for several terms that mean one thing the best of theirs."""
        found = []
        df, base = 0, 0
        for postings, terms in zip(lists, numbers, strict=True):
            if len(terms):
                docs, values = _best_of_terms(terms, postings, unit.table)
                docs = docs + base
                df += len(docs) if unit.live is None else int(np.count_nonzero(unit.live[docs]))
                found.append((docs, values))
            base += len(postings)
        if df == 0:
            return
        factor = np.float32(float(unit.idf(df)) * weight)
        for docs, values in found:
            scores[docs] += values * factor

    def words_of(self, wanted: Sequence[Scored]) -> Container[str]:
        """Give the terms that the scored things stand for: what to mark in a snippet."""
        nodes = [node for scored in wanted for node in scored.nodes]
        words = frozenset(node.text for node in nodes if isinstance(node, Word))
        expanded = [self._vocabulary.expand(node) for node in nodes if not isinstance(node, Word)]
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


def _best_of_terms(
    terms: npt.NDArray[np.int32], postings: PostingList, table: Floats
) -> tuple[npt.NDArray[np.int32], Floats]:
    """Give the units that hold one of these terms, and the score of the best that each holds."""
    docs, code = postings_of(terms, postings)
    values = table.take(code)
    if len(terms) == 1:
        return docs, values
    best = np.zeros(len(postings), dtype=np.float32)
    np.maximum.at(best, docs, values)
    docs = np.flatnonzero(best).astype(np.int32)
    return docs, best[docs]
