"""Filters come before ranking in both legs: whatever they admit is found, however few and far down."""

from __future__ import annotations

from random import Random

import pytest

from searcher.records import Filters
from tests.library.samples import MODES, NOW, article, ids, invented, new_library, on_day, wanted


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """
    Five hundred articles in three segments, all about the harbour strike, pools of ten; one of them is the last that
    any leg would give: the only one from Reykjavik, in Icelandic, of 2020.
    """
    random = Random(2)
    with new_library(tmp_path_factory.mktemp("narrow"), wanted(depth=10)) as opened:
        made = [
            invented(
                f"x{n}",
                random,
                title="Harbour strike",
                source="Daily Echo",
                published=on_day(n % 90),
                language="en",
            )
            for n in range(499)
        ]
        needle = article(
            "needle",
            "Glacier train orchard tax. " * 30 + "One harbour word.",
            title="Winter",
            source="Reykjavík Times",
            section="Sjávarútvegur",
            language="is",
            published=on_day(-1500),
        )
        opened.add(*made[:200], now=NOW)
        opened.add(*made[200:300], needle, *made[300:400], now=NOW)
        opened.add(*made[400:], now=NOW)
        yield opened


FILTERS = {
    "outlet": Filters(sources=("reykjavik times",)),
    "section": Filters(sections=("SJAVARUTVEGUR",)),
    "language": Filters(languages=("is",)),
    "until": Filters(until=on_day(-1000).at),
    "from and until": Filters(since=on_day(-1500).at, until=on_day(-1499).at),
    "not the others": Filters(not_sources=("Daily Echo",)),
    "not English": Filters(not_languages=("en",)),
    "all but those named": Filters(exclude_ids=tuple(f"x{n}" for n in range(499))),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS.keys())
def test_a_filter_that_admits_one_of_five_hundred_finds_it(library, filters, mode):
    """One article is admitted and found, in every mode, with a total of one, though the pool is ten deep."""
    results = library.search("harbour winter glacier", mode=mode, filters=filters, now=NOW)
    assert (ids(results), results.total) == (["needle"], 1)


@pytest.mark.parametrize("mode", MODES)
def test_the_same_filter_in_the_query(library, mode):
    """Written into the query it does the same."""
    for query in ('harbour winter glacier source:"Reykjavik Times"', "harbour winter glacier lang:is"):
        assert ids(library.search(query, mode=mode, now=NOW)) == ["needle"]


@pytest.mark.parametrize("mode", MODES)
def test_without_the_filter_it_is_far_down(library, mode):
    """The needle is not among the first ten for the words of the others: the filter did not find it by rank."""
    assert "needle" not in ids(library.search("harbour strike", mode=mode, now=NOW))


@pytest.mark.parametrize("mode", MODES)
def test_a_filter_that_admits_nothing_finds_nothing(library, mode):
    """No article of the year 1999: none, with a verdict that says so."""
    results = library.search("harbour", mode=mode, filters=Filters(until=on_day(-9000).at), now=NOW)
    assert (len(results), results.total, results.verdict) == (0, 0, "none")


def test_a_narrow_filter_finds_all_it_admits(library):
    """The articles of one day, all of them, in lexical and hybrid mode, though there are more than the pool holds."""
    filters = Filters(since=on_day(3).at, until=on_day(5).at)
    expected = {f"x{n}" for n in range(499) if n % 90 in (3, 4)}
    assert len(expected) > 10
    for mode in ("lexical", "hybrid", "dense"):
        results = library.search("harbour strike", mode=mode, filters=filters, limit=100, fold=False, now=NOW)
        assert set(ids(results)) == expected, mode
        assert results.total == len(expected)


def test_since_is_inclusive_and_until_exclusive(library):
    """A day's articles are found from its first second, and not up to it."""
    day, before = on_day(-1500).at, on_day(-1501).at

    def ask(**dates):
        filters = Filters(languages=("is",), **dates)
        return ids(library.search("glacier winter", mode="lexical", filters=filters, now=NOW))

    assert ask(since=day) == ["needle"] and ask(since=before, until=day) == []


def test_similar_articles_are_filtered_the_same_way(library):
    """The one article that a filter admits is found as similar, too."""
    assert ids(library.similar("x1", filters=FILTERS["outlet"])) == ["needle"]


def test_an_article_to_leave_out_need_not_be_there(library):
    """Leaving out an id that no article has leaves out nothing."""
    results = library.search(
        "winter glacier", filters=Filters(languages=("is",), exclude_ids=("nobody",)), now=NOW
    )
    assert ids(results) == ["needle"]
