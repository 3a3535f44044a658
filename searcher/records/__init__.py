"""
The values that cross a room's door: frozen data, no I/O, no engine objects.

- `articles`: what comes in and is kept (Article, Revision, Receipt);
- `queries`: what is asked, parsed (Query and its nodes, Filters);
- `answers`: what is given back (Hit, Results, UpdateReport, Status);
- `rankings`: what one leg answers;
- `progress`: how long work reports itself.
"""

from searcher.records.answers import (
    Explanation,
    Hit,
    LegScore,
    Passage,
    Results,
    Snippet,
    Status,
    UpdateReport,
)
from searcher.records.articles import (
    Article,
    Chunk,
    Moment,
    Origin,
    Precision,
    Receipt,
    Rejection,
    Revision,
)
from searcher.records.progress import Progress, Stage, silent
from searcher.records.queries import (
    And,
    Filters,
    Fuzzy,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Word,
)
from searcher.records.rankings import Ranking

__all__ = [
    "And",
    "Article",
    "Chunk",
    "Explanation",
    "Filters",
    "Fuzzy",
    "Hit",
    "LegScore",
    "Moment",
    "Node",
    "Not",
    "Or",
    "Origin",
    "Passage",
    "Phrase",
    "Precision",
    "Prefix",
    "Progress",
    "Query",
    "Ranking",
    "Receipt",
    "Rejection",
    "Results",
    "Revision",
    "Snippet",
    "Stage",
    "Status",
    "UpdateReport",
    "Word",
    "silent",
]
