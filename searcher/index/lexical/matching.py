"""Which articles meet a restriction? Whole-array set operations over the postings of a generation's segments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from searcher.index.lexical import codes
from searcher.index.lexical.analysis import Analyzer
from searcher.index.lexical.expansion import Numbers, terms_meant
from searcher.index.lexical.loops import mark, meet, near_articles, opened, phrase_articles, unite
from searcher.index.lexical.plain_loops import Borders, Held, HeldSet, Piece
from searcher.index.lexical.postings import GAP, Positions, PostingList, Postings
from searcher.records import And, Fuzzy, Node, Not, Or, Phrase, Prefix, Word

Ints = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

_REMEMBERED = 64
"""Prefixes and fuzzy words, twice as many as a query may have: each is looked up once for all that asks for it."""

_REMEMBERED_TERMS = 1_024
"""Terms whose place in the postings is remembered, 1 kB for each segment: who types asks for the same ones again."""


@dataclass(frozen=True, slots=True)
class Articles:
    """
    A set of articles of a generation: those of `pieces`, or with `outside` all but those. A piece is of one segment, or
    the only one; bases rise, and so do the articles of each, each once. `opened`: the same of a term, which is kept.
    """

    pieces: list[Held]
    outside: bool = False
    opened: HeldSet | None = None

    def rows(self) -> Ints:
        """Give what the pieces hold, as numbers of the generation, rising."""
        if len(self.pieces) == 1 and self.pieces[0][0] == 0 and self.pieces[0][1].dtype == np.int32:
            return self.pieces[0][1]
        return np.frombuffer(meet([self.pieces], []), dtype=np.int32)

    def mask(self, count: int) -> Mask:
        """Give bool[count]: which of `count` articles are in the set."""
        held = np.zeros(count, dtype=bool)
        for piece in self.pieces:
            mark(held, *piece)
        return ~held if self.outside else held


@dataclass(frozen=True, slots=True)
class Term:
    """Where a term stands: its number in each segment that has it, its articles, and its positions in each segment."""

    numbers: Numbers
    articles: Articles
    positions: list[Positions]


class Vocabulary:
    """
    The words of a generation, and which terms a prefix or fuzzy word stands for. Safe to share between threads.

    `merge`: gives the article postings of a prefix or fuzzy word that stands for these terms, as they are scored.
    """

    def __init__(
        self,
        segments: Sequence[Postings],
        analyzer: Analyzer,
        merge: Callable[[Prefix | Fuzzy, Numbers], list[Piece]],
    ) -> None:
        self.segments = segments
        self.analyzer = analyzer
        self._merge = merge
        self._expanded: dict[Prefix | Fuzzy, Numbers] = {}
        self._terms: dict[str, Term] = {}
        bases = accumulate([len(segment.articles) for segment in segments[:-1]], initial=0)
        self.title_borders: list[Borders] = [
            (base, own.article_positions, own.body_positions)
            for base, own in zip(bases, segments, strict=False)
        ]
        self.borders: list[Borders] = [(base, starts, None) for base, starts, _ in self.title_borders]

    def term(self, term: str) -> Term:
        """Give where this term stands."""
        try:
            return self._terms[term]
        except KeyError:
            if len(self._terms) >= _REMEMBERED_TERMS:
                self._terms.clear()
            numbers = [segment.terms.find(term) for segment in self.segments]
            found = self._terms[term] = self._term([(one,) if one >= 0 else () for one in numbers])
            return found

    def _term(self, numbers: Numbers) -> Term:
        pieces = pieces_of(numbers, [segment.articles for segment in self.segments])
        positions = [
            segment.positions(int(own[0])) if len(own) else np.zeros(0, dtype=np.uint32)
            for segment, own in zip(self.segments, numbers, strict=True)
        ]
        held = [(base, units) for base, units, _ in pieces]
        return Term(numbers, Articles(held, opened=opened(held)), positions)

    def articles(self, node: Prefix | Fuzzy) -> Articles:
        """Give the articles that hold any of the terms that a prefix or fuzzy word stands for."""
        return Articles([(base, units) for base, units, _ in self._merge(node, self.expand(node))])

    def expand(self, node: Prefix | Fuzzy) -> Numbers:
        """Give the numbers of all terms that a prefix or fuzzy word stands for."""
        try:
            return self._expanded[node]
        except KeyError:
            if len(self._expanded) >= _REMEMBERED:
                self._expanded.clear()
            text = self.analyzer.normalise(node.text)
            numbers = self._expanded[node] = terms_meant(node, text, self.segments)
            return numbers


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


def matching_articles(node: Node, vocabulary: Vocabulary) -> Articles | None:
    """Give the articles of all segments that meet `node`; None if it says nothing (only stop words)."""
    match node:
        case Word(text, field):
            return _word(text, field == "title", vocabulary)
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
        case Prefix(_, "title") | Fuzzy(_, _, "title"):
            return _any_of(_in_title(vocabulary.expand(node), vocabulary))
        case Prefix() | Fuzzy():
            return vocabulary.articles(node)


def _meant(nodes: Sequence[Node], vocabulary: Vocabulary) -> list[Articles]:
    return [one for node in nodes if (one := matching_articles(node, vocabulary)) is not None]


def _not(articles: Articles) -> Articles:
    return Articles(articles.pieces, not articles.outside, articles.opened)


def _all_of(sets: Sequence[Articles]) -> Articles | None:
    """Give what is in all of the sets; None of none."""
    if len(sets) < 2:
        return sets[0] if sets else None
    inside = [one.opened or one.pieces for one in sets if not one.outside]
    outside = [one.opened or one.pieces for one in sets if one.outside]
    if not inside:
        return _not(_any_of([held for one in sets for held in one.pieces]))
    return Articles([(0, np.frombuffer(meet(inside, outside), dtype=np.int32))])


def _any_of(pieces: list[Held]) -> Articles:
    """Give the articles of these pieces, which may overlap and be in any order."""
    return Articles([(0, np.frombuffer(unite(pieces), dtype=np.int32))])


def _in_title(numbers: Numbers, vocabulary: Vocabulary) -> list[Held]:
    """Give the articles that hold any of these terms in their titles, term after term."""
    found = pieces_of(numbers, [segment.articles for segment in vocabulary.segments])
    return [(base, units[codes.in_title(code)]) for base, units, code in found]


def _word(text: str, title_only: bool, vocabulary: Vocabulary) -> Articles | None:
    found = vocabulary.analyzer.words(text)
    if len(found) > 1:
        return _phrase(text, title_only, 0, vocabulary)
    name = vocabulary.analyzer.term(found[0]) if found else None
    if name is None:
        return None
    term = vocabulary.term(name)
    return Articles(_in_title(term.numbers, vocabulary)) if title_only else term.articles


def _phrase(text: str, title_only: bool, slop: int, vocabulary: Vocabulary) -> Articles | None:
    """Give the articles that hold these words at their places, or, with `slop`, within so many words more."""
    analyzer = vocabulary.analyzer
    terms = [(place, analyzer.term(word)) for place, word in enumerate(analyzer.words(text))]
    words = tuple([(vocabulary.term(term).positions, place) for place, term in terms if term is not None])
    if not words:
        return None
    borders = vocabulary.title_borders if title_only else vocabulary.borders
    if slop:
        found = near_articles(words, borders, min(words[-1][1] - words[0][1] + slop, GAP - 1))
    else:
        found = phrase_articles(words, borders)
    return Articles([(0, np.frombuffer(found, dtype=np.int32))])
