"""
What was asked, and what was judged? A directory in BEIR's layout.

    corpus.jsonl[.gz]     one article a line, read as `searcher add` reads it
    queries.jsonl[.gz]    one topic a line: `_id` or `id`, `text`, perhaps `like`
    qrels.tsv             query-id, corpus-id, score, with a header line; or qrels/test.tsv

A topic with `like`, the id of an article, asks for articles similar to it; that article is no answer to itself.
Figures from half a file would be lies: a line that cannot be read is an error, not a warning.

Source of the layout: Thakur et al., "BEIR", 2021, arXiv:2104.08663.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from searcher.errors import SourceUnreadable
from searcher.evaluation.lines import read_text_lines
from searcher.evaluation.measures import Qrels
from searcher.text import one_line

MAX_GRADE = 1_000
"""trec_eval allots memory by the highest grade."""

_LAYOUT = "A collection is a directory with corpus.jsonl[.gz], queries.jsonl and qrels.tsv"


@dataclass(frozen=True, slots=True)
class Topic:
    """One judged question: `text` to search for, or, with `like`, the id of an article to find similar ones of."""

    topic_id: str
    text: str
    like: str | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """
    A judged collection. `topics` are those with a relevant article, sorted by id; `qrels` has the same topics.

    `unjudged`: how many topics have none and are left out. `strays`: judged topics that are not among the queries.
    """

    name: str
    directory: Path
    corpus: Path
    topics: tuple[Topic, ...]
    qrels: Qrels
    unjudged: int
    strays: int


def read_collection(directory: Path) -> Collection:
    """Read topics and judgments; the corpus is only looked for. Raises SourceUnreadable with file and line."""
    if not directory.is_dir():
        raise SourceUnreadable(f"{directory} is no directory. {_LAYOUT}.")
    asked = _read_topics(_found(directory, "queries.jsonl", "queries.jsonl.gz"))
    judged = _read_qrels(_found(directory, "qrels.tsv", "qrels/test.tsv"))
    topics = []
    qrels: dict[str, Mapping[str, int]] = {}
    for topic_id, topic in sorted(asked.items()):
        own = {one: grade for one, grade in judged.get(topic_id, {}).items() if one != topic.like}
        if any(grade > 0 for grade in own.values()):
            topics.append(topic)
            qrels[topic_id] = own
    if not topics:
        raise SourceUnreadable(f"{directory} has no query with a relevant article: nothing can be measured.")
    return Collection(
        name=directory.resolve().name,
        directory=directory,
        corpus=_found(directory, "corpus.jsonl", "corpus.jsonl.gz"),
        topics=tuple(topics),
        qrels=qrels,
        unjudged=len(asked) - len(topics),
        strays=len(judged.keys() - asked.keys()),
    )


def _found(directory: Path, *names: str) -> Path:
    for name in names:
        if (path := directory / name).is_file():
            return path
    raise SourceUnreadable(f"{directory} has no {' or '.join(names)}. {_LAYOUT}.")


def _read_topics(path: Path) -> dict[str, Topic]:
    topics: dict[str, Topic] = {}
    for place, line in read_text_lines(path):
        topic = _topic(line, place)
        if topic.topic_id in topics:
            raise SourceUnreadable(f"{place}: the query '{topic.topic_id}' is there twice.")
        topics[topic.topic_id] = topic
    return topics


def _topic(line: str, place: str) -> Topic:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SourceUnreadable(f"{place}: it is not JSON.") from error
    if not isinstance(record, dict):
        raise SourceUnreadable(f"{place}: it is not an object with `id` and `text`.")
    topic_id = _word(record.get("_id", record.get("id")))
    text, like = _word(record.get("text")), _word(record.get("like")) or None
    if not topic_id or not (text or like):
        raise SourceUnreadable(f"{place}: a query needs `id`, and `text` or `like`.")
    return Topic(topic_id, text, like)


def _word(value: Any) -> str:
    return one_line(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _read_qrels(path: Path) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    for number, (place, line) in enumerate(read_text_lines(path)):
        cells = [one_line(cell) for cell in line.split("\t")]
        # Without a header, its first judgment would be lost: the first line is one only if its score is no number.
        if number == 0 and len(cells) == 3 and not _is_integer(cells[2]):
            continue
        if len(cells) != 3 or not cells[0] or not cells[1] or not _is_integer(cells[2]):
            raise SourceUnreadable(
                f"{place}: a judgment is query-id, corpus-id and a whole number, with tabs."
            )
        topic, article, grade = cells[0], cells[1], int(cells[2])
        if abs(grade) > MAX_GRADE:
            raise SourceUnreadable(f"{place}: the score {grade} is past {MAX_GRADE:,}.")
        if qrels.setdefault(topic, {}).setdefault(article, grade) != grade:
            raise SourceUnreadable(f"{place}: '{article}' was judged differently for '{topic}' before.")
    return qrels


def _is_integer(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) < 10
