"""Whatever is typed gets an answer or a clear 'cannot': pieces of the language in any order, and any characters."""

from __future__ import annotations

import time
import unicodedata
from collections import Counter
from random import Random

import pytest

from searcher.errors import InputError
from searcher.records import Filters
from tests.library.samples import NOW, WORDS, new_library, news, on_day
from tests.resilience.trials import count, figures, random_of

DEADLINE_S = 2.0
"""No query takes longer: processor time, so that a busy machine is not blamed on a query."""

_PIECES = r"""
AND OR NOT ( ) " ' - + * ? ~ ~1 ~2 ~9 ~999999999 : ^ ^2 ! | & && || \ / [ ] { } < > = , ; . … ' ’ “ ” „ « » （ ） ： ＊
title: body: author: source: lang: language: section: since: until: before: after: on: date: id: url: foo: title:(
-title: since:7d since:2025 until:2025-13-45 since:yesterday before:9999-12-31 after:0001-01-01 on:2025-02-30 since:-1d
since:99999999999d lang:en lang:xx -lang:en source:"Daily Echo" source:* "harbour strike" "harbour strike"~3 "strike"~0
"a b"~9999999999 "" har* *bour h*r * ** h* a* ha* harbour~ harbour~2 x~2 brigde~ NOT-harbour --harbour ++harbour
+-harbour -( ("
"""
PIECES = [
    *_PIECES.split(),
    'source:"Daily Echo"',
    '"harbour strike"',
    '"harbour strike"~3',
    '"a b"~9999999999',
]
ODD = "\0\x01\x07\x1b\u00ad\u200b\u200d\u202e\u2028\ufeff\ufffd\uffff\U0001f469\U0001f3fd\U000e0041"
ODD += "\ud800\udfff\u0301ﬁﷺǅıİßſK"
LONG = (1, 2, 3, 8, 30, 200, 2_000)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A library of some hundred articles in a few segments, one of them withdrawn and not yet masked."""
    with new_library(tmp_path_factory.mktemp("queries")) as made:
        for number in range(3):
            made.add(*news(100, seed=number, prefix=f"q{number}-"), now=NOW)
        made.remove("q1-3", now=NOW)
        yield made


def test_whatever_is_typed_gets_an_answer(library):
    """
    Queries of words, operators, filters and quotes in any order, of any Unicode characters, of very long words and of
    deep nesting, in every mode and with any option: each gives results or an InputError with the next step. Twice the
    same query gives the same; no page is longer than was asked for, and no query takes longer than two seconds.
    """
    random = random_of("queries")
    ended: Counter[str] = Counter()
    said: dict[str, object] = {"queries": 0}
    slowest = 0.0
    with figures("queries", said):
        for number in range(count("queries")):
            text, options = typed(random), chosen(random)
            started = time.process_time()
            try:
                outcome, answer = ask(library, text, options)
            except Exception as error:
                error.add_note(f"query {number}: {text[:2000]!r} with {options}")
                raise
            slowest = max(slowest, time.process_time() - started)
            assert slowest < DEADLINE_S, (text, options)
            if number % 50 == 0:
                assert ask(library, text, options) == (outcome, answer), (text, options)
            ended[outcome] += 1
            said.update({"queries": number + 1, **ended, "slowest": f"{slowest * 1000:.0f} ms"})
    assert ended["answered"] and ended["nothing found"]


def ask(library, text, options):
    """Ask one question; give how it ended, and what it gave."""
    try:
        results = library.search(text, now=NOW, **options)
    except InputError as error:
        assert str(error).strip() and len(str(error)) < 1_000
        return "refused", str(error)
    assert len(results) <= min(options["limit"], results.total) and results.degraded is None
    assert [hit.rank for hit in results] == [
        *range(options["offset"] + 1, options["offset"] + 1 + len(results))
    ]
    scores = [hit.score for hit in results]
    assert options["sort"] == "date" or scores == sorted(scores, reverse=True)
    assert "q1-3" not in [hit.article_id for hit in results]
    for hit in results:
        assert all(0 <= start < end <= len(hit.snippet.text) for start, end in hit.snippet.marks)
    return "answered" if results.total else "nothing found", [(hit.article_id, hit.score) for hit in results]


def chosen(random: Random):
    """Give options of a search."""
    return {
        "mode": random.choice(["hybrid", "hybrid", "lexical", "dense"]),
        "limit": random.choice([1, 10, 10, 10, 1000]),
        "offset": random.choice([0, 0, 0, 5, 10**12]),
        "sort": random.choice(["relevance", "relevance", "date"]),
        "fusion": random.choice([None, "score", "rrf"]),
        "weight": random.choice([None, 0.0, 0.3, 1.0]),
        "fold": random.random() < 0.7,
        "plain": random.random() < 0.1,
        "filters": random.choice([None, None, Filters(sources=("Nordwind",), since=on_day(20).at)]),
    }


def typed(random: Random) -> str:
    """Give something that a person, a program or a cat may have typed."""
    kind = random.choice([grammar, grammar, grammar, characters, characters, mixed, repeated, cut])
    return kind(random)


def grammar(random: Random) -> str:
    """Words and pieces of the language, in any order."""
    size = random.choice(LONG[:-1]) if random.random() < 0.1 else random.randint(1, 8)
    return "".join(
        random.choice(WORDS if random.random() < 0.5 else PIECES) + random.choice(["", " ", " ", " "])
        for _ in range(size)
    )


def characters(random: Random) -> str:
    """Any characters: ASCII, one block of Unicode, all of it, or the odd ones."""
    low, high = random.choice(
        [(32, 127), (0, 0x110000), (0x300, 0x370), (0x600, 0x700), (0x4E00, 0x9FFF), (0x1F300, 0x1FAFF)]
    )
    made = "".join(chr(random.randrange(low, high)) for _ in range(random.choice(LONG)))
    return unicodedata.normalize("NFD", made) if random.random() < 0.2 else made


def mixed(random: Random) -> str:
    """The language's pieces with odd characters among them."""
    text = list(grammar(random))
    for _ in range(random.randint(1, 5)):
        text.insert(random.randrange(len(text) + 1), random.choice(ODD))
    return "".join(text)


def repeated(random: Random) -> str:
    """One piece, or two, again and again: deep nesting, endless words, rows of operators."""
    piece = random.choice(
        [
            *PIECES,
            *WORDS,
            "(a ",
            "NOT (",
            "-(",
            '"a ',
            "title:(",
            "a OR ",
            "a AND ",
            "a~2 ",
            "h* ",
            "x",
            "é",
            "ﬁ",
        ]
    )
    text = (piece + random.choice(["", " ", random.choice(PIECES)])) * random.choice([10, 100, 1_000, 10_000])
    return text + random.choice(["", ")" * 50, '"'])


def cut(random: Random) -> str:
    """A query whose beginning or end is lost."""
    text = grammar(random)
    place = random.randrange(len(text) + 1)
    return random.choice([text[place:], text[:place], text[:place] * 2])
