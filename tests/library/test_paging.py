"""Pages of any size, laid end to end, are one page: nothing twice, nothing missed, one total."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searcher.errors import InputError
from searcher.index import merging
from searcher.library import legs
from searcher.records import Filters
from tests.library.samples import (
    MODES,
    NOW,
    article,
    everything,
    ids,
    invented,
    new_library,
    on_day,
    pages,
    wanted,
)

QUESTIONS = (
    "harbour",
    "strike vote bridge",
    "harbour strike -storm",
    "title:vote OR budget",
    '"harbour strike"',
)


@pytest.fixture(scope="module", params=[10, 200], ids=["pool of 10", "pool of 200"])
def library(tmp_path_factory, request):
    """
    Two hundred articles in four segments, a third of them copies under other headlines, some dead; the pool of
    fused candidates holds few of them, or all.
    """
    random = Random(5)
    with new_library(tmp_path_factory.mktemp("paging"), wanted(depth=request.param)) as opened:
        for batch in range(4):
            made = [invented(f"{batch}-{n}", random) for n in range(35)]
            copied = random.sample(made, 15)
            made += [
                article(
                    f"{one.article_id}-copy",
                    one.body,
                    title=random.choice([one.title, "Wire report", "Harbour strike"]),
                    source="Wire",
                    published=random.choice([None, on_day(50), one.published]),
                )
                for one in copied
            ]
            opened.add(*made, now=NOW)
        opened.add(*[invented(f"{n}-3", random) for n in range(4)], now=NOW)
        opened.remove("0-5", f"{copied[0].article_id}-copy", now=NOW)
        yield opened


@pytest.mark.parametrize("fold", [True, False])
@pytest.mark.parametrize("sort", ["relevance", "date"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("query", ["harbour", "strike vote -storm", "source:wire"])
def test_pages_laid_end_to_end_are_one_page(library, query, mode, sort, fold):
    """
    For every mode, order and question: pages of one, of seven and of mixed sizes give together exactly what one
    great page gives, hits with their copies, ranks from 1 without a gap, and all say the same total, which is the
    number of hits.
    """

    def ask(**page):
        return library.search(query, mode=mode, sort=sort, fold=fold, now=NOW, **page)

    whole = ask(limit=1000)
    assert whole.total == len(whole) > 0
    assert [hit.rank for hit in whole] == list(range(1, len(whole) + 1))
    shown = [name for hit in whole for name in (hit.article_id, *hit.copies)]
    assert len(shown) == len(set(shown))
    assert fold or not any(hit.copies for hit in whole)
    for sizes in ([1] * 4, [19] * (whole.total // 19 + 2), [10, 1, 30, 2, 1000]):
        parts = list(pages(sizes, ask))
        assert {part.total for part in parts} == {whole.total}
        joined = [line for part in parts for line in everything(part)]
        assert joined == everything(whole)[: len(joined)]
        assert len(joined) == min(sum(sizes), whole.total)


@pytest.mark.parametrize("mode", MODES)
def test_a_folded_page_holds_what_an_unfolded_one_does(library, mode):
    """Folding moves copies under the first of them, in the order they had, and loses none."""
    for query in QUESTIONS:
        flat = library.search(query, mode=mode, fold=False, limit=1000, now=NOW)
        folded = library.search(query, mode=mode, limit=1000, now=NOW)
        groups: dict[str, list[str]] = {}
        for hit in flat:
            groups.setdefault(hit.article.body, []).append(hit.article_id)
        assert [[hit.article_id, *hit.copies] for hit in folded] == list(groups.values())


@pytest.mark.parametrize("mode", MODES)
def test_scores_never_rise_down_the_page(library, mode):
    """Best first, and what lies beyond the pool after what is in it."""
    for query in QUESTIONS:
        scores = [hit.score for hit in library.search(query, mode=mode, fold=False, limit=1000, now=NOW)]
        assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("sort", ["relevance", "date"])
def test_filters_alone_give_all_they_admit_newest_first(library, sort):
    """Without a word to score, all admitted articles come, newest first, those without a date at the end."""
    results = library.search(
        "", filters=Filters(sources=("nordwind",)), sort=sort, limit=1000, fold=False, now=NOW
    )
    dates = [hit.article.published.at if hit.article.published else None for hit in results]
    dated = [date for date in dates if date is not None]
    assert dated == sorted(dated, reverse=True) and dates == dated + [None] * (len(dates) - len(dated))
    assert None in dates and len(dated) > 3
    live = [revision.article for revision in library.store.live()]
    assert sorted(ids(results)) == sorted(one.article_id for one in live if one.source == "Nordwind")


@pytest.mark.parametrize("mode", ["hybrid", "lexical"])
def test_sorted_by_date_no_match_is_lost_beyond_the_pool(tmp_path, mode):
    """
    The newest article is the worst match of 61, far below a pool of ten: an operator query shows it first by date, and
    counts as many in either order; for free words all are there that are good enough.
    """
    with new_library(tmp_path, wanted(depth=10)) as library:
        made = [article(f"a{n}", f"{'Election ' * 12} city {n}.", published=on_day(n)) for n in range(60)]
        weak = f"{'x ' * 150} Then an election was called. {'y ' * 150}"
        library.add(*made, article("newest", weak, published=on_day(99)), now=NOW)
        by_date = library.search("+election", mode=mode, sort="date", limit=3, now=NOW)
        assert ids(by_date) == ["newest", "a59", "a58"]
        assert by_date.total == library.search("+election", mode=mode, now=NOW).total == 61
        free = library.search("election", mode=mode, sort="date", limit=100, now=NOW)
        assert {f"a{n}" for n in range(60)} <= set(ids(free)) and free.total == len(free)


def test_sorted_by_date_the_undated_come_last(library):
    """Newest first among those that are good enough, undated ones at the end."""
    results = library.search("harbour strike", sort="date", limit=1000, fold=False, now=NOW)
    dates = [hit.article.published.at if hit.article.published else None for hit in results]
    dated = [date for date in dates if date is not None]
    assert dated == sorted(dated, reverse=True) and dates == dated + [None] * (len(dates) - len(dated))


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 60), st.integers(0, 150), st.sampled_from(QUESTIONS), st.sampled_from(MODES))
def test_any_page_is_a_slice_of_the_whole(library, limit, offset, query, mode):
    """For any limit and offset: the page is that slice, and the total that of the whole."""
    whole = library.search(query, mode=mode, limit=1000, now=NOW)
    page = library.search(query, mode=mode, limit=limit, offset=offset, now=NOW)
    assert everything(page) == everything(whole)[offset : offset + limit]
    assert page.total == whole.total


def test_similar_articles_are_paged_the_same_way(library):
    """Pages of similar articles, too, are slices of one list with one total."""
    whole = library.similar("0-1", limit=1000)
    assert whole.total == len(whole) > 5
    parts = list(pages([3, 1, 50, 1000], lambda **page: library.similar("0-1", **page)))
    assert [line for part in parts for line in everything(part)] == everything(whole)
    assert {part.total for part in parts} == {whole.total}


def test_equal_scores_are_in_the_order_of_arrival(tmp_path):
    """Thirty articles that say the same in other words of equal weight: every mode shows them by seq."""
    with new_library(tmp_path) as library:
        for start in (0, 10, 20):
            made = [article(f"e{n}", f"Zeppelin {n:03}x.", title="Same") for n in range(start, start + 10)]
            library.add(*made, now=NOW)
        for sort in ("relevance", "date"):
            results = library.search("zeppelin", mode="lexical", sort=sort, limit=50, now=NOW)
            assert ids(results) == [f"e{n}" for n in range(30)]
            assert len({hit.score for hit in results}) == 1
        copies = library.search("same", mode="dense", limit=50, fold=False, now=NOW)
        assert ids(copies) == ids(library.search("same", mode="dense", limit=50, fold=False, now=NOW))


@pytest.mark.parametrize("mode", MODES)
def test_copies_of_one_text_tie_and_stand_by_seq(tmp_path, mode):
    """Fifty copies over three segments score alike; the pool cuts between them by seq, not by place."""
    with new_library(tmp_path, wanted(depth=10)) as library:
        for batch in range(3):
            made = [article(f"{batch}-{n:02}", "Zeppelins landed.", title="Airship") for n in range(20)]
            library.add(*made, now=NOW)
        library.add(
            *[article(f"0-{n:02}", "Zeppelins landed.", title="Airship", source="Wire") for n in range(5)],
            now=NOW,
        )
        results = library.search("zeppelins", mode=mode, limit=1000, fold=False, now=NOW)
        assert [hit.rank for hit in results] == list(range(1, len(results) + 1))
        assert ids(results)[:10] == [f"0-{n:02}" for n in range(5, 15)]
        (folded,) = library.search("zeppelins", mode=mode, limit=1, now=NOW)
        assert (folded.article_id, len(folded.copies)) == ("0-05", results.total - 1)


@pytest.mark.parametrize("mode", MODES)
def test_ties_at_the_edge_of_the_pool_are_cut_by_seq(tmp_path, mode, monkeypatch):
    """
    Small segments that were joined lie behind a greater one with later articles. Of a hundred articles that tie,
    those that came first are shown first, and are in the pool, wherever they lie.
    """
    monkeypatch.setattr(merging, "SMALLEST", 3)
    monkeypatch.setattr(legs, "DENSE_WINDOW", 10)
    with new_library(tmp_path, wanted(depth=10)) as library:
        for batch, size in enumerate([2, 90, 2, 2, 2]):
            made = [article(f"{batch}-{n:02}", "Zeppelins landed.", title="Airship") for n in range(size)]
            library.add(*made, now=NOW)
        assert library.status().segments == 2
        results = library.search("zeppelins landed", mode=mode, limit=10, fold=False, now=NOW)
        assert ids(results) == ["0-00", "0-01", *(f"1-{n:02}" for n in range(8))]


def test_copies_are_named_on_every_page(tmp_path):
    """A copy beyond the pool is folded under its first also on a page that does not reach so far."""
    with new_library(tmp_path, wanted(depth=10)) as library:
        first = [article(f"a{n}", f"Zeppelin zeppelin {n}x.", title="Zeppelin") for n in range(40)]
        library.add(
            *first, article("copy of a3", first[3].body, title="Something else entirely here"), now=NOW
        )
        small = library.search("zeppelin", mode="lexical", limit=5, now=NOW)
        great = library.search("zeppelin", mode="lexical", limit=100, now=NOW)
        assert everything(small) == everything(great)[:5]
        assert great[3].copies == ("copy of a3",)
        assert small.total == great.total == 40


@pytest.mark.parametrize(("limit", "offset"), [(0, 0), (-1, 0), (10_001, 0), (10, -1)])
def test_impossible_pages_are_refused(library, limit, offset):
    """A limit or offset that means nothing is an InputError that says what is possible."""
    with pytest.raises(InputError, match="limit must lie between 1 and 10,000"):
        library.search("harbour", limit=limit, offset=offset, now=NOW)
    with pytest.raises(InputError, match="limit must lie between 1 and 10,000"):
        library.similar("0-1", limit=limit, offset=offset)


def test_a_page_past_the_end_is_empty_and_keeps_the_total(library):
    """Beyond the last hit there are none, but the answer is still good."""
    results = library.search("harbour", offset=9_000, now=NOW)
    assert (len(results), results.verdict) == (0, "strong") and results.total > 20
