"""
Which articles meet a restriction? Whole-array set operations over the postings of a generation's segments.

What a prefix or fuzzy word stands for is decided once for all segments, so that an answer does not depend on which
words happen to share a segment. (Words of withdrawn articles count until their segment is merged.) However many
terms that are, all of them count: they are found and joined as arrays, not one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.index.lexical import codes
from searcher.index.lexical.analysis import Analyzer
from searcher.index.lexical.postings import GAP, Positions, PostingList, Postings
from searcher.index.lexical.spelling import words_within
from searcher.records import And, Fuzzy, Node, Not, Or, Phrase, Prefix, Word

Ints = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

Numbers = Sequence[Ints]
"""The numbers that some terms have, rising: an array for each segment."""

_REMEMBERED = 64
"""Prefixes and fuzzy words, twice as many as a query may have: each is looked up once for all that asks for it."""


class Vocabulary:
    """The words of a generation, and which terms a prefix or fuzzy word stands for. Safe to share between threads."""

    def __init__(self, segments: Sequence[Postings], analyzer: Analyzer) -> None:
        self.segments = segments
        self.analyzer = analyzer
        self._expanded: dict[Prefix | Fuzzy, Numbers] = {}

    def terms(self, terms: Iterable[str]) -> Numbers:
        """Give the numbers of these terms, as far as a segment has them."""
        distinct = frozenset(terms)
        found = [map(segment.terms.find, distinct) for segment in self.segments]
        return [np.array(sorted(n for n in numbers if n >= 0), dtype=np.int32) for numbers in found]

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
        terms = segment.word_terms[span.start : span.stop]
    else:
        terms = segment.word_terms[words_within(min(node.edits, 2), text, segment.words)]
    return np.unique(terms)


def postings_of(terms: Ints, postings: PostingList) -> tuple[Ints, codes.Codes]:
    """Give the units that hold these terms and the codes of each, term after term."""
    if len(terms) == 1:
        return postings.of(int(terms[0]))
    starts, docs, code = postings.all()
    firsts, counts = starts[terms], starts[terms + 1] - starts[terms]
    places = np.arange(int(counts.sum())) + np.repeat(firsts - (np.cumsum(counts) - counts), counts)
    return docs[places], code[places]


def matching_articles(node: Node, vocabulary: Vocabulary) -> Mask | None:
    """Give bool[n articles of all segments]: which meet `node`; None if it says nothing (only stop words)."""
    match node:
        case And(nodes):
            return _combine(nodes, vocabulary, np.logical_and)
        case Or(nodes):
            return _combine(nodes, vocabulary, np.logical_or)
        case Not(inner):
            mask = matching_articles(inner, vocabulary)
            return None if mask is None else ~mask
        case Phrase(words, field, slop):
            return _phrase(" ".join(words), field == "title", slop, vocabulary)
        case Prefix(_, field) | Fuzzy(_, _, field):
            return _with_any(vocabulary.expand(node), field == "title", vocabulary)
        case Word(text, field) if len(vocabulary.analyzer.words(text)) > 1:
            return _phrase(text, field == "title", 0, vocabulary)
        case Word(text, field):
            terms = vocabulary.analyzer.terms(text)
            return _with_any(vocabulary.terms(terms), field == "title", vocabulary) if terms else None


def _combine(nodes: Sequence[Node], vocabulary: Vocabulary, how: Any) -> Mask | None:
    masks = [m for node in nodes if (m := matching_articles(node, vocabulary)) is not None]
    if not masks:
        return None
    result: Mask = how.reduce(masks)
    return result


def _with_any(numbers: Numbers, title_only: bool, vocabulary: Vocabulary) -> Mask:
    masks = [np.zeros(0, dtype=bool)]
    for segment, terms in zip(vocabulary.segments, numbers, strict=True):
        docs, code = postings_of(terms, segment.articles)
        mask = np.zeros(len(segment.articles), dtype=bool)
        mask[docs[codes.in_title(code)] if title_only else docs] = True
        masks.append(mask)
    return np.concatenate(masks)


def _phrase(text: str, title_only: bool, slop: int, vocabulary: Vocabulary) -> Mask | None:
    tokens = [
        (token.position, token.term) for token in vocabulary.analyzer.tokens(text) if token.term is not None
    ]
    if not tokens:
        return None
    masks = [_with_phrase(tokens, title_only, slop, segment) for segment in vocabulary.segments]
    return np.concatenate([np.zeros(0, dtype=bool), *masks])


def _with_phrase(tokens: Sequence[tuple[int, str]], title_only: bool, slop: int, postings: Postings) -> Mask:
    mask = np.zeros(len(postings.articles), dtype=bool)
    numbers = [postings.terms.find(term) for _, term in tokens]
    if min(numbers) < 0:
        return mask
    places = [position for position, _ in tokens]
    if slop:
        found = _near_each_other([postings.positions(n) for n in dict.fromkeys(numbers)], places, slop)
    else:
        found = _in_order([(postings.positions(n), place) for n, place in zip(numbers, places, strict=True)])
    articles = postings.articles_at(found.astype(np.uint32))
    if title_only:
        articles = articles[found < postings.body_positions[articles]]
    mask[articles] = True
    return mask


def _in_order(words: Sequence[tuple[Positions, int]]) -> npt.NDArray[np.int64]:
    """Give the positions at which a phrase begins: every word stands its own distance further on."""
    by_rarity = sorted(words, key=lambda word: len(word[0]))
    starts = by_rarity[0][0].astype(np.int64) - by_rarity[0][1]
    for positions, place in by_rarity[1:]:
        if not len(starts):
            break
        starts = starts[_among(starts + place, positions)]
    return starts + words[0][1]


def _near_each_other(words: Sequence[Positions], places: Sequence[int], slop: int) -> npt.NDArray[np.int64]:
    """Give the positions from which all words stand within the phrase's own width plus `slop`, in any order."""
    width = min(places[-1] - places[0] + slop, GAP - 1)
    starts = np.unique(np.concatenate(words)).astype(np.int64)
    for positions in words:
        if not len(positions):
            return starts[:0]
        following = np.searchsorted(positions, starts.astype(np.uint32))
        held = following < len(positions)
        following[~held] = 0
        starts = starts[held & (positions[following] <= starts + width)]
    return starts


def _among(values: npt.NDArray[np.int64], positions: Positions) -> Mask:
    """Whether each of the `values` is among the rising `positions`."""
    at = np.searchsorted(positions, values.astype(np.uint32, casting="unsafe"))
    at[at == len(positions)] = 0
    result: Mask = positions[at] == values
    return result
