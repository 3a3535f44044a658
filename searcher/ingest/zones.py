"""How far is this time zone from UTC? The offsets and names that dates in feeds and on news pages carry."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

# Names with one meaning in practice. Left out because they have several: IST (India, Ireland, Israel),
# AST, CST of China; military letters but Z (RFC 5322, 4.3: they are used wrongly).
_HOURS = {
    **dict.fromkeys(("Z", "UT", "UTC", "GMT", "WET"), 0.0),
    **dict.fromkeys(("BST", "CET", "MEZ", "WEST", "WAT"), 1.0),
    **dict.fromkeys(("CEST", "MESZ", "EET", "SAST", "CAT"), 2.0),
    **dict.fromkeys(("EEST", "MSK", "EAT", "TRT"), 3.0),
    **dict.fromkeys(("PKT",), 5.0),
    **dict.fromkeys(("HKT", "SGT", "PHT", "AWST"), 8.0),
    **dict.fromkeys(("JST", "KST"), 9.0),
    "ACST": 9.5,
    "AEST": 10.0,
    "ACDT": 10.5,
    "AEDT": 11.0,
    "NZST": 12.0,
    "NZDT": 13.0,
    "EDT": -4.0,
    "EST": -5.0,
    "CDT": -5.0,
    "CST": -6.0,
    "MDT": -6.0,
    "MST": -7.0,
    "PDT": -7.0,
    "PST": -8.0,
    "AKST": -9.0,
    "AKDT": -8.0,
    "HST": -10.0,
    "NST": -3.5,
    "NDT": -2.5,
    "BRT": -3.0,
    "ART": -3.0,
}
# "ET" and its sisters: standard time or daylight time, by the date.
_NORTH_AMERICAN = {"ET": -5.0, "CT": -6.0, "MT": -7.0, "PT": -8.0}

_OFFSET = re.compile(r"(?:GMT|UTC)?\s?([+-])(\d{1,2})(?::?(\d{2}))?", re.ASCII)


def zone_offset(name: str, local: datetime) -> timedelta | None:
    """
    Give what to take from the `local` time to come to UTC: `+0200`, `Z`, `EST`, `ET`; None for an unknown name.

    Raises ValueError for an offset that no place on earth has.
    """
    name = name.strip("() ").upper()
    if match := _OFFSET.fullmatch(name):
        hours, minutes = int(match[2]), int(match[3] or 0)
        if hours > 14 or minutes > 59:
            raise ValueError(f"no place is {name} from UTC")
        offset = timedelta(hours=hours, minutes=minutes)
        return -offset if match[1] == "-" else offset
    if name in _NORTH_AMERICAN:
        return timedelta(hours=_NORTH_AMERICAN[name] + _has_daylight_time(local))
    return timedelta(hours=_HOURS[name]) if name in _HOURS else None


def _has_daylight_time(local: datetime) -> bool:
    """
    Whether clocks in the United States are forward: second Sunday of March to first Sunday of November, at 2:00.

    Source: Energy Policy Act of 2005, section 110; before 2007 the weeks at both ends differed.
    """
    march = local.replace(month=3, day=8, hour=2, minute=0, second=0)
    november = local.replace(month=11, day=1, hour=2, minute=0, second=0)
    begins = march + timedelta(days=(6 - march.weekday()) % 7)
    ends = november + timedelta(days=(6 - november.weekday()) % 7)
    return begins <= local < ends
