"""
Which passages answer best, whatever their article? For those who read on by machine, and for judging chunks.

Passages are the chunks of the best articles, scored by both legs and fused exactly as articles are. The best of them
are read: where the words of the question stand together in one sentence, that is likely the one that answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from searcher.chunking import split_sentences
from searcher.index.dense.encoder import Encoder
from searcher.index.lexical.analysis import Analyzer
from searcher.index.reader import Reader
from searcher.library.legs import Found, ask_legs
from searcher.library.ordering import place
from searcher.library.question import Question, admitted_articles, check_page, read_query
from searcher.ranking.fusion import Candidates, Fused, fuse, ranks_of
from searcher.records import Passage
from searcher.store import Store

ARTICLES = 50
"""Of so many of the best articles all chunks are looked at. On MultiHop-RAG 30 and 100 give the same first ten."""

READ = 100
"""So many of the best passages are read, about .3 ms each; those beyond follow in their order, unread."""

SENTENCE_WEIGHT = 0.15
"""
What the best sentence may add, as a share of the best fused score. Chosen on half of MultiHop-RAG's questions,
where MRR@10 rises from .622 to .656; on the other half from .628 to .663 (docs/ranking.md).
"""


def find_passages(
    question: Question, reader: Reader, store: Store, encoder: Callable[[], Encoder]
) -> tuple[Passage, ...]:
    """
    Give the best passages of one generation, best first, equal scores in the order of articles and chunks.

    Those of articles that are damaged in articles.db, or lost there, are left out.
    """
    check_page(question.page, question.weight)
    query = read_query(question)
    wanted = reader.lexical.parse(query)
    admitted = admitted_articles(reader, store, query.filters, query.restriction)
    found = ask_legs(question, query, wanted, reader, admitted, encoder)
    fused = _of_best_articles(question, found, reader)
    chunks, scores = fused.candidates.chunks, fused.scores
    rows = np.lexsort((chunks, -scores))[: max(READ, question.page.limit)]
    seqs = reader.table.seq[fused.candidates.articles[rows]].tolist()
    revisions = store.by_seq(sorted(set(seqs)), damaged=[])
    read = []
    for row, seq in zip(rows.tolist(), seqs, strict=True):
        if seq not in revisions:
            continue
        article, chunk = revisions[seq].article, reader.table.chunk(int(chunks[row]))
        read.append(Passage(article, chunk, article.body[chunk.start : chunk.end], float(scores[row])))
    best = _with_sentences(read[:READ], reader.lexical.idf_of(wanted), reader.lexical.analyzer)
    return (*best, *read[READ:])[: question.page.limit]


def _of_best_articles(question: Question, found: Found, reader: Reader) -> Fused:
    """Give all chunks of the best articles, each with the scores of both legs, fused as articles are."""
    best: list[int] = []
    if found.verdict != "none":
        best = place(reader, found.fused, found.worthy).articles[:ARTICLES].tolist()
    table = reader.table
    chunks = np.array([n for article in sorted(best) for n in table.chunks_of(article)], dtype=np.int64)
    lexical = dense = np.zeros(len(chunks))
    if found.scores is not None:
        lexical = found.scores.of_chunks(chunks).astype(np.float64)
    if found.vector is not None:
        dense = reader.dense.scores(found.vector, chunks).astype(np.float64)
    articles = table.chunk_article[chunks].astype(np.int64)
    candidates = Candidates(chunks, articles, lexical, dense, ranks_of(lexical), ranks_of(dense))
    return fuse(candidates, method=question.fusion, dense_weight=found.dense_weight)


def _with_sentences(
    passages: list[Passage], idf: Mapping[str, float], analyzer: Analyzer
) -> tuple[Passage, ...]:
    """Add to each passage's score for what its best sentence holds of the query's idf, against the best; order anew."""
    held = [_best_sentence(passage.text, idf, analyzer) for passage in passages]
    worth = SENTENCE_WEIGHT * max((passage.score for passage in passages), default=0.0)
    most = max(held, default=0.0) or 1.0
    scored = [
        replace(passage, score=passage.score + worth * share / most)
        for passage, share in zip(passages, held, strict=True)
    ]
    return tuple(sorted(scored, key=lambda passage: -passage.score))


def _best_sentence(text: str, idf: Mapping[str, float], analyzer: Analyzer) -> float:
    sentences = [set(analyzer.terms(text[start:end])) for start, end in split_sentences(text)]
    return max((sum(idf.get(term, 0.0) for term in sorted(terms)) for terms in sentences), default=0.0)
