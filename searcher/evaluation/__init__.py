"""
Is it better? Judged questions are put to a library as a user puts them, and the answers are measured.

- `collections`: what was asked and judged; `runs`: answers in files; `measures`: how good they are; `evidence`: the
  same of passages, where the sentences that answer are known;
- `statistics`: how sure that is; `evaluate`: the walk; `compare`: two runs against each other;
- `tune`: which settings suit the questions, and whether that is real (`remembering`: none is encoded twice).
"""

from searcher.evaluation.collections import Collection, Topic, read_collection
from searcher.evaluation.compare import Change, Comparison, Difference, compare_runs
from searcher.evaluation.evaluate import MODES, Evaluation, Judged, evaluate, evaluation_home, open_evaluation
from searcher.evaluation.evidence import EVIDENCE_MEASURES
from searcher.evaluation.measures import MEASURES, Scores, measure_run
from searcher.evaluation.runs import Run, read_run, write_run
from searcher.evaluation.statistics import Interval, PairedTest, mean_interval, paired_test
from searcher.evaluation.tune import Tuning, tune

__all__ = [
    "EVIDENCE_MEASURES",
    "MEASURES",
    "MODES",
    "Change",
    "Collection",
    "Comparison",
    "Difference",
    "Evaluation",
    "Interval",
    "Judged",
    "PairedTest",
    "Run",
    "Scores",
    "Topic",
    "Tuning",
    "compare_runs",
    "evaluate",
    "evaluation_home",
    "mean_interval",
    "measure_run",
    "open_evaluation",
    "paired_test",
    "read_collection",
    "read_run",
    "tune",
    "write_run",
]
