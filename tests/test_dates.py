"""Dates are said as exactly as they are known."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from searcher.dates import said_date, said_day, said_month, said_time
from searcher.records import Moment, Precision

AT = datetime(2025, 7, 23, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("precision", "said"),
    [
        (Precision.SECOND, "23 Jul 2025, 14:30 UTC"),
        (Precision.MINUTE, "23 Jul 2025, 14:30 UTC"),
        (Precision.HOUR, "23 Jul 2025, about 14:00 UTC"),
        (Precision.DAY, "23 Jul 2025"),
        (Precision.MONTH, "Jul 2025"),
        (Precision.YEAR, "2025"),
    ],
)
def test_dates_are_as_precise_as_known(precision, said):
    """
    A date is said as exactly as it is known, and no more.
    """
    assert said_date(Moment(AT, precision, "field")) == said
    assert said_date(None) == "no date"


def test_days_and_times_are_said():
    """
    Days and months are named, and an event of the library has its time in UTC.
    """
    assert said_day(date(2025, 3, 1)) == "1 Mar 2025"
    assert said_month(date(2025, 12, 31)) == "Dec 2025"
    assert said_time(AT.astimezone(timezone(timedelta(hours=2)))) == "2025-07-23 14:30 UTC"
