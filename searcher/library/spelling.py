"""
What was perhaps meant? Words of a query that no article has, put right by the nearest word that many have.

Only words as they were typed are looked at; whether the query then finds more is for who asks to see.
"""

from __future__ import annotations

from collections import Counter

from searcher.index.lexical.spelling import words_within
from searcher.index.reader import Reader

LEAST_LETTERS = 4
"""Of a shorter word nearly every other is near."""

TWO_EDITS_FROM = 7
"""Letters from which on a word may be two edits away: of a shorter one that is too much."""

MOST_WORDS = 8
"""Unknown words that are put right; a text with more of them is in another language."""


def respell(query: str, reader: Reader) -> str | None:
    """
    Give the query with each unknown word replaced by the known one nearest to it; None if there is none.

    Nearest is first fewest edits, then in most articles, then first by alphabet. The first letter is taken to be right.
    """
    analyzer = reader.lexical.analyzer
    unknown = [
        token
        for token in analyzer.tokens(query)
        if token.term is not None and token.term.isalpha() and not _is_known(token.term, reader)
    ]
    if not 0 < len(unknown) <= MOST_WORDS:
        return None
    parts, at = [], 0
    for token in unknown:
        found = _nearest(analyzer.normalise(query[token.start : token.end]), reader)
        parts += [query[at : token.start], found or query[token.start : token.end]]
        at = token.end
    respelt = "".join([*parts, query[at:]])
    return respelt if respelt != query else None


def _is_known(term: str, reader: Reader) -> bool:
    return any(segment.terms.find(term) >= 0 for segment in reader.lexical.segments)


def _nearest(word: str, reader: Reader) -> str | None:
    if len(word) < LEAST_LETTERS:
        return None
    for edits in (1, 2) if len(word) >= TWO_EDITS_FROM else (1,):
        holders: Counter[str] = Counter()
        for segment in reader.lexical.segments:
            starts = segment.articles.all()[0]
            near = words_within(edits, word, segment.words)
            for number, term in zip(near.tolist(), segment.terms_of(near).tolist(), strict=True):
                name = segment.words[number].decode("utf-8", "replace")
                holders[name] += int(starts[term + 1]) - int(starts[term])
        if holders:
            return min(holders, key=lambda name: (-holders[name], name))
    return None
