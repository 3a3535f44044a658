"""The words that are found compiled, against the regular expression that says what a word is."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.index.lexical.words import plain_long_runs, plain_marks, plain_words

from .texts import ANALYZER, real

compiled = pytest.importorskip(
    "searcher.index.lexical._words", reason="words are not compiled", exc_type=ImportError
)

odd = st.text(
    "aZ0_.,'\u2019; \n\u00e9\u00df\u0301\u0e31\u0915\u094d\u4e2d\u30fb\U00020001\U0001f600", max_size=40
)


@given(st.one_of(st.text(max_size=80), odd))
def test_words_are_those_of_the_expression(text):
    """
    The same words of any text, and the same marks where some of their terms are wanted.
    """
    assert compiled.words(text) == plain_words(text)
    terms = {word: None if word in ("a", "0") else word.lower() for word in plain_words(text)}
    wanted = {term for place, term in enumerate(terms.values()) if term and place % 2}
    for initials in (bytes([1] * 128), bytes(code % 3 for code in range(128))):
        assert compiled.marks(text, terms, wanted, initials) == plain_marks(text, terms, wanted, initials)
    for low, high in ((0, len(text)), (len(text) // 3, len(text) // 2), (len(text), 0)):
        for most in (0, 1, 5):
            found = compiled.long_runs(text, low, high, most)
            assert found == plain_long_runs(text, low, high, most)
            assert [text[start:end] for start, end in found] == [
                run for run in text[low:high].split() if len(run) > most
            ]


def test_every_character_is_told_alike():
    """
    Each of Unicode's characters alone, within a word, after a joint and before one.
    """
    for first in range(0, sys.maxunicode + 1, 4_096):
        text = " ".join(f"{c} a{c}b .{c} a'{c} {c}.a" for c in map(chr, range(first, first + 4_096)))
        assert compiled.words(text) == plain_words(text), hex(first)
        assert compiled.long_runs(text, 0, len(text), 0) == plain_long_runs(text, 0, len(text), 0), hex(first)


@pytest.mark.parametrize("corpus", ["bbc", "multihop-rag"])
def test_words_of_real_news(corpus):
    """
    The same words in real articles.
    """
    for one in real(corpus, 50):
        assert compiled.words(one.body) == plain_words(one.body)


def test_other_things_are_refused():
    """
    What is no text is an error; an error while a term is looked up comes out.
    """
    with pytest.raises(TypeError):
        compiled.words(b"a")
    with pytest.raises(TypeError):
        compiled.marks(None, {}, set(), bytes(128))
    with pytest.raises(TypeError):
        compiled.marks("a b", {}, set(), bytes(127))
    with pytest.raises(IndexError):
        compiled.long_runs("a b", 0, 4, 1)
    with pytest.raises(KeyError):
        compiled.marks("a b", {"a": "a"}, {"a"}, bytes([1] * 128))
    assert compiled.marks("a", ANALYZER._terms, {"x"}, bytes([1] * 128)) == []
