"""
Which settings suit these questions best, and is the gain real?

The topics are cut into two halves. Settings are chosen on each half and judged on the other, which had no say: what is
gained there is what a user may expect. Only if that gain is clear of chance are settings chosen on all topics and
recommended (cross-fitting: Stone 1974, doi:10.1111/j.2517-6161.1974.tb00994.x).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import get_args

import numpy as np
import numpy.typing as npt

from searcher.errors import InputError
from searcher.evaluation.collections import Collection, Topic
from searcher.evaluation.evaluate import ask_topics
from searcher.evaluation.measures import MEASURES, measure_run
from searcher.evaluation.remembering import RememberingEncoder
from searcher.evaluation.statistics import SEED, PairedTest, paired_test
from searcher.library import Library, open_library
from searcher.settings import FusionMethod, Settings

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Value = str | float | None


@dataclass(frozen=True, slots=True)
class Option:
    """A key of `searcher.toml` that takes effect without a rebuild, and the values that are tried."""

    section: str
    key: str
    values: tuple[Value, ...]


OPTIONS = (
    Option("fusion", "weight", (None, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)),
    Option("fusion", "method", get_args(FusionMethod)),
    Option("lexical", "title_weight", (1.0, 2.5, 5.0)),
    Option("lexical", "facts_weight", (0.3, 1.0, 2.0)),
    Option("lexical", "article_weight", (0.0, 0.5, 1.0, 2.0)),
    Option("lexical", "k1", (0.9, 1.2, 1.6)),
    Option("lexical", "b", (0.4, 0.75, 0.9)),
)
"""In the order in which they are tried: what mattered most on judged news comes first (docs/ranking.md)."""

LEAST_TOPICS = 20
"""Fewer questions say nothing: half of them choose, the other half judges."""

LEAST_STEP = 0.001
"""A value is preferred to the one before only if the half that chooses gains so much by it."""

CLEAR_P = 0.05
"""A gain counts as real if less likely than this where there is none (randomisation, two-sided)."""

_DEPTHS: Mapping[str, int] = {"nDCG@10": 10, "RR@10": 10, "P@1": 1, "R@100": 100, "AP": 1_000}
"""How many articles of an answer each measure looks at."""

Tried = Callable[[int, int, int], None]


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that is to be another: `new` None takes the key out, so that the default rules."""

    section: str
    key: str
    old: Value
    new: Value


@dataclass(frozen=True, slots=True)
class Half:
    """What one half of the topics chose, and what the other half, `topics` many, made of it."""

    changes: tuple[Change, ...]
    topics: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Tuning:
    """
    What was found over `topics` questions and `tried` settings.

    `before` and `after`: the mean of the measure over all topics, each asked under settings that it did not choose;
    `test` compares the two. `changes`: what all topics together choose, empty unless the gain is `real`.
    """

    measure: str
    topics: int
    tried: int
    halves: tuple[Half, Half]
    before: float
    after: float
    test: PairedTest
    changes: tuple[Change, ...]

    @property
    def real(self) -> bool:
        """Whether what is gained on questions that did not choose is clear of chance."""
        return self.test.difference.mean > 0 and self.test.randomisation_p < CLEAR_P


def tune(
    library: Library,
    collection: Collection,
    *,
    now: datetime,
    measure: str = "nDCG@10",
    options: Sequence[Option] = OPTIONS,
    seed: int = SEED,
    tried: Tried = lambda settings, done, total: None,
) -> Tuning:
    """
    Choose settings for the topics of a collection, asked in hybrid mode of the library that `open_evaluation` gave.

    `tried` is told how many settings were tried before, how many topics are done, and of how many. Topics that are like
    an article are not asked: none of these settings is theirs. Raises InputError for fewer than 20 topics.
    """
    if measure not in MEASURES:
        raise InputError(f"'{measure}' is not one of {', '.join(MEASURES)}.")
    topics = [one for one in collection.topics if one.like is None]
    if len(topics) < LEAST_TOPICS:
        raise InputError(
            f"{collection.directory} has {len(topics)} judged queries of words: {LEAST_TOPICS} are the least to choose "
            "by, since one half chooses and the other judges."
        )
    bench = _Bench(library, collection, topics, measure, now, tried)
    choosing = in_first_half(topics)

    def chosen_by(mine: Bools) -> Settings:
        return choose(library.settings, options, lambda one: float(bench.scores(one)[mine].mean()))

    first, second, whole = map(chosen_by, (choosing, ~choosing, np.ones(len(topics), dtype=bool)))
    before = bench.scores(library.settings)
    after = np.where(choosing, bench.scores(second), bench.scores(first))
    test = paired_test(before, after, seed=seed)
    found = Tuning(
        measure=measure,
        topics=len(topics),
        tried=bench.tried,
        halves=(
            _half(library.settings, first, options, before[~choosing], after[~choosing]),
            _half(library.settings, second, options, before[choosing], after[choosing]),
        ),
        before=float(before.mean()),
        after=float(after.mean()),
        test=test,
        changes=(),
    )
    return replace(found, changes=changes_between(library.settings, whole, options)) if found.real else found


def in_first_half(topics: Sequence[Topic]) -> Bools:
    """
    Give bool[n]: which topics are in the first half; the second has as many, or one fewer.

    By the digests of their ids: the same topics are always cut alike, and the order of a file, often that of time or
    subject, has no part in it.
    """
    digests = [hashlib.sha256(one.topic_id.encode()).digest() for one in topics]
    halves = np.zeros(len(topics), dtype=bool)
    halves[sorted(range(len(topics)), key=digests.__getitem__)[: (len(topics) + 1) // 2]] = True
    return halves


def choose(settings: Settings, options: Sequence[Option], worth: Callable[[Settings], float]) -> Settings:
    """
    Give the settings that are worth most: each option in turn takes its best value, until none changes any more.

    Coordinate ascent: a value replaces the one before only if it is worth `LEAST_STEP` more, so this ends.
    """
    best, best_worth = settings, worth(settings)
    while True:
        before = best
        for option in options:
            for value in option.values:
                candidate = _with_value(best, option, value)
                if candidate != best and (its_worth := worth(candidate)) > best_worth + LEAST_STEP:
                    best, best_worth = candidate, its_worth
        if best == before:
            return best


def changes_between(old: Settings, new: Settings, options: Sequence[Option]) -> tuple[Change, ...]:
    """Say which of the options differ, in their order."""
    values = [(one, _value(old, one), _value(new, one)) for one in options]
    return tuple(Change(one.section, one.key, was, is_now) for one, was, is_now in values if was != is_now)


class _Bench:
    """The topics, asked under one settings after another; what was asked once is remembered."""

    def __init__(
        self,
        library: Library,
        collection: Collection,
        topics: Sequence[Topic],
        measure: str,
        now: datetime,
        tried: Tried,
    ) -> None:
        self._library = library
        self._encoder = RememberingEncoder(library.encoder)
        self._topics = topics
        self._qrels = {one.topic_id: collection.qrels[one.topic_id] for one in topics}
        self._measure = measure
        self._now = now
        self._told = tried
        self._scores: dict[Settings, Floats] = {}

    @property
    def tried(self) -> int:
        """How many settings were tried."""
        return len(self._scores)

    def scores(self, settings: Settings) -> Floats:
        """Give float64[n topics], in the order of the topics."""
        if settings not in self._scores:
            self._scores[settings] = self._ask(settings)
        return self._scores[settings]

    def _ask(self, settings: Settings) -> Floats:
        with open_library(self._library.home, settings=settings, encoder=self._encoder) as library:
            run = ask_topics(
                library,
                self._topics,
                "hybrid",
                now=self._now,
                depth=_DEPTHS[self._measure],
                asked=lambda _, done, total: self._told(self.tried, done, total),
            )
        measured = measure_run(self._qrels, run.rankings)
        by_topic = dict(zip(measured.topics, measured.of(self._measure).tolist(), strict=True))
        return np.array([by_topic[one.topic_id] for one in self._topics])


def _half(old: Settings, new: Settings, options: Sequence[Option], before: Floats, after: Floats) -> Half:
    return Half(changes_between(old, new, options), len(before), float(before.mean()), float(after.mean()))


def _value(settings: Settings, option: Option) -> Value:
    value: Value = getattr(getattr(settings, option.section), option.key)
    return value


def _with_value(settings: Settings, option: Option, value: Value) -> Settings:
    section = replace(getattr(settings, option.section), **{option.key: value})
    return replace(settings, **{option.section: section})
