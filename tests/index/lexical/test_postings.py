"""Postings on disk, against dictionaries filled from the texts."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.errors import IndexDamaged
from searcher.index.arrays import Arrays, write_arrays
from searcher.index.lexical import codes
from searcher.index.lexical.postings import GAP, Postings, PostingsWriter

from .texts import ANALYZER, Text, invent, make_postings, real

words = st.sampled_from(["vote", "votes", "the", "storm", "U.S.", "選挙", "Müller", "🔥", "x" * 130])
lines = st.lists(words, max_size=8).map(" ".join)
articles = st.builds(Text, lines, lines, st.lists(lines, min_size=1, max_size=4).map(tuple))


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    return lambda texts: make_postings(tmp_path_factory.mktemp("postings"), texts)


def check(postings, texts):
    """Assert that every posting, length and position is what the texts say."""
    chunks = [(one, chunk) for one in texts for chunk in one.chunks]
    check_list(postings, postings.chunks, [(one, [chunk]) for one, chunk in chunks])
    check_list(postings, postings.articles, [(one, one.chunks) for one in texts])
    terms = {t for one in texts for part in (one.title, one.facts, *one.chunks) for t in ANALYZER.terms(part)}
    assert list(postings.terms) == sorted(term.encode() for term in terms)
    check_positions(postings, texts)


def check_list(postings, listed, units):
    """`units`: (article, the chunks that count as its body)."""
    wanted = defaultdict(dict)
    lengths = [sum(len(ANALYZER.terms(chunk)) for chunk in chunks) for _, chunks in units]
    for number, (one, chunks) in enumerate(units):
        body = Counter(term for chunk in chunks for term in ANALYZER.terms(chunk))
        title, facts = Counter(ANALYZER.terms(one.title)), Counter(ANALYZER.terms(one.facts))
        length = int(codes.length_byte(np.array(lengths[number : number + 1]))[0])
        for term in body | title | facts:
            counts = (min(body[term], 31), min(title[term], 3), min(facts[term], 1))
            wanted[term][number] = (*counts, length)
    found = {}
    for number, term in enumerate(postings.terms):
        docs, code = listed.of(number)
        parts = zip(*(part.tolist() for part in codes.occurrences(code)), (code >> 8).tolist(), strict=True)
        found[term.decode()] = dict(zip(docs.tolist(), parts, strict=True))
        assert docs.tolist() == sorted(set(docs.tolist()))
    assert found == dict(wanted)
    assert listed.lengths.tolist() == lengths
    assert len(listed) == len(units)


def check_positions(postings, texts):
    wanted, starts, bodies, chunk_starts, place = defaultdict(list), [], [], [], 0

    def read(part):
        tokens = list(ANALYZER.tokens(part))
        for token in tokens:
            if token.term is not None:
                wanted[token.term.encode()].append(place + token.position)
        return place + len(tokens)

    for one in texts:
        starts.append(place)
        place = read(one.title) + GAP
        bodies.append(place)
        for chunk in one.chunks:
            chunk_starts.append(place)
            place = read(chunk)
        place += GAP
    assert postings.article_positions.tolist() == starts
    assert postings.body_positions.tolist() == bodies
    assert postings.chunk_positions.tolist() == chunk_starts
    for number, term in enumerate(postings.terms):
        positions = postings.positions(number)
        assert positions.tolist() == wanted[term]
        for position, article in zip(
            positions.tolist(), postings.articles_at(positions).tolist(), strict=True
        ):
            assert starts[article] <= position < [*starts, place][article + 1]


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(articles, max_size=5))
def test_postings_of_small_articles(make, texts):
    """
    Any few articles: every term, count, length and position is that of a plain count.
    """
    check(make(texts), texts)


def test_postings_of_invented_news(make):
    """
    A hundred invented articles, the same.
    """
    texts = invent(2, 100)
    check(make(texts), texts)


@pytest.mark.parametrize("corpus", ["bbc", "multihop-rag"])
def test_postings_of_real_news(make, corpus):
    """
    Twenty real articles, the same.
    """
    texts = real(corpus, 20)
    check(make(texts), texts)


def test_words_lead_to_their_terms(make):
    """
    Each word that is not a stop word is kept as written, lower case and without accents, with its term.
    """
    texts = invent(3, 80)
    postings = make(texts)
    wanted = {
        ANALYZER.normalise(word).encode(): ANALYZER.term(word).encode()
        for one in texts
        for part in (one.title, one.facts, *one.chunks)
        for word in ANALYZER.words(part)
        if ANALYZER.term(word) is not None
    }
    found = {word: postings.terms[int(postings.terms_of(n))] for n, word in enumerate(postings.words)}
    assert found == wanted
    assert list(postings.words) == sorted(wanted)


def test_counts_are_cut_where_the_code_ends(make):
    """
    40 occurrences in a body count as 31, 5 in a title as 3; the length and the positions stay exact.
    """
    postings = make([Text("vote " * 5, "vote vote", ("vote " * 40,))])
    docs, code = postings.chunks.of(0)
    assert docs.tolist() == [0]
    assert [part.tolist() for part in codes.occurrences(code)] == [[31], [3], [1]]
    assert postings.chunks.lengths.tolist() == [40]
    assert len(postings.positions(0)) == 45


def test_the_same_texts_give_the_same_bytes(tmp_path):
    """
    Postings are a function of their texts: written twice, the file is the same.
    """
    for name in ("one", "two"):
        make_postings(tmp_path / name, invent(4, 30))
    one, two = ((tmp_path / name / "postings").read_bytes() for name in ("one", "two"))
    assert one == two and len(one) > 1000


def test_a_missing_array_is_named(tmp_path):
    """
    Without any one of its arrays it is a damaged index, and the message names the array.
    """
    arrays = PostingsWriter(ANALYZER).arrays()
    for name in arrays:
        write_arrays(tmp_path / "arrays", {other: arrays[other] for other in arrays if other != name})
        with pytest.raises(IndexDamaged, match=rf"lacks the array {name}.*searcher rebuild"):
            Postings(Arrays(tmp_path / "arrays"))
