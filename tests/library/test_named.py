"""What a question names in full, and what it says exactly, comes first."""

import pytest

from searcher.settings import FusionSettings, LexicalSettings, Settings
from tests.library.samples import NOW, article, ids, new_library, news, on_day, wanted

STRIKE = "Dockers at the harbour voted to strike over cranes."


def fill(library):
    """Add one story as three outlets have it on three days, among other news."""
    library.add(
        *news(30),
        *[
            article(name, f"{STRIKE} {name}.", title="Strike", source=source, published=on_day(day))
            for name, source, day in (("a", "Herald", 3), ("b", "The Morning Tide", 4), ("c", "Tide", 5))
        ],
        article("rare", "The zibeline coat was sold.", title="A coat"),
        now=NOW,
    )
    return library


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """The three, asked by words and meaning."""
    with new_library(tmp_path_factory.mktemp("named")) as opened:
        yield fill(opened)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("dockers strike according to the morning tide", "b"),
        ("dockers strike as the Herald has it", "a"),
        ("dockers strike published on 6 January 2025", "c"),
        ("dockers strike on January 4th", "a"),
    ],
)
def test_the_article_of_the_outlet_or_day_comes_first(library, query, first):
    """The same story three times: that of the outlet, or of the day, is on top; the others are still there."""
    found = ids(library.search(query, mode="lexical", limit=40))
    assert found[0] == first and {"a", "b", "c"} <= set(found)


def test_names_can_be_worth_their_words_alone(tmp_path, library):
    """With a weight of 0 a named outlet scores less than with the usual 2, and no filter is set by either."""
    settings = Settings(
        chunks=wanted().chunks, fusion=FusionSettings(weight=0.0), lexical=LexicalSettings(named_weight=0.0)
    )
    query = "dockers strike according to the morning tide"
    with new_library(tmp_path, settings) as plain:
        without = {hit.article_id: hit.explanation.legs[0].score for hit in fill(plain).search(query)}
    with_it = {hit.article_id: hit.explanation.legs[0].score for hit in library.search(query, weight=0.0)}
    assert with_it["b"] > without["b"] and with_it["a"] == pytest.approx(without["a"])


def test_an_exact_rare_word_is_answered_and_comes_first(library):
    """However near in meaning others are: what holds the word is first, and the answer is no weak one."""
    found = library.search("zibeline")
    assert ids(found)[0] == "rare" and found.verdict != "none"
