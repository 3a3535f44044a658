"""
What of an article is indexed? Where its body is cut, what is encoded of each chunk, and which words are beside it.

Pure functions of one article and a recipe: what they gave for an article once, they give again, so that a segment's
cuts serve the next one (known.py).
"""

from __future__ import annotations

import calendar
import hashlib
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from searcher.chunking import chunk_article, fingerprint
from searcher.index.dense.encoder import Encoder
from searcher.index.lexical.analysis import Analyzer
from searcher.records import Article, Chunk, Precision
from searcher.text import fold

Digests = npt.NDArray[np.uint64]

RECIPE_VERSION = 1
"""Rises when `cut`, `encoded_text` or `facts_as_words` change what they give."""

_TITLE_SHARE = 4
"""A headline takes at most a quarter of the encoder's window."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides what a segment holds, besides the revisions."""

    encoder: Encoder
    analyzer: Analyzer
    chunk_words: int


@dataclass(frozen=True, slots=True)
class Cut:
    """
    What became of one article: its `copy_key`, its chunks, and the digests of what is encoded of each (uint64[n, 2]).
    """

    copy_key: int
    chunks: list[Chunk]
    digests: Digests

    def __reduce__(self) -> tuple[Callable[..., Cut], tuple[int, bytes, bytes]]:
        # Pickled, it is two strings of bytes: objects by the thousand take longer to send than to make.
        spans = array("i", [border for chunk in self.chunks for border in (chunk.start, chunk.end)])
        return _cut_of, (self.copy_key, spans.tobytes(), self.digests.tobytes())


def _cut_of(key: int, spans: bytes, digests: bytes) -> Cut:
    borders = iter(array("i", spans))
    chunks = [Chunk(start, end) for start, end in zip(borders, borders, strict=True)]
    return Cut(key, chunks, np.frombuffer(digests, dtype=np.uint64).reshape(-1, 2))


def chunking_fingerprint(words: int) -> str:
    """Give the fingerprint of chunker and recipe together."""
    return f"{fingerprint(words)}-{RECIPE_VERSION}"


def cut_whole(title: str, body: str, recipe: Recipe) -> Cut:
    """Cut an article, and digest what is encoded of it."""
    chunks = cut_body(title, body, recipe)
    texts = encoded_texts(title, [body[chunk.start : chunk.end] for chunk in chunks], recipe.encoder)
    return Cut(copy_key(body), chunks, text_digests(texts))


def cut_key(article: Article) -> str:
    """Give what decides an article's `Cut`, under one recipe: equal texts, equal cuts."""
    return f"{len(article.title)} {article.title}\n{article.body}"


def text_digests(texts: Sequence[str]) -> Digests:
    """Give uint64[n, 2]: the first 128 bits of each text's sha256."""
    joined = b"".join(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:16] for text in texts)
    return np.frombuffer(joined, dtype=">u8").astype(np.uint64).reshape(-1, 2)


def cut(article: Article, recipe: Recipe) -> list[Chunk]:
    """Give the chunks of an article under this recipe."""
    return cut_body(article.title, article.body, recipe)


def cut_body(title: str, body: str, recipe: Recipe) -> list[Chunk]:
    """Give the chunks of a body under this headline."""
    encoder = recipe.encoder
    in_title = min(encoder.count_pieces([title])[0], encoder.window // _TITLE_SHARE)
    # Two special pieces frame every text; two more stay free, since pieces of a joined text can differ by one.
    return chunk_article(
        body,
        count_pieces=encoder.count_pieces,
        window=encoder.window - in_title - 4,
        words=recipe.chunk_words,
    )


def encoded_texts(title: str, chunks: Iterable[str], encoder: Encoder) -> list[str]:
    """Give what is encoded for an article's chunks: before each as much of the headline as fits beside it."""
    title = _fit(title, encoder)
    return [encoded_text(title, chunk) for chunk in chunks]


def encoded_text(title: str, chunk: str) -> str:
    """Give what is encoded for a chunk: the headline, then the chunk."""
    return f"{title}\n{chunk.strip()}"


def _fit(title: str, encoder: Encoder) -> str:
    """Cut a headline to its share of the window, at a word."""
    room = encoder.window // _TITLE_SHARE
    words = title.split()[:room]
    while words and encoder.count_pieces([" ".join(words)])[0] > room:
        words = words[: len(words) * 3 // 4]
    return " ".join(words) if len(words) < len(title.split()) else title


def facts_as_words(article: Article) -> str:
    """Give source and date as words to search by: `TechCrunch 2023-10-07 October 7 2023`, as far as known."""
    words = [article.source or ""]
    if article.published:
        at, precision = article.published.at, article.published.precision
        month = calendar.month_name[at.month]
        if precision is Precision.YEAR:
            words.append(f"{at.year:04}")
        elif precision is Precision.MONTH:
            words.append(f"{at.year:04}-{at.month:02} {month}")
        else:
            words.append(f"{at.year:04}-{at.month:02}-{at.day:02} {month} {at.day}")
    return " ".join(words).strip()


def copy_key(body: str) -> int:
    """Give 64 bits that equal texts share, whatever their white space, case and accents."""
    return int.from_bytes(hashlib.sha256(fold(body).encode("utf-8", "replace")).digest()[:8], "big")
