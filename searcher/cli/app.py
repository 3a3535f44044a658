"""Which commands are there? What `searcher --help` says, and which function each command is."""

from __future__ import annotations

from typing import Annotated

import typer

from searcher.cli.asking import search, similar
from searcher.cli.building import rebuild, update
from searcher.cli.demo import demo
from searcher.cli.evaluating import evaluate
from searcher.cli.failing import EXIT_CODES
from searcher.cli.keeping import add, rejects, remove
from searcher.cli.looking import show, status
from searcher.cli.process import collect_again
from searcher.cli.quick import QuickCommand, QuickGroup
from searcher.cli.safekeeping import backup, doctor, export, restore
from searcher.cli.serving import serve
from searcher.cli.tuning import tune

# Plain help: drawing it in boxes takes as long as everything else that `searcher --help` does.
app = typer.Typer(
    name="searcher",
    cls=QuickGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)


def _version(asked: bool) -> None:
    if asked:
        from searcher import __version__

        print(f"searcher {__version__}")
        raise typer.Exit


@app.callback()
def searcher(
    context: typer.Context,
    home: Annotated[
        str | None,
        typer.Option(
            "--home",
            metavar="DIRECTORY",
            help="The library: a directory with articles.db beside indexes/. Else SEARCHER_HOME, else the directory "
            "you are in if it has an indexes/ folder, else a directory of the user. May also stand after the command.",
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """
    Search news by word and by meaning, offline.

    \b
    Examples:
      searcher demo
      searcher add articles.jsonl
      searcher search port strike deal
      searcher similar ID
    """
    context.obj = home
    collect_again(context.invoked_subcommand)


for _command in (
    *(add, search, similar, show, status, remove, rejects, update, rebuild, serve),
    *(doctor, backup, restore, export, evaluate, tune, demo),
):
    app.command(cls=QuickCommand)(_command)
