"""Are the intervals and p-values right? Against every resample there is, and against normal theory."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.evaluation import mean_interval, paired_test

values = st.lists(st.floats(0, 1, width=32), min_size=1, max_size=12).map(np.array)


def test_randomisation_agrees_with_all_permutations():
    """
    Of the 2^8 ways to swap eight pairs, the share whose mean differs as much is what the test gives.
    """
    differences = np.array([0.3, 0.1, -0.05, 0.2, 0.15, -0.1, 0.25, 0.05])
    means = [abs(np.mean(differences * signs)) for signs in product([1, -1], repeat=8)]
    exact = np.mean([mean >= abs(differences.mean()) - 1e-12 for mean in means])
    found = paired_test(np.zeros(8), differences)
    assert found.randomisation_p == pytest.approx(exact, abs=0.01)


def test_bootstrap_agrees_with_all_resamples():
    """
    Of the 5^5 ways to draw five of five shifted differences, the share that lies as far out is what the test gives.
    """
    differences = np.array([0.4, 0.1, -0.1, 0.3, 0.2])
    shifted = differences - differences.mean()
    means = shifted[np.array(list(product(range(5), repeat=5)))].mean(axis=1)
    exact = np.mean(np.abs(means) >= abs(differences.mean()) - 1e-12)
    found = paired_test(np.zeros(5), differences)
    assert found.bootstrap_p == pytest.approx(exact, abs=0.01)


def test_interval_agrees_with_normal_theory():
    """
    Of 400 scores the interval is the mean plus and minus 1.96 standard errors, within a twentieth.
    """
    scores = np.random.default_rng(7).beta(2, 1, 400)
    error = scores.std() / 20
    found = mean_interval(scores)
    assert found.mean == pytest.approx(scores.mean())
    assert found.low == pytest.approx(scores.mean() - 1.96 * error, abs=0.1 * error)
    assert found.high == pytest.approx(scores.mean() + 1.96 * error, abs=0.1 * error)


def test_equal_runs_do_not_differ():
    """
    A run compared to itself: difference 0, p 1.
    """
    scores = np.array([0.1, 0.7, 0.3])
    found = paired_test(scores, scores)
    assert (found.difference.mean, found.difference.low, found.difference.high) == (0, 0, 0)
    assert (found.bootstrap_p, found.randomisation_p) == (1, 1)


def test_a_clear_difference_is_found_and_p_is_never_zero():
    """
    A hundred topics each better by a tenth or two: p is the least there is, 1 / 10,001.
    """
    a = np.linspace(0, 0.8, 100)
    b = a + np.tile([0.1, 0.2], 50)
    found = paired_test(a, b)
    assert found.difference.mean == pytest.approx(0.15)
    assert found.randomisation_p == found.bootstrap_p == pytest.approx(1 / 10_001)


def test_many_topics_are_drawn_in_batches():
    """
    Batches change nothing but memory: 5,000 topics have a finite, narrow interval.
    """
    found = mean_interval(np.tile([0.0, 1.0], 2_500), resamples=1_000)
    assert 0.48 < found.low < 0.5 < found.high < 0.52


@settings(max_examples=40, deadline=None)
@given(a=values, seed=st.integers(0, 2**32))
def test_what_holds_for_all_scores(a, seed):
    """
    The mean lies within its interval, which lies within the scores; the same seed gives the same numbers; and to
    compare in the other direction turns the difference round and leaves p as it is.
    """
    interval = mean_interval(a, seed=seed, resamples=200)
    assert a.min() - 1e-12 <= interval.low <= interval.high <= a.max() + 1e-12
    assert interval == mean_interval(a, seed=seed, resamples=200)
    b = np.roll(a, 1)
    one = paired_test(a, b, seed=seed, resamples=200)
    other = paired_test(b, a, seed=seed, resamples=200)
    assert one.difference.mean == pytest.approx(-other.difference.mean, abs=1e-12)
    assert (one.bootstrap_p, one.randomisation_p) == (other.bootstrap_p, other.randomisation_p)
    assert 0 < one.bootstrap_p <= 1
