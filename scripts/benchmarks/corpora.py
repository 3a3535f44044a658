"""
Which articles are searched? Real news where it lies beside the checkout, invented news otherwise.

Past the last real article new ones are made of real sentences: each has the headline, outlet, section and language of
a real article, its sentences and those of two neighbours in the same collection, drawn anew, and a date of its own.
So words are as frequent, as long and as often together as in the news, but no new words come with size.
The same number of chunks and seed give the same articles.
"""

from __future__ import annotations

import gzip
import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from searcher.chunking import split_sentences
from searcher.records import Article, Moment, Origin, Precision

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
COLLECTIONS = ("bbc", "multihop-rag", "reuters21578", "ecbplus")
CHUNK_WORDS = 100


@dataclass(frozen=True, slots=True)
class Corpus:
    """Articles with unique ids. `name`: what they are, for the head of a report."""

    name: str
    articles: list[Article]


def corpus_of(chunks: int, *, seed: int = 1, data: Path = DATA) -> Corpus:
    """Give articles of about so many chunks (of 100 words), shuffled."""
    real = list(_real(data))
    if not real:
        articles = _take(_invented(seed), chunks)
        return Corpus(f"{len(articles):,} invented articles, seed {seed}", articles)
    drawn = random.Random(seed)
    drawn.shuffle(real)
    articles = _take(iter(real), chunks)
    left = chunks - sum(map(_chunks_of, articles))
    if left <= 0:
        return Corpus(f"{len(articles):,} real articles, seed {seed}", articles)
    made = _take(_resampled(real, drawn), left)
    name = f"{len(real):,} real articles and {len(made):,} of their sentences drawn anew, seed {seed}"
    return Corpus(name, articles + made)


def _take(articles: Iterator[Article], chunks: int) -> list[Article]:
    taken, has = [], 0
    for article in articles:
        taken.append(article)
        has += _chunks_of(article)
        if has >= chunks:
            break
    return taken


def _chunks_of(article: Article) -> int:
    return max(1, round(article.body.count(" ") / CHUNK_WORDS))


def _real(data: Path) -> Iterator[Article]:
    """Give every article of the collections, collection after collection."""
    for name in COLLECTIONS:
        path = data / name / "corpus.jsonl.gz"
        if not path.exists():
            continue
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for record in map(json.loads, lines):
                if record["text"].strip():
                    yield _article(name, record)


def _article(collection: str, record: dict) -> Article:
    published = record.get("published")
    return Article(
        article_id=f"{collection}-{record['id']}",
        title=record["title"] or "",
        body=record["text"],
        origin=Origin(collection),
        source=record.get("source") or collection,
        section=record.get("section"),
        language=record.get("lang") or "en",
        published=_moment(datetime.fromisoformat(published)) if published else None,
    )


def _moment(at: datetime) -> Moment:
    return Moment(at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC), Precision.DAY, "field")


_FIRST_DAY = datetime(2023, 1, 1, tzinfo=UTC)


def _resampled(real: list[Article], drawn: random.Random) -> Iterator[Article]:
    collections: dict[str, list[Article]] = {}
    for article in real:
        collections.setdefault(article.origin.where, []).append(article)
    sentences: dict[str, list[str]] = {}

    def sentences_of(article: Article) -> list[str]:
        if article.article_id not in sentences:
            spans = split_sentences(article.body)
            sentences[article.article_id] = [article.body[start:end] for start, end in spans]
        return sentences[article.article_id]

    number = 0
    while True:
        number += 1
        chosen = drawn.choice(real)
        near = [chosen, *drawn.choices(collections[chosen.origin.where], k=2)]
        pool = [sentence for article in near for sentence in sentences_of(article)]
        body = " ".join(drawn.choice(pool).strip() for _ in sentences_of(chosen)).strip()
        if body:
            yield replace(
                chosen,
                article_id=f"made-{number}",
                body=body,
                published=_moment(_FIRST_DAY + timedelta(days=drawn.randrange(730))),
            )


_SYLLABLES = [c + v for c in "bcdfghjklmnprstvwz" for v in ("a", "e", "i", "o", "u", "an", "er", "is", "on")]
_WORDS = 50_000


def _invented(seed: int) -> Iterator[Article]:
    """Give articles of invented words, as frequent as the words of a language: the n-th by 1 / (n + 3) (Zipf)."""
    drawn = random.Random(seed)
    words = sorted(
        {"".join(drawn.choices(_SYLLABLES, k=drawn.choice((1, 2, 2, 3, 3, 4)))) for _ in range(_WORDS)}
    )
    drawn.shuffle(words)
    total, cumulative = 0.0, []
    for place in range(len(words)):
        total += 1 / (place + 3)
        cumulative.append(total)

    def sentence(length: int) -> str:
        return " ".join(drawn.choices(words, cum_weights=cumulative, k=length)).capitalize() + "."

    number = 0
    while True:
        number += 1
        long = max(1, round(math.exp(drawn.gauss(2.4, 0.8))))
        yield Article(
            article_id=f"invented-{number}",
            title=sentence(drawn.randint(4, 10)),
            body=" ".join(sentence(drawn.randint(8, 30)) for _ in range(long)),
            origin=Origin("invented"),
            source=f"Paper {min(int(drawn.expovariate(0.2)), 40)}",
            section=drawn.choice(("world", "business", "sport")),
            language="en",
            published=_moment(_FIRST_DAY + timedelta(days=drawn.randrange(730))),
        )
