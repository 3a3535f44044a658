"""How is a moment said to a person? As exactly as it is known, and in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from searcher.records import Moment

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def said_date(moment: Moment | None) -> str:
    """Give a date as exactly as it is known: `23 Jul 2025, 14:30 UTC`, `Jul 2025`, `no date`."""
    if moment is None:
        return "no date"
    at = moment.at.astimezone(UTC)
    match moment.precision.value:
        case "year":
            return str(at.year)
        case "month":
            return said_month(at)
        case "day":
            return said_day(at)
        case "hour":
            return f"{said_day(at)}, about {at:%H}:00 UTC"
        case _:
            return f"{said_day(at)}, {at:%H:%M} UTC"


def said_day(day: date) -> str:
    """Give a day: `23 Jul 2025`."""
    return f"{day.day} {said_month(day)}"


def said_month(day: date) -> str:
    """Give the month of a day: `Jul 2025`."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def said_time(at: datetime) -> str:
    """Give the time of an event of the library itself: `2025-07-23 14:30 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
