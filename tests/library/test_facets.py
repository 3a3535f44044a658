"""What an answer holds over all its pages, counted; and pages that stay what they were while the library changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searcher.records import Bar, Facet, Filters, Moment, Precision
from tests.library.samples import MODES, NOW, article, ids, invented, new_library, on_day, wanted

QUERIES = ("harbour", "strike vote -storm", '"harbour strike"', "source:wire", "title:vote")
FILTERS = (Filters(), Filters(sources=("Nordwind",)), Filters(since=datetime(2025, 2, 1, tzinfo=UTC)))


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A hundred and twenty articles, some copied to other outlets and days, in two segments, some withdrawn."""
    random = Random(3)
    with new_library(tmp_path_factory.mktemp("facets"), wanted(depth=30)) as opened:
        for batch in range(2):
            made = [
                invented(f"{batch}-{n}", random, section=random.choice(["World", "Local", None]))
                for n in range(45)
            ]
            made += [
                replace(one, article_id=f"{one.article_id}-copy", source="Wire", published=on_day(120))
                for one in random.sample(made, 15)
            ]
            opened.add(*made, now=NOW)
        opened.remove("0-3", "1-4", "1-5", now=NOW)
        yield opened


@pytest.mark.parametrize("fold", [True, False])
@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("query", QUERIES)
def test_counts_are_those_of_all_pages(library, query, mode, filters, fold):
    """
    For every mode, question and filter: each count is what counting the hits of one page with everything gives, where
    a hit has every outlet, section, language and day that one of its copies has.
    """
    whole = library.search(query, mode=mode, filters=filters, fold=fold, limit=1000, overview="day", now=NOW)
    assert whole.overview is not None
    members = [[library.show(name)[-1].article for name in (hit.article_id, *hit.copies)] for hit in whole]
    for label in ("source", "section", "language"):
        counted = Counter(
            name for articles in members for name in {getattr(one, label) for one in articles} if name
        )
        wanted_facets = sorted(
            (Facet(*one) for one in counted.items()), key=lambda f: (-f.count, f.name.lower())
        )
        assert list(whole.overview.facets[label]) == wanted_facets
    days = Counter(
        day for articles in members for day in {one.published.at.date() for one in articles if one.published}
    )
    assert list(whole.overview.bars) == [Bar(*one) for one in sorted(days.items())]
    assert whole.overview.undated == sum(
        any(one.published is None for one in articles) for articles in members
    )


@pytest.mark.parametrize("query", ["+harbour", "title:vote", "source:wire", "+strike -storm"])
def test_a_count_is_what_narrowing_to_it_gives(library, query):
    """For questions that restrict: narrowed to an outlet, section or month, there are as many hits as it counted."""
    overview = library.search(query, overview="month", mode="lexical", now=NOW).overview
    assert overview.facets["source"]
    for label, kind in (("source", "sources"), ("section", "sections"), ("language", "languages")):
        if label == "source" and "source:" in query:
            continue  # Names of one kind add up.
        for facet in overview.facets[label]:
            filters = Filters(**{kind: (facet.name,)})
            assert library.search(query, mode="lexical", filters=filters, now=NOW).total == facet.count
    for bar in overview.bars:
        start = datetime(bar.start.year, bar.start.month, 1, tzinfo=UTC)
        end = datetime(start.year + start.month // 12, start.month % 12 + 1, 1, tzinfo=UTC)
        narrowed = library.search(query, mode="lexical", filters=Filters(since=start, until=end), now=NOW)
        assert narrowed.total == bar.count


def test_names_are_spelled_as_they_were_written(tmp_path):
    """`LE MONDE` and `Le Monde` are one outlet, spelled as its newest article does; no outlet is not counted."""
    with new_library(tmp_path) as library:
        spelled = ["LE MONDE", "le monde", "Le Monde", "Ünion", None]
        library.add(*[article(f"a{n}", f"Zeppelin {n}.", source=source) for n, source in enumerate(spelled)])
        facets = library.search("zeppelin", overview="day").overview.facets["source"]
        assert facets == (Facet("Le Monde", 3), Facet("Ünion", 1))


@pytest.mark.parametrize(
    ("first", "last", "unit"),
    [
        ((2025, 1, 1), (2025, 1, 1), "day"),
        ((2025, 1, 1), (2025, 3, 30), "day"),
        ((2025, 1, 1), (2025, 7, 1), "month"),
        ((2015, 6, 1), (2025, 1, 1), "month"),
        ((1999, 6, 1), (2025, 1, 1), "year"),
    ],
)
def test_bars_are_as_long_as_their_number_asks(tmp_path, first, last, unit):
    """Days up to three months, months up to ten years, then years; each begins with its first day."""
    moments = [Moment(datetime(*day, tzinfo=UTC), Precision.DAY, "field") for day in (first, last)]
    with new_library(tmp_path) as library:
        library.add(*[article(f"a{n}", f"Zeppelin {n}.", published=one) for n, one in enumerate(moments)])
        overview = library.search("zeppelin", overview="auto").overview
        starts = {
            "day": lambda day: date(*day),
            "month": lambda day: date(day[0], day[1], 1),
            "year": lambda day: date(day[0], 1, 1),
        }
        assert overview.interval == unit
        assert [bar.start for bar in overview.bars] == sorted({starts[unit](day) for day in (first, last)})
        assert sum(bar.count for bar in overview.bars) == 2


@pytest.mark.parametrize("sort", ["relevance", "date"])
@pytest.mark.parametrize("mode", MODES)
def test_apart_each_kind_is_counted_without_its_own_filter(library, mode, sort):
    """
    Counted apart is what separate searches count, each without the filter of its kind; hits and total stay those of all
    filters, on any page.
    """
    since, until = NOW.replace(month=1, day=10), NOW.replace(month=6, day=1)
    for query in (*QUERIES, ""):
        for filters in (
            Filters(),
            Filters(sources=("Daily Echo",)),
            Filters(sources=("Daily Echo", "Nordwind"), languages=("en",), since=since),
            Filters(since=since, until=until),
        ):
            how = {"mode": mode, "sort": sort, "overview": "month", "browse": True, "now": NOW}
            if not query and mode == "dense":
                continue

            def counted(query=query, filters=filters, how=how, **changes):
                return library.search(query, filters=replace(filters, **changes), limit=1, **how).overview

            page = {"filters": filters, "limit": 3, "offset": 2}
            plain, apart = (library.search(query, apart=one, **page, **how) for one in (False, True))
            assert replace(apart, overview=None, took_ms=0) == replace(plain, overview=None, took_ms=0)
            found = apart.overview
            assert found.facets["source"] == counted(sources=()).facets["source"]
            assert found.facets["section"] == counted(sections=()).facets["section"]
            assert found.facets["language"] == counted(languages=()).facets["language"]
            days = counted(since=None, until=None)
            assert (found.bars, found.undated, found.interval) == (days.bars, days.undated, days.interval)


def test_apart_asks_the_encoder_once(library):
    """However many kinds are counted apart, the question is encoded once, and scored once."""
    calls = []
    encode = library.encoder.encode_query
    library.encoder.encode_query = lambda text: (calls.append(text), encode(text))[1]
    try:
        filters = Filters(sources=("Daily Echo",), languages=("en",), since=NOW.replace(month=1))
        library.search("harbour strike", filters=filters, overview="day", apart=True, now=NOW)
    finally:
        del library.encoder.encode_query
    assert calls == ["harbour strike"]


def test_counting_changes_nothing_else(library):
    """The hits and totals of a search are the same with and without its overview."""
    for query in QUERIES:
        plain, counted = (library.search(query, overview=one, now=NOW) for one in (None, "auto"))
        assert plain.overview is None and replace(counted, overview=None, took_ms=0) == replace(
            plain, took_ms=0
        )


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_pages_never_shift(tmp_path_factory, data):
    """
    Whatever is added, corrected, withdrawn, restored, updated or rebuilt between the pages: continued from the reader
    and the seq of the first page, all pages together are the hits of then in their order, each under its rank, but for
    those that are withdrawn when their page is turned.
    """
    random = Random(data.draw(st.integers(0, 10_000)))
    with new_library(tmp_path_factory.mktemp("shift"), wanted(depth=10)) as library:
        made = [invented(f"n{n}", random) for n in range(40)]
        made += [replace(one, article_id=f"{one.article_id}c", source="Wire") for one in made[:10]]
        library.add(*made, now=NOW)
        library.remove("n0", "n11", now=NOW)
        held = {"reader": library.reader(), "as_of": library.store.last_seq(), "now": NOW}
        query = data.draw(
            st.sampled_from(["harbour", "strike vote", "+harbour -storm", "bridge ferry union"])
        )
        mode = data.draw(st.sampled_from(MODES))
        whole = library.search(query, mode=mode, limit=1000, now=NOW)
        order = [(hit.rank, name) for hit in whole for name in (hit.article_id, *hit.copies)]
        seen, gone, size = [], {"n0", "n11"}, data.draw(st.integers(1, 9))
        for offset in range(0, whole.total, size):
            page = library.search(query, mode=mode, limit=size, offset=offset, **held)
            assert page.total == whole.total and page.generation == 1
            expected = [
                (rank, name) for rank, name in order if offset < rank <= offset + size and name not in gone
            ]
            assert [(hit.rank, name) for hit in page for name in (hit.article_id, *hit.copies)] == expected
            seen += expected
            change = data.draw(
                st.sampled_from(["withdraw", "add", "correct", "restore", "rebuild", "nothing"])
            )
            if change == "withdraw":
                victim = data.draw(st.sampled_from([one.article_id for one in made]))
                library.remove(victim, now=NOW)
                gone.add(victim)
            elif change == "restore":
                library.remove("n0", undo=True, now=NOW)
                gone.discard("n0")
            elif change == "add":
                library.add(invented(f"late{offset}", random), now=NOW)
            elif change == "correct":
                library.add(invented("n5", random), now=NOW)
                gone.discard("n5")
            elif change == "rebuild":
                library.rebuild()
        assert len(seen) == len(set(seen))


def test_a_copy_takes_the_place_of_a_withdrawn_first(tmp_path):
    """On a page that is continued, a hit whose first article was withdrawn since shows its next copy, at its rank."""
    with new_library(tmp_path) as library:
        library.add(
            article("first", "Zeppelins landed."),
            article("copy", "Zeppelins landed."),
            article("other", "A zeppelin."),
        )
        held = {"reader": library.reader(), "as_of": library.store.last_seq()}
        before = library.search("zeppelin", **held)
        library.remove("first")
        after = library.search("zeppelin", **held)
        assert sorted(ids(before)) == ["first", "other"] and sorted(ids(after)) == ["copy", "other"]
        assert {hit.article_id: hit.rank for hit in after}["copy"] == next(
            hit.rank for hit in before if hit.article_id == "first"
        )
