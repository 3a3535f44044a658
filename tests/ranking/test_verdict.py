"""Is there a good answer at all? By hand."""

from __future__ import annotations

import pytest

from searcher.ranking.verdict import is_answered, least_cosine


@pytest.mark.parametrize(
    ("cosine", "coverage", "rarest", "answered"),
    [
        (0.29, 0.44, 4, False),
        (0.29, 0.45, 4, True),
        (0.29, 0.10, 3, True),
        (0.0, 0.0, 0, False),
    ],
)
def test_what_counts_where_meaning_is_weak(cosine, coverage, rarest, answered):
    """Below .30, nearly half of the query's idf or one rare word is an answer; less is none."""
    assert is_answered(cosine, lambda: (coverage, rarest)) is answered


def test_the_words_are_not_asked_where_meaning_is_enough():
    """From .30 on the cosine settles it, and the postings are left alone."""

    def evidence():
        raise AssertionError("asked")

    assert is_answered(0.30, evidence)


def test_without_any_word_meaning_must_speak_up():
    """An article without a word of the query needs .25, or .40 where no article holds one."""
    assert (least_cosine(any_words=True), least_cosine(any_words=False)) == (0.25, 0.40)
