"""
What does Whoosh ask of a segment? Terms, postings, lengths and deletions, each answered by a slice of an array.

The parts of the codec in `codec`, which says what its documents and fields are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from whoosh.codec import base
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo

from searcher.index.lexical import codes
from searcher.index.lexical.lexicon import Lexicon
from searcher.index.lexical.postings import Postings

Unit = Literal["chunk", "article"]
Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]


class ArraySegment(base.Segment):  # type: ignore[misc]
    """One segment's postings, as documents of one unit. Never pickled, never written."""

    def __init__(self, postings: Postings, unit: Unit, live: Mask | None) -> None:
        self.indexname, self.segid, self.compound = "searcher", unit, False
        self._postings = postings
        self._list = postings.chunks if unit == "chunk" else postings.articles
        self._unit = unit
        self.live: Mask = np.ones(len(self._list), dtype=bool) if live is None else live
        self.found = lru_cache(maxsize=256)(self._find)

    def lexicon(self, field: str) -> Lexicon:
        return self._postings.words if field == "word" else self._postings.terms

    def _find(self, field: str, term: bytes) -> tuple[int, Ints, npt.NDArray[np.uint16]]:
        """Give the term's number, its live documents, rising, and how often it stands in the field of each."""
        number = self.lexicon(field).find(term.decode("utf-8", "replace"))
        if number < 0:
            return -1, np.zeros(0, np.int32), np.zeros(0, np.uint16)
        if field == "word":
            number = int(self._postings.terms_of(number))
        docs, code = self._list.of(number)
        body, title, facts = codes.occurrences(code)
        counts = title if field == "title" else body + title + facts
        kept = self.live[docs] & (counts > 0)
        return number, docs[kept], counts[kept]

    def lengths(self, field: str) -> Ints:
        return self._title_lengths if field == "title" else self._list.lengths

    @cached_property
    def _title_lengths(self) -> Ints:
        """How many terms each document's title has."""
        positions = np.concatenate([self._postings.positions(t) for t in range(len(self._postings.terms))])
        articles = self._postings.articles_at(positions)
        in_title = positions < self._postings.body_positions[articles]
        counts = np.bincount(articles[in_title], minlength=len(self._postings.articles))
        return counts[self._stretches[0]].astype(np.int32)

    @cached_property
    def _stretches(self) -> tuple[Ints, npt.NDArray[np.int64]]:
        """The article of each document, and int64[n, 4]: where its title and body begin and end."""
        p = self._postings
        ends = np.append(p.article_positions[1:], 2**32 - 1)
        bodies, body_ends = p.body_positions, ends
        articles: Ints = np.arange(len(ends), dtype=np.int32)
        if self._unit == "chunk":
            bodies, articles = p.chunk_positions, p.articles_at(p.chunk_positions)
            body_ends = np.minimum(np.append(bodies[1:], 2**32 - 1), ends[articles])
        columns = (p.article_positions[articles], p.body_positions[articles], bodies, body_ends)
        return articles, np.stack(columns, axis=1).astype(np.int64)

    def positions(self, field: str, number: int, doc: int) -> npt.NDArray[np.uint32]:
        """Give where a term stands in a document, counted from the beginning of its article's title."""
        borders = self._stretches[1][doc]
        places = self._postings.positions(number)
        title, title_end, body, body_end = np.searchsorted(places, borders.astype(np.uint32)).tolist()
        held = [places[title:title_end]] + ([places[body:body_end]] if field != "title" else [])
        return np.concatenate(held) - np.uint32(borders[0])


class Documents(base.PerDocumentReader):  # type: ignore[misc]
    """Who is deleted, and how long are they?"""

    def __init__(self, segment: ArraySegment) -> None:
        self._segment = segment

    def doc_count(self) -> int:
        return int(np.count_nonzero(self._segment.live))

    def doc_count_all(self) -> int:
        return len(self._segment.live)

    def has_deletions(self) -> bool:
        return not bool(self._segment.live.all())

    def is_deleted(self, docnum: int) -> bool:
        # Whoosh's Not asks for one document past the last.
        return docnum < len(self._segment.live) and not self._segment.live[docnum]

    def deleted_docs(self) -> Iterator[int]:
        return iter(np.flatnonzero(~self._segment.live).tolist())

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        return {}

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        return int(self._segment.lengths(fieldname)[docnum])

    def field_length(self, fieldname: str) -> int:
        return int(self._segment.lengths(fieldname)[self._segment.live].sum())

    def min_field_length(self, fieldname: str) -> int:
        return int(self._segment.lengths(fieldname).min(initial=2**31 - 1))

    def max_field_length(self, fieldname: str) -> int:
        return int(self._segment.lengths(fieldname).max(initial=0))


class Terms(base.TermsReader):  # type: ignore[misc]
    """Which terms are there, and where does each stand?"""

    def __init__(self, segment: ArraySegment) -> None:
        self._segment = segment

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return len(self._segment.found(*term)[1]) > 0

    def indexed_field_names(self) -> list[str]:
        return ["text", "title", "word"]

    def cursor(self, fieldname: str, fieldobj: Any) -> _Cursor:
        return _Cursor(self._segment.lexicon(fieldname))

    def terms(self) -> Iterator[tuple[str, bytes]]:
        for field in self.indexed_field_names():
            yield from self.terms_from(field, b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        lexicon = self._segment.lexicon(fieldname)
        for number in range(bisect_left(lexicon, prefix), len(lexicon)):
            term = (fieldname, lexicon[number])
            if term in self:
                yield term

    def items(self) -> Iterator[tuple[tuple[str, bytes], Any]]:
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], Any]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> Any:
        _, docs, counts = self._segment.found(fieldname, text)
        if not len(docs):
            raise KeyError((fieldname, text))
        lengths = self._segment.lengths(fieldname)[docs]
        # A new one each time: Whoosh's readers of several segments write into it.
        return TermInfo(
            weight=int(counts.sum()),
            df=len(docs),
            minlength=int(lengths.min()),
            maxlength=int(lengths.max()),
            maxweight=int(counts.max()),
            minid=int(docs[0]),
            maxid=int(docs[-1]),
        )

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> Any:
        number, docs, counts = self._segment.found(fieldname, text)
        ids: list[int] = docs.tolist()
        values = _Values(ids, lambda doc: format_.encode(self._segment.positions(fieldname, number, doc)))
        term, info = (fieldname, text), self.term_info(fieldname, text)
        return _Matcher(ids, counts.tolist(), values, format_, scorer=scorer, term=term, terminfo=info)


class _Cursor(base.FieldCursor):  # type: ignore[misc]
    """A walk through a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._place = 0

    def first(self) -> str | None:
        self._place = 0
        return self.text()

    def find(self, term: str | bytes) -> str | None:
        wanted = term if isinstance(term, bytes) else term.encode("utf-8", "replace")
        self._place = bisect_left(self._lexicon, wanted)
        return self.text()

    def next(self) -> str | None:
        self._place += 1
        return self.text()

    def text(self) -> str | None:
        return self._lexicon[self._place].decode("utf-8", "replace") if self.is_valid() else None

    term = text

    def is_valid(self) -> bool:
        return self._place < len(self._lexicon)


class _Matcher(ListMatcher):  # type: ignore[misc]
    """A walk through the postings of one term, which keeps its statistics when it is copied."""

    def copy(self) -> Any:
        copied = super().copy()
        copied._term, copied._terminfo = self._term, self._terminfo
        return copied

    def block_max_weight(self) -> Any:
        return self._terminfo.max_weight()


class _Values(Sequence[bytes]):
    """The encoded positions of each posting of one term, made when they are asked for."""

    def __init__(self, docs: Sequence[int], encoded: Callable[[int], bytes]) -> None:
        self._docs = docs
        self._encoded = encoded

    def __len__(self) -> int:
        return len(self._docs)

    def __getitem__(self, place: Any) -> Any:
        return self._encoded(self._docs[place])
