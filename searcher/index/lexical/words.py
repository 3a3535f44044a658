"""
Where are the words of a text? Runs of letters and digits, joined by inner dots and apostrophes (`3.5`, `O'Brien`,
`U.S.`); Chinese and Japanese characters stand alone.

The regular expression says so; where the package was built with a C compiler, `_words.c` finds the same words in a
third of the time.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from functools import cache

# Han and kana are written without spaces: each character is a word. In other scripts a word is a run of \w and of
# the marks that stand on or between its letters, which are no \w: combining accents, Hebrew and Arabic points, Indic,
# Thai, Lao, Burmese and Khmer vowels.
HAN = "\\u3400-\\u4dbf\\u4e00-\\u9fff\\u3040-\\u30ff\\uf900-\\ufaff\\U00020000-\\U0002fa1f"
MARKS = (
    "\\u0300-\\u036f\\u0591-\\u05c7\\u064b-\\u065f\\u0670\\u0900-\\u0963\\u0966-\\u0dff\\u0e31\\u0e34-\\u0e3a"
    "\\u0e47-\\u0e4e\\u0eb1-\\u0ebc\\u0ec8-\\u0ecd\\u102b-\\u103e\\u17b4-\\u17d3"
)
_RUN = rf"[^\W{HAN}]+(?:[{MARKS}]+[^\W{HAN}]*)*"
ANY_WORD = rf"{_RUN}(?:[.'\u2019]{_RUN})*|[{HAN}]"
_SOLID = re.compile(r"\S++")


@cache
def word_pattern() -> re.Pattern[str]:
    """Give `ANY_WORD` in the form that finds it fastest; compiled when it is first asked for."""
    # Most words are told by the character after them: asked first, that takes two thirds of the time.
    return re.compile(rf"[A-Za-z0-9_]++(?=[ ,;:)\n])|{ANY_WORD}")


def plain_words(text: str, /) -> list[str]:
    """Give the words of `text` as they stand there, in order."""
    return word_pattern().findall(text)


def plain_marks(
    text: str, terms_of: Mapping[str, str | None], wanted: Container[str], initials: bytes, /
) -> list[tuple[int, int, str]]:
    """
    Give where words stand in `text` whose terms are wanted: spans `[start, end)`, each with its term, in order.

    `terms_of`: the term of every word, None for those that have none. `initials`: for each ASCII character whether a
    word that begins with it may have such a term. Most words need not be looked up: that is most of the time.
    """
    return [
        (match.start(), match.end(), term)
        for match in word_pattern().finditer(text)
        if ((initial := ord(text[match.start()])) >= len(initials) or initials[initial])
        and (term := terms_of[match[0]]) is not None
        and term in wanted
    ]


def plain_long_runs(text: str, low: int, high: int, most: int, /) -> list[tuple[int, int]]:
    """Give the runs of more than `most` characters without white space in `text[low:high]`, as spans `[start, end)`."""
    solid = (match.span() for match in _SOLID.finditer(text, low, high))
    return [(start, end) for start, end in solid if end - start > most]


try:
    from searcher.index.lexical._words import long_runs, marks, words
except ImportError:
    long_runs, marks, words = plain_long_runs, plain_marks, plain_words

__all__ = [
    "ANY_WORD",
    "HAN",
    "MARKS",
    "long_runs",
    "marks",
    "plain_long_runs",
    "plain_marks",
    "plain_words",
    "word_pattern",
    "words",
]
