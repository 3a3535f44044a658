"""What is said of work done and of the state of a library? Receipts, updates, rejected inputs, status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from searcher.cli.console import safe
from searcher.cli.progress import megabytes
from searcher.dates import said_time
from searcher.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from rich.console import Console

    from searcher.records import Backup, Examination, Receipt, Rejection, Status, UpdateReport

_REJECTIONS_NAMED = 10


def show_receipt(console: Console, receipt: Receipt) -> None:
    """Print what became of a batch, and the first of the inputs that were rejected."""
    counts = (
        f"{receipt.added:,} added, {receipt.changed:,} changed, {receipt.unchanged:,} unchanged, "
        f"{receipt.rejected:,} rejected"
    )
    console.print(safe(counts, "bold"))
    if receipt.restored:
        again = f"  {counted(receipt.restored, 'withdrawn article')} brought back, because added again"
        console.print(safe(again, "yellow"), soft_wrap=True)
    for one in receipt.rejections[:_REJECTIONS_NAMED]:
        console.print(safe(f"  {one.where}: {one.reason}", "yellow"), soft_wrap=True)
    more = receipt.rejected - _REJECTIONS_NAMED
    if more > 0:
        console.print(safe(f"  … and {more:,} more. List them with: searcher rejects", "yellow"))


def show_report(console: Console, report: UpdateReport) -> None:
    """Print what an update or rebuild did, in one line; and what it had to leave out."""
    console.print(safe(reported(report)), soft_wrap=True)
    if report.damaged:
        lost = f"{counted(report.damaged, 'article')} left out: damaged in articles.db. Run: searcher doctor"
        console.print(safe(lost, "bold red"), soft_wrap=True)


def reported(report: UpdateReport) -> str:
    """Give an update in one line."""
    if not report.changed:
        return f"Nothing to index: generation {report.generation} is up to date"
    merged = f" · {counted(report.merged, 'segment')} merged" if report.merged else ""
    return (
        f"Generation {report.generation}: {counted(report.articles, 'article')} in {counted(report.chunks, 'chunk')} "
        f"({report.encoded:,} encoded, {report.reused:,} known) · {report.took_s:.1f} s{merged}"
    )


def show_examination(console: Console, examination: Examination) -> None:
    """Print each finding on a line, what was mended, and last what it comes to."""
    styles = {"ok": "", "warning": "yellow", "broken": "bold red"}
    for one in examination.findings:
        step = f" → {one.next_step}" if one.next_step else ""
        console.print(
            safe(f"{one.state:<8}{one.check:<11}{one_line(one.said + step)}", styles[one.state]),
            soft_wrap=True,
        )
    for repair in examination.repairs:
        console.print(safe(f"mended  {one_line(repair)}", "bold green"), soft_wrap=True)
    console.print(safe(_verdict(examination), "bold"), soft_wrap=True)


def _verdict(examination: Examination) -> str:
    if examination.needs_a_person:
        return "This needs a person."
    if examination.broken:
        return "What is broken can be mended without loss. Run: searcher doctor --repair"
    return "All is well now." if examination.repairs else "All is well."


def backed_up(backup: Backup) -> str:
    """Give in one line what was backed up."""
    held = f"{counted(backup.articles, 'article')} in {counted(backup.revisions, 'revision')}"
    return one_line(f"{held} written to {backup.path} ({megabytes(backup.bytes)})")


def restored(backup: Backup, home: Path) -> str:
    """Give in one or two lines what was restored, what became of what was there, and what to do next."""
    held = f"{counted(backup.articles, 'article')} in {counted(backup.revisions, 'revision')}"
    kept = f"\nWhat was there is kept in {one_line(str(backup.kept))}" if backup.kept else ""
    at = one_line(f"{held} of {said_time(backup.made_at)} restored to {home}. Run: searcher rebuild")
    return at + kept


def show_rejects(console: Console, rejects: Iterable[tuple[datetime, Rejection]]) -> None:
    """Print rejected inputs, newest first."""
    for at, one in rejects:
        console.print(safe(f"{said_time(at)}  {one.where}: {one.reason}"), soft_wrap=True)


def show_status(console: Console, status: Status, *, refused: bool) -> None:
    """Print the state of a library, a fact a line, what is wrong last. `refused`: it has indexes that cannot answer."""
    for name, value in _lines(status, refused):
        console.print(safe(f"{name:<10} {value}"), soft_wrap=True)
    if status.problem:
        console.print(safe(f"problem    {status.problem}", "bold red"), soft_wrap=True)


def _lines(status: Status, refused: bool) -> list[tuple[str, str]]:
    return [
        ("home", str(status.home)),
        ("articles", _articles(status)),
        ("published", _published(status)),
        ("revisions", f"{status.revisions:,} ({counted(status.withdrawn, 'article')} withdrawn)"),
        ("rejected", f"{status.rejected:,}{' (searcher rejects)' if status.rejected else ''}"),
        ("index", _index(status, refused)),
        ("waiting", _waiting(status, refused)),
        ("encoder", status.encoder or ("unknown" if refused else "none yet")),
        ("sizes", f"articles {megabytes(status.store_bytes)}, indexes {megabytes(status.index_bytes)}"),
    ]


def _articles(status: Status) -> str:
    if not status.articles:
        return "none yet (searcher add PATH)"
    return f"{status.articles:,} from {counted(status.sources, 'outlet')}"


def _published(status: Status) -> str:
    if status.oldest is None or status.newest is None:
        return "no dates"
    return f"{status.oldest:%Y-%m-%d} to {status.newest:%Y-%m-%d}"


def _index(status: Status, refused: bool) -> str:
    if refused:
        return "there, and cannot answer"
    if status.generation is None:
        return "none"
    return (
        f"generation {status.generation}: {counted(status.indexed_articles, 'article')} in "
        f"{counted(status.chunks, 'chunk')}, {counted(status.segments, 'segment')}"
    )


def _waiting(status: Status, refused: bool) -> str:
    if refused:
        return "all, until the problem below is mended"
    return f"{status.waiting:,}{' (searcher update)' if status.waiting else ''}"


def counted(number: int, thing: str) -> str:
    """Give a number and its noun: `1 article`, `2,000 articles`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
