"""Dates as people write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.ranking.when import Span, parse_when

NOW = datetime(2024, 3, 31, 15, 45, 30, tzinfo=UTC)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", at(2024, 1, 1), at(2025, 1, 1)),
        ("2024-02", at(2024, 2, 1), at(2024, 3, 1)),
        ("2023-02", at(2023, 2, 1), at(2023, 3, 1)),
        ("2023-12", at(2023, 12, 1), at(2024, 1, 1)),
        ("2024-02-29", at(2024, 2, 29), at(2024, 3, 1)),
        ("2024-2-9", at(2024, 2, 9), at(2024, 2, 10)),
        ("2024/02/29", at(2024, 2, 29), at(2024, 3, 1)),
        ("20240229", at(2024, 2, 29), at(2024, 3, 1)),
        ("2024-02-29T23", at(2024, 2, 29, 23), at(2024, 3, 1)),
        ("2024-02-29 23:59", at(2024, 2, 29, 23, 59), at(2024, 3, 1)),
        ("2024-02-29T23:59:59Z", at(2024, 2, 29, 23, 59, 59), at(2024, 3, 1)),
        ("2024-02-29t10:00:00.25z", at(2024, 2, 29, 10, 0, 0, 250000), at(2024, 2, 29, 10, 0, 0, 250001)),
        ("2024-02-29T10:00+02:00", at(2024, 2, 29, 8), at(2024, 2, 29, 8, 1)),
        ("2024-02-29T10:00-0530", at(2024, 2, 29, 15, 30), at(2024, 2, 29, 15, 31)),
        ("today", at(2024, 3, 31), at(2024, 4, 1)),
        ("Yesterday", at(2024, 3, 30), at(2024, 3, 31)),
        ("now", NOW, NOW),
        ("0d", at(2024, 3, 31), at(2024, 4, 1)),
        ("1d", at(2024, 3, 30), at(2024, 3, 31)),
        ("7 days ago", at(2024, 3, 24), at(2024, 3, 25)),
        ("2w", at(2024, 3, 17), at(2024, 3, 18)),
        ("1m", at(2024, 2, 29), at(2024, 3, 1)),
        ("3m", at(2023, 12, 31), at(2024, 1, 1)),
        ("13 months", at(2023, 2, 28), at(2023, 3, 1)),
        ("1Y", at(2023, 3, 31), at(2023, 4, 1)),
        ("12h", at(2024, 3, 31, 3, 45, 30), at(2024, 3, 31, 3, 45, 30)),
        ("9999", at(9999, 1, 1), datetime.max.replace(tzinfo=UTC)),
        ("9999-12-31", at(9999, 12, 31), datetime.max.replace(tzinfo=UTC)),
        ("0001", at(1, 1, 1), at(2, 1, 1)),
    ],
)
def test_spans(text, start, end):
    """
    A date spans the year, month, day, hour, minute or second that it names; "so long ago" a day or a moment.
    """
    assert parse_when(text, now=NOW) == Span(start, end)


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "0000", "2024-13", "2023-02-29", "2024-02-29T24:00", "2024-02-29T10:60", "24-02-29", "2024-",
        "31.12.2024", "7", "7 fortnights", "-7d", "7d7d", "999999y", "999999w", "2024-02-29T10:00+99:00",
        "0001-01-01T00:00+10:00", "9999-12-31T23:00-05:00", "٢٠٢٤", "2024-02-29T10:00:00." + "1" * 10, "1" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_date_is_none(text):
    """
    Impossible dates, dates outside the calendar and other words are no dates, and never an error.
    """
    assert parse_when(text, now=NOW) is None


@given(
    st.text(max_size=30) | st.from_regex(r"[0-9TZ:+/ .-]{1,30}[dwmyh]?"), st.datetimes(timezones=st.just(UTC))
)
def test_any_text_is_a_span_or_none(text, now):
    """
    No text raises, whenever it is asked; a span never ends before it starts, and is UTC.
    """
    span = parse_when(text, now=now)
    assert span is None or (span.start <= span.end and span.start.tzinfo is UTC and span.end.tzinfo is UTC)


@given(
    st.datetimes(min_value=datetime(1000, 1, 2), max_value=datetime(9000, 1, 1)),  # noqa: DTZ001
    st.sampled_from(
        ["%Y", "%Y-%m", "%Y-%m-%d", "%Y%m%d", "%Y-%m-%dT%H", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
    ),
)
def test_a_written_moment_lies_in_its_span(moment, form):
    """
    However exactly a moment is written, it lies in the span of what was written.
    """
    span = parse_when(moment.strftime(form), now=NOW)
    assert span.start <= moment.replace(tzinfo=UTC) < span.end


def test_now_counts_in_utc():
    """
    "Today" is the day in UTC, wherever the clock that says now stands.
    """
    late = datetime(2024, 3, 31, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert parse_when("today", now=late) == Span(at(2024, 4, 1), at(2024, 4, 2))


def test_now_without_zone_is_refused():
    """
    A moment without a time zone could mean any.
    """
    with pytest.raises(ValueError, match="time zone"):
        parse_when("today", now=datetime(2024, 3, 31))  # noqa: DTZ001
