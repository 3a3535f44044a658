"""
What the API gives: the contract. `answers.py` makes it of records.

The keys are those of `searcher search --json`; a test compares them. Moments are ISO 8601 in UTC with `Z`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from searcher.records.answers import Mode, Verdict
from searcher.web.cursors import PATTERN


class ProblemModel(BaseModel):
    """RFC 9457. `detail` names the next step."""

    type: str
    title: str
    status: int
    detail: str


class LegModel(BaseModel):
    """What words or meaning said of a hit; the parts sum to its score."""

    leg: Literal["lexical", "dense"]
    rank: int | None
    score: float
    normalised: float
    weight: float
    part: float


class ExplanationModel(BaseModel):
    """How a score came about."""

    formula: str
    score: float
    legs: list[LegModel]


class HitModel(BaseModel):
    """One article. `marks`: spans `[start, end)` in characters of `snippet`; `copies`: ids of the same text."""

    rank: int
    score: float
    id: str
    title: str
    source: str | None
    section: str | None
    language: str | None
    authors: list[str]
    published: datetime | None
    precision: str | None
    url: str | None
    snippet: str
    marks: list[tuple[int, int]]
    kind: Literal["words", "meaning", "lead"]
    copies: list[str]
    explanation: ExplanationModel


class Answer(BaseModel):
    """One page of hits. `next`: the `cursor` of the page after it, null on the last."""

    query: str
    mode: Mode
    total: int
    generation: int
    took_ms: float
    verdict: Verdict
    notes: list[str]
    degraded: str | None
    waiting: int
    hits: list[HitModel]
    next: str | None = Field(pattern=PATTERN)


class FacetModel(BaseModel):
    """How many hits have this name."""

    name: str
    count: int


class FacetsModel(BaseModel):
    """Counts over all that matches, the most frequent first; each kind without its own filter."""

    source: list[FacetModel]
    section: list[FacetModel]
    language: list[FacetModel]


class BarModel(BaseModel):
    """How many hits were published in the time that begins with `start`."""

    start: date
    count: int


class Histogram(BaseModel):
    """Counts over all that matches, without `since` and `until`; bars that are empty are left out."""

    interval: Literal["day", "month", "year"]
    bars: list[BarModel]
    undated: int


class RevisionModel(BaseModel):
    """One stored state of an article."""

    seq: int
    recorded_at: datetime
    withdrawn: bool
    title: str
    body_sha256: str


class ArticleModel(BaseModel):
    """An article in one of its states, and the list of all, oldest first."""

    id: str
    id_origin: Literal["given", "url", "content"]
    seq: int
    withdrawn: bool
    title: str
    source: str | None
    authors: list[str]
    section: str | None
    language: str | None
    published: datetime | None
    precision: str | None
    published_from: str | None
    published_raw: str | None
    fetched: datetime | None
    url: str | None
    origin: str
    body: str
    body_sha256: str
    revisions: list[RevisionModel]


class LineModel(BaseModel):
    """What became of one line. `id`: under which it is kept, null if it was rejected; then `reason` says why."""

    line: int
    outcome: Literal["added", "changed", "restored", "unchanged", "rejected"]
    id: str | None
    reason: str | None


class PutAnswer(BaseModel):
    """
    What became of all lines. `indexed`: whether they, and all that was put before them, can be found already; if not,
    they will be soon.
    """

    added: int
    changed: int
    unchanged: int
    rejected: int
    indexed: bool
    results: list[LineModel]


class DeleteAnswer(BaseModel):
    """`changed` is false when it was withdrawn before."""

    id: str
    withdrawn: Literal[True]
    changed: bool


class FindingModel(BaseModel):
    """One check of an examination. `next_step`: what to do about it."""

    check: str
    state: Literal["ok", "warning", "broken"]
    said: str
    next_step: str | None


class ExaminationModel(BaseModel):
    """What `searcher doctor` found when the server last had it look, in the background."""

    at: datetime
    state: Literal["ok", "warning", "broken"]
    findings: list[FindingModel]


class StatusModel(BaseModel):
    """The state of the library. `answering`: the generation that this server answers from."""

    articles: int
    revisions: int
    withdrawn: int
    rejected: int
    sources: int
    oldest: datetime | None
    newest: datetime | None
    generation: int | None
    answering: int | None
    segments: int
    chunks: int
    indexed_articles: int
    waiting: int
    encoder: str | None
    store_bytes: int
    index_bytes: int
    problem: str | None
    examination: ExaminationModel | None


class Ready(BaseModel):
    """It can answer."""

    status: Literal["ok"]


class Health(BaseModel):
    """
    It runs. `library`: the worst that its last examination found (`/status` says what), null before there was one;
    `examined`: when that was.
    """

    status: Literal["ok"]
    library: Literal["ok", "warning", "broken"] | None
    examined: datetime | None
