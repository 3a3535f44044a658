"""What helps a reader: the sentence nearest in meaning, and the word that was perhaps meant."""

from __future__ import annotations

import pytest

from searcher.errors import EncoderUnavailable
from tests.fake_encoder import FakeEncoder
from tests.library.samples import article, new_library


@pytest.fixture
def library(tmp_path):
    with new_library(tmp_path, encoder=FakeEncoder()) as library:
        library.add(
            article(
                "port", "Rain fell all day. The dockers strike goes on. Nobody knows how long.", title="Port"
            ),
            article(
                "tide", "The dockers came home at night. A docket was lost. The strike is over.", title="Tide"
            ),
            article("elsewhere", "Quiet hills and slow rivers, miles from there.", title="Hills"),
        )
        yield library


def nearest(library, query, article_id):
    revision = library.show(article_id)[-1]
    span = library.nearest(query, revision)
    return revision.article.body[slice(*span)].strip() if span else None


def test_the_nearest_sentence_is_found(library):
    """
    It is the sentence whose vector is nearest to that of the query, here the one that shares its words.
    """
    assert nearest(library, "dockers strike goes", "port") == "The dockers strike goes on."
    assert nearest(library, "is the strike over", "tide") == "The strike is over."


def test_no_sentence_is_near_to_what_it_has_nothing_to_do_with(library):
    """
    An article far from the query has no nearest sentence, nor has a query without words.
    """
    assert nearest(library, "xylophone concert tickets", "elsewhere") is None
    assert nearest(library, "since:2024", "port") is None


def test_without_an_encoder_nothing_is_nearest(library, monkeypatch):
    """
    Where meaning cannot be compared, no sentence is given and nothing is raised.
    """

    def fails(*_):
        raise EncoderUnavailable("gone")

    monkeypatch.setattr(FakeEncoder, "encode_query", fails)
    assert nearest(library, "the strike", "port") is None


@pytest.mark.parametrize(
    ("query", "respelt"),
    [
        ("dokcers strike", "dockers strike"),
        ("strke", "strike"),
        ("dockers strike", None),
        ("strikes", None),
        ("docker", None),
        ("dockrts", "dockers"),
        ("xyzzyqwert", None),
        ("hil", None),
        ('"dokcers" AND (strke OR hills)', '"dockers" AND (strike OR hills)'),
        ("the of and", None),
        ("", None),
        ("ab1x strke2", None),
        (" ".join(f"strk{letter}" for letter in "abcdefghij"), None),
    ],
)
def test_unknown_words_are_put_right(library, query, respelt):
    """
    A word that no article has, in no inflection, becomes the nearest that most articles have; all others stay.
    """
    assert library.respelt(query) == respelt


def test_of_near_words_the_one_in_most_articles_is_meant(library):
    """
    `docket` and `docked` are both one letter from `dockeq`: the word of more articles is taken, then the first.
    """
    library.add(article("a", "They docked."), article("b", "They docked at noon."))
    assert library.respelt("dockeq") == "docked"
