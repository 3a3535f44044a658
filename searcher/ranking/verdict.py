"""
Is there a good answer at all? Judged from both legs' evidence, so that gibberish finds nothing.

Measured on 609 news articles (docs/ranking.md): of 80 strings of random letters none holds a known word, and 95 % come
no nearer to any chunk than a cosine of .39; of 80 real questions 99 % come nearer than .35 or hold two thirds of their
words. The limits are those of all-MiniLM-L6-v2; for an encoder whose cosines are all high they never bite.
"""

from __future__ import annotations

from collections.abc import Callable

LEAST_COSINE = 0.25
"""An article without one word of the query is noise below it."""

WORDLESS_COSINE = 0.40
"""Where no article holds a word of the query, only meaning speaks, and must speak up."""

WEAK_COSINE = 0.30
WEAK_COVERAGE = 0.45
RARE = 3


def least_cosine(*, any_words: bool) -> float:
    """Give what the cosine of an article without a word of the query must reach to be shown."""
    return LEAST_COSINE if any_words else WORDLESS_COSINE


def is_answered(best_cosine: float, evidence: Callable[[], tuple[float, int]]) -> bool:
    """
    Whether the best articles answer the query.

    `evidence` is called only where the cosine leaves it open. It gives the share of the query's idf that the best
    article by words holds, 0 to 1, and the least number of articles that hold one of the words it holds, 0 if it holds
    none: an exact rare word is always an answer.
    """
    if best_cosine >= WEAK_COSINE:
        return True
    coverage, rarest = evidence()
    return coverage >= WEAK_COVERAGE or 0 < rarest <= RARE
