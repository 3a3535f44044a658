"""Is the sentence that answers among the first passages? By hand."""

import pytest

from searcher.errors import InputError, SourceUnreadable
from searcher.evaluation.collections import Topic
from searcher.evaluation.evidence import measure_evidence, read_evidence


def write(directory, *lines):
    (directory / "evidence.tsv").write_text(
        "query-id\tcorpus-id\tfact\n" + "".join(f"{one}\n" for one in lines)
    )
    return directory


def test_facts_are_read_without_white_space(tmp_path):
    """Several facts of a query, each squeezed; without the file there are none."""
    assert read_evidence(tmp_path) == {}
    write(tmp_path, "q1\ta\tThe dam  broke.", "q1\tb\tAll fled.")
    assert read_evidence(tmp_path) == {"q1": ("Thedambroke.", "Allfled.")}


def test_a_line_of_another_shape_is_an_error(tmp_path):
    """Half a file would give half figures: it names the line."""
    with pytest.raises(SourceUnreadable, match="line 3"):
        read_evidence(write(tmp_path, "q1\ta\tfine", "q1 a fact"))


def test_the_measures_by_hand():
    """
    First relevant passages at ranks 1, 5 and none: two of three in ten, one in four, reciprocal ranks 1, .2 and 0. A
    fact counts across line breaks; a topic that cannot be asked scores 0; one without facts is left out.
    """
    facts = {"a": ("Thedambroke.",), "b": ("other", "found"), "c": ("nowhere",), "d": ("x",)}
    answers = {"a": ["So: The dam\nbroke. Then", "x"], "b": ["1", "2", "3", "4", "fo und"], "c": ["no"] * 10}

    def ask(topic):
        if topic.topic_id == "d":
            raise InputError("nothing was asked")
        return answers[topic.topic_id]

    topics = [Topic(one, one) for one in "abcde"]
    found = measure_evidence(topics, facts, ask, seed=1)
    assert {name: one.mean for name, one in found.items()} == pytest.approx(
        {"Hits@10": 2 / 4, "Hits@4": 1 / 4, "MRR@10": 1.2 / 4}
    )
    assert measure_evidence(topics, {}, ask, seed=1) == {}
