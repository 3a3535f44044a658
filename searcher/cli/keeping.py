"""Articles in and out: `add`, `remove`, `rejects`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from searcher.cli import options
from searcher.cli.failing import SOME_REJECTED, tell
from searcher.cli.opening import open_here
from searcher.cli.options import JsonOption, ModelOption, WaitOption
from searcher.text import one_line

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH|URL|-...", help="Files, directories, http(s) URLs, or - for standard input."
    ),
]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids or URLs of articles.")]


def add(
    context: typer.Context,
    inputs: Inputs,
    source: Annotated[
        str | None, typer.Option("--source", metavar="NAME", help="The outlet of articles that name none.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="DATE", help='What "3 hours ago" counts from; else the time of the file.'
        ),
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option(
            "--field", metavar="OURS=THEIRS", help="Where a field is found: title=headline; repeat for more."
        ),
    ] = None,
    no_index: Annotated[
        bool, typer.Option("--no-index", help="Keep only; index later with: searcher update")
    ] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Let URLs lead to private addresses, such as an intranet.")
    ] = False,
    model: ModelOption = None,
    wait: WaitOption = 0.0,
    json: JsonOption = False,
) -> None:
    """
    Add articles to the library and index them.

    Takes JSON Lines, JSON, CSV, TSV, text page dumps, plain text, HTML pages, RSS, Atom and JSON feeds, any of
    them packed with gzip, and directories of them: what a file is, its content says. Adding the same again changes
    nothing; a corrected article becomes a new revision. An input that is no article is rejected with its place and
    reason (exit code 4), and all others are kept.

    \b
    Examples:
      searcher add articles.jsonl.gz pages/
      searcher add dump.txt --as-of 2025-07-23T12:00Z --source 'Kyiv Independent'
      searcher add export.csv --field title=headline --field body=story
      searcher add https://www.example.org/feed.xml
      zcat corpus.jsonl.gz | searcher add -
    """
    from searcher.cli.console import console_for
    from searcher.cli.machine import as_document, receipt_as_json
    from searcher.cli.progress import reporting
    from searcher.cli.show_reports import show_receipt, show_report

    now = datetime.now(UTC)
    resolved = options.moment(as_of, "--as-of", now=now)
    fields = options.fields(field)
    console = console_for(sys.stdout)
    with (
        open_here(context, model=model, create=True, writes=True) as library,
        reporting(waiting="reading", indexed=library.indexes.exist) as progress,
    ):
        receipt = library.add(
            *inputs,
            source=source,
            as_of=resolved,
            fields=fields,
            allow_private=allow_private,
            index=not no_index,
            wait_s=wait,
            now=now,
            progress=progress,
        )
    if receipt.added or receipt.changed or receipt.unchanged:
        for theirs in receipt.unfound:  # Where nothing was kept, the rejections say why.
            said = f"Nothing that was read has a field '{theirs}' (--field {fields[theirs]}={theirs})."
            print(one_line(said), file=sys.stderr)
    if json:
        print(as_document(receipt_as_json(receipt)), flush=True)
    else:
        show_receipt(console, receipt)
        if receipt.update is not None:
            show_report(console, receipt.update)
    if receipt.not_indexed is not None:
        raise typer.Exit(tell(receipt.not_indexed))
    if receipt.rejected:
        raise typer.Exit(SOME_REJECTED)


def remove(
    context: typer.Context,
    ids: Ids,
    undo: Annotated[bool, typer.Option("--undo", help="Bring withdrawn articles back.")] = False,
    wait: WaitOption = 0.0,
    json: JsonOption = False,
) -> None:
    """
    Withdraw articles, or bring them back.

    No answer shows them from now on. Nothing is lost: --undo brings them back, and so does adding them again. If one
    id is unknown, nothing is withdrawn.

    \b
    Examples:
      searcher remove herald-2025-05-22-port-strike-ends
      searcher remove --undo herald-2025-05-22-port-strike-ends
      searcher search 'source:tabloid' --ids --copies -n 10000 | xargs searcher remove
    """
    from searcher.cli.machine import as_document

    with open_here(context, writes=undo) as library:
        changed = library.remove(*ids, undo=undo, wait_s=wait)
    what = "restored" if undo else "withdrawn"
    print(as_document({what: changed}) if json else f"{changed:,} {what}")


def rejects(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, help="How many to list.")] = 100,
    json: JsonOption = False,
) -> None:
    """
    List what was rejected and why, newest first.

    \b
    Examples:
      searcher rejects
      searcher rejects --limit 1000 --json
    """
    from searcher.cli.console import console_for
    from searcher.cli.machine import as_document, rejects_as_json
    from searcher.cli.show_reports import show_rejects

    with open_here(context) as library:
        found = library.rejects(limit)
    if json:
        print(as_document(rejects_as_json(found)))
    elif found:
        show_rejects(console_for(sys.stdout), found)
    else:
        print("Nothing was rejected.")
