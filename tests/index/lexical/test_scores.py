"""What is looked at only where it may matter, against scoring everything."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.index.admitted import Admitted
from searcher.index.lexical import plain_loops, scores, scoring
from searcher.index.lexical.scores import KnownScores
from searcher.records import Fuzzy, Prefix, Query, Word
from searcher.settings import LexicalSettings

from .texts import ANALYZER, Text, invent, make_leg, plain_measures

SETTINGS = {
    "defaults": LexicalSettings(),
    "lengths count in full": LexicalSettings(b=1.0, k1=3.0, article_weight=0.2),
    "lengths do not count": LexicalSettings(b=0.0, k1=0.3, title_weight=9.0),
    "chunks alone": LexicalSettings(article_weight=0.0),
    "once is as good as often": LexicalSettings(k1=0.0, article_weight=0.1),
}
DEAD = frozenset(range(5, 600, 9))


@pytest.fixture(scope="module", params=SETTINGS)
def leg(request, tmp_path_factory):
    """600 articles, a few of them twenty times as long as most, in three segments; some are withdrawn."""
    texts = [*invent(30, 560, longest=60), *invent(31, 40, longest=1_500)]
    texts = [text for pair in zip(texts[:300], texts[300:], strict=True) for text in pair]
    directory = tmp_path_factory.mktemp("scores")
    return make_leg(directory, texts, segments=3, dead=DEAD, settings=SETTINGS[request.param])


words = st.sampled_from(
    ["vote", "storm", "river", "court", "minist", "budget", "strike", "bank", "train", "us", "2024", "nowher"]
)
asked = st.lists(
    st.one_of(
        words.map(Word), st.builds(Prefix, st.sampled_from(["s", "co", "mi"])), st.just(Fuzzy("stirke", 2))
    ),
    min_size=1,
    max_size=5,
    unique=True,
)


@settings(max_examples=60, deadline=None)
@given(
    nodes=asked,
    named=st.lists(st.integers(2, 200), max_size=2),
    depth=st.sampled_from([1, 2, 5, 30, 200, 700, None]),
    share=st.sampled_from([1, 0.5, 0.02, 0]),
    seed=st.integers(0, 9),
    as_rows=st.booleans(),
)
def test_the_best_are_those_of_scoring_everything(leg, nodes, named, depth, share, seed, as_rows):
    """
    Whatever is asked, admitted and wanted: the same articles in the same order with the same scores and chunks, to the
    last bit, as ranking the full arrays; whether the admitted are known as rows or as a mask.
    """
    admitted = leg.table.live & (np.random.default_rng(seed).random(len(leg.table)) < share)
    outlets = [np.arange(len(leg.table)) % every == 0 for every in named]
    everything = leg.score(nodes, outlets)
    known = KnownScores(leg.table, everything.chunks.take, everything.articles)
    given = Admitted(admitted)
    if as_rows:
        given = Admitted(rows=given.rows, total=given.total)
    fast, full = leg.score(nodes, outlets).rank(given, depth), known.rank(given, depth)
    assert fast.articles.tolist() == full.articles.tolist()
    assert fast.chunks.tolist() == full.chunks.tolist()
    assert fast.scores.tobytes() == full.scores.tobytes()
    assert leg.score(nodes, outlets).matches(admitted).tolist() == known.matches(admitted).tolist()


@settings(max_examples=30, deadline=None)
@given(nodes=asked, chunks=st.sets(st.integers(0, 1_000)))
def test_the_scores_of_some_chunks_are_those_of_all(leg, nodes, chunks):
    """
    Looked up for a few chunks, scores are to the last bit those of scoring every chunk.
    """
    chosen = np.array(sorted(chunk % len(leg.table.chunk_article) for chunk in chunks), dtype=np.int64)
    chosen = np.unique(chosen)
    assert leg.score(nodes).of_chunks(chosen).tobytes() == leg.score(nodes).chunks[chosen].tobytes()


def test_what_is_named_counts_where_a_word_stands(leg):
    """
    An article of a named outlet has more by the outlet's idf, weighted, once for itself and once, by the share of
    articles, in each of its chunks; but only if it holds a word.
    """
    wanted = [Word("vote")]
    outlet = np.arange(len(leg.table)) % 7 == 0
    plain, named = leg.score(wanted), leg.score(wanted, [outlet])
    df = np.count_nonzero(outlet & leg.table.live)
    live = np.count_nonzero(leg.table.live)
    idf = np.log(1 + (live - df + 0.5) / (df + 0.5))
    holding = outlet & (plain.article_sums > 0)
    assert 10 < np.count_nonzero(holding) < np.count_nonzero(outlet)
    more = leg.settings.named_weight * idf * (1 + leg.settings.article_weight)
    assert named.articles[holding] - plain.articles[holding] == pytest.approx(more, rel=1e-4)
    assert (named.articles[~holding] == plain.articles[~holding]).all()


def test_few_chunks_are_scored(leg, monkeypatch):
    """
    For the ten best, fewer than half of the articles that hold a word have their chunks looked at.
    """
    looked_at = []
    score = plain_loops._Scoring.score

    def counted(self, places):
        looked_at.append(len(places))
        return score(self, places)

    monkeypatch.setattr(plain_loops._Scoring, "score", counted)
    for name in ("add_scores", "add_scores_of", "best_articles"):
        monkeypatch.setattr(scores, name, getattr(plain_loops, name))
    monkeypatch.setattr(scoring, "part", plain_loops.part)
    monkeypatch.setattr(leg, "_parts_of_terms", {})
    monkeypatch.setitem(leg.__dict__, "_measures", plain_measures(leg))
    wanted = leg.parse(Query("", "", ("vote", "storm")))
    question = leg.score(wanted)
    question.rank(Admitted(leg.table.live), 10)
    holding = np.count_nonzero(question.matches(leg.table.live))
    assert holding > 300
    if leg.settings == LexicalSettings():
        assert 10 <= sum(looked_at) < holding / 2


def test_no_chunk_has_more_than_its_article_may(leg):
    """
    A term's share of a chunk is at most its article's times the article's excess, and at most what its article's comes
    to where its length counts as the shortest chunk's: for every term and article. An only chunk has its article's
    codes.
    """
    table, bounds = leg.table, leg._bounds
    counts = np.diff(table.first_chunk)
    ratio = np.repeat(bounds.norm_ratio, counts)
    for number in range(0, len(leg.segments[0].terms), 7):
        term = leg.segments[0].terms[number].decode()
        question = leg.score([Word(term)])
        chunk, article = leg._chunk.table, leg._article.table
        of_chunks = np.zeros(len(table.chunk_article))
        of_articles = np.zeros(len(table))
        chunk_codes = np.zeros(len(of_chunks), dtype=np.uint16)
        article_codes = np.zeros(len(of_articles), dtype=np.uint16)
        for part, values, held, table_of_unit in (
            (question._chunk_parts, of_chunks, chunk_codes, chunk),
            (question._article_parts, of_articles, article_codes, article),
        ):
            if part:
                for base, units, code in part[0].pieces:
                    values[base:][units] = table_of_unit.take(code)
                    held[base:][units] = code
        share = np.repeat(of_articles, counts)
        for most in (share * np.repeat(bounds.excess, counts), ratio * share / (1 + (ratio - 1) * share)):
            assert (of_chunks <= most * (1 + 1e-5)).all(), term
        only = np.flatnonzero(counts == 1)
        assert (chunk_codes[table.first_chunk[only]] == article_codes[only]).all()


def test_longest_and_shortest_articles_together(tmp_path):
    """
    One article of 400 chunks among articles of one: the right ten come first, whichever kind they are.
    """
    long = Text("", "", tuple("storm river court " * 5 + "vote " for _ in range(400)))
    texts = [long, *[Text("", "", ("vote " * (1 + n % 7) + "river " * (n % 50),)) for n in range(300)]]
    leg = make_leg(tmp_path, texts)
    for question in ("vote", "vote river", "storm vote"):
        wanted = [Word(term) for term in ANALYZER.terms(question)]
        full = leg.score(wanted)
        known = KnownScores(leg.table, full.chunks.take, full.articles)
        everyone = Admitted(np.ones(len(texts), dtype=bool))
        assert full.rank(everyone, 10).articles.tolist() == known.rank(everyone, 10).articles.tolist()


def test_an_article_that_has_a_title_and_no_words_beside_can_be_the_best(tmp_path):
    """
    Its chunk has what its title has, and no more: also where all that counts is which words stand in it (`k1` is 0),
    and others, in which the words stand in different chunks, seem likelier.
    """
    apart = Text("", "", ("river " + "pad " * 39, "storm " + "pad " * 39))
    other = Text("", "", ("nothing here",))
    texts = [apart, apart, apart, *[other] * 40, Text("vote", "", ("the",)), *[other] * 160]
    leg = make_leg(tmp_path, texts, settings=LexicalSettings(k1=0.0, article_weight=0.1))
    everything = Admitted(np.ones(len(texts), dtype=bool))
    asked = [Word("river"), Word("storm"), Word("vote")]
    assert leg.score(asked).rank(everything, 1).articles.tolist() == [43]
