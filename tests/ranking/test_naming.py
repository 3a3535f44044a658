"""Which outlets and days does a question name, and what only looks like one?"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.ranking.naming import Day, named_days, named_outlets

OUTLETS = frozenset(
    {
        "techcrunch",
        "the verge",
        "time",
        "the new york times",
        "fox news - health",
        "cbssports.com",
        "le monde",
    }
)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Does the TechCrunch article agree with The Verge?", ["techcrunch", "the verge"]),
        ("what did the new york times say", ["the new york times"]),
        ("as reported by 'Fox News | Health' and CBSSports.com", ["fox news - health", "cbssports.com"]),
        ("selon Le Mondé", ["le monde"]),
        ("a report in Time on travel", ["time"]),
        ("time travel in London", []),
        ("Time travel is possible", []),
        ("Ad Sales Boost Time Warner Profit", []),
        ("techcrunch on chips", []),
        ("", []),
    ],
)
def test_outlets(text, named):
    """
    Whole names, in any case and with any signs between; one word only as a name within a sentence, and the longest of
    names that overlap.
    """
    assert named_outlets(text, OUTLETS) == named


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("the report published on October 7, 2023", [Day(10, 7, 2023)]),
        ("between October 1st and 4 of November", [Day(10, 1, None), Day(11, 4, None)]),
        ("since 2023-12-05", [Day(12, 5, 2023)]),
        ("the article from the 5th of May 2024.", [Day(5, 5, 2024)]),
        ("Stop it! — Jeff (@jeff) January 14, 2020", []),
        ("on October 2023", []),
        ("on the way", []),
        ("on May 5th, on may 5", [Day(5, 5, None)]),
    ],
)
def test_days(text, days):
    """A day in words or figures counts behind a word that says something is of that day, each once."""
    assert named_days(text) == days


def test_the_dates_of_a_day():
    """With a year it is one date; without one, one in each year that has it; an impossible one is none."""
    assert Day(10, 7, 2023).dates(range(2020, 2022)) == [date(2023, 10, 7)]
    assert Day(2, 29, None).dates(range(2023, 2026)) == [date(2024, 2, 29)]
    assert Day(13, 40, 2023).dates(range(2023, 2024)) == []
    assert Day(1, 1, 0).dates(range(2023, 2024)) == []


@given(st.text(max_size=200))
def test_any_text_may_be_asked(text):
    """Whatever is typed, names are found or not, and what is found is a known name, once."""
    found = named_outlets(text, OUTLETS)
    assert len(set(found)) == len(found) and OUTLETS.issuperset(found)
    assert all(isinstance(day.dates([2024]), list) for day in named_days(text))
