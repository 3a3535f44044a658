"""The bars over the time that matches span: none is lost, none overlap, and never too many."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.web.timeline import MOST_BARS, make_timeline

DAYS = st.dictionaries(st.dates(), st.integers(1, 50), min_size=1, max_size=20)


@given(DAYS)
def test_every_article_is_in_the_one_bar_of_its_day(days):
    """
    Bars tile the time from the first to the last day, and each counts exactly the articles of its own days.
    """
    timeline = make_timeline(days.items())
    assert len(timeline.bars) <= MOST_BARS
    assert timeline.total == sum(days.values())
    for bar, following in zip(timeline.bars, timeline.bars[1:], strict=False):
        assert bar.until + timedelta(days=1) == following.since
    for bar in timeline.bars:
        assert bar.since <= bar.until
        assert bar.count == sum(count for day, count in days.items() if bar.since <= day <= bar.until)
    assert timeline.bars[0].since <= min(days) <= timeline.bars[0].until
    assert timeline.bars[-1].since <= max(days) <= timeline.bars[-1].until


@pytest.mark.parametrize(
    ("last", "step", "bars", "label"),
    [
        (date(2025, 3, 1), "day", 1, "1 Mar 2025"),
        (date(2025, 4, 29), "day", 60, "1 Mar 2025"),
        (date(2025, 4, 30), "week", 10, "24 Feb 2025 – 2 Mar 2025"),
        (date(2025, 7, 31), "week", 23, "24 Feb 2025 – 2 Mar 2025"),
        (date(2026, 12, 31), "month", 22, "Mar 2025"),
        (date(2030, 2, 1), "month", 60, "Mar 2025"),
        (date(2030, 3, 1), "years", 6, "2025"),
        (date(2085, 1, 1), "years", 31, "2025–2026"),
        (date.max, "years", 60, "2025–2157"),
    ],
)
def test_the_step_fits_the_span(last, step, bars, label):
    """
    From 1 March 2025 on, the finest step is taken that needs at most 60 bars.
    """
    timeline = make_timeline([(date(2025, 3, 1), 1), (last, 2)])
    assert (timeline.step, len(timeline.bars), timeline.bars[0].label) == (step, bars, label)
    assert timeline.bars[0].count == (3 if last == date(2025, 3, 1) else 1)


def test_chosen_days_are_bars():
    """
    What is chosen is told by the bars that it begins and ends in; an open end reaches to that end.
    """
    days = [(date(2025, 3, 1), 1), (date(2025, 7, 31), 2)]
    chosen = make_timeline(days, since=date(2025, 5, 12), until=date(2025, 5, 25))
    assert chosen.bars[chosen.first].since == date(2025, 5, 12)
    assert chosen.bars[chosen.last].until == date(2025, 5, 25)
    assert make_timeline(days, since=date(2025, 5, 12)).last == 22
    assert make_timeline(days, until=date(2025, 5, 12)).first == 0
    outside = make_timeline(days, since=date(2030, 1, 1), until=date(2031, 1, 1))
    assert (outside.first, outside.last) == (22, 22)
    assert make_timeline(days).first is None


def test_bars_are_said_for_a_person():
    """
    A bar says its days and how many articles it counts; without articles there is no timeline.
    """
    timeline = make_timeline([(date(2025, 5, 12), 1), (date(2025, 5, 12), 1200), (date(2025, 8, 1), 1)])
    assert timeline.bars[0].said == "12–18 May 2025: 1,201 articles"
    assert timeline.bars[-1].said == "28 Jul 2025 – 3 Aug 2025: 1 article"
    assert timeline.most == 1201
    assert make_timeline([]) is None
