"""
The values that cross a room's door: frozen data, no I/O, no engine objects.

- `articles`: what comes in and is kept (Article, Revision, Receipt);
- `queries`: what is asked, parsed (Query and its nodes, Filters);
- `answers`: what is given back (Hit, Results, UpdateReport, Status);
- `rankings`: what one leg answers;
- `safekeeping`: backups, and what an examination found;
- `plain`: how articles, moments and scores are said to programs;
- `progress`: how long work reports itself.
"""

from searcher.records.answers import (
    Bar,
    Explanation,
    Facet,
    Hit,
    LegScore,
    Overview,
    Passage,
    Results,
    Snippet,
    Status,
    UpdateReport,
)
from searcher.records.articles import (
    Article,
    Chunk,
    Kept,
    Moment,
    Origin,
    Outcome,
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
from searcher.records.safekeeping import Backup, Examination, Finding

__all__ = [
    "And",
    "Article",
    "Backup",
    "Bar",
    "Chunk",
    "Examination",
    "Explanation",
    "Facet",
    "Filters",
    "Finding",
    "Fuzzy",
    "Hit",
    "Kept",
    "LegScore",
    "Moment",
    "Node",
    "Not",
    "Or",
    "Origin",
    "Outcome",
    "Overview",
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
