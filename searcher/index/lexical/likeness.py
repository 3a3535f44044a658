"""
How much do two articles share? The cosine between BM25-weighted vectors of whole articles.

An article's vector has for each of its terms the BM25F score that the term alone would give it. Against BM25 with the
article as the query, the cosine does not favour long articles: .933 against .890 mean average precision on judged
event clusters (docs/ranking.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from searcher.index.lexical.leg import LexicalLeg, Scored
from searcher.index.lexical.postings import Postings
from searcher.index.lexical.scores import KnownScores
from searcher.records import Word

Floats = npt.NDArray[np.float32]
Longs = npt.NDArray[np.int64]

TELLING_TERMS = 100
"""Terms that stand for an article. Average precision on event clusters: .937 with 50, .942 with 100, .943 with 200."""

_CHUNK_SHARE = np.float32(1e-3)


class ArticleVectors:
    """
    The lengths of all article vectors of a generation, computed once, and the likeness of others to them.

    All terms with the number of articles that hold each are kept in memory: an article asks for hundreds.
    """

    def __init__(self, leg: LexicalLeg) -> None:
        self._leg = leg
        self._holders, frequencies = _document_frequencies(leg.segments, leg)
        self._norms = _norms(leg.segments, frequencies, leg)

    def telling_terms(self, title: str, body: str) -> dict[str, float]:
        """Give an article's heaviest terms with their weights, heaviest first; without those that no article holds."""
        leg = self._leg
        in_title, in_body = Counter(leg.analyzer.terms(title)), Counter(leg.analyzer.terms(body))
        terms = sorted(in_title.keys() | in_body.keys())
        weights = leg.article_weights(
            np.array(
                [self._holders.get(term.encode("utf-8", "replace"), 0) for term in terms], dtype=np.int64
            ),
            np.array([in_body[term] for term in terms], dtype=np.int64),
            np.array([in_title[term] for term in terms], dtype=np.int64),
            sum(in_body.values()),
        )
        heaviest = np.argsort(-weights, kind="stable")[:TELLING_TERMS].tolist()
        return {terms[place]: float(weights[place]) for place in heaviest if weights[place] > 0}

    def likeness(self, weights: Mapping[str, float]) -> KnownScores:
        """
        Give each article's cosine with the vector of `weights`, up to a factor that is the same for all.

        Each chunk has its article's, and a thousandth of its own share beside it, which only chooses among the chunks
        of one article.
        """
        leg = self._leg
        scores = leg.score([Scored((Word(term),), weight) for term, weight in weights.items()])
        length = float(np.sqrt(sum(weight * weight for weight in weights.values()))) or 1.0
        articles = scores.article_sums / (self._norms * np.float32(length))
        top = max(float(scores.chunk_sums.max(initial=0)), 1e-9)
        chunks = articles[leg.table.chunk_article] * (1 + _CHUNK_SHARE * scores.chunk_sums / np.float32(top))
        return KnownScores(leg.table, chunks, leg.table.best_of_chunks(chunks))


def _norms(segments: Sequence[Postings], frequencies: Sequence[Longs], leg: LexicalLeg) -> Floats:
    """Give float32[n articles]: the length of each article's vector, never 0."""
    parts = []
    for segment, df in zip(segments, frequencies, strict=True):
        starts, docs, code = segment.articles.all()
        idf = leg.article_idf(df)
        values = leg.article_table.take(code) * np.repeat(idf, np.diff(starts)).astype(np.float32)
        squares = np.bincount(docs, weights=values.astype(np.float64) ** 2, minlength=len(segment.articles))
        parts.append(np.sqrt(np.maximum(squares, 1e-12)))
    return np.concatenate(parts).astype(np.float32) if parts else np.zeros(0, dtype=np.float32)


def _document_frequencies(
    segments: Sequence[Postings], leg: LexicalLeg
) -> tuple[dict[bytes, int], list[Longs]]:
    """
    Give how many live articles of the generation hold each term: by the term, and for each segment by its number.
    """
    own, base = [], 0
    for segment in segments:
        starts, docs, _ = segment.articles.all()
        df = np.diff(starts)
        if leg.table.live is not None:
            held = np.concatenate([[0], np.cumsum(leg.table.live[docs + base])])
            df = held[starts[1:]] - held[starts[:-1]]
        own.append(df.astype(np.int64))
        base += len(segment.articles)
    if len(segments) == 1:
        return dict(zip(segments[0].terms.all(), own[0].tolist(), strict=True)), own
    terms = [list(segment.terms.all()) for segment in segments]
    total: dict[bytes, int] = {}
    for names, df in zip(terms, own, strict=True):
        for name, count in zip(names, df.tolist(), strict=True):
            total[name] = total.get(name, 0) + count
    return total, [
        np.fromiter(map(total.__getitem__, names), dtype=np.int64, count=len(names)) for names in terms
    ]
