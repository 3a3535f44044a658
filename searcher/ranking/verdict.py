"""
Is there a good answer at all? Judged from both legs' evidence, so that gibberish finds nothing.

The evidence for an answer is the best cosine plus half the coverage: the share of the query's idf that the best article
by words holds. Chosen on CheckThat! 2022 and BBC, judged on MultiHop-RAG (docs/ranking.md): its own questions have at
least .71, and 96 % of strings of random letters less than .43. The limits are those of all-MiniLM-L6-v2; for an
encoder whose cosines are all high they never bite.
"""

from __future__ import annotations

from searcher.records.answers import Verdict

LEAST_COSINE = 0.25
"""An article without one word of the query is noise below it."""

WORDLESS_COSINE = 0.40
"""Where no article holds a word of the query, only meaning speaks, and must speak up."""

COVERAGE_WEIGHT = 0.5
NONE_BELOW = 0.43
"""No question of CheckThat! 2022 or BBC, 3,091 in all, has less evidence."""
STRONG_FROM = 0.70

STRONG_COSINE = 0.45
STRONG_COVERAGE = 0.60
"""Where one leg alone was asked: what its evidence must reach."""

RARE = 3
"""A word that so few articles hold is always an answer."""


def least_cosine(*, any_words: bool) -> float:
    """Give what the cosine of an article without a word of the query must reach to be shown."""
    return LEAST_COSINE if any_words else WORDLESS_COSINE


def judge(cosine: float | None, coverage: float | None, rarest: int) -> Verdict:
    """
    Say how well the best articles answer: `strong`, `thin`, or `none`, which is nothing that should be shown.

    `cosine`: the best, None if meaning was not asked. `coverage`: the share of the query's idf, 0 to 1, that the best
    article by words holds, None if words were not asked; a leg alone is never `none`. `rarest`: how many articles hold
    the rarest of the words that it holds, 0 if it holds none: an exact rare word is always an answer.
    """
    if cosine is None or coverage is None:
        alone = (cosine or 0.0) >= STRONG_COSINE or (coverage or 0.0) >= STRONG_COVERAGE
        return "strong" if alone else "thin"
    evidence = cosine + COVERAGE_WEIGHT * coverage
    if evidence >= STRONG_FROM:
        return "strong"
    return "thin" if evidence >= NONE_BELOW or 0 < rarest <= RARE else "none"
