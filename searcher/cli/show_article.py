"""What does one article look like on a terminal? Its facts, its text, and the states it went through."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from searcher.cli.console import facts, print_wrapped, safe
from searcher.dates import said_time
from searcher.records.articles import change_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from searcher.records import Article, Revision


def show_article(console: Console, shown: Revision, revisions: Sequence[Revision]) -> None:
    """Print one revision whole, then the list of all, oldest first."""
    article = shown.article
    console.print(safe(article.title or "(no title)", "bold"))
    console.print(safe(facts(article)))
    if shown.withdrawn:
        step = f"searcher remove --undo {quote(article.article_id)}"
        console.print(
            safe(f"Withdrawn: no answer shows it. Bring it back with: {step}", "bold red"), soft_wrap=True
        )
    console.print()
    for paragraph in article.body.split("\n"):
        print_wrapped(console, safe(paragraph))
    console.print()
    for name, value in _details(article):
        console.print(safe(f"{name:<10} {value}", "dim"), soft_wrap=True)
    for line in history(shown, revisions):
        console.print(safe(line, "dim"), soft_wrap=True)


def history(shown: Revision, revisions: Sequence[Revision]) -> list[str]:
    """Give a line for each revision: its number, when it was recorded, and what changed."""
    lines = []
    for before, one in zip((None, *revisions), revisions, strict=False):
        here = "  <- shown" if one.seq == shown.seq else ""
        lines.append(f"revision   {one.seq} · {said_time(one.recorded_at)} · {_change(before, one)}{here}")
    return lines


def _details(article: Article) -> list[tuple[str, str]]:
    details = (
        ("id", article.article_id),
        ("url", article.url),
        ("authors", ", ".join(article.authors)),
        ("section", article.section),
        ("language", article.language),
        ("date from", _date_from(article)),
        ("read from", str(article.origin)),
    )
    return [(name, value) for name, value in details if value]


def _date_from(article: Article) -> str | None:
    raw = f"'{article.published_raw}'" if article.published_raw else ""
    if article.published:
        return f"{article.published.origin}: {raw}" if raw else article.published.origin
    return f"{raw}, which is no date" if raw else None


def _change(before: Revision | None, after: Revision) -> str:
    """What a revision changed, in a few words."""
    if before is None:
        return "first seen"
    if after.withdrawn:
        return "withdrawn"
    if before.withdrawn:
        return "brought back"
    return change_between(before, after)
