"""Restrictions over whole arrays, against a plain reading of each text."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.index.lexical.matching import matching_articles
from searcher.records import And, Fuzzy, Not, Or, Phrase, Prefix, Word

from .judge import matches
from .texts import ANALYZER, Text, invent, make_postings, make_vocabulary, real

TEXTS = invent(6, 120, longest=60)


@pytest.fixture(scope="module")
def postings(tmp_path_factory):
    return make_postings(tmp_path_factory.mktemp("matching"), TEXTS)


def matching(node, *segments):
    articles = matching_articles(node, make_vocabulary(segments))
    return None if articles is None else articles.mask(sum(len(segment.articles) for segment in segments))


def expand(node, segment):
    """Give the terms that a prefix or fuzzy word stands for in a segment, in order."""
    (numbers,) = make_vocabulary([segment]).expand(node)
    return [segment.terms[number].decode() for number in numbers.tolist()]


def agree(node, postings, texts):
    mask = matching(node, postings)
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
        return matching(Phrase(words, slop=slop), postings).tolist()

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
    mask = matching(Phrase(("state", "of", "the", "union")), postings)
    assert mask.tolist() == [True, True, False]
    assert matching(Phrase(("of", "the")), postings) is None


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
        found = expand(Prefix(prefix), postings)
        assert len(found) == len(set(found))
        assert set(found) == wanted
        expected = [
            bool(wanted & {t for part in (one.title, one.facts, *one.chunks) for t in ANALYZER.terms(part)})
            for one in TEXTS
        ]
        assert matching(Prefix(prefix), postings).tolist() == expected


def test_a_fuzzy_word_finds_its_slips(postings):
    """
    `minsiter~` finds the minister, and no more edits than asked for are forgiven.
    """
    assert "minist" in expand(Fuzzy("minsiter"), postings)
    assert "minist" in expand(Fuzzy("mimsiter", 2), postings)
    assert "minist" not in expand(Fuzzy("mimsiter", 1), postings)
    assert expand(Fuzzy("qqqqqq", 2), postings) == []


def test_what_says_nothing_restricts_nothing(postings):
    """
    A restriction of stop words only, or of no words, says nothing; beside one that says something it is left out.
    """
    assert matching(Word("the"), postings) is None
    assert matching(And((Word("the"), Not(Word("of")))), postings) is None
    assert matching(Word("🔥"), postings) is None
    vote = matching(Word("vote"), postings)
    both = matching(And((Word("vote"), Word("the"))), postings)
    assert both.tolist() == vote.tolist()


def test_a_prefix_stands_for_any_number_of_words(tmp_path):
    """
    An article is found by the last of 3,000 words that begin so, and nothing is found that holds none of them.
    """
    words = [f"a{number:05}x" for number in range(3_000)]
    bodies = [" ".join(words[:-1]), words[-1], "bank"]
    segments = [make_postings(tmp_path / body[:6], [Text("", "", (body,))]) for body in bodies]
    assert matching(Prefix("a"), *segments).tolist() == [True, True, False]
    assert matching(Not(Prefix("a")), *segments).tolist() == [False, False, True]


def test_what_a_word_stands_for_does_not_depend_on_segments(tmp_path):
    """
    Every prefix of every word, and its slips, match the same articles in one segment and in one for each article.
    """
    words = [
        "die",
        "died",
        "dies",
        "dying",
        "dyes",
        "vote",
        "votes",
        "voted",
        "happy",
        "happiness",
        "skies",
        "sky",
    ]
    words += [
        "선거",
        "選挙",
        "Müller",
        "mullers",
        "O'Brien",
        "news",
        "innings",
        "argue",
        "argument",
        "arguing",
    ]
    texts = [Text("", "", (word,)) for word in words]
    together = make_postings(tmp_path / "all", texts)
    apart = [make_postings(tmp_path / str(n), [one]) for n, one in enumerate(texts)]
    starts = {word[: n + 1] for word in words for n in range(len(word))}
    for node in [*map(Prefix, sorted(starts)), *map(Fuzzy, words), *(Fuzzy(word, 2) for word in words)]:
        assert matching(node, *apart).tolist() == matching(node, together).tolist(), node


def test_what_a_fuzzy_word_stands_for_is_decided_for_all_segments(tmp_path):
    """
    `minster~` means "minister" where that word stands; then also "ministers", which is too far by itself, is found
    by their common term, in whichever segment it stands.
    """
    segments = [
        make_postings(tmp_path / word, [Text("", "", (word,))])
        for word in ("minister", "ministers", "monster")
    ]
    assert matching(Fuzzy("minster"), *segments).tolist() == [True, True, True]
    assert matching(Fuzzy("minster"), *segments[1:]).tolist() == [False, True]
