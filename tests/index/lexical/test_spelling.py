"""Words at a distance of one or two edits, against Whoosh's distance, one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.support.levenshtein import damerau_levenshtein

from searcher.index.lexical.lexicon import Lexicon
from searcher.index.lexical.spelling import words_within

# Few letters, of one to four bytes: near words are many.
words = st.text("abé选😀", min_size=1, max_size=8)


def make(vocabulary):
    """Give a lexicon in memory."""
    ordered = sorted(word.encode() for word in vocabulary)
    blob = np.frombuffer(b"".join(ordered), dtype=np.uint8)
    return Lexicon(blob, np.cumsum([len(word) for word in ordered], dtype=np.int64))


@settings(deadline=None)
@given(vocabulary=st.sets(words, max_size=60), word=words, edits=st.integers(1, 2))
def test_distances_are_whooshs(vocabulary, word, edits):
    """
    The words found are those with the same first letter whose Damerau-Levenshtein distance is small enough.
    """
    ordered = sorted(vocabulary, key=str.encode)
    near = [w for w in ordered if w[0] == word[0] and damerau_levenshtein(w, word) <= edits]
    assert [ordered[n] for n in words_within(edits, word, make(vocabulary))] == near


@pytest.mark.parametrize(
    ("typed", "meant", "edits"),
    [
        ("zelenskiy", "zelensky", 1),
        ("zelensky", "zelenskyy", 1),
        ("goverment", "government", 1),
        ("recieve", "receive", 1),
        ("netanjahu", "netanyahu", 1),
        ("eisntein", "einstein", 1),
        ("kiev", "kyiv", 2),
    ],
)
def test_slips_of_the_newsroom(typed, meant, edits):
    """
    A letter too many, too few, another, or two swapped: one edit each, and one edit fewer does not find it.
    """
    lexicon = make({meant, "unrelated"})
    assert words_within(edits, typed, lexicon).tolist() == [lexicon.find(meant)]
    assert words_within(edits - 1, typed, lexicon).tolist() == []


def test_nothing_is_near_to_nothing():
    """
    An empty word finds nothing, and nothing is found among no words.
    """
    assert words_within(2, "", make({"a"})).tolist() == []
    assert words_within(2, "abc", make(set())).tolist() == []
