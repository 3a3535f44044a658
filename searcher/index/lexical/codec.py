"""
The same index, searched by Whoosh itself: a codec whose segments are the arrays of `postings`.

Nothing is stored twice and nothing is unpickled: each answer Whoosh asks for is a slice of an array. Its matchers are
far slower than `leg`, and they are the judge of it in the tests; its query library works over these arrays (spans,
wildcards, variations, did-you-mean), so that what our own query language lacks can be asked here.

A document is a chunk, or with `unit="article"` an article; its number is the one it has in the generation. Fields:

    text    body, title and facts; weight: occurrences; positions in title and body (a gap between them);
            length: the body's
    title   the same of the title alone
    word    the words as written, lower case, without accents: for prefixes and fuzzy words; no positions.
            A word stands where its term stands

Statistics are those of the live documents, as in `leg`. More than 31 occurrences of a term in a
body weigh 31, more than 3 in a title 3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from whoosh.analysis import Analyzer as WhooshAnalyzer
from whoosh.analysis import Token as WhooshToken
from whoosh.codec import base
from whoosh.fields import TEXT, Schema
from whoosh.formats import Positions as PositionsFormat
from whoosh.reading import EmptyReader, MultiReader, SegmentReader
from whoosh.scoring import BM25F
from whoosh.searching import Searcher

from searcher.index.lexical.analysis import Analyzer, Token
from searcher.index.lexical.leg import LexicalLeg
from searcher.index.lexical.postings import Postings
from searcher.index.lexical.whoosh_segment import ArraySegment, Documents, Mask, Terms, Unit
from searcher.settings import LexicalSettings


def open_whoosh(leg: LexicalLeg, *, unit: Unit = "chunk") -> Any:
    """
    Give a `whoosh.searching.Searcher` over the whole generation of `leg`, scoring by BM25 with the idf of the settings.

    Bodies without title and facts score as in `leg`, times Whoosh's constant factor (k1 + 1).
    """
    table, settings = leg.table, leg.settings
    live = table.live if unit == "article" or table.live is None else table.live[table.chunk_article]
    readers, first = [], 0
    for postings in leg.segments:
        count = len(postings.chunks if unit == "chunk" else postings.articles)
        own = None if live is None else live[first : first + count]
        readers.append(whoosh_reader(postings, leg.analyzer, own, unit=unit))
        first += count
    reader = MultiReader(readers) if readers else EmptyReader(_schema(leg.analyzer))
    return LiveSearcher(reader, weighting=LiveBM25(settings))


def whoosh_reader(
    postings: Postings, analyzer: Analyzer, live: Mask | None = None, *, unit: Unit = "chunk"
) -> Any:
    """Give a `whoosh.reading.SegmentReader` over one segment. `live`: bool[n units], or None when all are."""
    segment = ArraySegment(postings, unit, live)
    return SegmentReader(None, _schema(analyzer), segment, codec=_Codec())


class LiveBM25(BM25F):  # type: ignore[misc]
    """Whoosh's BM25 with the idf of the settings, over live documents."""

    def __init__(self, settings: LexicalSettings) -> None:
        super().__init__(B=settings.b, K1=settings.k1)
        self._idf = settings.idf

    def idf(self, searcher: Any, fieldname: str, text: Any) -> float:
        """Give Lucene's ln(1 + (N - df + 0.5) / (df + 0.5)), or Whoosh's ln(N / (df + 1)) + 1."""
        parent = searcher.get_parent()
        df, count = parent.reader().doc_frequency(fieldname, text), parent.doc_count()
        if self._idf == "whoosh":
            return math.log(count / (df + 1)) + 1
        return math.log(1 + (count - df + 0.5) / (df + 0.5))


class LiveSearcher(Searcher):  # type: ignore[misc]
    """A Whoosh searcher whose average lengths leave deleted documents out."""

    def avg_field_length(self, fieldname: str, default: float | None = None) -> float | None:
        """Give the mean length of this field over live documents."""
        return float(self.field_length(fieldname)) / (self.doc_count() or 1)


def _schema(analyzer: Analyzer) -> Any:
    terms = _Words(lambda text, token: token.term)
    written = _Words(lambda text, token: analyzer.normalise(text[token.start : token.end]))
    terms.tokens = written.tokens = analyzer.tokens
    schema = Schema(text=TEXT(analyzer=terms), title=TEXT(analyzer=terms), word=TEXT(written, phrase=False))
    schema["text"].format = schema["title"].format = _PositionBytes()
    return schema


class _Words(WhooshAnalyzer):  # type: ignore[misc]
    """Our analyzer as Whoosh's query parser and highlighter ask for it."""

    tokens: Callable[[str], Iterator[Token]]

    def __init__(self, text_of: Callable[[str, Token], str | None]) -> None:
        self._text_of = text_of

    def __call__(
        self, value: str, positions: bool = False, chars: bool = False, mode: str = "", **more: Any
    ) -> Iterator[Any]:
        more.pop("keeporiginal", None)
        token = WhooshToken(positions, chars, mode=mode, **more)
        for found in self.tokens(value):
            if found.term is not None:
                token.text = token.original = self._text_of(value, found)
                token.pos, token.startchar, token.endchar = found.position, found.start, found.end
                token.boost, token.stopped = 1.0, False
                yield token


class _PositionBytes(PositionsFormat):  # type: ignore[misc]
    """Positions as uint32 bytes: Whoosh's own format pickles them."""

    def encode(self, poslist: Sequence[int]) -> bytes:
        return np.asarray(poslist, dtype="<u4").tobytes()

    def decode_positions(self, valuestring: bytes) -> list[int]:
        found: list[int] = np.frombuffer(valuestring, dtype="<u4").tolist()
        return found

    def decode_frequency(self, valuestring: bytes) -> int:
        return len(valuestring) // 4


class _Codec(base.Codec):  # type: ignore[misc]
    def terms_reader(self, storage: Any, segment: ArraySegment) -> Any:
        return Terms(segment)

    def per_document_reader(self, storage: Any, segment: ArraySegment) -> Any:
        return Documents(segment)
