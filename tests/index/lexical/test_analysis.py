"""Text to terms: the fast path against Whoosh's whole chain, and what journalists type."""

import pickle
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.lang import has_stemmer, languages, two_letter_code
from whoosh.support.charset import accent_map

from searcher.errors import SettingsError
from searcher.index.lexical import accents, analysis
from searcher.index.lexical.analysis import STEMMERS, Analyzer
from searcher.index.lexical.words import ANY_WORD

from .texts import ANALYZER, invent, real
from .whoosh_index import chain

CHAIN = chain()


def by_whoosh(text):
    return [
        (token.startchar, token.endchar, token.pos, token.text)
        for token in CHAIN(text, positions=True, chars=True)
    ]


def by_us(text):
    return [(t.start, t.end, t.position, t.term) for t in ANALYZER.tokens(text) if t.term is not None]


def test_equals_the_whole_whoosh_chain_on_invented_news():
    """
    Terms, spans and positions are those of one Whoosh chain run over the whole text.
    """
    for one in invent(1, 60):
        assert by_us(one.body) == by_whoosh(one.body)


@pytest.mark.parametrize("corpus", ["bbc", "multihop-rag"])
def test_equals_the_whole_whoosh_chain_on_real_news(corpus):
    """
    Also on real articles, with what newspapers write.
    """
    for one in real(corpus, 25):
        assert by_us(one.body) == by_whoosh(one.body)


@settings(deadline=None)
@given(st.text(max_size=80))
def test_equals_the_whole_whoosh_chain_on_anything(text):
    """
    Also on text that nobody would write.
    """
    assert by_us(text) == by_whoosh(text)


@settings(deadline=None)
@given(st.text("aZ0_.,'\u2019; \n\u00e9\u0301\u0e31\u4e2d\u30fb", max_size=40))
def test_words_that_are_told_at_once_are_the_same_words(text):
    """
    A word is never shorter, longer or elsewhere for what is asked first.
    """
    assert ANALYZER.words(text) == re.findall(ANY_WORD, text)


@settings(deadline=None)
@given(st.text(max_size=80))
def test_spans_lie_in_order_in_the_text(text):
    """
    Spans rise without overlap; each holds its word; positions count all words from 0; `terms` is the same walk.
    """
    tokens = list(ANALYZER.tokens(text))
    assert [text[t.start : t.end] for t in tokens] == ANALYZER.words(text)
    assert [t.position for t in tokens] == list(range(len(tokens)))
    assert all(a.end <= b.start for a, b in pairwise(tokens))
    assert all(t.start < t.end for t in tokens)
    assert ANALYZER.terms(text) == [t.term for t in tokens if t.term is not None]


@settings(deadline=None)
@given(st.text(max_size=200))
def test_terms_are_short_and_clean(text):
    """
    No term is empty or longer than 120 bytes of UTF-8, nor is a word's unstemmed form.
    """
    for word in ANALYZER.words(text):
        assert ANALYZER.term(word) != ""
        for form in (ANALYZER.term(word), ANALYZER.normalise(word)):
            assert form is None or len(form.encode()) <= analysis.MAX_TERM_BYTES


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("protests", "Protesting"),
        ("U.S.", "US"),
        ("U.S.A.", "usa"),
        ("Müller", "muller"),
        ("O’Brien", "O'Brien"),
        ("O'Brien's", "O’Brien’s"),
        ("São", "sao"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("Horbachyov Горбачёв", "Horbachyov горбачев"),
        ("Αθήνα", "αθηνα"),
        ("x\u0301", "X"),
    ],
)
def test_spellings_that_find_each_other(one, other):
    """
    Inflections, acronyms with and without dots, accents and apostrophes meet in one term.
    """
    assert ANALYZER.terms(one) == ANALYZER.terms(other) != []


def test_numbers_and_scripts():
    """
    Decimal numbers are one word; Chinese is one word a character; vowel signs do not cut a word; emoji are none.
    """
    assert ANALYZER.words("हिन्दी समाचार") == ["हिन्दी", "समाचार"]
    assert ANALYZER.words("up 3.5% in Q4") == ["up", "3.5", "in", "Q4"]
    assert ANALYZER.words("選挙2024年") == ["選", "挙", "2024", "年"]
    assert ANALYZER.words("🔥🔥 😀") == []
    assert ANALYZER.terms("it is not the US") == ["us"]


def test_a_long_word_is_cut_between_characters():
    """
    A term ends after 120 bytes, never inside a character.
    """
    assert ANALYZER.term("x" * 500) == "x" * 120
    assert ANALYZER.term("é" * 500) == "e" * 120
    assert ANALYZER.term("я" * 119 + "x") == "я" * 60


def test_other_stemmers():
    """
    A stemmer can be chosen or left out; its name is part of the fingerprint; an unknown one is refused by name.
    """
    assert Analyzer("none").terms("Protests") == ["protests"]
    assert Analyzer("german").terms("Häusern") == Analyzer("german").terms("Hauser")
    assert len({Analyzer(name).fingerprint for name in ("english", "german", "none")}) == 3
    assert Analyzer("français").terms("amis") == Analyzer("french").terms("amis")
    with pytest.raises(SettingsError, match="klingon"):
        Analyzer("klingon")


def test_the_stemmers_are_those_of_whoosh():
    """Each name is one that Whoosh can stem, and each of its languages has one."""
    names = set(STEMMERS) - {"none"}
    assert all(map(has_stemmer, names))
    assert {two_letter_code(name) for name in names} == set(filter(has_stemmer, languages))


def test_the_accents_are_those_of_whoosh():
    """Every character, in lower case, becomes what Whoosh's map makes of it, but for what is told beside that."""
    theirs = {**accent_map, **accents.MORE}
    for place in range(0x110000):
        letter = chr(place).lower()
        assert letter.translate(accents.PLAIN) == letter.translate(theirs)


def test_what_an_index_knows_is_not_stemmed():
    """
    Terms are those that the index has, asked in order, and of words that it has not got those of stemming; stop words
    are none, whatever it has.
    """
    first, second = {"harbours": "known", "the": "never"}, {"harbours": "later", "strikes": "too"}
    analyzer = ANALYZER.knowing([first.get, second.get])
    assert analyzer.terms("The HARBOURS, strikes and protests") == ["known", "too", "protest"]
    assert analyzer.fingerprint == ANALYZER.fingerprint
    assert ANALYZER.terms("harbours") == ["harbour"]
    # Sent to another process it is its stemmer alone.
    assert pickle.loads(pickle.dumps(analyzer)).terms("harbours") == ["harbour"]


@pytest.mark.parametrize("stemmer", STEMMERS)
def test_a_term_begins_as_its_word_does(stemmer):
    """
    In every language, if both begin with a letter or digit of ASCII: that is why other words need not be looked up.
    Where the term begins with another letter (of a word in two scripts, in Russian), all words are.
    """
    analyzer = Analyzer(stemmer)
    texts = [one.body for one in invent(1, 30)]
    texts += ["Boeingа упали", "iPhone’ов", "SMSки", "Kовид"]
    texts += [
        f"{c}{rest}"
        for c in "0Aaz9iIyYsGDü"
        for rest in ("", "'s", "ing", "yes", "ßen", "\u0301e", ".S.A", "ies", "_")
    ]
    for word in {
        word for text in texts for word in analyzer.words(text) if word[0].isascii() and word[0].isalnum()
    }:
        term = analyzer.term(word)
        assert term is None or term[0] == word[0].lower() or not term[0].isascii(), word
        assert term is None or analyzer.marks(word, frozenset([term])), word


@settings(deadline=None)
@given(st.text("aAbByY0'.\u00e9\u0301 _\u4e2d", max_size=60), st.sets(st.integers(0, 9), max_size=3))
def test_marks_are_where_the_wanted_terms_stand(text, places):
    """
    Of any terms: those tokens whose terms are wanted, each with its span, whatever holds the terms.
    """
    tokens = [token for token in ANALYZER.tokens(text) if token.term is not None]
    wanted = frozenset(token.term for place, token in enumerate(tokens) if place in places)
    marks = [(token.start, token.end, token.term) for token in tokens if token.term in wanted]
    assert ANALYZER.marks(text, wanted) == ANALYZER.marks(text, list(wanted)) == marks
    assert ANALYZER.marks(text, frozenset(["", "\u4e2d", *wanted])) == ANALYZER.marks(
        text, ["\u4e2d", *wanted]
    )
