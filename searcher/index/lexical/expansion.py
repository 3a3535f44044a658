"""
Which terms does a prefix or fuzzy word stand for? Those of all words that begin so, or are spelt almost like it.

That is decided once for all segments, so that an answer does not depend on which words happen to share a segment.
(Words of withdrawn articles count until their segment is merged.) However many terms that are, all of them count.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from searcher.index.lexical.lexicon import Lexicon
from searcher.index.lexical.postings import Postings
from searcher.index.lexical.spelling import words_within
from searcher.records import Fuzzy, Prefix

Ints = npt.NDArray[np.int32]

Numbers = Sequence[Sequence[int] | Ints]
"""The numbers that some terms have, rising: for each segment its own."""


def terms_meant(node: Prefix | Fuzzy, text: str, segments: Sequence[Postings]) -> Numbers:
    """Give the numbers of all terms that a prefix or fuzzy word stands for; `text`: the word, normalised."""
    if not text:
        return [np.zeros(0, dtype=np.int32) for _ in segments]
    found = [_terms_of_words(node, text, segment) for segment in segments]
    if len(found) > 1:
        _complete(found)
    return [one.numbers() for one in found]


class _Expanded:
    """
    Which terms of a segment a prefix or fuzzy word stands for: some of a span of neighbours, and single ones beside it.
    """

    def __init__(self, lexicon: Lexicon, span: range, terms: Ints) -> None:
        """`span`: those that begin with the prefix, none for a fuzzy word; `terms`: the words', in any order."""
        self.lexicon = lexicon
        self._span = span
        self._held = np.zeros(len(span), dtype=bool)
        places = terms - np.int32(span.start)
        within = places.view(np.uint32) < len(span)  # Negative ones are great numbers.
        self._held[places[within]] = True
        self._beside = set(terms[~within].tolist())

    def __contains__(self, number: int) -> bool:
        if number in self._span:
            return bool(self._held[number - self._span.start])
        return number in self._beside

    def add(self, number: int) -> None:
        """Let it stand for this term, too."""
        if number in self._span:
            self._held[number - self._span.start] = True
        else:
            self._beside.add(number)

    def doubtful(self) -> list[bytes]:
        """
        Give the terms of which another segment may say something else. One that begins with the prefix is nearly always
        among the terms of the words that do, here as there.
        """
        missing = (~self._held).nonzero()[0] + self._span.start
        return [self.lexicon[number] for number in (*missing.tolist(), *self._beside)]

    def numbers(self) -> Ints:
        """Give their numbers, rising."""
        held = self._held.nonzero()[0].astype(np.int32) + np.int32(self._span.start)
        return np.sort(np.array([*held.tolist(), *self._beside], dtype=np.int32)) if self._beside else held


def _terms_of_words(node: Prefix | Fuzzy, text: str, segment: Postings) -> _Expanded:
    """Give the terms of the segment's own words that match."""
    if isinstance(node, Prefix):
        words = segment.words.prefixed(text)
        terms = segment.terms_of(slice(words.start, words.stop))
        return _Expanded(segment.terms, segment.terms.prefixed(text), terms)
    found = words_within(min(node.edits, 2), text, segment.words)
    return _Expanded(segment.terms, range(0), segment.terms_of(found))


def _complete(found: Sequence[_Expanded]) -> None:
    """Add to each segment's terms those that only the words of another segment lead to."""
    for name in dict.fromkeys(name for one in found for name in one.doubtful()):
        there = [one.lexicon.find(name) for one in found]
        if any(number in one for one, number in zip(found, there, strict=True)):
            for one, number in zip(found, there, strict=True):
                if number >= 0:
                    one.add(number)
