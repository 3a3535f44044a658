"""
Answers in files: TREC's run format, which every evaluation tool reads.

    topic Q0 article rank score tag

Source: https://github.com/usnistgov/trec_eval. What is written holds falling scores, so that other tools, which sort by
score, keep our order. What is read is sorted as trec_eval sorts it: by score, equal ones by falling article id.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from searcher.errors import SourceUnreadable
from searcher.evaluation.measures import Rankings
from searcher.text import one_line


@dataclass(frozen=True, slots=True)
class Run:
    """The answers of one system: `rankings` has article ids for each topic, best first. `tag` is its name."""

    tag: str
    rankings: Rankings


def write_run(path: Path, run: Run) -> int:
    """
    Write a run; give how many lines.

    Raises SourceUnreadable, before anything is written, for an id with white space: the format cannot hold it.
    """
    lines = []
    for topic, articles in sorted(run.rankings.items()):
        for place, article in enumerate(articles):
            for one in (topic, article):
                if len(one.split()) != 1:
                    raise SourceUnreadable(f"The id '{one}' has white space: a TREC run cannot hold it.")
            lines.append(f"{topic} Q0 {article} {place + 1} {len(articles) - place} {run.tag}\n")
    path.write_text("".join(lines), encoding="utf-8")
    return len(lines)


def read_run(path: Path) -> Run:
    """Read a run. Raises SourceUnreadable with file and line: an article listed twice, a score that is no number."""
    scored: dict[str, dict[str, float]] = {}
    tag = path.name
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceUnreadable(f"{path} is not UTF-8.") from error
    except OSError as error:
        raise SourceUnreadable(f"{path} cannot be read: {error.strerror or error}.") from error
    for number, line in enumerate(text.split("\n"), start=1):
        cells = line.split()
        if not cells:
            continue
        score = _number(cells[4]) if len(cells) == 6 else None
        if score is None:
            raise SourceUnreadable(f"{path}, line {number}: it is not `topic Q0 article rank score tag`.")
        topic, article, tag = one_line(cells[0]), one_line(cells[2]), one_line(cells[5])
        if article in scored.setdefault(topic, {}):
            raise SourceUnreadable(f"{path}, line {number}: '{article}' is there twice for '{topic}'.")
        scored[topic][article] = score
    if not scored:
        raise SourceUnreadable(f"{path} holds no answers.")
    return Run(tag, {topic: _ordered(scores) for topic, scores in scored.items()})


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _ordered(scores: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(sorted(scores, key=lambda article: (scores[article], article), reverse=True))
