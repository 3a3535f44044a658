"""Is run B better than run A, and on which topics? Two answers to the same judged questions, topic by topic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from searcher.errors import InputError
from searcher.evaluation.collections import Collection, Topic
from searcher.evaluation.measures import MEASURES, Scores, measure_run
from searcher.evaluation.runs import Run
from searcher.evaluation.statistics import SEED, PairedTest, paired_test

SHOWN = 5
BY = "nDCG@10"
"""The measure that says which topics gained and lost."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one topic: its nDCG@10 in both runs."""

    topic: Topic
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Both means of one measure, and whether they differ."""

    measure: str
    a: float
    b: float
    test: PairedTest


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    Two runs on one collection. `topics`: on how many; `unasked`: judged topics that neither run answers, left out.

    `gained` and `lost`: the topics whose nDCG@10 rose and fell most from A to B, at most five each; equal changes are
    in the order of their ids. `better`, `worse`: how many rose and fell at all.
    """

    topics: int
    unasked: int
    differences: tuple[Difference, ...]
    better: int
    worse: int
    gained: tuple[Change, ...]
    lost: tuple[Change, ...]


def compare_runs(collection: Collection, a: Run, b: Run, *, seed: int = SEED) -> Comparison:
    """
    Compare two runs by a paired test of each measure. A topic that only one of them answers scores 0 in the other.

    Raises InputError if neither answers a judged topic.
    """
    topics = {
        one.topic_id: one
        for one in collection.topics
        if one.topic_id in a.rankings or one.topic_id in b.rankings
    }
    if not topics:
        raise InputError(
            f"Neither run answers a judged query of {collection.directory}. Were they made from it?"
        )
    scores_a, scores_b = (_measure(collection, topics, run) for run in (a, b))
    changes = _changes(topics, scores_a, scores_b)
    gained = [one for one in changes if one.b > one.a]
    lost = [one for one in changes if one.b < one.a]
    return Comparison(
        topics=len(topics),
        unasked=len(collection.topics) - len(topics),
        differences=tuple(
            Difference(
                measure,
                float(scores_a.of(measure).mean()),
                float(scores_b.of(measure).mean()),
                paired_test(scores_a.of(measure), scores_b.of(measure), seed=seed),
            )
            for measure in MEASURES
        ),
        better=len(gained),
        worse=len(lost),
        gained=tuple(gained[:SHOWN]),
        lost=tuple(lost[:SHOWN]),
    )


def _measure(collection: Collection, topics: Mapping[str, Topic], run: Run) -> Scores:
    """The article that a topic is like is no answer to it, in whatever run it stands."""
    rankings = {
        topic_id: [article for article in run.rankings.get(topic_id, ()) if article != topic.like]
        for topic_id, topic in topics.items()
    }
    return measure_run({topic_id: collection.qrels[topic_id] for topic_id in topics}, rankings)


def _changes(topics: Mapping[str, Topic], a: Scores, b: Scores) -> list[Change]:
    """Every topic, those that changed most first."""
    rows = zip(a.topics, a.of(BY).tolist(), b.of(BY).tolist(), strict=True)
    changes = [Change(topics[topic_id], in_a, in_b) for topic_id, in_a, in_b in rows]
    return sorted(changes, key=lambda one: (-abs(one.b - one.a), one.topic.topic_id))
