"""What an article is like, for both legs: its most telling terms, and the vector of its headline and lead."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from searcher.index.cutting import Recipe, cut, encoded_texts
from searcher.index.dense.encoder import Encoder
from searcher.index.reader import Reader
from searcher.records import Article

Floats = npt.NDArray[np.float32]


def lead_vector(
    article: Article, reader: Reader, seqs: Iterable[int], encoder: Callable[[], Encoder], chunk_words: int
) -> Floats:
    """
    Give float32[dim]: the vector of an article's headline and lead, which is its first chunk's.

    Taken from the index if one of the revisions `seqs` is in it; otherwise `encoder` is called.
    """
    rows = reader.table.rows_of(seqs)
    if len(rows):
        first: Floats = reader.dense.vectors(reader.table.first_chunk[rows[-1:]])[0]
        return first
    recipe = Recipe(encoder(), reader.lexical.analyzer, chunk_words)
    lead = cut(article, recipe)[0]
    texts = encoded_texts(article.title, [article.body[lead.start : lead.end]], recipe.encoder)
    encoded: Floats = recipe.encoder.encode(texts)[0]
    return encoded
