"""What is there: `show`, `status`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from searcher.cli.failing import NO_INDEX
from searcher.cli.opening import open_here
from searcher.cli.options import JsonOption
from searcher.errors import ArticleNotFound
from searcher.text import for_terminal

if TYPE_CHECKING:
    from searcher.records import Revision


def show(
    context: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ID|URL", help="An article of the library.")],
    revision: Annotated[
        int | None,
        typer.Option("--revision", metavar="N", help="An earlier state of it, by its number in the list."),
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="The text alone, as it is kept.")] = False,
    json: JsonOption = False,
) -> None:
    """
    Show an article and all its revisions.

    \b
    Examples:
      searcher show herald-2025-05-22-port-strike-ends
      searcher show herald-2025-05-22-port-strike-ends --revision 17
      searcher show herald-2025-05-22-port-strike-ends --raw | wc -w
    """
    with open_here(context) as library:
        revisions = library.show(article)
    shown = _chosen(revisions, revision)
    if json:
        from searcher.cli.machine import as_document
        from searcher.records.plain import plain_revisions

        print(as_document(plain_revisions(shown, revisions)))
    elif raw:
        print(for_terminal(shown.article.body))
    else:
        from searcher.cli.console import console_for
        from searcher.cli.show_article import show_article

        show_article(console_for(sys.stdout), shown, revisions)


def status(context: typer.Context, json: JsonOption = False) -> None:
    """
    Say what the library holds and what waits.

    Also where it is, which indexes answer, and with which encoder. The exit code is 3 if the indexes cannot
    answer; the last line says what to do.

    \b
    Examples:
      searcher status
      searcher --home ~/news status --json
    """
    with open_here(context) as library:
        state = library.status()
        refused = state.generation is None and library.indexes.exist()
    if json:
        from searcher.cli.machine import as_document, status_as_json

        print(as_document(status_as_json(state)))
    else:
        from searcher.cli.console import console_for
        from searcher.cli.show_reports import show_status

        show_status(console_for(sys.stdout), state, refused=refused)
    if state.generation is None and state.problem:
        raise typer.Exit(NO_INDEX)


def _chosen(revisions: Sequence[Revision], number: int | None) -> Revision:
    if number is None:
        return revisions[-1]
    for one in revisions:
        if one.seq == number:
            return one
    known = ", ".join(str(one.seq) for one in revisions)
    raise ArticleNotFound(
        f"'{revisions[-1].article.article_id}' has no revision {number}. Its revisions: {known}."
    )
