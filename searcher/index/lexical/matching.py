"""
Which articles meet a restriction? Whole-array set operations over the postings of a generation's segments.

What a prefix or fuzzy word stands for is decided once for all segments, so that an answer does not depend on which
words happen to share a segment. (Words of withdrawn articles count until their segment is merged.)
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.index.lexical import codes
from searcher.index.lexical.analysis import Analyzer
from searcher.index.lexical.postings import GAP, Positions, Postings
from searcher.index.lexical.spelling import words_within
from searcher.records import And, Fuzzy, Node, Not, Or, Phrase, Prefix, Word

Mask = npt.NDArray[np.bool_]

MAX_EXPANSIONS = 1_000
"""Most terms that one prefix or fuzzy word stands for; the first in the order of their words are taken."""


def matching_articles(node: Node, segments: Sequence[Postings], analyzer: Analyzer) -> Mask | None:
    """Give bool[n articles of all segments]: which meet `node`; None if it says nothing (only stop words)."""
    match node:
        case And(nodes):
            return _combine(nodes, segments, analyzer, np.logical_and)
        case Or(nodes):
            return _combine(nodes, segments, analyzer, np.logical_or)
        case Not(inner):
            mask = matching_articles(inner, segments, analyzer)
            return None if mask is None else ~mask
        case Phrase(words, field, slop):
            return _phrase(" ".join(words), field == "title", slop, segments, analyzer)
        case Word(text, field) if len(analyzer.words(text)) > 1:
            return _phrase(text, field == "title", 0, segments, analyzer)
        case Word(text, field) if not analyzer.terms(text):
            return None
        case _:
            terms, title_only = expand(node, segments, analyzer), node.field == "title"
            return _joined(segments, lambda segment: _with_any(terms, title_only, segment))


def expand(node: Word | Prefix | Fuzzy, segments: Sequence[Postings], analyzer: Analyzer) -> list[str]:
    """
    Give the terms that a word, prefix or fuzzy word stands for.

    Those of a prefix or fuzzy word are at most MAX_EXPANSIONS, in the order of the words that led to them.
    """
    if isinstance(node, Word):
        return list(dict.fromkeys(analyzer.terms(node.text)))
    text = analyzer.normalise(node.text)
    found = heapq.merge(*(_words_and_terms(node, text, segment) for segment in segments)) if text else ()
    terms = list(dict.fromkeys(term for _, term in found))[:MAX_EXPANSIONS]
    return [term.decode("utf-8", "replace") for term in terms]


def _words_and_terms(node: Prefix | Fuzzy, text: str, segment: Postings) -> list[tuple[bytes, bytes]]:
    """Give the segment's words that match, in order, each with its term, as far as they lead to further terms."""
    if isinstance(node, Prefix):
        span = segment.words.prefixed(text)
        words = np.arange(span.start, span.stop)
    else:
        words = words_within(min(node.edits, 2), text, segment.words)
    terms, firsts = np.unique(segment.word_terms[words], return_index=True)
    order = np.argsort(firsts)[:MAX_EXPANSIONS]
    pairs = zip(words[firsts[order]].tolist(), terms[order].tolist(), strict=True)
    return [(segment.words[word], segment.terms[term]) for word, term in pairs]


def _joined(segments: Sequence[Postings], of_segment: Callable[[Postings], Mask]) -> Mask:
    return np.concatenate([np.zeros(0, dtype=bool), *map(of_segment, segments)])


def _combine(
    nodes: Sequence[Node], segments: Sequence[Postings], analyzer: Analyzer, how: Any
) -> Mask | None:
    masks = [m for node in nodes if (m := matching_articles(node, segments, analyzer)) is not None]
    if not masks:
        return None
    result: Mask = how.reduce(masks)
    return result


def _with_any(terms: Iterable[str], title_only: bool, postings: Postings) -> Mask:
    mask = np.zeros(len(postings.articles), dtype=bool)
    for term in terms:
        if (number := postings.terms.find(term)) >= 0:
            docs, code = postings.articles.of(number)
            mask[docs[codes.in_title(code)] if title_only else docs] = True
    return mask


def _phrase(
    text: str, title_only: bool, slop: int, segments: Sequence[Postings], analyzer: Analyzer
) -> Mask | None:
    tokens = [(token.position, token.term) for token in analyzer.tokens(text) if token.term is not None]
    if not tokens:
        return None
    return _joined(segments, lambda segment: _with_phrase(tokens, title_only, slop, segment))


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
