"""The comparison of rankings: is what it says of two engines right, and does every engine get the same?"""

import numpy as np
import pytest
from bench_ranking import mean_difference
from benchmarks.rankers import Material

from searcher.evaluation import Topic
from searcher.records import Article, Origin
from tests.fake_encoder import FakeEncoder


def test_collections_count_alike_whatever_their_size():
    """
    The mean difference is the mean of the collections' means: .2 over 100 topics and 0 over 10 make .1.
    """
    large = (np.zeros(100), np.full(100, 0.2))
    small = (np.full(10, 0.5), np.full(10, 0.5))
    assert mean_difference([large, small]) == pytest.approx((0.1, 0.1, 0.1))


def test_the_interval_is_that_of_the_sampling_distribution():
    """
    Over topics whose differences have a known spread, the interval is about 1.96 standard errors to each side.
    """
    differences = np.random.default_rng(3).normal(0.05, 0.2, 400)
    mean, low, high = mean_difference([(np.zeros(400), differences)])
    error = differences.std() / 20
    assert mean == pytest.approx(differences.mean())
    assert (mean - low, high - mean) == (pytest.approx(1.96 * error, rel=0.06),) * 2


def test_chunks_become_articles_in_order_without_the_one_asked_about():
    """
    An article stands where its first chunk does, once, and the article that a topic is like is left out.
    """
    articles = [Article(one, one, "Text.", Origin("test")) for one in "abc"]
    material = Material(articles, ["1", "2", "3", "4"], [0, 1, 1, 2], np.zeros((4, 2)), FakeEncoder())
    assert material.articles_of([3, 1, 2, 0], Topic("q", "words")) == ["c", "b", "a"]
    assert material.articles_of([3, 1, 2, 0], Topic("q", "words", like="b")) == ["c", "a"]
