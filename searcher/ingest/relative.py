"""When is "3 hours ago"? Times that count from the moment a page was saved, and how exactly they are known."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from searcher.records import Moment, Precision

_MONTHS = str.split("january february march april may june july august september october november december")
_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "second"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "minute"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "hour"),
    **dict.fromkeys(("d", "day", "days"), "day"),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), "week"),
    **dict.fromkeys(("mo", "mos", "month", "months"), "month"),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years"), "year"),
}
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_AGO = re.compile(
    r"(?:about |over |almost |around )?(?P<count>\d{1,4}|an?|one|two|three|four|five|six) ?(?P<unit>[a-z]+)"
    r"(?P<ago> ago)?",
    re.ASCII,
)
_NOW = frozenset({"now", "just now", "moments ago", "a moment ago", "seconds ago", "a few seconds ago"})
_MONTH_DAY = re.compile(
    r"(?:(?P<m1>[a-z]{3,9})\.? (?P<d1>\d{1,2})|(?P<d2>\d{1,2}) (?P<m2>[a-z]{3,9})\.?)", re.ASCII
)


def parse_relative(text: str, as_of: datetime) -> Moment | None:
    """
    Give the moment that `text` names seen from `as_of` (aware), or None if it is no relative time.

    "just now" and minutes are exact to the minute, hours to the hour, days and "yesterday" to the day.
    A week has no precision of its own: "2 weeks ago" is that day, known to the month. "Jul 23" is the last one.
    """
    text = " ".join(text.casefold().split())
    as_of = as_of.astimezone(UTC).replace(second=0, microsecond=0)
    today = as_of.replace(hour=0, minute=0)
    if text in _NOW:
        return _moment(as_of, Precision.MINUTE)
    if text == "today":
        return _moment(today, Precision.DAY)
    if text == "yesterday":
        return _moment(today - timedelta(days=1), Precision.DAY)
    if text in ("last week", "last month", "last year"):
        text = f"1 {text[5:]} ago"
    if (match := _AGO.fullmatch(text)) and match["unit"] in _UNITS:
        return _count_back(match, as_of, today)
    if match := _MONTH_DAY.fullmatch(text):
        return _last_such_day(match["m1"] or match["m2"], int(match["d1"] or match["d2"]), as_of)
    return None


def month_number(word: str) -> int | None:
    """Give 1 to 12 for the English name of a month, whole or cut to three letters or more; None for other words."""
    word = word.casefold()
    if len(word) < 3:
        return None
    return next((n for n, name in enumerate(_MONTHS, start=1) if name.startswith(word)), None)


def _count_back(match: re.Match[str], as_of: datetime, today: datetime) -> Moment | None:
    unit = _UNITS[match["unit"]]
    if not (match["ago"] or len(match["unit"]) == 1):
        return None  # "5 minutes" is a duration; "5m" is how pages abbreviate "5 minutes ago"
    count = _NUMBERS.get(match["count"]) or int(match["count"])
    try:
        if unit in ("second", "minute"):
            return _moment(as_of - timedelta(**{f"{unit}s": count}), Precision.MINUTE)
        if unit == "hour":
            return _moment(as_of - timedelta(hours=count), Precision.HOUR)
        if unit == "day":
            return _moment(today - timedelta(days=count), Precision.DAY)
        if unit == "week":
            return _moment(today - timedelta(weeks=count), Precision.MONTH)
        months = count * 12 if unit == "year" else count
        precision = Precision.YEAR if unit == "year" else Precision.MONTH
        return _moment(_months_before(today, months), precision)
    except (ValueError, OverflowError):
        return None


def _months_before(day: datetime, months: int) -> datetime:
    """The same day of an earlier month, or that month's last day where it is shorter."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    for date in range(day.day, 27, -1):
        try:
            return day.replace(year=year, month=month + 1, day=date)
        except ValueError:
            continue
    return day.replace(year=year, month=month + 1, day=min(day.day, 27))


def _last_such_day(name: str, day: int, as_of: datetime) -> Moment | None:
    month = month_number(name)
    if month is None:
        return None
    for year in range(as_of.year, as_of.year - 9, -1):  # nine: 29 February across 1900 or 2100
        try:
            at = datetime(year, month, day, tzinfo=UTC)
        except ValueError:
            continue
        if at <= as_of + timedelta(days=1):
            return _moment(at, Precision.DAY)
    return None


def _moment(at: datetime, precision: Precision) -> Moment:
    return Moment(at, precision, "relative")
