"""A library examined, kept elsewhere and brought back: `doctor`, `backup`, `restore`, `export`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from searcher.cli.failing import ERROR
from searcher.cli.opening import given_home, let_readers_go_first, open_here
from searcher.cli.options import JsonOption, WaitOption

if TYPE_CHECKING:
    from searcher.errors import StoreDamaged

_DAMAGED_NAMED = 10

ForceOption = Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")]


MENDED, NEEDS_A_PERSON = 1, 2


def doctor(
    context: typer.Context,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what can be mended without loss, and look again.")
    ] = False,
    deep: Annotated[bool, typer.Option("--deep", help="Encode many more texts again, to compare.")] = False,
    wait: WaitOption = 0.0,
    json: JsonOption = False,
) -> None:
    """
    Examine the library, and repair it.

    Every article, every file of the index, whether the index holds what the library holds, what is left over, the
    disk and the encoder, each byte read. Exit code 0: all is well; 1: something was mended, or can be with --repair;
    2: a person is needed, because articles are damaged or the encoder is missing.

    \b
    Examples:
      searcher doctor
      searcher doctor --repair --wait 60
      searcher doctor --deep --json
    """
    from searcher.cli.console import console_for
    from searcher.cli.machine import as_document, examination_as_json
    from searcher.cli.progress import reporting
    from searcher.cli.show_reports import show_examination
    from searcher.library.health import doctor as examine
    from searcher.settings import find_home

    home = find_home(given_home(context))
    let_readers_go_first(home)
    with reporting(waiting="examining the library") as progress:
        examination = examine(home, deep=deep, repair=repair, wait_s=wait, progress=progress)
    if json:
        print(as_document(examination_as_json(examination)))
    else:
        show_examination(console_for(sys.stdout), examination)
    if examination.needs_a_person:
        raise typer.Exit(NEEDS_A_PERSON)
    if examination.broken or examination.repairs:
        raise typer.Exit(MENDED)


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write the backup.")],
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """
    Write the library's articles and settings to one file.

    One state of the library, also while others add to it; it is read to its last byte before the file appears. The
    indexes are not in it: they are made from the articles. The file is a plain tar.

    \b
    Examples:
      searcher backup news-2025-07-23.tar
      searcher backup --force /mnt/disk/news.tar
    """
    from searcher.cli.machine import as_document, backup_as_json
    from searcher.cli.show_reports import backed_up

    with open_here(context) as library:
        made = library.backup(file, replace=force)
    print(as_document(backup_as_json(made)) if json else backed_up(made))


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that backup wrote.")],
    force: Annotated[
        bool, typer.Option("--force", help="Also over a library, which is kept beside in replaced-...")
    ] = False,
    wait: WaitOption = 0.0,
    json: JsonOption = False,
) -> None:
    """
    Make a library of a backup.

    In a home that holds none; over another one only with --force. The file is verified to its last byte before
    anything is changed. Afterwards the indexes are built anew with: searcher rebuild

    \b
    Examples:
      searcher --home ~/restored restore news-2025-07-23.tar
      searcher restore --force news-2025-07-23.tar
    """
    from searcher.cli.machine import as_document, backup_as_json
    from searcher.cli.show_reports import restored
    from searcher.library.restore import restore as restore_library
    from searcher.settings import find_home

    home = find_home(given_home(context))
    made = restore_library(file, home, replace=force, wait_s=wait, now=datetime.now(UTC))
    print(as_document(backup_as_json(made)) if json else restored(made, home))


def export(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Where to write; - or nothing: to standard output.")
    ] = None,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Every revision, also of withdrawn articles, not only the live state."),
    ] = False,
    force: ForceOption = False,
) -> None:
    """
    Write the articles as JSON Lines.

    One article a line, for other programs and for: searcher add FILE. With --all every revision, so that a library
    made of the file has the same history. An article that cannot be read is named, and the others are written (exit
    code 1).

    \b
    Examples:
      searcher export news.jsonl
      searcher export --all | gzip > news.jsonl.gz
    """
    from searcher.library.export import export_lines, write_export

    damaged: list[StoreDamaged] = []
    with open_here(context) as library:
        lines = export_lines(library.store, everything=everything, damaged=damaged)
        if file is None or str(file) == "-":
            for line in lines:
                print(line)
        else:
            count = write_export(lines, file, replace=force)
            print(f"{count:,} {'revisions' if everything else 'articles'} written to {file}")
    for one in damaged[:_DAMAGED_NAMED]:
        print(f"Left out: {one}", file=sys.stderr)
    if len(damaged) > _DAMAGED_NAMED:
        print(
            f"… and {len(damaged) - _DAMAGED_NAMED:,} more. List them with: searcher doctor", file=sys.stderr
        )
    if damaged:
        raise typer.Exit(ERROR)
