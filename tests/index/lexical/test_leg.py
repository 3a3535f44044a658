"""BM25F over arrays, against BM25F in plain Python, whatever the segments and withdrawals."""

import numpy as np
import pytest

from searcher.index.admitted import Admitted
from searcher.index.lexical import scoring
from searcher.records import Fuzzy, Not, Phrase, Prefix, Query, Word
from searcher.settings import LexicalSettings

from .judge import article_units, chunk_units, score_units
from .texts import ANALYZER, Text, invent, make_leg, matching, real

QUERIES = [
    "vote",
    "minister protest budget",
    "the U.S. storm",
    "O'Brien Müller 3.5",
    "選挙 striker",
    "daily vote May 2024",
    "nowhere vote vote votes",
]
DEAD = frozenset({0, 7, 8, 9, 41, 59})


def ask(words):
    return Query(words, words, tuple(words.split()))


def score(leg, words):
    return leg.score(leg.parse(ask(words)))


def judged(texts, words, settings, dead=()):
    """Give (chunk scores, article scores) as `LexicalLeg.score` defines them."""
    terms = list(dict.fromkeys(ANALYZER.terms(words)))
    live = [number not in dead for number in range(len(texts))]
    of_chunk = [number for number, one in enumerate(texts) for _ in one.chunks]
    chunks = score_units(chunk_units(texts, ANALYZER), terms, settings, live=[live[a] for a in of_chunk])
    whole = score_units(article_units(texts, ANALYZER), terms, settings, live=live)
    shares = [settings.article_weight * score for score in whole]
    totals = [chunk + shares[article] for chunk, article in zip(chunks, of_chunk, strict=True)]
    return totals, [
        max(total for total, a in zip(totals, of_chunk, strict=True) if a == n) for n in range(len(texts))
    ]


@pytest.mark.parametrize("segments", [1, 3])
@pytest.mark.parametrize("dead", [frozenset(), DEAD], ids=["all live", "some withdrawn"])
@pytest.mark.parametrize(
    "settings",
    [
        LexicalSettings(),
        LexicalSettings(idf="whoosh", k1=0.9, b=0.4, title_weight=0.7, facts_weight=3.0, article_weight=0.3),
    ],
    ids=["defaults", "others"],
)
def test_scores_are_those_of_plain_python(tmp_path, segments, dead, settings):
    """
    Each chunk's and each live article's score equals BM25F computed from the raw texts, to one in 100,000.
    """
    texts = invent(8, 60, longest=400)
    leg = make_leg(tmp_path, texts, segments=segments, dead=dead, settings=settings)
    for words in QUERIES:
        chunks, articles = judged(texts, words, settings, dead)
        scores = score(leg, words)
        np.testing.assert_allclose(scores.chunks, chunks, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(scores.articles, articles, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("corpus", ["bbc", "multihop-rag"])
def test_scores_on_real_news(tmp_path, corpus):
    """
    The same on real articles, long enough that lengths are rounded, asked with their own headlines.
    """
    texts = real(corpus, 25)
    leg = make_leg(tmp_path, texts, segments=2, dead={3, 20})
    for one in texts[:6]:
        chunks, articles = judged(texts, one.title, leg.settings, {3, 20})
        scores = score(leg, one.title)
        np.testing.assert_allclose(scores.chunks, chunks, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(scores.articles, articles, rtol=1e-5, atol=1e-7)


def test_one_score_by_hand(tmp_path):
    """
    Two articles of one chunk; "storm" once in a body of 2 terms, mean length 3, and not in the other: both legs of the
    sum are ln(1 + 1.5 / 1.5) * tf / (1.2 + tf) with tf = 1 / (0.25 + 0.75 * 2 / 3).
    """
    leg = make_leg(tmp_path, [Text("", "", ("storm river",)), Text("", "", ("court judge bank vote",))])
    tf = 1 / (0.25 + 0.75 * 2 / 3)
    scores = score(leg, "storm")
    assert scores.articles.tolist() == pytest.approx([2 * np.log(2) * tf / (1.2 + tf), 0])


@pytest.mark.parametrize("dead", [frozenset(), DEAD], ids=["all live", "some withdrawn"])
def test_answers_do_not_depend_on_segments(tmp_path, dead):
    """
    One segment or four: the same scores to the last bit, the same rankings and the same matches.
    """
    texts = invent(9, 60)
    one, four = (make_leg(tmp_path, texts, segments=n, dead=dead) for n in (1, 4))
    admitted = np.array([number not in dead for number in range(len(texts))])
    for words in QUERIES:
        a, b = score(one, words), score(four, words)
        assert a.chunks.tobytes() == b.chunks.tobytes()
        assert a.articles.tobytes() == b.articles.tobytes()
        for depth in (None, 1, 7):
            x, y = a.rank(Admitted(admitted), depth), b.rank(Admitted(admitted), depth)
            assert x.articles.tolist() == y.articles.tolist()
            assert x.chunks.tolist() == y.chunks.tolist()
    for node in (
        Word("vote"),
        Prefix("s"),
        Fuzzy("minster"),
        Phrase(("vote", "storm"), slop=4),
        Word("vote", "title"),
    ):
        assert matching(one, node).tolist() == matching(four, node).tolist()
        asked = Query("", "", scored=(node,))
        np.testing.assert_array_equal(
            one.score(one.parse(asked)).articles, four.score(four.parse(asked)).articles
        )


def test_withdrawn_articles_leave_no_trace(tmp_path):
    """
    With a live mask every live article has the score it has in an index built without the withdrawn ones.
    """
    texts = invent(10, 60)
    kept = [number for number in range(len(texts)) if number not in DEAD]
    masked = make_leg(tmp_path / "masked", texts, segments=3, dead=DEAD)
    without = make_leg(tmp_path / "without", [texts[number] for number in kept])
    for words in QUERIES:
        a, b = score(masked, words), score(without, words)
        assert a.articles[kept].tobytes() == b.articles.tobytes()
        admitted = masked.table.live
        ranked = a.rank(Admitted(admitted)).articles.tolist()
        assert not set(ranked) & DEAD
        assert ranked == [kept[n] for n in b.rank(Admitted(np.ones(len(kept), dtype=bool))).articles]


def test_ranking_is_in_order_and_ties_by_age(tmp_path):
    """
    Best first, equals in the order of their articles; a depth cuts the same list; each article has its best chunk.
    """
    texts = [*invent(11, 30), *[Text("Storm", "", ("vote vote ", "storm")) for _ in range(6)]]
    leg = make_leg(tmp_path, texts, segments=2)
    everyone = np.ones(len(texts), dtype=bool)
    for words in ("storm", "vote storm river", "court"):
        scores = score(leg, words)
        ranked = scores.rank(Admitted(everyone))
        wanted = [n for n in range(len(texts)) if scores.articles[n] > 0]
        wanted.sort(key=lambda n: (-scores.articles[n], n))
        assert ranked.articles.tolist() == wanted
        for depth in (1, 3, 5, len(texts)):
            assert scores.rank(Admitted(everyone), depth).articles.tolist() == wanted[:depth]
        for article, chunk in zip(ranked.articles.tolist(), ranked.chunks.tolist(), strict=True):
            chunks = leg.table.chunks_of(article)
            assert chunk == max(chunks, key=lambda c: (scores.chunks[c], -c))


def test_only_admitted_articles_are_ranked(tmp_path):
    """
    A mask that admits one article gives that article, whatever stands above it.
    """
    texts = [Text("Vote", "", ("vote",))] * 5 + [Text("", "", ("storm " * 50 + "vote",))]
    leg = make_leg(tmp_path, texts)
    admitted = np.arange(len(texts)) == 5
    assert score(leg, "vote").rank(Admitted(admitted), 3).articles.tolist() == [5]


def test_a_prefix_scores_as_one_word(tmp_path):
    """
    A prefix that stands for several terms scores each text by the best of them, with the idf of their union.
    """
    texts = [Text("", "", (body,)) for body in ("vote river", "voucher river", "river river", "bank court")]
    leg = make_leg(tmp_path, texts)
    scores = leg.score(leg.parse(Query("", "", scored=(Prefix("vo"),)))).articles
    one_word = score(
        make_leg(tmp_path / "same", [Text("", "", (t.body.replace("voucher", "vote"),)) for t in texts]),
        "vote",
    )
    np.testing.assert_allclose(scores, one_word.articles, rtol=1e-6)


@pytest.mark.parametrize("segments", [1, 2])
def test_a_prefix_may_stand_for_the_first_term_alone(tmp_path, segments):
    """
    A prefix or fuzzy word that stands for one term, the first of its segment, finds and scores what the term does.
    """
    leg = make_leg(tmp_path, [Text("", "", (body,)) for body in ("aardvark", "river")], segments=segments)
    term = leg.score([Word("aardvark")]).articles.tolist()
    assert term[0] > 0
    for node in (Prefix("aa"), Fuzzy("aardvrak")):
        assert matching(leg, node).tolist() == [True, False]
        assert leg.score(leg.parse(Query("", "", scored=(node,)))).articles.tolist() == term


def test_a_prefix_is_merged_once_for_all_that_asks(tmp_path, monkeypatch):
    """
    Who restricts and who scores have the same postings of a prefix; too many are not kept for the next question.
    """
    leg = make_leg(tmp_path, [Text("", "", (body,)) for body in ("vote", "voucher", "river", "ribbon")])
    matching(leg, Prefix("vo"))
    kept = leg._article.merged(Prefix("vo"), leg._vocabulary.expand(Prefix("vo")))
    assert leg.score([Prefix("vo")])._article_parts[0].pieces is kept
    assert leg.score([Prefix("ri"), Prefix("vo")])._article_parts[1].pieces is kept
    monkeypatch.setattr(scoring, "_REMEMBERED_POSTINGS", 3)
    assert matching(leg, Prefix("r")).tolist() == [False, False, True, True]
    assert list(leg._article._parts) == [Prefix("r")]


def test_query_terms_count_once(tmp_path):
    """
    Saying a word twice, or in two inflections, scores it once.
    """
    leg = make_leg(tmp_path, invent(12, 20))
    assert leg.parse(ask("vote Votes voted the storm")) == [Word("vote"), Word("storm")]


def test_words_of_gives_what_to_mark(tmp_path):
    """
    The terms to mark in a snippet are those a word, a prefix and a fuzzy word stand for in any segment.
    """
    leg = make_leg(
        tmp_path, [Text("", "", (w,)) for w in ("vote", "voucher", "striker", "river")], segments=4
    )
    wanted = [Word("river"), Prefix("vo"), Fuzzy("stirker")]
    marked = leg.words_of(wanted)
    assert all(term in marked for term in ("river", "vote", "voucher", "striker"))
    assert not any(term in leg.words_of(wanted[:1]) for term in ("vote", "striker", "minister"))
    assert "minister" not in marked


def test_a_prefix_finds_what_holds_its_rarest_word(tmp_path):
    """
    However many words begin so, an article that holds one of them is matched, scored, marked, and excluded by `-`.
    """
    many = " ".join(f"co{number:04}x" for number in range(1_500))
    leg = make_leg(
        tmp_path, [Text("", "", (body,)) for body in (many, "The country votes.", "river")], segments=3
    )
    wanted = leg.parse(Query("", "", scored=(Prefix("co"),)))
    assert matching(leg, Prefix("co")).tolist() == [True, True, False]
    assert matching(leg, Not(Prefix("co"))).tolist() == [False, False, True]
    assert (leg.score(wanted).articles > 0).tolist() == [True, True, False]
    assert "countri" in leg.words_of(wanted)


def test_an_empty_generation_answers_nothing(tmp_path):
    """
    Without any segment, and with all articles withdrawn, every question has an empty answer.
    """
    empty = make_leg(tmp_path, [], segments=0)
    assert matching(empty, Word("vote")).tolist() == []
    assert len(score(empty, "vote").rank(Admitted(np.zeros(0, dtype=bool)))) == 0
    gone = make_leg(tmp_path, [Text("Vote", "", ("vote",))], dead={0})
    assert score(gone, "vote").articles.tolist() == [0]


def test_what_a_question_names_scores_like_a_word_of_its_own(tmp_path):
    """
    An outlet with one of three articles: that article, and its chunk, gain twice the idf of one in three; an article
    without a word of the question gains nothing.
    """
    texts = [Text("", "", (body,)) for body in ("storm river", "storm court", "bank vote")]
    leg = make_leg(tmp_path, texts)
    wanted = leg.parse(ask("storm"))
    before = leg.score(wanted)
    after = leg.score(wanted, [np.array([False, True, False]), np.array([False, False, True])])
    gain = 2 * np.log(1 + 2.5 / 1.5)
    assert (after.chunks - before.chunks).tolist() == pytest.approx([0, 2 * gain, 0])
    assert (after.articles - before.articles).tolist() == pytest.approx([0, 2 * gain, 0])


def test_the_idf_of_whoosh_can_be_chosen(tmp_path):
    """A word in both of two articles: ln(2 / 3) + 1 where Lucene says ln(1 + 0.5 / 2.5)."""
    texts = [Text("", "", ("storm",)), Text("", "", ("storm",))]
    for idf, expected in (("whoosh", np.log(2 / 3) + 1), ("lucene", np.log(1 + 0.5 / 2.5))):
        leg = make_leg(tmp_path / idf, texts, settings=LexicalSettings(idf=idf))
        assert score(leg, "storm").articles.tolist() == pytest.approx([2 * expected / 2.2] * 2)


@pytest.mark.parametrize("idf", ["whoosh", "lucene"])
def test_nothing_is_found_where_all_is_withdrawn(tmp_path, idf):
    """And asking is no error."""
    leg = make_leg(tmp_path, [Text("", "", ("storm",))], dead={0}, settings=LexicalSettings(idf=idf))
    assert len(score(leg, "storm stor* court").rank(Admitted(leg.table.live), 10).articles) == 0


@pytest.mark.parametrize("segments", [1, 2])
def test_the_evidence_of_an_article_by_hand(tmp_path, segments):
    """
    Four articles, one withdrawn; "storm" in two live ones, "vote" in one, "court" in none alive: the article with the
    first two holds their share of the three idf, and its rarest word stands in one.
    """
    texts = [Text("", "", (body,)) for body in ("storm vote", "court", "storm", "bank")]
    leg = make_leg(tmp_path, texts, segments=segments, dead={1})
    idf = {df: np.log(1 + (3 - df + 0.5) / (df + 0.5)) for df in (0, 1, 2)}
    wanted = leg.parse(ask("storm vote court"))
    share = (idf[2] + idf[1]) / (idf[2] + idf[1] + idf[0])
    assert leg.score(wanted).evidence(0) == (pytest.approx(share), 1)
    assert leg.score(wanted).evidence(2) == (pytest.approx(idf[2] / (idf[0] + idf[1] + idf[2])), 2)
    assert leg.score(wanted).evidence(3) == (0.0, 0)
