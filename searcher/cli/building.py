"""Indexes: `update`, `rebuild`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from searcher.cli.opening import open_here
from searcher.cli.options import JsonOption, ModelOption, WaitOption

if TYPE_CHECKING:
    from searcher.records import UpdateReport


def update(
    context: typer.Context, model: ModelOption = None, wait: WaitOption = 0.0, json: JsonOption = False
) -> None:
    """
    Index what is new since the last time.

    It costs what the new articles are, not what the library is. The running index answers until the new one is
    whole. An interrupted update is taken up by the next.

    \b
    Examples:
      searcher update
      searcher update --wait 60 --json
    """
    from searcher.cli.progress import reporting

    with (
        open_here(context, model=model, writes=True) as library,
        reporting(waiting="opening the encoder", indexed=library.indexes.exist) as progress,
    ):
        report = library.update(wait_s=wait, progress=progress)
    _print(report, json=json)


def rebuild(
    context: typer.Context, model: ModelOption = None, wait: WaitOption = 0.0, json: JsonOption = False
) -> None:
    """
    Build both indexes from nothing.

    They are built beside those that answer, and take their place when they are whole. Needed when the model, the
    chunks or the stemmer changed, or a file of the index is damaged. Vectors that are already known are not
    computed again.

    \b
    Examples:
      searcher rebuild
      searcher rebuild --model ~/models/multilingual-e5-small
    """
    from searcher.cli.progress import reporting

    with (
        open_here(context, model=model, writes=True) as library,
        reporting(
            waiting="opening the encoder", indexed=library.indexes.exist, again="searcher rebuild"
        ) as progress,
    ):
        report = library.rebuild(wait_s=wait, progress=progress)
    _print(report, json=json)


def _print(report: UpdateReport, *, json: bool) -> None:
    from searcher.cli.console import console_for
    from searcher.cli.machine import as_document, report_as_json
    from searcher.cli.show_reports import show_report

    if json:
        print(as_document(report_as_json(report)))
    else:
        show_report(console_for(sys.stdout), report)
