"""
The inner loops of scoring and matching: compiled (`_loops.c`, `_best.c`, `_matching.c`) where the package was built
with a C compiler, else in numpy (`plain_loops.py`, which says what each gives). The answers are the same to the last
bit; small questions are answered several times as fast by the compiled ones, because numpy takes a microsecond for each
of dozens of calls.
"""

from __future__ import annotations

try:
    from searcher.index.lexical._best import best_articles, measures
    from searcher.index.lexical._loops import add_scores, add_scores_of, add_terms, merge_postings, part
    from searcher.index.lexical._matching import mark, meet, near_articles, opened, phrase_articles, unite

    COMPILED = True
except ImportError:
    from searcher.index.lexical.plain_loops import (
        add_scores,
        add_scores_of,
        add_terms,
        best_articles,
        mark,
        measures,
        meet,
        merge_postings,
        near_articles,
        opened,
        part,
        phrase_articles,
        unite,
    )

    COMPILED = False

__all__ = [
    "COMPILED",
    "add_scores",
    "add_scores_of",
    "add_terms",
    "best_articles",
    "mark",
    "measures",
    "meet",
    "merge_postings",
    "near_articles",
    "opened",
    "part",
    "phrase_articles",
    "unite",
]
