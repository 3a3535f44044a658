"""Which sentence of an article is nearest in meaning to a query? One of the chunk that is: its vector is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from searcher.chunking import split_sentences
from searcher.errors import EncoderUnavailable, IndexDamaged
from searcher.index.dense.encoder import Encoder
from searcher.index.reader import Reader
from searcher.library.snipping import nearest_span
from searcher.ranking.verdict import LEAST_COSINE
from searcher.records import Query, Revision


def nearest_sentence(
    query: Query, revision: Revision, reader: Reader, encoder: Callable[[], Encoder]
) -> tuple[int, int] | None:
    """
    Give the sentence of this revision that is nearest in meaning to a query, as a span of its body.

    None where nothing is near, the revision is not indexed, or meaning cannot be compared now.
    """
    rows = reader.table.rows_of([revision.seq])
    if not query.text or not len(rows):
        return None
    chunks = np.array(reader.table.chunks_of(int(rows[0])), dtype=np.int64)
    try:
        if encoder().unknown_share(query.text) > 0.5:
            return None
        vector = encoder().encode_query(query.text)
        cosines = reader.dense.scores(vector, chunks)
    except (EncoderUnavailable, IndexDamaged, ImportError):
        return None
    best = int(cosines.argmax())
    if cosines[best] < LEAST_COSINE:
        return None
    chunk, body = reader.table.chunk(int(chunks[best])), revision.article.body
    sentences = [
        (chunk.start + start, chunk.start + end)
        for start, end in split_sentences(body[chunk.start : chunk.end])
    ]
    return nearest_span(body, sentences, vector, encoder())
