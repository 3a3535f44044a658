"""Sorted strings on disk, against a sorted list."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.errors import IndexDamaged
from searcher.index.arrays import Arrays, write_arrays
from searcher.index.lexical import lexicon as module
from searcher.index.lexical.lexicon import Lexicon, lexicon_arrays

words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)
vocabularies = st.sets(words, max_size=30)


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    def make(vocabulary):
        path = tmp_path_factory.mktemp("lexicon") / "arrays"
        write_arrays(path, lexicon_arrays("words", sorted(word.encode() for word in vocabulary)))
        return Lexicon.open(Arrays(path), "words")

    return make


@settings(max_examples=40, deadline=None)
@given(vocabulary=vocabularies, other=words)
def test_find_gives_the_place_in_byte_order(make, vocabulary, other):
    """
    Each string has its place in byte order as its number; what is not there is -1.
    """
    lexicon, ordered = make(vocabulary), sorted(vocabulary, key=str.encode)
    assert list(lexicon) == list(lexicon.all()) == [word.encode() for word in ordered]
    with pytest.MonkeyPatch.context() as patched:
        for _ in range(2):
            assert [lexicon.find(word) for word in ordered] == list(range(len(ordered)))
            assert lexicon.find(other) == (ordered.index(other) if other in vocabulary else -1)
            assert lexicon.find("") == -1
            patched.setattr(module, "compiled", None)  # As where there is no C compiler.


@settings(max_examples=40, deadline=None)
@given(vocabulary=vocabularies, prefix=st.text(st.characters(codec="utf-8"), max_size=3))
def test_prefixed_gives_all_strings_that_begin_so(make, vocabulary, prefix):
    """
    The strings of `prefixed` are those that begin with the prefix, and no others.
    """
    lexicon, ordered = make(vocabulary), sorted(vocabulary, key=str.encode)
    found = lexicon.prefixed(prefix)
    assert [ordered[n] for n in found] == [w for w in ordered if w.startswith(prefix)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "compiled", None)  # As where there is no C compiler.
        assert lexicon.prefixed(prefix) == found


@settings(max_examples=40, deadline=None)
@given(vocabulary=vocabularies, data=st.data())
def test_letters_are_the_code_points(make, vocabulary, data):
    """
    Any run of strings comes back as code points, with where each begins and ends.
    """
    lexicon, ordered = make(vocabulary), sorted(vocabulary, key=str.encode)
    first = data.draw(st.integers(0, len(ordered)))
    last = data.draw(st.integers(first, len(ordered)))
    points, starts, lengths = lexicon.letters(range(first, last))
    found = [
        "".join(map(chr, points[start : start + length]))
        for start, length in zip(starts.tolist(), lengths.tolist(), strict=True)
    ]
    assert found == ordered[first:last]


def test_a_number_past_the_end_is_an_index_error(make):
    """
    Numbers end where the strings end, also below zero.
    """
    lexicon = make({"one", "two"})
    for number in (2, -1):
        with pytest.raises(IndexError):
            lexicon[number]


def test_a_missing_lexicon_is_a_damaged_index(tmp_path):
    """
    A lexicon that is not there is named, with what to do.
    """
    write_arrays(tmp_path / "arrays", lexicon_arrays("terms", [b"one"]))
    with pytest.raises(IndexDamaged, match=r"words\.bytes.*searcher rebuild"):
        Lexicon.open(Arrays(tmp_path / "arrays"), "words")
