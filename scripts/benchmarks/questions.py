"""
What is asked? Questions of each kind, drawn from the articles that are searched, so that each has an answer.

Words come from headlines (`any`, as people type them) or from one sentence (`all`, `phrase`, `near`): they stand
together somewhere. Stop words are left out: to no engine do they say anything.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from searcher.chunking import split_sentences
from searcher.index.lexical.analysis import STOP_WORDS
from searcher.records import Article

KINDS = ("any", "all", "phrase", "source", "dates", "prefix", "fuzzy", "near", "not")


@dataclass(frozen=True, slots=True)
class Question:
    """
    One question, in parts for other engines (`words`, `source`, `since`, `until`), and in our query language (`text`).

    By kind, `words` are: any, source, dates: words of which each may match; all: words that all must match; phrase:
    words in order; near: two words at most five apart; prefix: one beginning; fuzzy: one word, an edit away from one
    that is there; not: words that may match, and last one that must not.
    """

    kind: str
    text: str
    words: tuple[str, ...]
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def questions_of(articles: Sequence[Article], kind: str, count: int, *, seed: int = 2) -> list[Question]:
    """Give `count` questions of one of the `KINDS`. The same articles and seed give the same questions."""
    drawn = random.Random(f"{seed} {kind}")
    found: list[Question] = []
    while len(found) < count:
        if (question := _MAKERS[kind](drawn.choice(articles), drawn)) is not None:
            found.append(question)
    return found


def _any(article: Article, drawn: random.Random) -> Question | None:
    words = _telling(article.title)[: drawn.randint(2, 6)]
    return Question("any", " ".join(words), words) if len(words) > 1 else None


def _all(article: Article, drawn: random.Random) -> Question | None:
    words = tuple(dict.fromkeys(_telling(_sentence(article, drawn))))
    if len(words) < 4:
        return None
    words = tuple(drawn.sample(words, drawn.randint(2, 3)))
    return Question("all", " AND ".join(words), words)


def _phrase(article: Article, drawn: random.Random) -> Question | None:
    run = _neighbours(_sentence(article, drawn), drawn.randint(2, 3), drawn)
    return Question("phrase", f'"{" ".join(run)}"', run) if run else None


def _near(article: Article, drawn: random.Random) -> Question | None:
    words = _telling(_sentence(article, drawn))
    if len(words) < 4:
        return None
    place = drawn.randrange(len(words) - 2)
    pair = words[place], words[place + 2]
    return Question("near", f'"{" ".join(pair)}"~5', pair) if pair[0] != pair[1] else None


def _source(article: Article, drawn: random.Random) -> Question | None:
    asked = _any(article, drawn)
    if asked is None or article.source is None:
        return None
    return Question("source", f'{asked.text} source:"{article.source}"', asked.words, source=article.source)


def _dates(article: Article, drawn: random.Random) -> Question | None:
    asked = _any(article, drawn)
    if asked is None or article.published is None:
        return None
    since = article.published.at.replace(hour=0, minute=0, second=0) - timedelta(days=drawn.randrange(30))
    until = since + timedelta(days=30)
    # `until:` is the last day that counts; `Question.until` the first that does not.
    text = f"{asked.text} since:{since:%Y-%m-%d} until:{until - timedelta(days=1):%Y-%m-%d}"
    return Question("dates", text, asked.words, since=since, until=until)


def _prefix(article: Article, drawn: random.Random) -> Question | None:
    words = [word for word in _telling(_sentence(article, drawn)) if len(word) > 5]
    if not words:
        return None
    start = drawn.choice(words)[: drawn.randint(3, 5)]
    return Question("prefix", f"{start}*", (start,))


def _fuzzy(article: Article, drawn: random.Random) -> Question | None:
    words = [word for word in _telling(_sentence(article, drawn)) if len(word) > 5]
    if not words:
        return None
    word = drawn.choice(words)
    place = drawn.randrange(1, len(word) - 1)
    slip = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return Question("fuzzy", f"{slip}~", (slip,))


def _not(article: Article, drawn: random.Random) -> Question | None:
    asked, other = _any(article, drawn), _telling(_sentence(article, drawn))
    rest = [word for word in other if asked and word not in asked.words]
    if asked is None or not rest:
        return None
    without = drawn.choice(rest)
    return Question("not", f"{asked.text} -{without}", (*asked.words, without))


_MAKERS: dict[str, Callable[[Article, random.Random], Question | None]] = {
    "any": _any,
    "all": _all,
    "phrase": _phrase,
    "source": _source,
    "dates": _dates,
    "prefix": _prefix,
    "fuzzy": _fuzzy,
    "near": _near,
    "not": _not,
}


def _sentence(article: Article, drawn: random.Random) -> str:
    start, end = drawn.choice(split_sentences(article.body))
    return article.body[start:end]


def _telling(text: str) -> tuple[str, ...]:
    return tuple(word for word in _words(text) if word and word not in STOP_WORDS)


def _words(text: str) -> list[str]:
    """Give the words of a text in lower case; "" where one is not plain: with a digit, a dot, a hyphen within."""
    words = [word.strip(".,;:!?\"'()“”‘’").lower() for word in text.split()]
    return [word if word.isascii() and word.isalpha() and len(word) > 2 else "" for word in words]


def _neighbours(text: str, length: int, drawn: random.Random) -> tuple[str, ...]:
    """Give words that stand side by side in the text, none a stop word; () if there are none."""
    words = [word if word not in STOP_WORDS else "" for word in _words(text)]
    starts = [start for start in range(len(words) - length + 1) if all(words[start : start + length])]
    if not starts:
        return ()
    start = drawn.choice(starts)
    return tuple(words[start : start + length])
