from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.ingest.dates import LATEST_AHEAD, parse_moment
from searcher.records import Precision
from tests.ingest.cases import NOW

MOMENTS = st.datetimes(
    datetime(1970, 1, 2),  # noqa: DTZ001 the zone is beside it
    datetime(2025, 7, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda at: at.replace(microsecond=0))
OFFSETS = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))


def parsed(text):
    moment = parse_moment(text, now=NOW)
    return moment and (moment.at, moment.precision.value)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("2025", utc(2025, 1, 1), "year"),
        ("2025-07", utc(2025, 7, 1), "month"),
        ("2025-07-23", utc(2025, 7, 23), "day"),
        ("20250723", utc(2025, 7, 23), "day"),
        ("2025-7-3", utc(2025, 7, 3), "day"),
        ("2025-07-23T14", utc(2025, 7, 23, 14), "hour"),
        ("2025-07-23T14:05", utc(2025, 7, 23, 14, 5), "minute"),
        ("2025-07-23T1405", utc(2025, 7, 23, 14, 5), "minute"),
        ("2025-07-23T14:05:30", utc(2025, 7, 23, 14, 5, 30), "second"),
        ("2025-07-23 14:05:30.123456789Z", utc(2025, 7, 23, 14, 5, 30), "second"),
        ("2025-07-23T14:05:30+02:00", utc(2025, 7, 23, 12, 5, 30), "second"),
        ("2025-07-23T14:05:30-0430", utc(2025, 7, 23, 18, 35, 30), "second"),
        ("20250723T140530Z", utc(2025, 7, 23, 14, 5, 30), "second"),
        ("20250723140530", utc(2025, 7, 23, 14, 5, 30), "second"),
        ("2025-07-23T24:00", utc(2025, 7, 24), "minute"),
        ("2025/07/23 14:05", utc(2025, 7, 23, 14, 5), "minute"),
        ("2025-07-23 14:05:30 UTC", utc(2025, 7, 23, 14, 5, 30), "second"),
        ("Wed, 23 Jul 2025 14:05:30 +0200", utc(2025, 7, 23, 12, 5, 30), "second"),
        ("Wed, 23 Jul 2025 14:05 EST", utc(2025, 7, 23, 19, 5), "minute"),
        ("23 Jul 25 14:05 GMT", utc(2025, 7, 23, 14, 5), "minute"),
        ("1 Jan 70 00:00:01 GMT", utc(1970, 1, 1, 0, 0, 1), "second"),
        ("Tue, 22 Jul 2025 23:59:60 GMT", utc(2025, 7, 22, 23, 59, 59), "second"),
        ("Wed Jul 23 14:05:30 2025", utc(2025, 7, 23, 14, 5, 30), "second"),
        ("Wed Jul 23 14:05:30 +0000 2025", utc(2025, 7, 23, 14, 5, 30), "second"),
        ("July 23, 2025", utc(2025, 7, 23), "day"),
        ("23 Jul 2025", utc(2025, 7, 23), "day"),
        ("Sept. 5, 2024", utc(2024, 9, 5), "day"),
        ("July 2025", utc(2025, 7, 1), "month"),
        ("July 23rd, 2025 at 2:05 PM ET", utc(2025, 7, 23, 18, 5), "minute"),
        ("January 23, 2025 12:05 a.m. ET", utc(2025, 1, 23, 5, 5), "minute"),
        ("23/04/2025", utc(2025, 4, 23), "day"),
        ("04/23/2025", utc(2025, 4, 23), "day"),
        ("04/04/2025", utc(2025, 4, 4), "day"),
        ("03.04.2025", utc(2025, 4, 3), "day"),
        ("1753279530", utc(2025, 7, 23, 14, 5, 30), "second"),
        ("1753279530000", utc(2025, 7, 23, 14, 5, 30), "second"),
        ("1696032000", utc(2023, 9, 30), "second"),
        ("1753279530.25", utc(2025, 7, 23, 14, 5, 30), "second"),
        ("2025-07-23T14:05:30 XYZ", utc(2025, 7, 23), "day"),
    ],
)
def test_closed_forms(text, at, precision):
    """Each form is read to the last character, in UTC, and is as exact as it was written."""
    assert parsed(text) == (at, precision)


@pytest.mark.parametrize(
    "text",
    [
        *("2025-02-30", "2025-13-01", "2025-00-10", "2025-07-00", "2025-07-23T25:00", "2025-07-23T14:61"),
        *("0000-01-01", "0001-01-01", "9999-12-31", "1499-12-31", "2025-07-27", "12/31/2025"),
        *("03/04/2025", "May", "12", "0", "", " ", "soon", "2025-07-23 and more", "5 minutes", "13:61 PM"),
        *("July 23 24 2025", "July July 2025", "99999999999999999999", "2023-10-07T12:00:00+15:00"),
        *("-1", "٢٠٢٥-٠٧-٢٣", "2025-07-23" * 30, "31 Feb 2025", "Wed, 0 Jul 2025"),
    ],
)
def test_impossible_or_ambiguous_dates_are_none(text):
    """What no calendar has, what lies too far off, and what could mean two days is no date at all."""
    assert parsed(text) is None


def test_two_days_ahead_is_the_limit():
    """Clocks differ: a moment up to two days after now is believed, a later one is not."""
    assert parsed((NOW + LATEST_AHEAD).isoformat()) is not None
    assert parsed((NOW + LATEST_AHEAD + timedelta(seconds=1)).isoformat()) is None


def test_relative_times_have_their_own_origin():
    """A relative time counts from `as_of`, and the moment says that it was relative."""
    moment = parse_moment("2 hours ago", now=NOW, as_of=utc(2025, 7, 1, 9), origin="field")
    assert (moment.at, moment.precision, moment.origin) == (utc(2025, 7, 1, 7), Precision.HOUR, "relative")


def test_origin_is_what_the_caller_says():
    """An absolute date carries the origin that it was given."""
    assert parse_moment("2025-07-23", now=NOW, origin="json-ld").origin == "json-ld"


@given(MOMENTS, OFFSETS)
def test_iso_round_trip(at, zone):
    """Whatever the offset it is written with, ISO 8601 gives the moment back."""
    local = at.astimezone(zone)
    assert parsed(local.isoformat()) == (at, "second")
    assert parsed(local.strftime("%Y%m%dT%H%M%S%z")) == (at, "second")


@given(MOMENTS, OFFSETS)
def test_rfc_5322_round_trip(at, zone):
    """What the standard library's mail module writes is read back."""
    assert parsed(format_datetime(at.astimezone(zone))) == (at, "second")


@given(MOMENTS)
def test_epochs_round_trip(at):
    """Seconds and milliseconds of the same moment are the same moment, from September 2001 on."""
    seconds = int(at.timestamp())
    if seconds >= 1_000_000_000:
        assert parsed(str(seconds)) == parsed(str(seconds * 1000)) == (at, "second")


@given(MOMENTS)
def test_written_days_round_trip(at):
    """A day is the same day in every order that it can be written in."""
    day = at.replace(hour=0, minute=0, second=0)
    for form in ("%B %d, %Y", "%d %b %Y", "%A, %B %d, %Y", "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%Y%m%d"):
        assert parsed(day.strftime(form)) == (day, "day")


@given(st.text(max_size=120) | st.from_regex(r"[0-9 :/.,TZ+-]{0,30}"))
def test_no_text_raises(text):
    """Whatever is written there, the answer is a plausible moment or None."""
    moment = parse_moment(text, now=NOW)
    assert moment is None or utc(1500, 1, 1) <= moment.at <= NOW + LATEST_AHEAD
