"""Whoosh's own searcher over our arrays: the same documents, and the same scores."""

import math
import random

import numpy as np
import pytest
from whoosh import query as wq
from whoosh.qparser import QueryParser
from whoosh.reading import TermNotFound
from whoosh.scoring import BM25F
from whoosh.searching import Searcher

from searcher.index.lexical.codec import open_whoosh, whoosh_reader
from searcher.records import Phrase, Prefix, Word
from searcher.settings import LexicalSettings

from .judge import matches
from .texts import ANALYZER, Text, bodies_only, invent, make_leg, make_postings, matching, real

DEAD = frozenset({2, 3, 30, 58})
K1_FACTOR = 2.2


@pytest.fixture(scope="module", params=["invented", "bbc", "multihop-rag"])
def leg(request, tmp_path_factory):
    """Bodies only, three segments, some withdrawn."""
    texts = invent(21, 60) if request.param == "invented" else real(request.param, 60)
    return make_leg(tmp_path_factory.mktemp("codec"), bodies_only(texts), segments=3, dead=DEAD)


def some_queries(leg, number):
    drawn = random.Random(22)
    terms = sorted({term.decode() for segment in leg.segments for term in segment.terms})
    return [sorted(drawn.sample(terms, drawn.randint(1, 6))) for _ in range(number)]


def live_chunks(leg):
    return leg.table.live[leg.table.chunk_article]


def test_whooshs_bm25_over_our_arrays_gives_our_scores(leg):
    """
    For bodies, Whoosh's BM25 with Lucene's idf, over several segments with withdrawals, has our top ten and scores.
    """
    live = live_chunks(leg)
    searcher = open_whoosh(leg)
    assert isinstance(searcher.weighting, BM25F)
    for terms in some_queries(leg, 40):
        ours = leg.score([Word(term) for term in terms]).chunk_sums * live
        hits = searcher.search(wq.Or([wq.Term("text", term) for term in terms]), limit=10)
        best = np.sort(ours[ours > 0])[::-1][:10] * K1_FACTOR
        np.testing.assert_allclose([score for score, _ in hits.top_n], best, rtol=1e-5)
        for score, chunk in hits.top_n:
            assert ours[chunk] * K1_FACTOR == pytest.approx(score, rel=1e-5)
            assert live[chunk]


def test_whooshs_own_idf_is_a_setting(tmp_path):
    """
    With `idf = "whoosh"` our scores are those of Whoosh's own BM25F, unchanged, where nothing is withdrawn.
    """
    settings = LexicalSettings(idf="whoosh")
    leg = make_leg(tmp_path, bodies_only(invent(25, 60)), segments=2, settings=settings)
    reader = open_whoosh(leg).reader()
    searcher = Searcher(reader, weighting=BM25F(B=settings.b, K1=settings.k1))
    for terms in some_queries(leg, 20):
        ours = leg.score([Word(term) for term in terms]).chunk_sums
        hits = searcher.search(wq.Or([wq.Term("text", term) for term in terms]), limit=10)
        assert len(hits.top_n)
        for score, chunk in hits.top_n:
            assert ours[chunk] * K1_FACTOR == pytest.approx(score, rel=1e-5)


def test_articles_as_documents(leg):
    """
    The same with articles as documents, whose lengths are rounded to 3.7 % in our scores and exact in Whoosh's.
    """
    searcher = open_whoosh(leg, unit="article")
    for terms in some_queries(leg, 20):
        ours = leg.score([Word(term) for term in terms]).article_sums * leg.table.live
        hits = searcher.search(wq.Or([wq.Term("text", term) for term in terms]), limit=None)
        assert sorted(doc for _, doc in hits.top_n) == np.flatnonzero(ours).tolist()
        for score, article in hits.top_n:
            assert ours[article] * K1_FACTOR == pytest.approx(score, rel=0.04)


def test_statistics_are_those_of_the_live(leg):
    """
    Counts, lengths and frequencies leave out what is withdrawn; a term only they hold is not there.
    """
    searcher, live = open_whoosh(leg), live_chunks(leg)
    lengths = np.concatenate([segment.chunks.lengths for segment in leg.segments])
    reader = searcher.reader()
    assert reader.doc_count_all() == len(live)
    assert reader.doc_count() == np.count_nonzero(live)
    assert [reader.is_deleted(n) for n in range(len(live))] == (~live).tolist()
    assert searcher.avg_field_length("text") == pytest.approx(lengths[live].mean())
    assert [reader.doc_field_length(n, "text") for n in range(len(live))] == lengths.tolist()
    df = math.exp(searcher.idf("text", "nowhere")) - 1
    assert df == pytest.approx((np.count_nonzero(live) + 0.5) / 0.5)


FULL = invent(23, 60)


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """Titles, facts and bodies, three segments, some withdrawn."""
    return make_leg(tmp_path_factory.mktemp("full"), FULL, segments=3, dead=DEAD)


def docs(searcher, query):
    return set(searcher.docs_for_query(query))


def ours(leg, node):
    return {n for n, met in enumerate((matching(leg, node) & leg.table.live).tolist()) if met}


def test_whooshs_queries_over_our_arrays_match_what_we_match(full):
    """
    Terms, titles, And, Or, Not, Phrase, Prefix and FuzzyTerm over articles find the articles of our own matching.
    """
    searcher = open_whoosh(full, unit="article")
    everyone = ours(full, Word("the"))
    vote, storm = wq.Term("text", "vote"), wq.Term("text", "storm")
    assert docs(searcher, vote) == ours(full, Word("vote")) != set()
    assert docs(searcher, wq.Term("title", "vote")) == ours(full, Word("vote", "title")) != set()
    assert docs(searcher, wq.And([vote, storm])) == ours(full, Word("vote")) & ours(full, Word("storm"))
    assert docs(searcher, wq.Or([vote, storm])) == ours(full, Word("vote")) | ours(full, Word("storm"))
    assert docs(searcher, wq.And([vote, wq.Not(storm)])) == ours(full, Word("vote")) - ours(
        full, Word("storm")
    )
    # Whoosh's Not forgets to leave out a deleted document right behind the last match.
    assert docs(searcher, wq.Not(vote)) - DEAD == everyone - ours(full, Word("vote"))
    for prefix in ("st", "vot", "mul"):
        assert docs(searcher, wq.Prefix("word", prefix)) <= ours(full, Prefix(prefix))
    stems = [term for term in searcher.reader().field_terms("text") if term.startswith("stor")]
    assert docs(searcher, wq.Prefix("text", "stor")) == docs(
        searcher, wq.Or([wq.Term("text", term) for term in stems])
    )
    fuzzy = wq.FuzzyTerm("word", "strm", maxdist=1, prefixlength=1)
    assert docs(searcher, fuzzy) >= docs(searcher, wq.Term("word", "storm")) != set()


def test_phrases_over_our_positions(full):
    """
    Whoosh's Phrase over articles finds what our phrases find, and over chunks those within one chunk or title.
    """
    articles, chunks = open_whoosh(full, unit="article"), open_whoosh(full)
    flat = [(number, chunk) for number, one in enumerate(FULL) for chunk in one.chunks]
    drawn, asked = random.Random(24), 0
    while asked < 60:
        words = ANALYZER.words(drawn.choice(FULL).body)
        start = drawn.randrange(len(words))
        pair = tuple(words[start : start + 2])
        terms = [ANALYZER.term(word) for word in pair]
        if len(pair) < 2 or None in terms:
            continue
        asked += 1
        phrase = wq.Phrase("text", terms)
        assert docs(articles, phrase) == ours(full, Phrase(pair))
        assert docs(chunks, phrase) == {
            place
            for place, (number, chunk) in enumerate(flat)
            if number not in DEAD and matches(Phrase(pair), Text(FULL[number].title, "", (chunk,)), ANALYZER)
        }


def test_whooshs_query_parser_speaks_our_analysis(full):
    """
    A query text goes through our analyzer: inflections, accents and stop words as in the index.
    """
    searcher = open_whoosh(full, unit="article")
    parser = QueryParser("text", searcher.schema)
    assert docs(searcher, parser.parse("the VOTING")) == ours(full, Word("vote"))
    assert docs(searcher, parser.parse("title:Müllér")) == ours(full, Word("muller", "title"))
    assert docs(searcher, parser.parse("word:storm*")) == docs(searcher, wq.Prefix("word", "storm"))
    assert parser.parse('"storm vote"') == wq.Phrase("text", ["storm", "vote"])


def test_what_our_query_language_lacks(full):
    """
    Did-you-mean, wildcards and the terms of a document come from Whoosh's own library.
    """
    searcher = open_whoosh(full)
    assert searcher.suggest("word", "minsiter")[0] == "minister"
    wild = docs(searcher, wq.Wildcard("word", "st*er"))
    assert wild >= docs(searcher, wq.Term("word", "striker")) != set()
    assert searcher.search(wq.Term("text", "vote"), terms=True).matched_terms() == {("text", b"vote")}


def test_a_single_segment_is_a_whoosh_reader(tmp_path):
    """
    One segment alone is an IndexReader: terms with weights, lengths and positions, and no term that is not there.
    """
    texts = [Text("Storm vote", "Vote News", ("vote river vote ", "river")), Text("", "", ("court",))]
    reader = whoosh_reader(make_postings(tmp_path, texts), ANALYZER)
    assert list(reader.field_terms("text")) == ["court", "news", "river", "storm", "vote"]
    assert list(reader.field_terms("title")) == ["storm", "vote"]
    assert [reader.doc_field_length(n, "title") for n in range(3)] == [2, 2, 0]
    matcher = reader.postings("text", "vote")
    seen = []
    while matcher.is_active():
        seen.append((matcher.id(), matcher.weight(), matcher.value_as("positions")))
        matcher.next()
    # Twice in the body of the first chunk; in title and facts of both; the body begins 128 words after the title.
    assert seen == [(0, 4, [1, 130, 132]), (1, 2, [1])]
    info = reader.term_info("text", "vote")
    assert (info.doc_frequency(), info.weight(), info.max_weight(), info.min_length()) == (2, 6, 4, 1)
    assert reader.frequency("text", "nowhere") == reader.doc_frequency("title", "river") == 0
    assert ("text", "river") in reader
    with pytest.raises(TermNotFound):
        reader.term_info("title", "river")
    assert [(text, info.weight()) for text, info in reader.iter_prefix("text", "r")] == [(b"river", 2)]
    assert list(reader.terms_within("word", "rivet", 1)) == ["river"]
    assert Searcher(reader).search(wq.Term("text", "court")).docs() == {2}
    reader.close()


def test_an_empty_generation_can_be_searched(tmp_path):
    """
    Without segments Whoosh finds nothing, and says so calmly.
    """
    searcher = open_whoosh(make_leg(tmp_path, [], segments=0))
    assert len(searcher.search(wq.Term("text", "vote"))) == 0
