"""The history of another library comes in revision by revision, as it was; and what a store says of its seqs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from searcher.records import Revision
from searcher.store import reading
from tests.store.samples import LATER, NOW, article, new_store

MUCH_LATER = LATER + timedelta(hours=1)


def revision(one, recorded_at, *, withdrawn=False):
    """Give a revision as another library tells it: its own number and digest mean nothing here."""
    return Revision(4_711, one, recorded_at, withdrawn, "")


def states(store):
    """Give (seq, id, headline, withdrawn, moment) of all revisions."""
    return [(r.seq, r.article.article_id, r.article.title, r.withdrawn, r.recorded_at) for r in store.all()]


@pytest.fixture
def store(tmp_path):
    """An empty one."""
    with new_store(tmp_path) as opened:
        yield opened


def test_each_revision_is_kept_with_its_moment(store):
    """
    First it is new, then corrected, withdrawn and brought back; the moments are those told, not now.
    """
    first, second = article(title="First"), article(title="Second", body="Another text.")
    told = [
        revision(first, NOW),
        revision(second, LATER),
        revision(second, MUCH_LATER, withdrawn=True),
        revision(second, MUCH_LATER + timedelta(hours=1)),
    ]
    receipt = store.add(told, now=NOW - timedelta(days=1))
    assert (receipt.added, receipt.changed, receipt.restored, receipt.unchanged) == (1, 3, 1, 0)
    assert states(store) == [
        (1, "a", "First", False, NOW),
        (2, "a", "Second", False, LATER),
        (3, "a", "Second", True, MUCH_LATER),
        (4, "a", "Second", False, MUCH_LATER + timedelta(hours=1)),
    ]
    assert [one.article for one in store.all()] == [first, second, second, second]
    assert store.check() == []


def test_what_has_been_here_is_not_appended_again(store):
    """
    Told twice, a history stands once: neither the newest state nor any before it comes again.
    """
    told = [
        revision(article(title="First"), NOW),
        revision(article(title="Second"), LATER),
        revision(article(title="Second"), MUCH_LATER, withdrawn=True),
    ]
    store.add(told, now=NOW)
    before = states(store)
    assert store.add(told, now=NOW).unchanged == 3 and states(store) == before
    # The same words at a later moment say nothing new either, withdrawn as they are.
    again = revision(article(title="Second"), MUCH_LATER + timedelta(days=1), withdrawn=True)
    assert store.add([again], now=NOW).unchanged == 1 and states(store) == before


def test_an_older_state_that_was_never_here_is_appended(store):
    """
    It is not what this library knew: its moment is kept, and the newest moment is not the newest number.
    """
    store.add([revision(article(title="Second"), LATER)], now=NOW)
    assert store.add([revision(article(title="First"), NOW)], now=NOW).changed == 1
    assert [(title, at) for _, _, title, _, at in states(store)] == [("Second", LATER), ("First", NOW)]


def test_of_one_moment_both_states_are_appended(store):
    """
    It is not known which came first. A state that returns at the moment of the newest is no older one.
    """
    one, other = article(title="One"), article(title="Other")
    store.add([revision(one, NOW), revision(other, NOW)], now=NOW)
    assert store.add([revision(one, NOW)], now=NOW).changed == 1
    assert [title for _, _, title, _, _ in states(store)] == ["One", "Other", "One"]


def test_a_text_that_changed_back_is_told_apart_by_its_body(store):
    """
    The headline alone, or the body alone, makes another state; a withdrawal alone, too.
    """
    told = [
        revision(article(title="T", body="One."), NOW),
        revision(article(title="T", body="Two."), LATER),
        revision(article(title="T", body="Two."), MUCH_LATER, withdrawn=True),
    ]
    receipt = store.add(told, now=NOW)
    assert (receipt.added, receipt.changed) == (1, 2)
    assert [(one.article.body, one.withdrawn) for one in store.all()] == [
        ("One.", False),
        ("Two.", False),
        ("Two.", True),
    ]


def test_the_live_seqs_are_those_of_what_is_live(store, monkeypatch):
    """
    The newest revision of each article, up to a seq, without those withdrawn; however many a page holds.
    """
    store.add([article(name, f"Body of {name}.") for name in "abc"], now=NOW)
    store.add([article("b", "Corrected.")], now=LATER)
    store.withdraw(["c"], now=LATER)
    store.add([article("d", "New.")], now=LATER)
    for up_to in range(8):
        assert list(store.live_seqs(up_to)) == [one.seq for one in store.live(up_to)]
    assert list(store.live_seqs(6)) == [1, 4, 6] and list(store.live_seqs(3)) == [1, 2, 3]
    real = reading.seqs_of_latest
    monkeypatch.setattr(
        reading, "seqs_of_latest", lambda connection, *, size, **options: real(connection, size=1, **options)
    )
    assert list(store.live_seqs(6)) == [1, 4, 6]


def test_labels_are_given_as_they_were_written(store):
    """
    In the order asked for; "" where there is none, or no such revision.
    """
    store.add(
        [
            article("a", source="Daily ECHO", section="World"),
            article("b", "B.", language="de"),
            article("c", "C."),
        ],
        now=NOW,
    )
    assert store.spellings("source", [3, 1, 99, 2]) == ["", "Daily ECHO", "", ""]
    assert store.spellings("section", [1, 2]) == ["World", ""]
    assert store.spellings("language", [2]) == ["de"] and store.spellings("source", []) == []


def test_the_seqs_of_an_article_are_those_of_its_revisions(store):
    """
    Oldest first, withdrawals too; none of an article that is not known.
    """
    store.add([article("a"), article("b", "B.")], now=NOW)
    store.add([article("a", "Corrected.")], now=LATER)
    store.withdraw(["a"], now=MUCH_LATER)
    assert store.seqs_of("a") == [1, 3, 4] and store.seqs_of("b") == [2] and store.seqs_of("c") == []
