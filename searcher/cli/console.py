"""Where does text for a person go, how wide is it, and may it be coloured? And how are the facts of an article said?"""

from __future__ import annotations

import os
import re
from typing import IO, TYPE_CHECKING

from searcher.dates import said_date
from searcher.text import for_terminal

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from searcher.records import Article

_BREAKS = re.compile(r"[\n\t]+")

WIDEST = 100
"""Columns: longer lines are hard to read."""


def console_for(stream: IO[str]) -> Console:
    """
    Give a console that writes to `stream`, plain where it is no terminal or NO_COLOR is set.

    Its markup is off: what strangers wrote in [brackets] stays text. Source of NO_COLOR: https://no-color.org.
    """
    from rich.console import Console

    class OurConsole(Console):
        def on_broken_pipe(self) -> None:
            """Rich would end the process with code 1; that a reader left is for `failing` to say."""
            raise BrokenPipeError

    plain = bool(os.environ.get("NO_COLOR"))
    console = OurConsole(
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


def facts(article: Article) -> str:
    """Give outlet and date of an article, `Meridian Wire · 11 Mar 2025, 06:40 UTC`."""
    return " · ".join(one for one in (article.source, said_date(article.published)) if one)
