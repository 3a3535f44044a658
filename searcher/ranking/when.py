"""
Which stretch of time does a person mean by `2024-05`, `7d` or `yesterday`?

Everything is a span in UTC, so that "since" takes its beginning and "until" its end. Free-text dates ("last
spring") are not guessed: a wrong guess hides articles without a word. Never raises for any text.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_ISO = re.compile(
    r"(?P<year>\d{4})(?:[-/](?P<month>\d{1,2})(?:[-/](?P<day>\d{1,2})"
    r"(?:[T ](?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r" ?(?P<zone>Z|[+-]\d{2}(?::?\d{2})?)?)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})", re.ASCII)
_AGO = re.compile(
    r"(?P<count>\d{1,6}) ?(?P<unit>h|hours?|d|days?|w|weeks?|m|months?|y|years?)(?: ago)?",
    re.ASCII | re.IGNORECASE,
)
_DAYS_AGO = {"today": 0, "yesterday": 1}
_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """The moments `[start, end)`, aware UTC; `start == end` is one moment."""

    start: datetime
    end: datetime


def parse_when(text: str, *, now: datetime) -> Span | None:
    """
    Give the span that `text` names, or None if it names none.

    ISO dates of any precision, from `2024` to `2024-05-12T14:30:05.25+02:00` (UTC where no zone is written),
    span their year, month, day, hour, minute or second. `today` and `yesterday` are days. `7d`, `2w`, `3m`,
    `1y` name the whole day so long ago (months and years by the calendar), `12h` and `now` a single moment.

    `now`: aware; raises ValueError if it is not.
    """
    if now.tzinfo is None:
        raise ValueError("`now` must carry its time zone.")
    text = " ".join(text.split())
    try:
        return _named(text.casefold(), now.astimezone(UTC)) or _ago(text, now.astimezone(UTC)) or _iso(text)
    except (ValueError, OverflowError):  # The 30th of February, the year 0, a million years ago.
        return None


def _named(text: str, now: datetime) -> Span | None:
    if text == "now":
        return Span(now, now)
    if text in _DAYS_AGO:
        return _day(now - timedelta(days=_DAYS_AGO[text]))
    return None


def _ago(text: str, now: datetime) -> Span | None:
    found = _AGO.fullmatch(text)
    if found is None:
        return None
    count, unit = int(found["count"]), found["unit"][0].lower()
    if unit == "h":
        moment = now - timedelta(hours=count)
        return Span(moment, moment)
    if unit in "dw":
        return _day(now - timedelta(days=count * (7 if unit == "w" else 1)))
    return _day(_months_before(now, count * (12 if unit == "y" else 1)))


def _months_before(moment: datetime, months: int) -> datetime:
    """The same day of an earlier month, or the last day of that month where it is shorter."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    if year < 1:
        raise ValueError("before the calendar begins")
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def _day(moment: datetime) -> Span:
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return Span(start, _plus(start, timedelta(days=1)))


def _iso(text: str) -> Span | None:
    found = _COMPACT.fullmatch(text) or _ISO.fullmatch(text)
    if found is None:
        return None
    parts = {name: value for name, value in found.groupdict().items() if value}
    start = datetime(
        int(parts["year"]),
        int(parts.get("month", 1)),
        int(parts.get("day", 1)),
        int(parts.get("hour", 0)),
        int(parts.get("minute", 0)),
        int(parts.get("second", 0)),
        int(parts.get("fraction", "0").ljust(6, "0")[:6]),
        tzinfo=UTC,
    )
    end = _end(start, parts)
    offset = _offset(parts.get("zone", "Z"))
    return Span(start - offset, end if end == _LATEST else end - offset)


def _end(start: datetime, parts: dict[str, str]) -> datetime:
    """The first moment after what was written, as exactly as it was written."""
    if "month" not in parts:
        return start.replace(year=start.year + 1) if start.year < 9999 else _LATEST
    if "day" not in parts:
        return _plus(start, timedelta(days=calendar.monthrange(start.year, start.month)[1]))
    steps = {
        "fraction": "microseconds",
        "second": "seconds",
        "minute": "minutes",
        "hour": "hours",
        "day": "days",
    }
    finest = next(name for name in steps if name in parts)
    return _plus(start, timedelta(**{steps[finest]: 1}))


def _offset(zone: str) -> timedelta:
    if zone in "Zz":
        return timedelta(0)
    digits = zone[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if size >= timedelta(days=1):
        raise ValueError("no such time zone")
    return -size if zone[0] == "-" else size


def _plus(moment: datetime, step: timedelta) -> datetime:
    """`moment + step`, or the end of time where the calendar ends before."""
    return moment + step if moment <= _LATEST - step else _LATEST
