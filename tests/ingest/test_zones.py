from datetime import UTC, datetime, timedelta

import pytest

from searcher.ingest.zones import zone_offset


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("Z", 0),
        ("utc", 0),
        ("EST", -5),
        ("PDT", -7),
        ("(CEST)", 2),
        ("+0530", 5.5),
        ("-03:00", -3),
        ("GMT+2", 2),
    ],
)
def test_names_and_offsets(name, hours):
    """Names and numbers give the same kind of offset, whatever their case."""
    assert zone_offset(name, datetime(2025, 1, 1, tzinfo=UTC)) == timedelta(hours=hours)


def test_unknown_and_ambiguous_names_are_none():
    """IST is India, Ireland and Israel; XYZ is nobody."""
    assert zone_offset("IST", datetime(2025, 1, 1, tzinfo=UTC)) is None
    assert zone_offset("XYZ", datetime(2025, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("day", "hours"),
    [((3, 8), -5), ((3, 9), -4), ((7, 1), -4), ((11, 1), -4), ((11, 2), -5)],
)
def test_eastern_time_follows_the_calendar(day, hours):
    """In 2025 American clocks went forward on 9 March and back on 2 November."""
    assert zone_offset("ET", datetime(2025, *day, 12, tzinfo=UTC)) == timedelta(hours=hours)


def test_no_place_is_fifteen_hours_away():
    """An offset that no place on earth has is an error, not a time."""
    with pytest.raises(ValueError, match="no place"):
        zone_offset("+1500", datetime(2025, 1, 1, tzinfo=UTC))
