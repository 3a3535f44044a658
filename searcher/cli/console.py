"""Where does text for a person go, how wide is it, and may it be coloured? And how are dates and sizes said?"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

from searcher.text import for_terminal

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from searcher.records import Article, Moment

_BREAKS = re.compile(r"[\n\t]+")

WIDEST = 100
"""Columns: longer lines are hard to read."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def console_for(stream: IO[str]) -> Console:
    """
    Give a console that writes to `stream`, plain where it is no terminal or NO_COLOR is set.

    Its markup is off: what strangers wrote in [brackets] stays text. Source of NO_COLOR: https://no-color.org.
    """
    from rich.console import Console

    plain = bool(os.environ.get("NO_COLOR"))
    console = Console(
        file=stream, color_system=None if plain else "auto", markup=False, highlight=False, emoji=False
    )
    console.width = min(console.width, WIDEST)
    return console


def safe(text: str, style: str = "") -> Text:
    """Give text of strangers on one line, without anything that a terminal would obey."""
    from rich.text import Text

    return Text(_BREAKS.sub(" ", for_terminal(text)), style=style)


def print_wrapped(console: Console, text: Text, *, indent: str = "", first: str | None = None) -> None:
    """Print text wrapped at words, every line after `indent`; `first` stands in its place on the first line."""
    before = indent if first is None else first
    for line in text.wrap(console, max(20, console.width - len(indent))) or [safe("")]:
        line.rstrip()
        console.print(safe(before).append_text(line), soft_wrap=True)
        before = indent


def said_date(moment: Moment | None) -> str:
    """Give a date as exactly as it is known: `23 Jul 2025, 14:30 UTC`, `Jul 2025`, `no date`."""
    if moment is None:
        return "no date"
    at = moment.at.astimezone(UTC)
    month = f"{_MONTHS[at.month - 1]} {at.year}"
    day = f"{at.day} {month}"
    match moment.precision.value:
        case "year":
            return str(at.year)
        case "month":
            return month
        case "day":
            return day
        case "hour":
            return f"{day}, about {at:%H}:00 UTC"
        case _:
            return f"{day}, {at:%H:%M} UTC"


def said_time(at: datetime) -> str:
    """Give the time of an event of the library itself: `2025-07-23 14:30 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def facts(article: Article) -> str:
    """Give outlet and date of an article, `Meridian Wire · 11 Mar 2025, 06:40 UTC`."""
    return " · ".join(one for one in (article.source, said_date(article.published)) if one)
