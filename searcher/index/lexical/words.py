"""
Where are the words of a text? Runs of letters and digits, joined by inner dots and apostrophes (`3.5`, `O'Brien`,
`U.S.`); Chinese and Japanese characters stand alone.

The regular expression says so; where the package was built with a C compiler, `_words.c` finds the same words in a
third of the time.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from functools import cache

import numpy as np

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
WHITE_SPACE = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000"
)
# Whether a character is none of these; for those past the last, too.
_SOLID = np.ones(ord(WHITE_SPACE[-1]) + 2, dtype=bool)
_SOLID[[ord(space) for space in WHITE_SPACE]] = False


@cache
def word_pattern() -> re.Pattern[str]:
    """Give `ANY_WORD` in the form that finds it fastest; compiled when it is first asked for."""
    # Most words are told by the character after them: asked first, that takes two thirds of the time.
    return re.compile(rf"[A-Za-z0-9_]++(?=[ ,;:)\n])|{ANY_WORD}")


def plain_words(text: str, /) -> list[str]:
    """Give the words of `text` as they stand there, in order."""
    return word_pattern().findall(text)


def plain_marks(
    text: str, terms_of: Mapping[str, str | None], wanted: Container[str], /
) -> list[tuple[int, int, str]]:
    """
    Give where words stand in `text` whose terms are wanted: spans `[start, end)`, each with its term, in order.

    `terms_of`: the term of every word, None for those that have none.
    """
    return [
        (match.start(), match.end(), term)
        for match in word_pattern().finditer(text)
        if (term := terms_of[match[0]]) is not None and term in wanted
    ]


def plain_runs(text: str, low: int, high: int, /) -> tuple[Sequence[int], Sequence[int], int]:
    """Give where the runs of characters without white space begin in `text[low:high]`, where they end, the longest."""
    # In one array: a regular expression takes four times as long, for every hit of a page.
    characters = np.frombuffer(text[low:high].encode("utf-32-le", "surrogatepass"), dtype="<u4")
    solid = np.zeros(len(characters) + 2, dtype=bool)
    solid[1:-1] = _SOLID.take(characters, mode="clip")
    borders = (solid[1:] != solid[:-1]).nonzero()[0] + low
    starts, ends = borders[::2], borders[1::2]
    return starts.tolist(), ends.tolist(), int((ends - starts).max(initial=0))


try:
    from searcher.index.lexical._words import marks, runs, words
except ImportError:
    marks, runs, words = plain_marks, plain_runs, plain_words

__all__ = [
    "ANY_WORD",
    "HAN",
    "MARKS",
    "marks",
    "plain_marks",
    "plain_runs",
    "plain_words",
    "runs",
    "word_pattern",
    "words",
]
