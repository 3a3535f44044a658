"""What a newer state of an article says, and what it leaves out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from searcher.records import Precision
from searcher.store.merging import merge
from tests.store.samples import LATER, NOW, article, moment


@pytest.mark.parametrize(
    ("fact", "known", "given"),
    [
        ("title", "Old headline", "New headline"),
        ("url", "https://a.example/1", "https://a.example/2"),
        ("source", "The Herald", "The Ledger"),
        ("authors", ("Ann",), ("Bob",)),
        ("section", "Sport", "Politics"),
        ("language", "en", "de"),
        ("published", moment(NOW), moment(LATER)),
        ("fetched", NOW, LATER),
    ],
)
def test_each_fact_is_what_was_said_last(fact, known, given):
    """What a newer state says of a fact holds; what it leaves out is what was known."""
    old, new = article(**{fact: known}), article(**{fact: given})
    none = article(**{fact: "" if fact == "title" else () if fact == "authors" else None})
    assert getattr(merge(old, new), fact) == given
    assert getattr(merge(old, none), fact) == known
    assert getattr(merge(none, new), fact) == given
    assert merge(none, none) == none


def test_a_date_as_written_stays_with_its_date():
    """That of the date which is kept; of a date that nobody could read, the newest there is."""
    day = moment(NOW, Precision.DAY)
    known = article(published=day, published_raw="23 July")
    assert merge(known, article(published=day, published_raw="Wednesday")).published_raw == "23 July"
    later = moment(NOW + timedelta(days=3))
    assert merge(known, article(published=later, published_raw="26 July")).published_raw == "26 July"
    assert merge(known, article(published=later)).published_raw == "23 July"
    unread = article(published_raw="once upon a time")
    assert merge(unread, article(published_raw="long ago")).published_raw == "long ago"
    assert merge(unread, article()).published_raw == "once upon a time"
