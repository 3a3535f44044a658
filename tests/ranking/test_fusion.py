"""Two rankings become one by numbers that a reader can check."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.ranking.fusion import Candidates, adaptive_weight, fuse


def candidates(lexical, dense, lexical_rank=None, dense_rank=None):
    """Give one candidate per score: chunks 10, 11, ... of articles 0, 1, ..., ranked by their scores."""
    return Candidates(
        chunks=np.arange(10, 10 + len(lexical)),
        articles=np.arange(len(lexical)),
        lexical=np.array(lexical, dtype=np.float64),
        dense=np.array(dense, dtype=np.float64),
        lexical_rank=np.array(ranked(lexical) if lexical_rank is None else lexical_rank, dtype=np.int64),
        dense_rank=np.array(ranked(dense) if dense_rank is None else dense_rank, dtype=np.int64),
    )


def ranked(scores):
    """Give each score's rank from 1, the earlier of equals first."""
    order = sorted(range(len(scores)), key=lambda row: (-scores[row], row))
    return [order.index(row) + 1 for row in range(len(scores))]


def test_scores_are_divided_by_the_best_of_their_leg_and_summed():
    """Lexical 8 and 4, cosines .3 and .6, a dense weight of a quarter: .75 + .125 and .375 + .25."""
    fused = fuse(candidates([8, 4], [0.3, 0.6]), method="score", dense_weight=0.25)
    assert fused.scores.tolist() == [0.75 * 1 + 0.25 * 0.5, 0.75 * 0.5 + 0.25 * 1]


def test_a_score_filled_in_for_what_the_other_leg_gave_counts_in_full():
    """A chunk outside a leg's pool (rank 0) has that leg's exact score, and is explained without a rank."""
    fused = fuse(candidates([8, 4], [0.3, 0.6], lexical_rank=[1, 0]), method="score", dense_weight=0.5)
    assert fused.scores.tolist() == [0.5 + 0.25, 0.25 + 0.5]
    lexical, dense = fused.explanation(1).legs
    assert (lexical.rank, lexical.score, lexical.normalised, lexical.weight) == (None, 4.0, 0.5, 0.5)
    assert (dense.rank, dense.score, dense.normalised, dense.part) == (1, 0.6, 1.0, 0.5)


def test_one_hit_scores_one():
    """A single candidate is the best of both legs, whatever its scores are."""
    fused = fuse(candidates([0.02], [0.0001]), method="score", dense_weight=0.4)
    assert fused.scores.tolist() == [1.0]


def test_equal_scores_stay_equal():
    """Candidates that both legs hold equal are equal afterwards: the order is left to the tie-break."""
    fused = fuse(candidates([3, 3, 3], [0.5, 0.5, 0.5]), method="score", dense_weight=0.3)
    assert fused.scores.tolist() == [1.0, 1.0, 1.0]


def test_a_cosine_below_zero_counts_as_zero():
    """What points away in meaning is no worse than what has nothing to do with it."""
    fused = fuse(candidates([2, 2], [-0.5, 0.5]), method="score", dense_weight=0.5)
    assert fused.scores.tolist() == [0.5, 1.0]


@pytest.mark.parametrize("dense_weight", [0.0, 0.3, 1.0])
def test_a_leg_that_says_nothing_leaves_all_weight_to_the_other(dense_weight):
    """No word matched, or no vector: the other leg alone decides, and alone is explained."""
    no_words = fuse(candidates([0, 0], [0.2, 0.4]), method="score", dense_weight=dense_weight)
    assert no_words.scores.tolist() == [0.5, 1.0]
    assert [leg.leg for leg in no_words.explanation(0).legs] == ["dense"]
    no_vectors = fuse(candidates([5, 1], [0, 0]), method="score", dense_weight=dense_weight)
    assert no_vectors.scores.tolist() == [1.0, 0.2]
    assert [leg.leg for leg in no_vectors.explanation(0).legs] == ["lexical"]


METHODS = ["score", "rrf", "dbsf", "minmax"]


def test_min_max_by_hand():
    """From 0 for the least to 1 for the best of each leg: lexical 8, 6, 4 and cosines .3, .6, .5."""
    fused = fuse(candidates([8, 6, 4], [0.3, 0.6, 0.5]), method="minmax", dense_weight=0.5)
    assert fused.scores.tolist() == pytest.approx([0.5, 0.25 + 0.5, 0.5 * 2 / 3])


def test_distribution_by_hand():
    """Lexical 1 and 3: mean 2, deviation 1, so 2/6 and 4/6; a constant leg says a half of everything."""
    fused = fuse(candidates([1, 3], [0.4, 0.4]), method="dbsf", dense_weight=0.5)
    assert fused.scores.tolist() == pytest.approx([(1 / 3 + 0.5) / 2, (2 / 3 + 0.5) / 2])


def test_what_is_past_three_deviations_is_cut_off():
    """Of 100 scores one is ten deviations up: it has 1, and no score leaves the range of 0 to 1."""
    scores = fuse(candidates([1.0] * 99 + [50.0], [0.5] * 100), method="dbsf", dense_weight=0.0).scores
    assert scores.max() == scores[99] == 1.0 and scores.min() > 0


@pytest.mark.parametrize("method", ["score", "dbsf", "minmax"])
@pytest.mark.parametrize(
    ("lexical", "dense", "leg"), [([0, 0], [0.2, 0.4], "dense"), ([5, 1], [0, 0], "lexical")]
)
def test_an_empty_leg_has_no_weight_in_any_method(method, lexical, dense, leg):
    """A leg without a score above 0 leaves the order to the other, and is not in the explanation."""
    fused = fuse(candidates(lexical, dense), method=method, dense_weight=0.3)
    assert [one.leg for one in fused.explanation(0).legs] == [leg]
    assert (fused.scores[0] < fused.scores[1]) == (leg == "dense")


@pytest.mark.parametrize("method", ["score", "dbsf", "minmax"])
def test_one_hit_and_equal_scores_are_defined(method):
    """One candidate, or three alike: finite scores between 0 and 1, equal among equals."""
    for count in (1, 3):
        scores = fuse(candidates([2.0] * count, [0.4] * count), method=method, dense_weight=0.5).scores
        assert len(set(scores.tolist())) == 1 and 0 < scores[0] <= 1


@pytest.mark.parametrize("method", METHODS)
def test_nothing_fuses_to_nothing(method):
    """Two empty rankings give an empty one; two that say nothing give zeros, not an error."""
    assert fuse(candidates([], []), method=method, dense_weight=0.5).scores.tolist() == []
    nothing = candidates([0, 0], [0, 0], lexical_rank=[0, 0], dense_rank=[0, 0])
    scores = fuse(nothing, method=method, dense_weight=0.5).scores
    assert scores[0] == scores[1] and (scores[0] == 0 or method in ("dbsf", "minmax"))


def test_reciprocal_ranks_by_hand():
    """Ranks 1 and 3 give 1/61 + 1/63; a leg that does not rank the chunk adds nothing."""
    both = candidates([9, 5, 4], [0.1, 0.9, 0.5], lexical_rank=[1, 2, 0], dense_rank=[3, 0, 1])
    fused = fuse(both, method="rrf", dense_weight=0.5)
    assert fused.scores.tolist() == pytest.approx([1 / 61 + 1 / 63, 1 / 62, 1 / 61], abs=1e-15)


def test_reciprocal_ranks_with_a_weight():
    """A dense weight of .75 counts the dense rank one and a half times, the lexical one half."""
    fused = fuse(candidates([9, 5], [0.1, 0.9]), method="rrf", dense_weight=0.75)
    assert fused.scores.tolist() == pytest.approx([0.5 / 61 + 1.5 / 62, 0.5 / 62 + 1.5 / 61], abs=1e-15)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 50), st.floats(-1, 1)), min_size=1, max_size=20),
    st.floats(0, 1),
    st.sampled_from(METHODS),
)
def test_the_parts_of_an_explanation_sum_to_its_score(pairs, weight, method):
    """For every candidate and every method: parts sum to the score shown, which is the one that ranked it."""
    lexical, dense = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    fused = fuse(candidates(lexical, dense), method=method, dense_weight=weight)
    for row in range(len(pairs)):
        why = fused.explanation(row)
        assert sum(leg.part for leg in why.legs) == why.score
        assert why.score == pytest.approx(fused.scores[row], abs=1e-12)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 1)), max_size=20), st.floats(0, 1))
def test_fused_scores_lie_between_zero_and_one(pairs, weight):
    """Normalised scores and weights that sum to one: nothing is above 1, and a chunk best in both has 1."""
    lexical, dense = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    scores = fuse(candidates(lexical, dense), method="score", dense_weight=weight).scores
    assert all(0 <= score <= 1 + 1e-12 for score in scores)
    best_in_both = [row for row in range(len(pairs)) if pairs[row] == (max(lexical), max(dense))]
    assert all(scores[row] == pytest.approx(1 if any(lexical + dense) else 0) for row in best_in_both)


def test_the_weight_follows_length_and_coverage():
    """
    Eight terms, half of whose idf stands in one article: a half. Longer questions lean on words, and so do those whose
    words stand together; within bounds.
    """
    assert adaptive_weight(8, 0.5) == 0.5
    assert adaptive_weight(4, 0.5) == pytest.approx(0.56)
    assert adaptive_weight(64, 0.5) == pytest.approx(0.5 - 0.06 * math.log2(8))
    assert adaptive_weight(8, 0.25) == pytest.approx(0.6)
    assert adaptive_weight(8, 1.0) == pytest.approx(0.3)
    assert adaptive_weight(10_000, 1.0) == 0.2
    assert adaptive_weight(1, 0.0) == adaptive_weight(0, 0.0) == 0.7


@given(st.floats(0, 1), st.floats(0.001, 1))
def test_one_exact_word_comes_before_whatever_does_not_hold_it(cosine, other):
    """One word, held by one article: it comes first, however far in meaning it is and however near another."""
    weight = adaptive_weight(1, 1.0)
    scores = fuse(candidates([3.0, 0.0], [cosine, other]), method="score", dense_weight=weight).scores
    assert scores[0] > scores[1]
