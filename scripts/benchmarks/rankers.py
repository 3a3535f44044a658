"""
How do others rank the same? Each set up as its documentation does, over the same articles, chunks and vectors.

A ranker gives article ids, best first, for a topic; a chunk's article stands where its best chunk does. A topic that is
like an article asks with that article's headline and lead (100 words), bm25s with the whole of it.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.peers import peer
from searcher.evaluation import Topic
from searcher.index.cutting import encoded_texts
from searcher.index.dense.encoder import Encoder
from searcher.index.lexical.analysis import Analyzer
from searcher.index.reader import Reader
from searcher.library import Library
from searcher.records import Article

Vectors = npt.NDArray[np.float32]
Ranker = Callable[[Topic], list[str]]

DEPTH = 100
"""Articles of an answer that are looked at."""
_CHUNKS = 500
"""Chunks that are asked for, so that so many articles are found."""
_LEAD_WORDS = 100


@dataclass(frozen=True, slots=True)
class Material:
    """
    What every engine gets: articles, and each chunk's text (headline first), article (its row) and vector, row by row.
    """

    articles: list[Article]
    texts: list[str]
    article_of: list[int]
    vectors: Vectors
    encoder: Encoder

    def vector_of(self, topic: Topic) -> Vectors:
        """Give float32[dim] for a topic."""
        if topic.like is None:
            return self.encoder.encode_query(topic.text)
        return self.encoder.encode([self.text_of(topic)])[0]

    def text_of(self, topic: Topic) -> str:
        """Give the words of a topic."""
        return topic.text if topic.like is None else self._lead(self._article(topic.like))

    def whole_of(self, topic: Topic) -> str:
        """Give all the words of a topic: of one that is like an article, the article's."""
        if topic.like is None:
            return topic.text
        article = self._article(topic.like)
        return f"{article.title}\n{article.body}"

    def articles_of(self, chunks: Sequence[int], topic: Topic) -> list[str]:
        """Give the articles of these chunks, each where its first chunk is, without the one that is asked about."""
        rows = dict.fromkeys(self.article_of[chunk] for chunk in chunks)
        ids = [self.articles[row].article_id for row in rows]
        return [one for one in ids if one != topic.like][:DEPTH]

    def _article(self, article_id: str) -> Article:
        return next(one for one in self.articles if one.article_id == article_id)

    @staticmethod
    def _lead(article: Article) -> str:
        return f"{article.title}\n{' '.join(article.body.split()[:_LEAD_WORDS])}"


def material_of(library: Library) -> Material:
    """Give what is in a library: its live articles, their chunks as they are encoded, and their vectors."""
    articles: list[Article] = []
    texts: list[str] = []
    article_of: list[int] = []
    rows: list[int] = []
    with Reader(
        library.indexes, Analyzer(library.settings.lexical.stemmer), library.settings.lexical
    ) as reader:
        table = reader.table
        revisions = library.store.by_seq(table.seq.tolist())
        for row, seq in enumerate(table.seq.tolist()):
            if table.live is not None and not table.live[row]:
                continue
            article = revisions[seq].article
            chunks = range(int(table.first_chunk[row]), int(table.first_chunk[row + 1]))
            spans = [table.chunk(chunk) for chunk in chunks]
            bodies = [article.body[span.start : span.end] for span in spans]
            texts.extend(encoded_texts(article.title, bodies, library.encoder))
            article_of.extend([len(articles)] * len(spans))
            rows.extend(chunks)
            articles.append(article)
        vectors = np.ascontiguousarray(reader.dense.vectors(np.array(rows)))
    return Material(articles, texts, article_of, vectors, library.encoder)


def lancedb_hybrid(material: Material) -> Ranker | None:
    """LanceDB: vectors exactly (no index), full text with stems, merged by reciprocal ranks, its default."""
    lancedb = peer("lancedb")
    if lancedb is None:
        return None
    table = lancedb.connect(tempfile.mkdtemp()).create_table(
        "chunks",
        [
            {"row": row, "text": text, "vector": vector}
            for row, (text, vector) in enumerate(zip(material.texts, material.vectors, strict=True))
        ],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table.create_fts_index("text", stem=True, remove_stop_words=True, ascii_folding=True)

    def rank(topic: Topic) -> list[str]:
        query = table.search(query_type="hybrid").vector(material.vector_of(topic))
        found = query.text(_plain(material.text_of(topic))).limit(_CHUNKS).to_list()
        return material.articles_of([one["row"] for one in found], topic)

    return rank


def txtai_default(material: Material) -> Ranker | None:
    """txtai as it comes, hybrid: one document an article, its index chosen by size (approximate past 5,000)."""
    texts = [f"{one.title}\n{one.body}" for one in material.articles]
    vectors = material.encoder.encode(texts)
    return _txtai(material, texts, vectors, list(range(len(texts))), {})


def txtai_exact(material: Material) -> Ranker | None:
    """txtai over our chunks with an exact index."""
    exact = {"faiss": {"components": "IDMap,Flat"}}
    return _txtai(material, material.texts, material.vectors, material.article_of, exact)


def _txtai(
    material: Material, texts: list[str], vectors: Vectors, article_of: list[int], options: dict[str, object]
) -> Ranker | None:
    txtai = peer("txtai")
    if txtai is None:
        return None
    known = dict(zip(texts, vectors, strict=True))

    def transform(wanted: Sequence[str]) -> Vectors:
        return np.stack(
            [known[one] if one in known else material.encoder.encode_query(one) for one in wanted]
        )

    embeddings = txtai.Embeddings(
        {"method": "external", "transform": transform, "hybrid": True, "content": False, **options}
    )
    embeddings.index([(row, text, None) for row, text in enumerate(texts)])
    over_articles = Material(material.articles, texts, article_of, vectors, material.encoder)

    def rank(topic: Topic) -> list[str]:
        found = embeddings.search(material.text_of(topic), _CHUNKS)
        return over_articles.articles_of([row for row, _ in found], topic)

    return rank


def bm25s_stemmed(material: Material) -> Ranker | None:
    """bm25s, Lucene's BM25 over whole articles, English stems (Snowball), k1 1.2, b .75."""
    bm25s, stemmers = peer("bm25s"), peer("Stemmer")
    if bm25s is None or stemmers is None:
        return None
    stemmer = stemmers.Stemmer("english")

    def terms(texts: list[str]) -> object:
        return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)

    index = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    index.index(terms([f"{one.title}\n{one.body}" for one in material.articles]), show_progress=False)
    deep = min(DEPTH + 1, len(material.articles))

    def rank(topic: Topic) -> list[str]:
        found = index.retrieve(terms([material.whole_of(topic)]), k=deep, show_progress=False)
        rows = [row for row, score in zip(found.documents[0], found.scores[0], strict=True) if score > 0]
        ids = [material.articles[int(row)].article_id for row in rows]
        return [one for one in ids if one != topic.like][:DEPTH]

    return rank


RANKERS: dict[str, Callable[[Material], Ranker | None]] = {
    "LanceDB hybrid": lancedb_hybrid,
    "txtai hybrid, default": txtai_default,
    "txtai hybrid, exact, our chunks": txtai_exact,
    "bm25s, stems": bm25s_stemmed,
}


def _plain(text: str) -> str:
    """The words alone: to a query parser the rest may be operators."""
    return "".join(char if char.isalnum() else " " for char in text)
