"""Articles about the same thing as this one: without itself, without its copies, before it or after it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from searcher.errors import ArticleNotFound, InputError
from searcher.records import Filters, Moment, Precision
from tests.library.samples import NOW, article, ids, new_library, news, on_day

FERRY = "The ferry to the island sank in the harbour. Divers searched the wreck all night."


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A running story of four days with a wire copy, among fifty other articles."""
    with new_library(tmp_path_factory.mktemp("similar")) as opened:
        opened.add(*news(50), now=NOW)
        opened.add(
            article("day1", FERRY, title="Ferry sinks", published=on_day(1), url="https://example.org/1"),
            article("wire", FERRY.upper(), title="WIRE: ferry sinks off island", published=on_day(1)),
            article(
                "day2",
                "Divers found the ferry wreck near the island.",
                title="Ferry found",
                published=on_day(2),
            ),
            article(
                "day3",
                "The island mourns; the ferry wreck is raised.",
                title="Ferry raised",
                published=on_day(3),
            ),
            article("undated", "Why do ferries sink? The island ferry wreck.", title="Ferry explained"),
            now=NOW,
        )
        opened.add(
            article("day0", "An old ferry serves the island.", title="Ferry old", published=on_day(0)),
            now=NOW,
        )
        yield opened


def test_the_same_story_comes_first_without_itself_and_its_copies(library):
    """The other articles of the story are the first; the article and its exact copy are nowhere."""
    found = ids(library.similar("day1", limit=100))
    assert set(found[:4]) == {"day2", "day3", "undated", "day0"}
    assert "day1" not in found and "wire" not in found
    found = ids(library.similar("wire", limit=100))
    assert "day1" not in found and "wire" not in found and found[0] in ("day2", "day3")


def test_an_article_is_named_by_id_or_url(library):
    """Both lead to the same answer; what is unknown is ArticleNotFound."""
    assert ids(library.similar("https://example.org/1")) == ids(library.similar("day1"))
    with pytest.raises(ArticleNotFound, match="nowhere"):
        library.similar("nowhere")


def test_before_and_after_it(library):
    """Earlier or later than the article, never undated; together with other dates the narrower holds."""
    assert {"day0", "day1"} == set(ids(library.similar("day2", before_it=True, limit=100))) & {
        "day0",
        "day1",
        "day2",
        "day3",
        "undated",
    }
    after = library.similar("day2", after_it=True, limit=100)
    assert "day3" in ids(after) and all(hit.article.published.at > on_day(2).at for hit in after)
    between = library.similar("day3", before_it=True, filters=Filters(since=on_day(2).at), limit=100)
    assert "day2" in ids(between)
    assert all(on_day(2).at <= hit.article.published.at < on_day(3).at for hit in between)
    earlier = library.similar("day3", before_it=True, filters=Filters(until=on_day(1).at), limit=100)
    assert "day0" in ids(earlier) and all(hit.article.published.at < on_day(1).at for hit in earlier)


def test_before_it_needs_a_date_and_only_one_side(library):
    """An article without a date, or both sides at once, is an InputError that says what to do."""
    with pytest.raises(InputError, match="no date"):
        library.similar("undated", after_it=True)
    with pytest.raises(InputError, match="Choose one"):
        library.similar("day1", before_it=True, after_it=True)


@pytest.mark.parametrize(
    ("precision", "same", "later"),
    [
        (Precision.SECOND, (2025, 1, 31), (2025, 1, 31, 0, 0, 1)),
        (Precision.HOUR, (2025, 1, 31, 0, 59), (2025, 1, 31, 1)),
        (Precision.DAY, (2025, 1, 31, 23), (2025, 2, 1)),
        (Precision.MONTH, (2025, 3, 2), (2025, 3, 3)),
        (Precision.YEAR, (2026, 1, 30), (2026, 1, 31)),
    ],
)
def test_what_may_be_of_the_same_moment_is_not_after_it(tmp_path, precision, same, later):
    """An article that is dated to the day is followed by those of the next day, and so for every precision."""
    moments = [Moment(datetime(*parts, tzinfo=UTC), Precision.SECOND, "field") for parts in (same, later)]
    with new_library(tmp_path) as library:
        library.add(
            article("it", FERRY, published=Moment(datetime(2025, 1, 31, tzinfo=UTC), precision, "field")),
            *[
                article(name, f"{FERRY} {name}", published=moment)
                for name, moment in zip(("same", "later"), moments, strict=True)
            ],
            now=datetime(2027, 1, 1, tzinfo=UTC),
        )
        assert ids(library.similar("it", after_it=True)) == ["later"]


@pytest.mark.parametrize("body", ["", " \n "])
def test_a_text_without_a_body_is_an_input_error(library, body):
    """There is nothing that another article could be like."""
    with pytest.raises(InputError, match="no body"):
        library.similar(article("outside", body))


def test_an_article_from_outside(library):
    """
    A text that is not in the library is encoded for the question only: its story is found, nothing is kept; a text
    that is in the library under another id leaves its copies out.
    """
    outside = article("outside", "A ferry wreck was seen near the island by divers.", title="Ferry wreck")
    assert set(ids(library.similar(outside))[:5]) == {"day1", "day2", "day3", "undated", "day0"}
    assert library.store.find("outside") is None
    found = ids(library.similar(article("outside", FERRY, title="Ferry sinks"), limit=100))
    assert "day1" not in found and "wire" not in found


def test_an_article_that_waits_to_be_indexed_can_be_asked_for(tmp_path):
    """It is encoded for the question, as one from outside is."""
    with new_library(tmp_path) as library:
        library.add(article("day1", FERRY, title="Ferry sinks"), now=NOW)
        library.add(
            article("day2", "Divers found the ferry wreck.", title="Ferry found"), index=False, now=NOW
        )
        assert ids(library.similar("day2")) == ["day1"]


def test_a_withdrawn_article_can_still_be_asked_for_and_is_not_an_answer(tmp_path):
    """What was withdrawn finds its story, and is not found by it."""
    with new_library(tmp_path) as library:
        library.add(article("day1", FERRY, title="Ferry sinks"), now=NOW)
        library.add(article("day2", "Divers found the ferry wreck.", title="Ferry found"), now=NOW)
        library.remove("day1", now=NOW)
        assert ids(library.similar("day1")) == ["day2"]
        assert ids(library.similar("day2")) == []


def test_the_explanation_sums_to_the_score(library):
    """Each hit says what each leg gave, and the sum is its score."""
    for hit in library.similar("day1", limit=100):
        assert sum(leg.part for leg in hit.explanation.legs) == pytest.approx(hit.score)
        assert [leg.leg for leg in hit.explanation.legs] == ["lexical", "dense"]


@pytest.mark.parametrize(("intent", "dense"), [("event", 0.3), ("any", 0.5), ("topic", 0.7)])
def test_what_likeness_is_wanted_moves_the_weight(library, intent, dense):
    """
    An event leans on words, a topic on meaning, in the library and for a text from outside; a given weight decides.
    """
    for asked in ("day1", article("outside", FERRY + " Twice.", title="Ferry sinks")):
        weights = [leg.weight for leg in library.similar(asked, intent=intent)[0].explanation.legs]
        assert weights == pytest.approx([1 - dense, dense])
        assert ids(library.similar(asked, intent=intent, limit=100)) == ids(
            library.similar(asked, weight=dense, limit=100)
        )


def test_copies_of_the_body_that_is_given_are_left_out(tmp_path):
    """Not those of what the library holds under the same id."""
    old, new = "The harbour strike of dockers goes on. ", "Dockers end the harbour strike for good. "
    with new_library(tmp_path) as library:
        library.add(article("a", old * 9), article("b", new * 9), article("c", old * 9), *news(20), now=NOW)
        given = {hit.article_id for hit in library.similar(article("a", new * 9), limit=50, fold=False).hits}
        assert "b" not in given and "c" in given


def test_an_article_that_is_given_by_its_url_is_not_like_itself(tmp_path):
    """What the library holds at the URL that is its id is the same article, with another text or not."""
    url, body = "https://news.example.org/strike", "The harbour strike of dockers goes on. "
    with new_library(tmp_path) as library:
        library.add(article("a", body * 9, url=url), article("b", body * 8), *news(20), now=NOW)
        given = article(url, body * 7)
        assert "a" not in (found := ids(library.similar(given, limit=50, fold=False))) and "b" in found
