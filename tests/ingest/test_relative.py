from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.ingest.relative import month_number, parse_relative

AS_OF = datetime(2025, 7, 23, 12, 34, 56, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("just now", (2025, 7, 23, 12, 34), "minute"),
        ("5 minutes ago", (2025, 7, 23, 12, 29), "minute"),
        ("5m", (2025, 7, 23, 12, 29), "minute"),
        ("an hour ago", (2025, 7, 23, 11, 34), "hour"),
        ("About 2 Hours Ago", (2025, 7, 23, 10, 34), "hour"),
        ("13 hrs ago", (2025, 7, 22, 23, 34), "hour"),
        ("today", (2025, 7, 23), "day"),
        ("yesterday", (2025, 7, 22), "day"),
        ("a day ago", (2025, 7, 22), "day"),
        ("3 days ago", (2025, 7, 20), "day"),
        ("2 weeks ago", (2025, 7, 9), "month"),
        ("last week", (2025, 7, 16), "month"),
        ("2 months ago", (2025, 5, 23), "month"),
        ("8 months ago", (2024, 11, 23), "month"),
        ("a year ago", (2024, 7, 23), "year"),
        ("Jul 23", (2025, 7, 23), "day"),
        ("Dec. 31", (2024, 12, 31), "day"),
        ("29 Feb", (2024, 2, 29), "day"),
    ],
)
def test_relative_times(text, at, precision):
    """Each counts back from 12:34 on 23 July 2025, and is as exact as its unit."""
    moment = parse_relative(text, AS_OF)
    assert (moment.at, moment.precision.value, moment.origin) == (
        datetime(*at, tzinfo=UTC),
        precision,
        "relative",
    )


@pytest.mark.parametrize(
    "text", ["", "ago", "5 minutes", "2 cows ago", "9999 years ago", "Foo 3", "Feb 30", "Jul 0"]
)
def test_other_texts_are_none(text):
    """What is no relative time, and what would lie before the calendar, is None."""
    assert parse_relative(text, AS_OF) is None


def test_a_shorter_month_ends_earlier():
    """One month before 31 March is the last day of February."""
    moment = parse_relative("a month ago", datetime(2025, 3, 31, tzinfo=UTC))
    assert moment.at == datetime(2025, 2, 28, tzinfo=UTC)


def test_months_by_name():
    """Months are known by three letters or more, other words are not."""
    assert [month_number(word) for word in ("Jan", "sept", "DECEMBER", "ma", "maybe")] == [
        1,
        9,
        12,
        None,
        None,
    ]


@given(st.integers(1, 9999), st.sampled_from(["minute", "hour", "day"]))
def test_counts_are_subtracted(count, unit):
    """`n units ago` is that long before, give or take the unit."""
    moment = parse_relative(f"{count} {unit}s ago", AS_OF)
    assert abs(AS_OF - timedelta(**{f"{unit}s": count}) - moment.at) <= timedelta(**{f"{unit}s": 1})
