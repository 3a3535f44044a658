"""Is there a good answer at all? By hand."""

from __future__ import annotations

import pytest

from searcher.ranking.verdict import judge, least_cosine


@pytest.mark.parametrize(
    ("cosine", "coverage", "rarest", "verdict"),
    [
        (0.45, 0.50, 9, "strong"),
        (0.45, 0.48, 9, "thin"),
        (0.29, 0.30, 4, "thin"),
        (0.27, 0.30, 4, "none"),
        (0.27, 0.30, 3, "thin"),
        (0.0, 0.0, 0, "none"),
        (0.71, 0.0, 0, "strong"),
    ],
)
def test_evidence_of_both_legs_adds_up(cosine, coverage, rarest, verdict):
    """The cosine plus half the coverage: strong from .70, none below .43, but a rare word is always an answer."""
    assert judge(cosine, coverage, rarest) == verdict


@pytest.mark.parametrize(
    ("cosine", "coverage", "verdict"),
    [(0.45, None, "strong"), (0.44, None, "thin"), (None, 0.6, "strong"), (None, 0.59, "thin")],
)
def test_a_leg_alone_is_never_none(cosine, coverage, verdict):
    """Who asks one leg sees what it has; whether that is much is said all the same."""
    assert judge(cosine, coverage, 0) == verdict


def test_without_any_word_meaning_must_speak_up():
    """An article without a word of the query needs .25, or .40 where no article holds one."""
    assert (least_cosine(any_words=True), least_cosine(any_words=False)) == (0.25, 0.40)
