"""A first look: `demo` makes a library of the news that ships with the package, and asks it two questions."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from searcher.cli.opening import given_home, open_here
from searcher.cli.options import WaitOption

if TYPE_CHECKING:
    from rich.console import Console

    from searcher.library import Library

QUERY = "dockers strike over remote-controlled cranes"
ARTICLE = "courier-2025-03-11-tarn-mallow-water-level-cut"
WITHOUT_WORDS = "nurses and doctors reverting to handwritten records"
_SHOWN = 3


def demo(context: typer.Context, wait: WaitOption = 0.0) -> None:
    """
    Try it all on sample news.

    Makes a library of the news that ships with the program, asks it two questions, and says what to type next. It
    is one of its own, in the cache directory of the user, or where --home says. Nothing is fetched. Run it again:
    nothing is added twice.

    \b
    Examples:
      searcher demo
      searcher --home /tmp/first-look demo
    """
    from searcher.cli.console import console_for

    if given_home(context) is None:
        context.obj = str(demo_home())
    console = console_for(sys.stdout)
    with open_here(context, create=True, writes=True) as library:
        _add_samples(library, console, wait=wait)
        _ask(library, console, command_line(context))


def demo_home() -> Path:
    """Give the directory of the demonstration library, `$XDG_CACHE_HOME/searcher/demo`. Creates nothing."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "searcher" / "demo"


def command_line(context: typer.Context) -> str:
    """Give what a person types before a command, so that it reaches this program and this library."""
    from searcher.settings import find_home

    typed = sys.argv[0]
    on_path = shutil.which("searcher")
    if Path(typed).name == "__main__.py":
        program = "python -m searcher"
    elif on_path and Path(typed).exists() and Path(on_path).samefile(typed):
        program = "searcher"
    else:
        program = typed
    home = find_home(given_home(context))
    return program if home == find_home() else f"{program} --home {shlex.quote(str(home))}"


def _add_samples(library: Library, console: Console, *, wait: float) -> None:
    from searcher.cli.progress import reporting
    from searcher.cli.show_reports import show_receipt, show_report
    from searcher.samples import AS_OF, sample_paths

    console.print(f"Adding the sample news to {library.home}", soft_wrap=True)
    with reporting(waiting="reading the sample news", indexed=library.indexes.exist) as progress:
        receipt = library.add(
            *sample_paths(), as_of=AS_OF, index=False, wait_s=wait, now=datetime.now(UTC), progress=progress
        )
    show_receipt(console, receipt)
    if library.status().generation is None:
        console.print("Building both indexes (on a new machine this takes about a minute)")
    with reporting(waiting="opening the encoder", indexed=library.indexes.exist) as progress:
        report = library.update(wait_s=wait, progress=progress)
    show_report(console, report)


def _ask(library: Library, console: Console, command: str) -> None:
    from searcher.cli.console import safe
    from searcher.cli.show_results import show_results

    for typed, results in (
        (f"search {QUERY}", library.search(QUERY, limit=_SHOWN)),
        (f"similar {ARTICLE}", library.similar(ARTICLE, limit=_SHOWN)),
    ):
        console.print()
        console.print(safe(f"$ {command} {typed} --limit {_SHOWN}", "bold green"), soft_wrap=True)
        show_results(console, results, asked=f"“{typed}”")
    console.print()
    console.print("Now type:")
    for typed in (f"search {WITHOUT_WORDS}", f"show {ARTICLE}", "add PATH", "status", "--help"):
        console.print(f"  {command} {typed}", soft_wrap=True)
