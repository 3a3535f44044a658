"""Texts and questions from strangers: each costs little, and nothing breaks."""

import random
import time

import pytest

from searcher.index.lexical.matching import matching_articles
from searcher.records import Fuzzy, Not, Or, Phrase, Prefix, Query, Word

from .texts import ANALYZER, Text, make_leg, make_postings, make_vocabulary, matching

ODD = [
    Text("", "", ("x",)),
    Text("", "", ("🔥🔥🔥 😀",)),
    Text("", "", ("the of and",)),
    Text("選挙の結果", "", ("日本の選挙は日曜日に行われた。",)),
    Text("हिन्दी समाचार", "", ("दिल्ली में चुनाव",)),
    Text("word " * 300, "fact " * 300, ("y" * 500 + " " + "é" * 500 + " y",)),
    Text("", "", ("", "chunk without neighbours", "")),
    Text("\ufffd\u200d", "\u0301", ("a\u0301\u0302 ' . ’ _",)),
    Text("U.S.A.", "", ("don't 3.14.15 a.b.c.d a..b o''c",)),
]


@pytest.fixture(scope="module")
def leg(tmp_path_factory):
    return make_leg(tmp_path_factory.mktemp("odd"), ODD, segments=3)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("x", [0]),
        ("🔥", []),
        ("the", []),
        ("選挙", [3]),
        ("日曜日", [3]),
        ("समाचार", [4]),
        ("y" * 600, [5]),
        ("E" * 700, [5]),
        ("neighbour", [6]),
        ("USA", [8]),
        ("a.b.c.d", [8]),
        ("", []),
    ],
)
def test_odd_texts_are_found_by_their_words(leg, words, wanted):
    """
    One word, one script, one emoji, a headline of 300 words: an article is found by the words it has.
    """
    scores = leg.score(leg.parse(Query(words, words, tuple(words.split()))))
    assert [n for n, score in enumerate(scores.articles.tolist()) if score > 0] == wanted


@pytest.mark.parametrize(
    "node",
    [
        Word(""),
        Word("🔥"),
        Word("\x00"),
        Word("\ud800"),
        Phrase(()),
        Phrase(("",)),
        Phrase(("🔥", "the")),
        Phrase(("選", "挙"), "title"),
        Phrase(("x",) * 500),
        Phrase(("x", "y"), slop=10**9),
        Prefix(""),
        Prefix("🔥"),
        Prefix("\ud800"),
        Fuzzy(""),
        Fuzzy("\ud800" * 50, 2),
        Fuzzy("y" * 10_000, 2),
        Fuzzy("x", 99),
        Not(Prefix("")),
    ],
    ids=repr,
)
def test_odd_questions_are_answered(leg, node):
    """
    A restriction of nothing, of lone surrogates, of ten thousand letters has an answer for every article.
    """
    mask = matching(leg, node)
    assert mask.shape == (len(ODD),)
    assert mask.dtype == bool


def test_an_empty_prefix_stands_for_nothing(leg):
    """
    `*` alone is no word: it does not stand for all words.
    """
    assert not matching(leg, Prefix("")).any()


@pytest.fixture(scope="module")
def hundred_thousand(tmp_path_factory):
    """100,000 distinct words, 40,000 of them behind one letter, in one segment."""
    drawn = random.Random(25)
    words = set()
    while len(words) < 100_000:
        first = "s" if len(words) < 40_000 else drawn.choice("abcdefghijklmnopqrtuvwxyz")
        words.add(first + "".join(drawn.choices("aeioubcdfghklmnprst", k=drawn.randint(2, 12))))
    ordered = sorted(words)
    drawn.shuffle(ordered)
    # Some words as long as words can be, alike but for their end.
    ordered += [f"{'s' * 110}{number}" for number in range(2_000)]
    chunks = tuple(" ".join(ordered[i : i + 100]) + " " for i in range(0, len(ordered), 100))
    texts = [Text("", "", chunks[i : i + 10]) for i in range(0, len(chunks), 10)]
    return [make_postings(tmp_path_factory.mktemp("many"), texts)]


@pytest.mark.parametrize(
    "node",
    [
        Prefix("s"),
        Prefix("st"),
        Fuzzy("s", 2),
        Fuzzy("strmo", 2),
        Fuzzy("sinternationalisation", 2),
        Fuzzy("s" * 112, 2),
        Fuzzy("s" * 5_000, 2),
    ],
    ids=lambda node: repr(node)[:40],
)
def test_wide_questions_over_many_words_are_quick(hundred_thousand, node):
    """
    A one-letter prefix or a long fuzzy word over 100,000 distinct words takes well under 300 ms of processor time.
    """
    started = time.process_time()
    found = matching_articles(node, make_vocabulary(hundred_thousand))
    assert time.process_time() - started < 0.3
    assert (len(found.rows()) > 0) == (not (isinstance(node, Fuzzy) and len(node.text) in (21, 5_000)))


@pytest.fixture(scope="module")
def forty_thousand(tmp_path_factory):
    """40,000 words behind 32 beginnings of two letters, all of them in each of four segments; and the words."""
    drawn = random.Random(26)
    words = [
        first + second + "".join(drawn.choices("abcdefghijklmnopqrstuvwxyz", k=5))
        for first in "abcdefgh"
        for second in "aeio"
        for _ in range(1_250)
    ]
    texts = []
    for _ in range(4):
        shuffled = drawn.sample(words, len(words))
        texts += [Text("", "", (" ".join(shuffled[i : i + 400]),)) for i in range(0, len(words), 400)]
    return make_leg(tmp_path_factory.mktemp("behind"), texts, segments=4), words


@pytest.mark.parametrize("kind", [Prefix, Fuzzy])
def test_32_wide_words_are_one_quick_question(forty_thousand, kind):
    """
    32 two-letter prefixes, or 32 fuzzy words, joined by OR over 40,000 words in four segments: to match, score and
    mark them takes less than 400 ms of processor time.
    """
    leg, words = forty_thousand
    asked = words[::1_250]
    nodes = tuple(Prefix(word[:2]) if kind is Prefix else Fuzzy(word, 2) for word in asked)
    started = time.process_time()
    wanted = leg.parse(Query("", "", scored=nodes))
    marked = leg.words_of(wanted)
    mask = matching(leg, Or(nodes))
    scores = leg.score(wanted)
    assert time.process_time() - started < 0.4
    assert ((scores.articles > 0) == mask).all()
    assert all(ANALYZER.term(word) in marked for word in asked)
    assert mask.all() == (kind is Prefix)


def test_words_are_cut_in_linear_time():
    """
    A megabyte without a space, of letters, marks or dots, is cut to words in under a second.
    """
    for text in (
        "x" * 10**6,
        "कि" * 500_000,
        "a." * 500_000,
        "a\u0301" * 500_000,
        "'" * 10**6,
        "選" * 300_000,
    ):
        started = time.process_time()
        ANALYZER.words(text)
        assert time.process_time() - started < 1
