"""
When was it published? A date as somebody wrote it, as a moment in UTC that says how exactly it is known.

Why here and not a library: a general date parser guesses (03/04/2025, "May", "12") and a news archive must not.
This one knows closed forms, uses every character it is given, and says None to anything else:

- ISO 8601: `2025`, `2025-07`, `2025-07-23`, `20250723T140530Z`, `2025-07-23 14:05:30.5+02:00`, `2025/07/23 14:05`;
- with a month's name, in any order: `Wed, 23 Jul 2025 14:05:30 +0200` (RFC 5322), `July 23, 2025 at 2:05 PM ET`;
- numbers: `23.07.2025`, and `07/23/2025` only where one part cannot be a month;
- epochs: seconds, milliseconds, microseconds;
- relative times, in `relative.py`.

No zone given means UTC. A zone nobody can name leaves the day.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from searcher.ingest.relative import month_number, parse_relative
from searcher.ingest.zones import zone_offset
from searcher.records import Moment, Precision

EARLIEST_YEAR = 1500  # the first newspapers are of about 1600; handwritten newsletters are older
LATEST_AHEAD = timedelta(days=2)  # embargoed articles and clocks of other zones, no more
MAX_CHARS = 100

Stamp = tuple[datetime, Precision]
_CALENDAR = ("year", "month", "day")


def parse_moment(
    text: str, *, now: datetime, as_of: datetime | None = None, origin: str = "field"
) -> Moment | None:
    """
    Give the moment that `text` names, or None if it names none, an impossible or an ambiguous one.

    `now` and `as_of` are aware; relative times ("2 hours ago") count from `as_of`, or from `now` without it,
    and have the origin `relative`. Years before 1500 and moments over two days after `now` are impossible.
    A moment known to the day, month or year is its first instant in UTC.
    """
    text = " ".join(text[: MAX_CHARS + 1].split())
    if not text or len(text) > MAX_CHARS:
        return None
    try:
        stamp = _parse_absolute(text)
        if stamp is not None:
            moment = Moment(stamp[0], stamp[1], origin)
        else:
            relative = parse_relative(text, as_of or now)
            if relative is None:
                return None
            moment = relative
    except (ValueError, OverflowError):
        return None
    return moment if is_plausible(moment.at, now) else None


def is_plausible(at: datetime, now: datetime) -> bool:
    """Whether news can have been published at that moment, seen from `now`."""
    return at.year >= EARLIEST_YEAR and at <= now + LATEST_AHEAD


def _parse_absolute(text: str) -> Stamp | None:
    for parse in (_parse_epoch, _parse_iso, _parse_numeric, _parse_named):
        stamp = parse(text)
        if stamp is not None:
            return stamp
    return None


_DIGITS = re.compile(r"(-?)(\d{9,16})(?:\.(\d+))?", re.ASCII)


def _parse_epoch(text: str) -> Stamp | None:
    """Seconds (9-11 digits), milliseconds (12, 13) or microseconds (15, 16) since 1970."""
    match = _DIGITS.fullmatch(text)
    if match is None:
        return None
    digits = len(match[2])
    # 12 and 14 digits are also YYYYMMDDhhmm and YYYYMMDDhhmmss; milliseconds were that few before 2001.
    if digits == 14 or (digits == 12 and _COMPACT.fullmatch(text)):
        return None
    divisor = 1 if digits <= 11 else 1_000 if digits <= 13 else 1_000_000
    seconds = int(match[1] + match[2]) // divisor
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds), Precision.SECOND


_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?:\s?(?P<half>[AaPp])\.?[Mm]\.?(?![A-Za-z]))?"
)
_ZONE = r"(?:\s?(?P<zone>[+-]\d{2}(?::?\d{2})?|\(?[A-Za-z]{1,5}\)?|(?:GMT|UTC)\s?[+-]\d{1,2}(?::?\d{2})?))?"
_ISO = re.compile(
    rf"(?P<year>\d{{4}})(?:(?P<sep>[-/.])(?P<month>\d{{1,2}})(?:(?P=sep)(?P<day>\d{{1,2}})"
    rf"(?:(?:[Tt]|,?\s)(?:{_CLOCK}|(?P<h>\d{{2}})(?P<m>\d{{2}})?(?P<s>\d{{2}})?(?:[.,]\d+)?){_ZONE})?)?)?",
    re.ASCII,
)
_COMPACT = re.compile(
    r"(?P<year>1[5-9]\d\d|20\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?:[Tt ]?(?P<h>[01]\d|2[0-4])(?:(?P<m>[0-5]\d)(?P<s>[0-5]\d|60)?)?(?:[.,]\d+)?"
    r"(?P<zone>Z|z|[+-]\d{2}(?::?\d{2})?)?)?",
    re.ASCII,
)


def _parse_iso(text: str) -> Stamp | None:
    match = _COMPACT.fullmatch(text) or _ISO.fullmatch(text)
    return _stamp(match.groupdict()) if match else None


_NUMERIC = re.compile(
    rf"(?P<a>\d{{1,2}})(?P<sep>[-/.])\s?(?P<b>\d{{1,2}})(?P=sep)\s?(?P<year>\d{{4}})(?:,?\s{_CLOCK}{_ZONE})?",
    re.ASCII,
)


def _parse_numeric(text: str) -> Stamp | None:
    """Day, month and year as numbers; where both orders are possible and differ, nobody knows."""
    match = _NUMERIC.fullmatch(text)
    if match is None:
        return None
    first, second = int(match["a"]), int(match["b"])
    # With dots it is the day that comes first, in every country that writes dots.
    day_first = match["sep"] == "." or first > 12
    if not day_first and second <= 12 and first != second:
        return None
    day, month = (first, second) if day_first else (second, first)
    return _stamp({**match.groupdict(), "day": str(day), "month": str(month)})


_NAMED_TOKEN = re.compile(
    rf"{_CLOCK}|(?P<offset>(?:GMT|UTC)?\s?[+-]\d{{2}}:?\d{{2}}\b)|(?P<year>\d{{4}})\b"
    r"|(?P<number>\d{1,2})(?:st|nd|rd|th)?(?!\w)|(?P<word>[A-Za-z]+)\.?|(?P<filler>[\s,|()@–—-]+)",
    re.ASCII,
)
_WEEKDAYS = frozenset(str.split("mon tue tues wed thu thur thurs fri sat sun")) | frozenset(
    f"{day}day" for day in str.split("mon tues wednes thurs fri satur sun")
)
_FILLERS = frozenset({"at", "on", "of", "the", "published", "posted"})


def _parse_named(text: str) -> Stamp | None:
    """A month's name, a year, perhaps a day, a weekday, a time and a zone: each once at most, in any order."""
    found: dict[str, str | None] = {}
    numbers: list[str] = []
    position = 0
    while position < len(text):
        match = _NAMED_TOKEN.match(text, position)
        if match is None:
            return None
        position = match.end()
        if match["number"]:
            numbers.append(match["number"])
            continue
        part = _named_part(match)
        if any(key in found for key in part):
            return None
        found.update(part)
    if "month" not in found or not _settle_numbers(found, numbers):
        return None
    return _stamp(found)


def _named_part(match: re.Match[str]) -> dict[str, str | None]:
    """What one token says, by the name of the part of a date that it is; nothing for a filler."""
    if match["hour"]:
        return {key: match[key] for key in ("hour", "minute", "second", "half")}
    if match["offset"]:
        return {"zone": match["offset"]}
    if match["year"]:
        return {"year": match["year"]}
    word = (match["word"] or "").lower()
    if not word or word in _FILLERS:
        return {}
    if word in _WEEKDAYS:
        return {"weekday": word}
    month = month_number(word)
    return {"month": str(month)} if month else {"zone": word}


def _settle_numbers(found: dict[str, str | None], numbers: list[str]) -> bool:
    """The day comes before a year of two digits, which counts as in RFC 5322, 4.3: 00-49 are 2000-2049."""
    if "year" not in found and len(numbers) == 2 and len(numbers[1]) == 2:
        year = int(numbers.pop())
        found["year"] = str(year + (2000 if year < 50 else 1900))
    if numbers:
        found["day"] = numbers[0]
    return "year" in found and len(numbers) <= 1


def _stamp(found: dict[str, str | None]) -> Stamp | None:
    """Make a moment of named parts; raises ValueError where there is no such day or time."""
    year, month, day = (None if (part := found.get(key)) is None else int(part) for key in _CALENDAR)
    if year is None or month is None or day is None:
        precision = Precision.YEAR if month is None else Precision.MONTH
        return datetime(year or 0, 1 if month is None else month, 1, tzinfo=UTC), precision
    midnight = datetime(year, month, day, tzinfo=UTC)
    clock = _clock(found)
    if clock is None:
        return midnight, Precision.DAY
    since_midnight, precision = clock
    local = midnight + since_midnight
    zone = found.get("zone")
    offset = zone_offset(zone, local) if zone else timedelta(0)
    if offset is None:
        return midnight, Precision.DAY
    return local - offset, precision


def _clock(found: dict[str, str | None]) -> tuple[timedelta, Precision] | None:
    hour, minute, second = (
        found.get(long) or found.get(short)
        for long, short in (("hour", "h"), ("minute", "m"), ("second", "s"))
    )
    if hour is None:
        return None
    hours, minutes, seconds = int(hour), int(minute or 0), int(second or 0)
    if half := found.get("half"):
        if not 1 <= hours <= 12:
            raise ValueError(f"no hour {hours} on a clock of twelve")
        hours = hours % 12 + (12 if half in "Pp" else 0)
    # 24:00 ends a day, and a leap second is counted as the second before it (ISO 8601, 4.2.3 and 4.2.1).
    if minutes > 59 or seconds > 60 or hours > 24 or (hours == 24 and (minutes or seconds)):
        raise ValueError("no such time of day")
    precision = Precision.SECOND if second else Precision.MINUTE if minute else Precision.HOUR
    return timedelta(hours=hours, minutes=minutes, seconds=min(seconds, 59)), precision
