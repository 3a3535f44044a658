"""Are the measures those of the papers? By hand, against plain formulas, and for whatever run."""

from math import log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.evaluation import MEASURES, measure_run

ARTICLES = [f"a{n:03}" for n in range(150)]
judgments = st.dictionaries(st.sampled_from(ARTICLES), st.integers(-1, 3), max_size=20).map(
    lambda judged: {**judged, "a000": 1}
)
rankings = st.permutations(ARTICLES).flatmap(
    lambda order: st.integers(0, len(order)).map(lambda size: order[:size])
)


def measured(judged, ranking):
    """The five measures of one topic."""
    scores = measure_run({"q": judged}, {"q": ranking})
    return dict(zip(MEASURES, scores.values[0].tolist(), strict=True))


def by_formula(judged, ranking):
    """The five measures, each as its definition reads."""
    gains = [max(0, judged.get(one, 0)) for one in ranking]
    ideal = sorted((max(0, grade) for grade in judged.values()), reverse=True)
    relevant = sum(gain > 0 for gain in ideal)
    places = [rank for rank, gain in enumerate(gains, start=1) if gain > 0]

    def dcg(values):
        return sum(gain / log2(rank + 1) for rank, gain in enumerate(values[:10], start=1))

    return {
        "nDCG@10": dcg(gains) / dcg(ideal),
        "R@100": sum(place <= 100 for place in places) / relevant,
        "RR@10": 1 / places[0] if places and places[0] <= 10 else 0.0,
        "AP": sum(found / place for found, place in enumerate(places, start=1)) / relevant,
        "P@1": float(bool(places) and places[0] == 1),
    }


def test_measures_by_hand():
    """
    Relevant: a (grade 2), b and c (1). Found: x, a, b, in this order; c is missed.
    """
    found = measured({"a": 2, "b": 1, "c": 1, "x": 0}, ["x", "a", "b"])
    ideal = 2 / log2(2) + 1 / log2(3) + 1 / log2(4)
    assert found["nDCG@10"] == pytest.approx((2 / log2(3) + 1 / log2(4)) / ideal)
    assert found["R@100"] == pytest.approx(2 / 3)
    assert found["RR@10"] == pytest.approx(1 / 2)
    assert found["AP"] == pytest.approx((1 / 2 + 2 / 3) / 3)
    assert found["P@1"] == 0


def test_cutoffs_by_hand():
    """
    A relevant article at rank 11 counts for AP and R@100 only; one at rank 101 counts for AP only.
    """
    late = measured({"a": 1}, [f"x{n}" for n in range(10)] + ["a"])
    assert late == pytest.approx({"nDCG@10": 0, "R@100": 1, "RR@10": 0, "AP": 1 / 11, "P@1": 0})
    later = measured({"a": 1}, [f"x{n}" for n in range(100)] + ["a"])
    assert later == pytest.approx({"nDCG@10": 0, "R@100": 0, "RR@10": 0, "AP": 1 / 101, "P@1": 0})


def test_an_unanswered_topic_scores_zero():
    """
    A topic that the run leaves out, or answers with nothing, scores 0 in all measures and stays in the mean.
    """
    scores = measure_run({"q1": {"a": 1}, "q2": {"a": 1}, "q3": {"a": 1}}, {"q2": ["a"], "q3": []})
    assert scores.topics == ("q1", "q2", "q3")
    assert scores.values.tolist() == [[0] * 5, [1] * 5, [0] * 5]
    assert scores.of("AP").tolist() == [0, 1, 0]


def test_no_topics_no_scores():
    """
    Without topics there is nothing to measure, and nothing fails.
    """
    assert measure_run({}, {}).values.shape == (0, 5)


def test_an_article_listed_twice_counts_once():
    """
    A repeated article counts where it stands first.
    """
    assert measured({"a": 1, "b": 1}, ["a", "a", "b"]) == measured({"a": 1, "b": 1}, ["a", "b"])


@settings(max_examples=60, deadline=None)
@given(judged=judgments, ranking=rankings)
def test_measures_are_their_definitions(judged, ranking):
    """
    For any judgments and ranking each measure is what its formula gives, and lies between 0 and 1.
    """
    found = measured(judged, ranking)
    assert found == pytest.approx(by_formula(judged, ranking))
    assert all(0 <= value <= 1 + 1e-12 for value in found.values())


@settings(max_examples=30, deadline=None)
@given(judged=judgments)
def test_the_best_order_scores_one(judged):
    """
    Relevant articles first, highest grades first, scores 1 in every measure.
    """
    best = sorted((one for one in judged if judged[one] > 0), key=lambda one: (-judged[one], one))
    assert measured(judged, best) == pytest.approx(dict.fromkeys(MEASURES, 1.0))


@settings(max_examples=30, deadline=None)
@given(judged=judgments, ranking=rankings, data=st.data())
def test_input_order_does_not_matter(judged, ranking, data):
    """
    The order in which topics and judgments come changes nothing.
    """
    shuffled = dict(data.draw(st.permutations(list(judged.items()))))
    one = measure_run({"p": {"a001": 1}, "q": judged}, {"q": ranking, "p": ["a001"]})
    other = measure_run({"q": shuffled, "p": {"a001": 1}}, {"p": ["a001"], "q": ranking})
    assert one.topics == other.topics
    assert one.values.tolist() == other.values.tolist()
