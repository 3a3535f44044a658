"""How much do two articles share? Against cosines of plain dictionaries."""

import math

import numpy as np
import pytest

from searcher.index.lexical.likeness import TELLING_TERMS, ArticleVectors

from .judge import article_units, score_units
from .texts import ANALYZER, SETTINGS, Text, invent, make_leg

TEXTS = invent(26, 40)
DEAD = frozenset({5, 21})


@pytest.fixture(scope="module", params=[1, 3])
def leg(request, tmp_path_factory):
    return make_leg(tmp_path_factory.mktemp("likeness"), TEXTS, segments=request.param, dead=DEAD)


def plain_vectors():
    """Give for each article {term: the BM25F score the term alone would give it}."""
    units = article_units(TEXTS, ANALYZER)
    live = [number not in DEAD for number in range(len(TEXTS))]
    vectors = [{} for _ in units]
    for term in sorted({term for unit in units for part in unit for term in part}):
        for vector, score in zip(vectors, score_units(units, [term], SETTINGS, live=live), strict=True):
            if score:
                vector[term] = score
    return vectors


def test_likeness_is_the_cosine_of_bm25_vectors(leg):
    """
    Each article's likeness to some weighted terms is the cosine between them and its own BM25F vector.
    """
    vectors = plain_vectors()
    wanted = ArticleVectors(leg).telling_terms(TEXTS[0].title, TEXTS[0].body)
    length = math.hypot(*wanted.values())
    scores = ArticleVectors(leg).likeness(wanted)
    for number, vector in enumerate(vectors):
        if number not in DEAD:
            dot = sum(weight * vector.get(term, 0) for term, weight in wanted.items())
            cosine = dot / (length * math.hypot(*vector.values()))
            # A thousandth at most is added, to choose among the chunks of one article.
            assert cosine * 0.9999 <= scores.articles[number] <= cosine * 1.0011
    assert int(np.argmax(scores.articles)) == 0


def test_telling_terms_weigh_as_in_the_article_itself(leg):
    """
    The telling terms of an article in the library are the heaviest of its vector, without its facts, heaviest first.
    """
    vectors, one = plain_vectors(), TEXTS[1]
    found = ArticleVectors(leg).telling_terms(one.title, one.body)
    facts = set(ANALYZER.terms(one.facts))
    own = {term: weight for term, weight in vectors[1].items() if term not in facts}
    heaviest = sorted(own.values(), reverse=True)[:TELLING_TERMS]
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert [weight for term, weight in found.items() if term not in facts] == pytest.approx(
        heaviest[: len([term for term in found if term not in facts])], rel=1e-5
    )


def test_an_article_from_outside_without_known_terms_is_like_nothing(leg):
    """
    Nothing is like an article whose terms no other has, or like no terms at all.
    """
    vectors = ArticleVectors(leg)
    assert not vectors.likeness(vectors.telling_terms("xyzzy", "plugh 🔥")).articles.any()
    assert not vectors.likeness(vectors.telling_terms("", "🔥 the of")).articles.any()
    assert not vectors.likeness({}).articles.any()


def test_copies_are_alike_and_strangers_are_not(tmp_path):
    """
    A copy is alike by 1, an article without a common term by 0, one with half of it between.
    """
    bodies = ["storm river bridge", "storm river bridge", "court judge appeal", "storm river vote"]
    leg = make_leg(tmp_path, [Text("", "", (body,)) for body in bodies])
    vectors = ArticleVectors(leg)
    scores = vectors.likeness(vectors.telling_terms("", bodies[0])).articles
    assert scores[:3].tolist() == pytest.approx([1, 1, 0], abs=2e-3)
    assert 0.2 < scores[3] < 0.9
    assert scores[0] == scores[1]
