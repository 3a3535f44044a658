"""
Which articles meet a restriction? Whole-array set operations over the postings of a generation's segments.

What a prefix or fuzzy word stands for is decided once for all segments, so that an answer does not depend on which
words happen to share a segment. (Words of withdrawn articles count until their segment is merged.) However many
terms that are, all of them count: they are found and joined as arrays, not one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from searcher.index.lexical import codes
from searcher.index.lexical.analysis import Analyzer
from searcher.index.lexical.loops import among, mark, phrase_articles
from searcher.index.lexical.plain_loops import Held, Piece
from searcher.index.lexical.postings import GAP, Positions, PostingList, Postings
from searcher.index.lexical.spelling import words_within
from searcher.records import And, Fuzzy, Node, Not, Or, Phrase, Prefix, Word

Ints = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

Numbers = Sequence[Sequence[int] | Ints]
"""The numbers that some terms have, rising: for each segment its own."""

_REMEMBERED = 64
"""Prefixes and fuzzy words, twice as many as a query may have: each is looked up once for all that asks for it."""

_REMEMBERED_TERMS = 4_096


class Vocabulary:
    """The words of a generation, and which terms a prefix or fuzzy word stands for. Safe to share between threads."""

    def __init__(self, segments: Sequence[Postings], analyzer: Analyzer) -> None:
        self.segments = segments
        self.analyzer = analyzer
        self._expanded: dict[Prefix | Fuzzy, Numbers] = {}
        self._terms: dict[str, Numbers] = {}

    def term(self, term: str) -> Numbers:
        """Give the number of this term in each segment that has it."""
        try:
            return self._terms[term]
        except KeyError:
            if len(self._terms) >= _REMEMBERED_TERMS:
                self._terms.clear()
            found = [segment.terms.find(term) for segment in self.segments]
            numbers = self._terms[term] = [(number,) if number >= 0 else () for number in found]
            return numbers

    def expand(self, node: Prefix | Fuzzy) -> Numbers:
        """Give the numbers of all terms that a prefix or fuzzy word stands for."""
        try:
            return self._expanded[node]
        except KeyError:
            if len(self._expanded) >= _REMEMBERED:
                self._expanded.clear()
            numbers = self._expanded[node] = self._expand(node)
            return numbers

    def _expand(self, node: Prefix | Fuzzy) -> Numbers:
        text = self.analyzer.normalise(node.text)
        if not text:
            return [np.zeros(0, dtype=np.int32) for _ in self.segments]
        found = [_terms_of_words(node, text, segment) for segment in self.segments]
        return found if len(found) < 2 else self._completed(found, text if isinstance(node, Prefix) else None)

    def _completed(self, found: Numbers, prefix: str | None) -> Numbers:
        """
        Add to each segment's terms those that only the words of another segment lead to.

        A term that begins with the prefix is nearly always among the terms of the words that do, here as there: only
        the others need to be looked up.
        """
        doubtful: dict[bytes, None] = {}
        for segment, numbers in zip(self.segments, found, strict=True):
            span = range(0) if prefix is None else segment.terms.prefixed(prefix)
            others = np.setxor1d(numbers, np.arange(span.start, span.stop), assume_unique=True)
            doubtful.update(dict.fromkeys(map(segment.terms.__getitem__, others.tolist())))
        names = [term.decode("utf-8", "replace") for term in doubtful]
        there = [np.array([*map(segment.terms.find, names)], dtype=np.int32) for segment in self.segments]
        meant = np.any([np.isin(*pair) for pair in zip(there, found, strict=True)], axis=0)
        return [
            np.union1d(numbers, own[meant & (own >= 0)]) for numbers, own in zip(found, there, strict=True)
        ]


def _terms_of_words(node: Prefix | Fuzzy, text: str, segment: Postings) -> Ints:
    """Give the terms of the segment's own words that match, rising."""
    if isinstance(node, Prefix):
        span = segment.words.prefixed(text)
        terms = segment.terms_of(slice(span.start, span.stop))
    else:
        terms = segment.terms_of(words_within(min(node.edits, 2), text, segment.words))
    return np.unique(terms)


def pieces_of(numbers: Numbers, lists: Sequence[PostingList]) -> list[Piece]:
    """Give the postings of these terms in each segment that has some: rising in each piece where it has one term."""
    pieces = []
    base = 0
    for terms, postings in zip(numbers, lists, strict=True):
        if len(terms) == 1:
            pieces.append((base, *postings.of(int(terms[0]))))
        elif len(terms):
            pieces += [(base, *own) for own in postings.of_terms(np.asarray(terms))]
        base += len(postings)
    return pieces


@dataclass(frozen=True, slots=True)
class Articles:
    """
    A set of articles of a generation: those of `pieces`, or with `outside` all but those. One piece of any articles, or
    one for each segment; rising, each once.
    """

    pieces: list[Held]
    outside: bool = False

    def __len__(self) -> int:
        """How many articles the pieces hold."""
        return sum([len(units) for _, units in self.pieces])

    def rows(self) -> Ints:
        """Give what the pieces hold, as numbers of the generation."""
        parts = [units.astype(np.int32) + np.int32(base) for base, units in self.pieces]
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)

    def mask(self, count: int) -> Mask:
        """Give bool[count]: which of `count` articles are in the set."""
        held = np.zeros(count, dtype=bool)
        for piece in self.pieces:
            mark(held, *piece)
        return ~held if self.outside else held


def matching_articles(node: Node, vocabulary: Vocabulary) -> Articles | None:
    """Give the articles of all segments that meet `node`; None if it says nothing (only stop words)."""
    match node:
        case And(nodes):
            return _all_of(_meant(nodes, vocabulary))
        case Or(nodes):
            # One of them holds unless none does.
            none = _all_of([_not(articles) for articles in _meant(nodes, vocabulary)])
            return None if none is None else _not(none)
        case Not(inner):
            articles = matching_articles(inner, vocabulary)
            return None if articles is None else _not(articles)
        case Phrase(words, field, slop):
            return _phrase(" ".join(words), field == "title", slop, vocabulary)
        case Prefix(_, field) | Fuzzy(_, _, field):
            return _with_any(vocabulary.expand(node), field == "title", vocabulary)
        case Word(text, field):
            found = vocabulary.analyzer.words(text)
            if len(found) > 1:
                return _phrase(text, field == "title", 0, vocabulary)
            term = vocabulary.analyzer.term(found[0]) if found else None
            return None if term is None else _with_any(vocabulary.term(term), field == "title", vocabulary)


def _meant(nodes: Sequence[Node], vocabulary: Vocabulary) -> list[Articles]:
    return [one for node in nodes if (one := matching_articles(node, vocabulary)) is not None]


def _not(articles: Articles) -> Articles:
    return Articles(articles.pieces, not articles.outside)


def _all_of(sets: Sequence[Articles]) -> Articles | None:
    """Give what is in all of the sets, from the smallest on; None of none."""
    inside = sorted((one for one in sets if not one.outside), key=len)
    outside = [one for one in sets if one.outside]
    if not inside:
        return _not(_union(outside)) if outside else None
    if len(inside) == 1 and not outside:
        return inside[0]
    rows = inside[0].rows()
    for others in inside[1:]:
        rows = rows[_among(rows, others)]
    for others in outside:
        rows = rows[~_among(rows, others)]
    return Articles([(0, rows)])


def _among(rows: Ints, others: Articles) -> Mask:
    found = np.empty(len(rows), dtype=bool)
    among(rows, others.pieces, found)
    return found


def _union(sets: Sequence[Articles]) -> Articles:
    """Give what the pieces of any of the sets hold."""
    return (
        Articles(sets[0].pieces)
        if len(sets) == 1
        else _distinct([held for one in sets for held in one.pieces])
    )


def _distinct(pieces: Sequence[Held]) -> Articles:
    """Give the articles of these pieces, which may overlap and be in any order."""
    held = np.zeros(
        max([base + int(units.max(initial=0)) + 1 for base, units in pieces], default=0), dtype=bool
    )
    for piece in pieces:
        mark(held, *piece)
    return Articles([(0, held.nonzero()[0].astype(np.int32))])


def _with_any(numbers: Numbers, title_only: bool, vocabulary: Vocabulary) -> Articles:
    found = pieces_of(numbers, [segment.articles for segment in vocabulary.segments])
    if title_only:
        found = [(base, units[codes.in_title(code)], code) for base, units, code in found]
    pieces = [(base, units) for base, units, _ in found]
    return Articles(pieces) if max(map(len, numbers), default=0) < 2 else _distinct(pieces)


def _phrase(text: str, title_only: bool, slop: int, vocabulary: Vocabulary) -> Articles | None:
    tokens = [
        (token.position, token.term) for token in vocabulary.analyzer.tokens(text) if token.term is not None
    ]
    if not tokens:
        return None
    places = [position for position, _ in tokens]
    numbers = [vocabulary.term(term) for _, term in tokens]
    found, base = [], 0
    for segment, own in zip(vocabulary.segments, zip(*numbers, strict=True), strict=True):
        if all(map(len, own)):
            terms = [int(term[0]) for term in own]
            if slop:
                rows = _with_all_near(terms, places[-1] - places[0] + slop, title_only, segment)
            else:
                rows = _with_phrase(terms, places, title_only, segment)
            found.append((base, rows))
        base += len(segment.articles)
    return Articles(found)


def _with_phrase(terms: Sequence[int], places: Sequence[int], title_only: bool, postings: Postings) -> Ints:
    """Give the articles of a segment that hold these terms at these places of a phrase, rising."""
    words = [(postings.positions(term), place) for term, place in zip(terms, places, strict=True)]
    rows = np.empty(min([len(positions) for positions, _ in words]), dtype=np.int32)
    bodies = postings.body_positions if title_only else None
    return rows[: phrase_articles(words, postings.article_positions, bodies, rows)]


def _with_all_near(terms: Sequence[int], width: int, title_only: bool, postings: Postings) -> Ints:
    """Give the articles of a segment that hold these terms within so many words, rising."""
    found = _near_each_other([postings.positions(term) for term in dict.fromkeys(terms)], min(width, GAP - 1))
    if not len(found):
        return np.zeros(0, dtype=np.int32)
    articles = postings.articles_at(found.astype(np.uint32))
    if title_only:
        articles = articles[found < postings.body_positions[articles]]
    # The positions rise, and so do the articles.
    first = np.ones(len(articles), dtype=bool)
    np.not_equal(articles[1:], articles[:-1], out=first[1:])
    return articles[first]


def _near_each_other(words: Sequence[Positions], width: int) -> npt.NDArray[np.int64]:
    """Give the positions from which all words stand within `width` words, in any order."""
    words = _around_the_rarest(words, width)
    starts = np.unique(np.concatenate(words)).astype(np.int64)
    for positions in words:
        if not len(positions):
            return starts[:0]
        following = np.searchsorted(positions, starts.astype(np.uint32))
        held = following < len(positions)
        following[~held] = 0
        starts = starts[held & (positions[following] <= starts + width)]
    return starts


def _around_the_rarest(words: Sequence[Positions], width: int) -> list[Positions]:
    """Leave out the positions that are farther than `width` from every place of the rarest word near all others."""
    rarest = min(words, key=len).astype(np.int64)
    spans = []
    for positions in words:
        first = positions.searchsorted(np.maximum(rarest - width, 0).astype(np.uint32))
        last = positions.searchsorted((rarest + width).astype(np.uint32), side="right")
        spans.append((first, last))
    near = np.all([last > first for first, last in spans], axis=0)
    return [
        positions[np.unique(_ranges(first[near], last[near]))]
        for positions, (first, last) in zip(words, spans, strict=True)
    ]


def _ranges(firsts: npt.NDArray[np.int64], lasts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Give the numbers of all ranges `[first, last)`, range after range."""
    counts = lasts - firsts
    numbers: npt.NDArray[np.int64] = np.arange(int(counts.sum()))
    numbers += np.repeat(firsts - (np.cumsum(counts) - counts), counts)
    return numbers
