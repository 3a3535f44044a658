"""Restrictions over whole arrays, against a plain reading of each text."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.index.lexical.matching import MAX_EXPANSIONS, expand, matching_articles
from searcher.records import And, Fuzzy, Not, Or, Phrase, Prefix, Word

from .judge import matches
from .texts import ANALYZER, Text, invent, make_postings, real

TEXTS = invent(6, 120, longest=60)


@pytest.fixture(scope="module")
def postings(tmp_path_factory):
    return make_postings(tmp_path_factory.mktemp("matching"), TEXTS)


def agree(node, postings, texts):
    mask = matching_articles(node, [postings], ANALYZER)
    wanted = [matches(node, one, ANALYZER) for one in texts]
    assert (None if mask is None else mask.tolist()) == (None if None in wanted else wanted)


fields = st.sampled_from(["any", "title"])
some_words = st.sampled_from(
    [
        "vote",
        "votes",
        "storm",
        "river",
        "court",
        "minister",
        "the",
        "of",
        "U.S.",
        "O'Brien",
        "選挙",
        "Müller",
        "nowhere",
    ]
)
leaves = st.one_of(
    st.builds(Word, some_words, fields),
    st.builds(Phrase, st.lists(some_words, min_size=1, max_size=3).map(tuple), fields),
    st.builds(Phrase, st.lists(some_words, min_size=2, max_size=3).map(tuple), fields, st.integers(1, 9)),
)
nodes = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(node=nodes)
def test_any_restriction_agrees_with_a_plain_reading(postings, node):
    """
    Words, phrases, proximities and any tree of AND, OR and NOT over them admit the articles a plain reading admits.
    """
    agree(node, postings, TEXTS)


def drawn_phrases(texts, number, *, longest=4):
    """Phrases that do occur, drawn from titles and bodies, and the same words apart or in another order."""
    drawn = random.Random(7)
    for _ in range(number):
        one = drawn.choice(texts)
        words = ANALYZER.words(drawn.choice([one.title, one.body, one.body]))
        if len(words) > longest:
            start = drawn.randrange(len(words) - longest)
            phrase = words[start : start + drawn.randint(2, longest)]
            yield Phrase(tuple(phrase), drawn.choice(["any", "any", "title"]))
            yield Phrase(tuple(reversed(phrase)), slop=drawn.randint(0, 6))
            yield Phrase((phrase[0], phrase[-1]), slop=drawn.randint(1, 6))


def test_phrases_that_occur_are_found_where_they_occur(postings):
    """
    Phrases taken from the articles, and their words reversed or apart, are found where a plain scan finds them.
    """
    for node in drawn_phrases(TEXTS, 150):
        agree(node, postings, TEXTS)


@pytest.mark.parametrize("corpus", ["bbc", "multihop-rag"])
def test_phrases_of_real_news(tmp_path, corpus):
    """
    The same on real articles, stop words and numbers included.
    """
    texts = real(corpus, 20)
    postings = make_postings(tmp_path, texts)
    for node in drawn_phrases(texts, 15):
        agree(node, postings, texts)


def test_a_phrase_lies_within_one_text(tmp_path):
    """
    A phrase crosses from chunk to chunk, not from title to body or from article to article, however wide.
    """
    texts = [Text("alpha beta", "", ("gamma delta ", "epsilon")), Text("zeta", "eta", ("theta",))]
    postings = make_postings(tmp_path, texts)

    def found(*words, slop=0):
        return matching_articles(Phrase(words, slop=slop), [postings], ANALYZER).tolist()

    assert found("delta", "epsilon") == [True, False]
    assert found("beta", "gamma") == found("beta", "gamma", slop=10_000) == [False, False]
    assert found("epsilon", "zeta", slop=10_000) == [False, False]
    assert found("theta", "zeta", slop=10_000) == [False, False]
    assert found("zeta", "eta") == [False, False]
    assert found("epsilon", "gamma", slop=2) == [True, False]


def test_stop_words_hold_their_place_in_a_phrase(tmp_path):
    """
    "state of the union" asks for two words between; which stop words they are does not matter.
    """
    texts = [Text("", "", (body,)) for body in ("state of the union", "state in a union", "state union")]
    postings = make_postings(tmp_path, texts)
    mask = matching_articles(Phrase(("state", "of", "the", "union")), [postings], ANALYZER)
    assert mask.tolist() == [True, True, False]
    assert matching_articles(Phrase(("of", "the")), [postings], ANALYZER) is None


def test_a_prefix_stands_for_every_word_that_begins_so(postings):
    """
    `vot*` is every word beginning with vot, in any case and accent, and each in all its inflections.
    """
    for prefix in ("vot", "MÜL", "o'b", "st", "選", "zz", "m"):
        wanted = {
            ANALYZER.term(word)
            for one in TEXTS
            for part in (one.title, one.facts, *one.chunks)
            for word in ANALYZER.words(part)
            if ANALYZER.term(word) and ANALYZER.normalise(word).startswith(ANALYZER.normalise(prefix))
        }
        found = expand(Prefix(prefix), [postings], ANALYZER)
        assert len(found) == len(set(found))
        assert set(found) == wanted
        expected = [
            bool(wanted & {t for part in (one.title, one.facts, *one.chunks) for t in ANALYZER.terms(part)})
            for one in TEXTS
        ]
        assert matching_articles(Prefix(prefix), [postings], ANALYZER).tolist() == expected


def test_a_fuzzy_word_finds_its_slips(postings):
    """
    `minsiter~` finds the minister, and no more edits than asked for are forgiven.
    """
    assert expand(Word("Ministers"), [postings], ANALYZER) == ["minist"]
    assert "minist" in expand(Fuzzy("minsiter"), [postings], ANALYZER)
    assert "minist" in expand(Fuzzy("mimsiter", 2), [postings], ANALYZER)
    assert "minist" not in expand(Fuzzy("mimsiter", 1), [postings], ANALYZER)
    assert expand(Fuzzy("qqqqqq", 2), [postings], ANALYZER) == []


def test_what_says_nothing_restricts_nothing(postings):
    """
    A restriction of stop words only, or of no words, says nothing; beside one that says something it is left out.
    """
    assert matching_articles(Word("the"), [postings], ANALYZER) is None
    assert matching_articles(And((Word("the"), Not(Word("of")))), [postings], ANALYZER) is None
    assert matching_articles(Word("🔥"), [postings], ANALYZER) is None
    vote = matching_articles(Word("vote"), [postings], ANALYZER)
    both = matching_articles(And((Word("vote"), Word("the"))), [postings], ANALYZER)
    assert both.tolist() == vote.tolist()


def test_expansions_are_cut_in_alphabetical_order(tmp_path):
    """
    Of more terms than a prefix may stand for, the first in the order of their words are taken.
    """
    words = [f"a{number:05}x" for number in range(MAX_EXPANSIONS + 500)]
    parts = [Text("", "", (" ".join(reversed(words[first::2])),)) for first in (0, 1)]
    segments = [make_postings(tmp_path / str(n), [part]) for n, part in enumerate(parts)]
    assert expand(Prefix("a"), segments, ANALYZER) == words[:MAX_EXPANSIONS]


def test_what_a_fuzzy_word_stands_for_is_decided_for_all_segments(tmp_path):
    """
    `minster~` means "minister" where that word stands; then also "ministers", which is too far by itself, is found
    by their common term, in whichever segment it stands.
    """
    segments = [
        make_postings(tmp_path / word, [Text("", "", (word,))])
        for word in ("minister", "ministers", "monster")
    ]
    assert matching_articles(Fuzzy("minster"), segments, ANALYZER).tolist() == [True, True, True]
    assert matching_articles(Fuzzy("minster"), segments[1:], ANALYZER).tolist() == [False, True]
