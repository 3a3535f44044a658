"""
Which words stand in these articles, in order? Numbers in place of words: what the postings are made from.

A few hundred articles at a time are numbered on their own, in any process; the segment's writer gives the words of
all of them numbers of its own.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from searcher.index.lexical.analysis import Analyzer


@dataclass(frozen=True, slots=True)
class NumberedWords:
    """
    The words of some articles. `words`: each word as written, once, and `terms` the term of each (None: a stop word).

    `numbers` (places in `words`) and `counts` go text by text: of each article its title, its facts, and its chunks,
    of which there are `chunks[article]`; a text has `counts[text]` numbers.
    """

    words: list[str]
    terms: list[str | None]
    numbers: array[int]
    counts: array[int]
    chunks: array[int]


def number_words(articles: Iterable[tuple[str, str, Sequence[str]]], analyzer: Analyzer) -> NumberedWords:
    """Take articles apart into words: (title, facts as words, chunks in order) of each."""
    numbers, counts, chunks = array("i"), array("i"), array("i")
    known = _Numbers()
    for title, facts, bodies in articles:
        chunks.append(len(bodies))
        for text in (title, facts, *bodies):
            words = analyzer.words(text)
            numbers.extend(map(known.__getitem__, words))
            counts.append(len(words))
    return NumberedWords(list(known), list(map(analyzer.term, known)), numbers, counts, chunks)


class _Numbers(dict[str, int]):
    """Word -> its number in order of first sight. Fills itself."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number
