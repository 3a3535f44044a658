"""What becomes of a batch: identities, revisions, rejections."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from searcher.errors import ArticleNotFound, SearcherError
from searcher.records import Origin, Precision, Receipt, Rejection
from searcher.store import Store
from searcher.store.writing import KEPT_REJECTIONS
from tests.store.samples import LATER, NOW, article, moment, new_store


@pytest.fixture
def store(tmp_path):
    with new_store(tmp_path) as store:
        yield store


def test_an_article_comes_back_as_it_went_in(store):
    """
    Every field of an article survives the store, and so do the moment of recording and the body's digest.
    """
    given = article(
        "guardian/1",
        body="Ein Satz – «mit» allem: 東京 😀\n\tEnde.",
        title="Überschrift",
        url="https://example.org/1",
        id_origin="url",
        source="The Guardian",
        authors=("Ana Ó", "B. C."),
        section="World",
        language="de",
        published=moment(datetime(2025, 7, 22, 9, 30, tzinfo=UTC), Precision.HOUR, "relative"),
        published_raw="a day ago",
        fetched=NOW,
        origin=Origin("dump.txt", "line 40"),
    )
    assert store.add([given], now=NOW) == Receipt(added=1)
    revision = store.latest("guardian/1")
    assert revision.article == given
    assert (revision.seq, revision.recorded_at, revision.withdrawn) == (1, NOW, False)
    store.add([article("b", body="Kyiv voted.")], now=NOW)
    # printf 'Kyiv voted.' | sha256sum
    assert store.latest("b").body_sha256 == "df39f05b6ff4848b05165a6586db74b23febf62e793d632ebf4ecebba36a6afc"


def test_the_same_article_again_is_unchanged(store):
    """
    Adding twice makes no revision, also from another file, at another time, and twice within one batch.
    """
    store.add([article(fetched=NOW)], now=NOW)
    again = article(fetched=LATER, origin=Origin("copy.csv", "row 7"))
    assert store.add([again, again], now=LATER) == Receipt(unchanged=2)
    assert store.last_seq() == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"body": "Kyiv voted again."},
        {"title": "Corrected headline"},
        {"section": "Europe"},
        {"source": "Reuters"},
        {"authors": ("C",)},
        {"url": "https://example.org/moved"},
        {"language": "uk"},
        {"published": moment(NOW + timedelta(days=2))},
    ],
)
def test_a_changed_text_or_fact_is_a_new_revision(store, changed):
    """
    A correction of the text, the headline or any fact appends; the state before stays readable.
    """
    first = article(
        source="AP",
        authors=("A", "B"),
        section="World",
        language="en",
        url="https://example.org/1",
        published=moment(NOW),
    )
    store.add([first], now=NOW)
    assert store.add([replace(first, **changed)], now=LATER) == Receipt(changed=1)
    old, new = store.revisions("a")
    assert (old.seq, old.article, old.recorded_at) == (1, first, NOW)
    assert (new.seq, new.article, new.recorded_at) == (2, replace(first, **changed), LATER)


def test_what_a_newer_state_leaves_out_is_kept(store):
    """
    An input without date, outlet or authors does not erase the known ones, whether or not the text changed.
    """
    full = article(source="AP", authors=("A",), section="World", published=moment(NOW), published_raw="today")
    store.add([full], now=NOW)
    assert store.add([article(title="")], now=LATER) == Receipt(unchanged=1)
    assert store.add([article(body="New text.")], now=LATER) == Receipt(changed=1)
    assert store.latest("a").article == replace(full, body="New text.")


@pytest.mark.parametrize(
    ("known", "given", "kept"),
    [
        # Read again half an hour later, "3 hours ago" is another moment, and no news.
        (moment(NOW, Precision.HOUR), moment(NOW + timedelta(minutes=30), Precision.HOUR), True),
        (moment(NOW, Precision.SECOND), moment(NOW - timedelta(hours=12), Precision.DAY), True),
        (moment(NOW, Precision.MINUTE), moment(NOW, Precision.MINUTE, "feed"), True),
        (moment(NOW, Precision.DAY), moment(NOW + timedelta(hours=3), Precision.SECOND), False),
        (moment(NOW, Precision.HOUR), moment(NOW + timedelta(hours=2), Precision.HOUR), False),
        (moment(NOW, Precision.DAY), moment(NOW + timedelta(days=1), Precision.DAY), False),
    ],
)
def test_a_date_changes_only_if_it_says_something_new(store, known, given, kept):
    """
    A date that agrees with the known one and is no more exact makes no revision; any other does.
    """
    store.add([article(published=known, published_raw="old")], now=NOW)
    receipt = store.add([article(published=given, published_raw="new")], now=LATER)
    assert receipt == (Receipt(unchanged=1) if kept else Receipt(changed=1))
    latest = store.latest("a").article
    assert (latest.published, latest.published_raw) == ((known, "old") if kept else (given, "new"))


def test_a_page_is_known_by_its_url(store):
    """
    An article whose id was derived is the one already at its URL; it keeps that one's id.
    """
    store.add([article("given-1", url="https://example.org/1")], now=NOW)
    page = article("sha-of-url", body="Corrected.", url="https://example.org/1", id_origin="url")
    assert store.add([page], now=LATER) == Receipt(changed=1)
    assert store.find("sha-of-url") is None
    latest = store.latest("given-1").article
    assert (latest.body, latest.id_origin) == ("Corrected.", "given")


def test_a_given_id_is_an_identity_of_its_own(store):
    """
    Two given ids stay two articles, though their text and their URL are equal.
    """
    one, two = (article(name, title="Same", url="https://example.org/1") for name in "ab")
    assert store.add([one, two], now=NOW) == Receipt(added=2)
    assert store.latest("a").article == one
    assert store.latest("b").article == two
    assert store.latest("a").body_sha256 == store.latest("b").body_sha256


def test_a_url_that_an_article_left_is_free(store):
    """
    After its URL was corrected, an article is not mistaken for what is published at the old one.
    """
    store.add([article("a", url="https://example.org/wrong")], now=NOW)
    store.add([article("a", url="https://example.org/right")], now=NOW)
    other = article("b", body="Another story.", url="https://example.org/wrong", id_origin="url")
    assert store.add([other], now=LATER) == Receipt(added=1)
    assert store.find("https://example.org/wrong") == "b"
    assert store.find("https://example.org/right") == "a"


def test_find_takes_an_id_or_a_url(store):
    """
    An id goes before a URL; at one URL a live article goes before a withdrawn one, then the first.
    """
    url = "https://example.org/1"
    store.add([article("b", url=url), article("a", url=url)], now=NOW)
    assert [store.find(x) for x in ("a", "b", url, "https://example.org/2", "", "\ud800")] == [
        "a",
        "b",
        "b",
        None,
        None,
        None,
    ]
    store.withdraw(["b"], now=NOW)
    assert store.find(url) == "a"


def test_withdrawing_and_restoring_append(store):
    """
    A withdrawal and its undo are revisions with the article as it was; done twice, they do nothing.
    """
    store.add([article("a"), article("b")], now=NOW)
    assert store.withdraw(["b", "a", "b"], now=LATER) == [3, 4]
    assert store.withdraw(["a"], now=LATER) == []
    assert store.latest("a").withdrawn
    assert store.latest("a").article == article("a")
    assert store.restore(["a"], now=LATER) == [5]
    assert store.restore(["a"], now=LATER) == []
    assert [(r.seq, r.withdrawn) for r in store.revisions("a")] == [(1, False), (4, True), (5, False)]


def test_an_unknown_id_withdraws_nothing(store):
    """
    If one id is unknown the others are left as they are.
    """
    store.add([article("a")], now=NOW)
    with pytest.raises(ArticleNotFound, match="'nobody'"):
        store.withdraw(["a", "nobody"], now=LATER)
    with pytest.raises(ArticleNotFound):
        store.latest("nobody")
    with pytest.raises(ArticleNotFound):
        store.revisions("nobody")
    assert store.last_seq() == 1
    assert not store.latest("a").withdrawn


def test_adding_a_withdrawn_article_brings_it_back(store):
    """
    Somebody who adds an article again wants it there: a live revision is appended, counted as changed.
    """
    store.add([article("a", source="AP")], now=NOW)
    store.withdraw(["a"], now=NOW)
    assert store.add([article("a")], now=LATER) == Receipt(changed=1, restored=1)
    assert not store.latest("a").withdrawn
    assert store.latest("a").article == article("a", source="AP")


def test_rejections_are_recorded_once(store):
    """
    Rejections are counted each time, listed newest first, and the same complaint only once.
    """
    one, two = Rejection("f.jsonl: line 1", "no body"), Rejection("f.jsonl: line 2", "not JSON")
    assert store.add([one, article(), two], now=NOW) == Receipt(added=1, rejected=2, rejections=(one, two))
    assert store.add([one], now=LATER).rejected == 1
    assert store.rejections() == ((LATER, one), (NOW, two))
    assert store.rejections(1) == ((LATER, one),)
    assert store.rejections(0) == ()


def test_the_last_rejections_are_kept(store):
    """
    Of more than 10,000 rejections the newest 10,000 stay.
    """
    store.add((Rejection(f"line {n}", "bad") for n in range(KEPT_REJECTIONS + 5)), now=NOW)
    kept = store.rejections(KEPT_REJECTIONS * 2)
    assert len(kept) == KEPT_REJECTIONS
    assert (kept[0][1].where, kept[-1][1].where) == (f"line {KEPT_REJECTIONS + 4}", "line 5")


@pytest.mark.parametrize("field", ["body", "title", "article_id", "url", "section"])
def test_what_is_not_text_costs_one_article(store, field):
    """
    A lone surrogate in an article rejects it and leaves the batch alone.
    """
    bad = replace(article("b", id_origin="url"), **{field: "x\ud800"})
    receipt = store.add([article("a"), bad, article("c")], now=NOW)
    assert (receipt.added, receipt.rejected) == (2, 1)
    assert receipt.rejections[0].where == "news.jsonl: line 1"
    assert store.counts().revisions == 2


@pytest.mark.parametrize(
    "facts", [{"published": moment(NOW.replace(tzinfo=None))}, {"fetched": NOW.replace(tzinfo=None)}]
)
def test_a_moment_without_a_time_zone_costs_one_article(store, facts):
    """
    It is rejected, also where it would be compared with a known one, and leaves the batch alone.
    """
    store.add([article("b", published=moment(NOW))], now=NOW)
    receipt = store.add([article("a"), article("b", **facts), article("c")], now=NOW)
    assert (receipt.added, receipt.rejected) == (2, 1)
    assert "time zone" in receipt.rejections[0].reason


def test_a_file_name_may_be_anything(store):
    """
    A file whose name is not text costs neither the article nor the rejection that it is named in.
    """
    receipt = store.add(
        [article(origin=Origin("n\udcffws.txt", "line\ud800")), Rejection("\udcff", "no body")], now=NOW
    )
    assert (receipt.added, receipt.rejected) == (1, 1)
    assert store.latest("a").article.origin == Origin("n\ufffdws.txt", "line\ufffd")


def test_an_id_is_taken_as_it_is(store):
    """
    Ids are compared character by character: nothing is trimmed, folded or composed on the way.
    """
    ids = ["é", "e\u0301", " é", "É", "'; DROP TABLE revisions; --"]
    assert store.add([article(name) for name in ids], now=NOW).added == 5
    assert [store.latest(name).article.article_id for name in ids] == ids
    assert [store.find(name) for name in ids] == ids
    assert store.withdraw(ids, now=LATER) == [6, 7, 8, 9, 10]


def test_a_batch_that_fails_leaves_nothing(store):
    """
    If whoever makes the items fails half-way, none of the batch is kept.
    """

    def items():
        yield article("a")
        raise RuntimeError("the feed broke")

    with pytest.raises(RuntimeError, match="the feed broke"):
        store.add(items(), now=NOW)
    assert store.last_seq() == 0


def test_a_moment_needs_a_zone(store):
    """
    A `now` without a time zone is refused: whose noon would it be?
    """
    with pytest.raises(ValueError, match="time zone"):
        store.add([article()], now=datetime(2025, 7, 23))  # noqa: DTZ001
    assert store.last_seq() == 0


def test_revisions_cannot_be_changed_behind_the_door(store):
    """
    The file itself refuses to change or delete what was stored.
    """
    store.add([article()], now=NOW)
    with sqlite3.connect(store.path) as raw:
        for statement in (
            "UPDATE revisions SET title = 'x'",
            "DELETE FROM revisions",
            "UPDATE bodies SET text = 'x'",
            "DELETE FROM bodies",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="never"):
                raw.execute(statement)
    raw.close()


def test_a_closed_store_says_so(tmp_path):
    """
    Using a store after it was closed is an error of ours.
    """
    store: Store = new_store(tmp_path)
    store.close()
    with pytest.raises(SearcherError, match="closed"):
        store.last_seq()


def test_what_became_of_each_is_told_in_order(store):
    """The outcomes of a batch are those of its items, one each."""
    store.add([article("known")], now=NOW)
    receipt = store.add(
        [
            article("new"),
            Rejection("page 3", "no text"),
            article("known"),
            article("known", "Another text."),
            article("half", "\ud800"),
        ],
        now=LATER,
    )
    assert receipt.outcomes == ("added", "rejected", "unchanged", "changed", "rejected")


def test_moments_are_kept_in_utc_wherever_the_machine_stands(store, monkeypatch):
    """The same moment is the same text, whatever the zone it came in and that of the machine."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        store.add([article(published=moment(NOW.astimezone(timezone(timedelta(hours=9)))))], now=NOW)
        with store._connections.reading() as connection:
            said = connection.execute("SELECT published_at, recorded_at FROM revisions").fetchone()
    finally:
        monkeypatch.undo()
        time.tzset()
    assert said == ("2025-07-23T12:00:00+00:00",) * 2


def test_withdrawals_are_those_of_the_moment_that_is_asked_for(store):
    """An index covers the first two; later pages of an answer are as the first was, whatever happened since."""
    store.add([article("a"), article("b")], now=NOW)
    store.withdraw(["a"], now=LATER)
    store.withdraw(["b"], now=LATER)
    assert store.withdrawn_since(2) == {1, 2}
    assert store.withdrawn_since(2, up_to=3) == {1}
    assert store.withdrawn_since(2, up_to=2) == set()
    assert store.withdrawn_since(3) == {2}
