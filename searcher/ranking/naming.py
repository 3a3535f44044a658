"""
Which outlets and days does a question name?

"According to TechCrunch", "the report published on October 7, 2023": such a name is one thing, and says more than its
words do. It restricts nothing: what is found under it rises. Names that may mean something else are left alone: `time`
is an outlet only where it is written as a name, and a date only where the sentence says that something is of that day;
the stamp under a pasted post is none (docs/ranking.md has what each costs).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from searcher.text import fold

_WORD = re.compile(r"\w+")

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+(?P<year>\d{4})\b)?"
_OF_A_DAY = r"\b(?:on|of|from|dated|published|before|after|since|by|until|till|between|and)\s+(?:the\s+)?"
_DATES = tuple(
    re.compile(_OF_A_DAY + form, re.IGNORECASE | re.ASCII)
    for form in (
        rf"{_MONTH}\s+{_DAY}\b{_YEAR}",
        rf"{_DAY}\s+(?:of\s+)?{_MONTH}\b{_YEAR}",
        r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)\b",
    )
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar; `year` is None where the question names none."""

    month: int
    day: int
    year: int | None

    def dates(self, years: Iterable[int]) -> list[date]:
        """Give the dates it may mean, one in each of the years; the 29th of February is not in all."""
        found = []
        for year in years if self.year is None else (self.year,):
            try:
                found.append(date(year, self.month, self.day))
            except ValueError:
                continue
        return found


def named_days(text: str) -> list[Day]:
    """Give the days that `text` names after a word such as "on", "from" or "published", each once."""
    found: dict[Day, None] = {}
    for pattern in _DATES:
        for match in pattern.finditer(text):
            month = match["month"].lower()
            year = int(match["year"]) if match["year"] else None
            found[Day(_MONTHS.get(month) or int(month), int(match["day"]), year)] = None
    return list(found)


def named_outlets(text: str, outlets: Collection[str]) -> list[str]:
    """
    Give those of the `outlets` (folded names) that `text` names in full, each once; of two that overlap the longer.

    A name of one word counts only where it is written with a capital, not as the first word, in a text in which not
    every word is. Of several words it counts in any case: nobody says "the new york times" of something else.
    """
    names: dict[tuple[str, ...], str] = {}
    for outlet in sorted(outlets):
        names.setdefault(tuple(_WORD.findall(outlet)), outlet)
    longest = max(map(len, names), default=0)
    written = _WORD.findall(text)
    words = [fold(word) for word in written]
    telling = any(word.islower() for word in written if len(word) > 3)
    found: dict[str, None] = {}
    at = 0
    while at < len(words):
        for length in range(min(longest, len(words) - at), 0, -1):
            outlet = names.get(tuple(words[at : at + length]), "")
            if outlet and (length > 1 or (telling and at > 0 and not written[at].islower())):
                found[outlet] = None
                at += length
                break
        else:
            at += 1
    return list(found)
