"""Which run is better, and where?"""

import pytest

from searcher.errors import InputError
from searcher.evaluation import MEASURES, Run, compare_runs, read_collection
from tests.evaluation.samples import write_collection

A = Run("a", {"q1": ("deal", "port", "copy"), "q2": ("birds", "dam")})
B = Run("b", {"q1": ("birds", "dam", "deal"), "q2": ("dam",), "q4": ("port", "deal"), "q9": ("dam",)})


@pytest.fixture
def collection(tmp_path):
    """The sample collection: q1, q2, q4 and q5 are judged."""
    return read_collection(write_collection(tmp_path))


def test_two_runs_by_hand(collection):
    """
    q1 lost, q2 and q4 gained; q5 is in neither run and left out; q4 is missing from A and scores 0 there. The article
    that q4 is like is taken out of B.
    """
    found = compare_runs(collection, A, B)
    assert (found.topics, found.unasked, found.better, found.worse) == (3, 1, 2, 1)
    first = {one.measure: one for one in found.differences}["P@1"]
    assert (first.a, first.b) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert first.test.difference.mean == pytest.approx(1 / 3)
    assert [one.topic.topic_id for one in found.gained] == ["q4", "q2"]
    assert (found.gained[0].a, found.gained[0].b) == (0, 1)
    assert [one.topic.topic_id for one in found.lost] == ["q1"]
    assert [one.measure for one in found.differences] == list(MEASURES)


def test_the_other_way_round(collection):
    """
    Runs exchanged: what was gained is lost, and the p-values are the same.
    """
    one, other = compare_runs(collection, A, B), compare_runs(collection, B, A)
    assert [x.topic for x in one.gained] == [x.topic for x in other.lost]
    assert [x.test.randomisation_p for x in one.differences] == [
        x.test.randomisation_p for x in other.differences
    ]


def test_a_run_against_itself(collection):
    """
    Nothing gained, nothing lost, p 1.
    """
    found = compare_runs(collection, A, A)
    assert (found.gained, found.lost, found.better, found.worse) == ((), (), 0, 0)
    assert {one.test.bootstrap_p for one in found.differences} == {1.0}


def test_only_the_most_changed_are_shown(tmp_path):
    """
    Of seven topics that gained, five are shown, equal ones in the order of their ids.
    """
    queries = [{"id": f"q{n}", "text": "words"} for n in range(7)]
    collection = read_collection(
        write_collection(tmp_path, queries=queries, qrels=[(one["id"], "dam", 1) for one in queries])
    )
    found = compare_runs(collection, Run("a", {}), Run("b", {one["id"]: ("dam",) for one in queries}))
    assert found.better == 7
    assert [one.topic.topic_id for one in found.gained] == ["q0", "q1", "q2", "q3", "q4"]


def test_runs_of_something_else_are_refused(collection):
    """
    Two runs that answer none of the judged topics cannot be compared.
    """
    with pytest.raises(InputError, match="Neither run"):
        compare_runs(collection, Run("a", {"x": ("dam",)}), Run("b", {}))
