"""Which articles match? A standard Whoosh index of the same articles is the judge."""

import random

import pytest
from whoosh import query as wq
from whoosh.query.spans import SpanNear2
from whoosh.reading import IndexReader

from searcher.index.lexical.leg import LexicalLeg
from searcher.records import And, Fuzzy, Not, Or, Phrase, Prefix, Word

from .texts import ANALYZER, invent, make_leg, matching, real
from .whoosh_index import FIELDS, found, index_articles


@pytest.fixture(scope="module", params=["invented", "bbc", "multihop-rag"])
def both(request, tmp_path_factory):
    """(texts, our leg in three segments, Whoosh's searcher) over the same articles."""
    texts = invent(13, 150) if request.param == "invented" else real(request.param, 60)
    leg = make_leg(tmp_path_factory.mktemp("both"), texts, segments=3)
    with index_articles(texts).searcher() as searcher:
        yield texts, leg, searcher


def met(leg: LexicalLeg, node):
    return {n for n, one in enumerate(matching(leg, node).tolist()) if one}


def anywhere(term):
    return wq.Or([wq.Term(field, term) for field in FIELDS])


def drawn(texts, number, seed=14):
    """Words of the articles, frequent ones more often, that are no stop words and one word each."""
    chance = random.Random(seed)
    words = [w for one in texts for part in (one.title, one.body) for w in ANALYZER.words(part)]
    return chance.choices([w for w in words if ANALYZER.term(w)], k=number)


def test_words(both):
    """
    A word, a stem and a word of a title match the documents Whoosh's Term matches.
    """
    texts, leg, searcher = both
    for word in [*drawn(texts, 60), "nowhere"]:
        assert met(leg, Word(word)) == found(searcher, anywhere(ANALYZER.term(word)))
        title = wq.Term("title", ANALYZER.term(word))
        assert met(leg, Word(word, "title")) == found(searcher, title)


def test_and_or_not(both):
    """
    AND, OR and NOT, nested, match what Whoosh's And, Or and Not match.
    """
    texts, leg, searcher = both
    words = drawn(texts, 90)
    for a, b, c in zip(words[::3], words[1::3], words[2::3], strict=True):
        x, y, z = (anywhere(ANALYZER.term(word)) for word in (a, b, c))
        ours = [
            And((Word(a), Word(b))),
            Or((Word(a), Word(b), Word(c))),
            And((Or((Word(a), Word(b))), Not(Word(c)))),
            Not(And((Word(a), Word(c)))),
        ]
        theirs = [
            wq.And([x, y]),
            wq.Or([x, y, z]),
            wq.And([wq.Or([x, y]), wq.Not(z)]),
            wq.Not(wq.And([x, z])),
        ]
        for node, query in zip(ours, theirs, strict=True):
            assert met(leg, node) == found(searcher, query)


def neighbours(texts, number, length, seed=15):
    """Runs of `length` words from titles and bodies without a stop word: there, both mean the same by a phrase."""
    chance = random.Random(seed)
    while number:
        one = chance.choice(texts)
        words = ANALYZER.words(chance.choice([one.title, one.body, one.body]))
        start = chance.randrange(max(1, len(words) - length))
        run = words[start : start + length]
        if len(run) == length and all(ANALYZER.term(word) for word in run):
            number -= 1
            yield tuple(run)


@pytest.mark.parametrize("length", [2, 3])
def test_phrases(both, length):
    """
    Phrases without stop words match what Whoosh's Phrase matches, in title and body and in the title alone.
    """
    texts, leg, searcher = both
    for words in neighbours(texts, 40, length):
        terms = [ANALYZER.term(word) for word in words]
        theirs = {field: found(searcher, wq.Phrase(field, terms)) for field in ("title", "body")}
        assert met(leg, Phrase(words)) == theirs["title"] | theirs["body"] != set()
        assert met(leg, Phrase(words, "title")) == theirs["title"]


def test_two_words_near_each_other(both):
    """
    Two different words with `slop` between them match what Whoosh's unordered SpanNear2 matches at slop + 1.

    (For three and more, Whoosh measures from span to span and we the width of the whole: test_matching has those.)
    """
    texts, leg, searcher = both
    for seed, slop in ((16, 1), (17, 3), (18, 8)):
        for first, _, last in neighbours(texts, 12, 3, seed):
            a, b = ANALYZER.term(first), ANALYZER.term(last)
            if a != b:
                theirs = set()
                for field in ("title", "body"):
                    pair = [wq.Term(field, a), wq.Term(field, b)]
                    theirs |= found(searcher, SpanNear2(pair, slop=slop + 1, ordered=False))
                assert met(leg, Phrase((first, last), slop=slop)) == theirs


def with_inflections(searcher, words):
    """The documents that hold any of these unstemmed words in any inflection."""
    terms = sorted({ANALYZER.term(word) for word in words})
    return found(searcher, wq.Or([anywhere(term) for term in terms])) if terms else set()


def test_prefixes(both):
    """
    A prefix means the unstemmed words that Whoosh's lexicon expands it to, each in all its inflections.
    """
    texts, leg, searcher = both
    for word in drawn(texts, 20, seed=19):
        prefix = ANALYZER.normalise(word)[:4]
        words = {
            btext.decode()
            for field in FIELDS
            for btext in searcher.reader().expand_prefix(f"{field}_w", prefix)
        }
        assert met(leg, Prefix(prefix)) == with_inflections(searcher, words)


def test_fuzzy_words(both):
    """
    A fuzzy word means the unstemmed words that Whoosh finds within its Damerau-Levenshtein distance.
    """
    texts, leg, searcher = both
    for place, word in enumerate(drawn(texts, 12, seed=20)):
        typed = ANALYZER.normalise(word)
        typed = typed[:2] + typed[3:] if place % 2 else typed[:2] + typed[2:4][::-1] + typed[4:]
        for edits in (1, 2):
            words = {
                near
                for field in FIELDS
                # Whoosh's own distance; the automaton of its single segments counts a swap as two edits.
                for near in IndexReader.terms_within(searcher.reader(), f"{field}_w", typed, edits, prefix=1)
            }
            assert met(leg, Fuzzy(typed, edits)) == with_inflections(searcher, words)
