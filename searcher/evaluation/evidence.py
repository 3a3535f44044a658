"""
Is the sentence that answers among the first passages? Judged where a collection says which sentences are evidence.

`evidence.tsv` beside the queries: query-id, corpus-id and a fact, with a header line. A passage is relevant to a query
if one of its facts stands in it, white space aside, whatever article it is of.

Source of the protocol and its measures: Tang & Yang, "MultiHop-RAG", 2024, arXiv:2401.15391, `retrieval_evaluate.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from searcher.errors import InputError, SourceUnreadable
from searcher.evaluation.collections import Topic
from searcher.evaluation.lines import read_text_lines
from searcher.evaluation.statistics import Interval, mean_interval

EVIDENCE_MEASURES = ("Hits@10", "Hits@4", "MRR@10")
DEPTH = 10

_SPACES = re.compile(r"\s+")

Facts = Mapping[str, tuple[str, ...]]
"""Topic id -> the facts that answer it, without white space."""


def read_evidence(directory: Path) -> Facts:
    """Give the facts of each query; nothing where there is no `evidence.tsv`. Raises SourceUnreadable."""
    path = directory / "evidence.tsv"
    facts: dict[str, list[str]] = {}
    for number, (place, line) in enumerate(read_text_lines(path) if path.is_file() else ()):
        cells = line.split("\t")
        if len(cells) != 3:
            raise SourceUnreadable(f"{place}: evidence is query-id, corpus-id and a fact, with tabs.")
        if number:
            facts.setdefault(cells[0].strip(), []).append(without_spaces(cells[2]))
    return {topic: tuple(found) for topic, found in facts.items()}


def measure_evidence(
    topics: Sequence[Topic], facts: Facts, ask: Callable[[Topic], Iterable[str]], *, seed: int
) -> Mapping[str, Interval]:
    """
    Ask for the first ten passages of each topic that has facts; give each measure's mean with its interval.

    Hits@10, Hits@4: whether a relevant passage is among the first ten or four. MRR@10: 1 / rank of the first relevant
    one, 0 past ten. `ask` gives the texts of passages, best first; a topic that cannot be asked scores 0.
    """
    values = []
    for topic in topics:
        if topic.topic_id in facts:
            rank = _first_relevant(ask, topic, facts[topic.topic_id])
            values.append(
                (float(0 < rank <= DEPTH), float(0 < rank <= 4), 1 / rank if 0 < rank <= DEPTH else 0.0)
            )
    columns = np.array(values, dtype=np.float64).T
    return {
        name: mean_interval(column, seed=seed)
        for name, column in zip(EVIDENCE_MEASURES, columns, strict=bool(values))
    }


def without_spaces(text: str) -> str:
    """Give `text` without white space."""
    return _SPACES.sub("", text)


def _first_relevant(ask: Callable[[Topic], Iterable[str]], topic: Topic, facts: Sequence[str]) -> int:
    """The rank, from 1, of the first passage that holds a fact; 0 if none does."""
    try:
        passages = [without_spaces(text) for text in ask(topic)]
    except InputError:
        return 0
    held = (rank for rank, text in enumerate(passages, 1) if any(fact in text for fact in facts))
    return next(held, 0)
