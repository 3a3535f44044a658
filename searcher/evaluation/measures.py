"""
How good is a run? Five measures of trec_eval, computed by ir-measures: one implementation that everybody can check.

Every number here lies between 0 and 1, and more is better. Only the order of a run counts, not its scores: trec_eval
breaks equal scores by article id, which would judge ids and not rankings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MEASURES = ("nDCG@10", "R@100", "RR@10", "AP", "P@1")

Qrels = Mapping[str, Mapping[str, int]]
"""Topic id -> article id -> how relevant it was judged, 0 for not at all."""

Rankings = Mapping[str, Sequence[str]]
"""Topic id -> article ids, best first."""


@dataclass(frozen=True, slots=True)
class Scores:
    """The measures of one run. `values`: float64[n topics, n MEASURES], rows in the order of `topics`."""

    topics: tuple[str, ...]
    values: npt.NDArray[np.float64]

    def of(self, measure: str) -> npt.NDArray[np.float64]:
        """Give one measure of all topics: float64[n topics]."""
        column: npt.NDArray[np.float64] = self.values[:, MEASURES.index(measure)]
        return column


def measure_run(qrels: Qrels, run: Rankings) -> Scores:
    """
    Measure a run on every topic of `qrels`, in sorted order; a topic that the run does not answer scores 0.

    nDCG@10: gains are the judged relevance, discounted by log2(rank + 1), over those of the best order (Järvelin &
    Kekäläinen 2002, doi:10.1145/582415.582418). R@100: share of the relevant articles among the first 100. RR@10:
    1 / rank of the first relevant one, 0 past 10. AP: precision at each relevant one, averaged over all that were
    judged relevant. P@1: whether the first is relevant.

    Topics without a relevant article score 0: leave them out before. An article listed twice counts where it is first.
    """
    # Here, not above: reading a collection needs no measure.
    from ir_measures import AP, RR, P, R, evaluator, nDCG

    measures = (nDCG @ 10, R @ 100, RR @ 10, AP, P @ 1)
    topics = tuple(sorted(qrels))
    judged = {topic: {one: max(0, grade) for one, grade in qrels[topic].items()} for topic in topics}
    values = np.zeros((len(topics), len(MEASURES)))
    if not topics:
        return Scores(topics, values)
    rows = {topic: row for row, topic in enumerate(topics)}
    columns = {measure: column for column, measure in enumerate(measures)}
    answered = {topic: _falling(run[topic]) for topic in topics if run.get(topic)}
    for one in evaluator(measures, judged).iter_calc(answered):
        values[rows[one.query_id], columns[one.measure]] = one.value
    return Scores(topics, values)


def _falling(articles: Sequence[str]) -> dict[str, float]:
    """A score for each article, falling with its rank."""
    distinct = list(dict.fromkeys(articles))
    return {article: float(len(distinct) - place) for place, article in enumerate(distinct)}
