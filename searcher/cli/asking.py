"""Answers: `search`, `similar`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from searcher.cli import options
from searcher.cli.opening import open_here
from searcher.cli.options import (
    CopiesOption,
    CsvOption,
    ExplainOption,
    Format,
    Fusion,
    IdsOption,
    Intent,
    JsonlOption,
    JsonOption,
    LanguagesOption,
    LimitOption,
    Mode,
    ModelOption,
    OffsetOption,
    PageOption,
    SectionsOption,
    SinceOption,
    Sort,
    SourcesOption,
    UntilOption,
    WeightOption,
)
from searcher.errors import ArticleNotFound
from searcher.text import for_terminal

if TYPE_CHECKING:
    from searcher.library import Library
    from searcher.records import Article, Results


def search(
    context: typer.Context,
    query: Annotated[list[str], typer.Argument(metavar="QUERY...", help="Words; put operators in quotes.")],
    mode: Annotated[
        Mode, typer.Option("--mode", help="Words and meaning together, words only, or meaning only.")
    ] = "hybrid",
    limit: LimitOption = 10,
    offset: OffsetOption = None,
    page: PageOption = None,
    source: SourcesOption = None,
    section: SectionsOption = None,
    lang: LanguagesOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    sort: Annotated[Sort, typer.Option("--sort", help="Best first, or newest first.")] = "relevance",
    copies: CopiesOption = False,
    fusion: Annotated[
        Fusion | None,
        typer.Option("--fusion", help="How words and meaning are merged (docs/ranking.md says how each is)."),
    ] = None,
    weight: WeightOption = None,
    model: ModelOption = None,
    explain: ExplainOption = False,
    json: JsonOption = False,
    jsonl: JsonlOption = False,
    csv: CsvOption = False,
    ids: IdsOption = False,
) -> None:
    """
    Answer a query with articles, best first.

    Each comes with the text that answers. Free words are looked for by word and by meaning. Operators restrict
    both: "a phrase", AND OR NOT, -word, (groups), title:word, source:NAME, lang:en, section:NAME, since:7d,
    until:2025-06, vot* (prefix), word~ (spelt nearly so), "two words"~5 (near each other). Quote the whole query
    for the shell, and put -- before one that begins with -.

    \b
    Examples:
      searcher search port strike deal
      searcher search '"remote-controlled cranes" -merger since:2025-05'
      searcher search light pollution and wildlife --mode dense --explain
      searcher search dam inquiry --source 'The Sennick Herald' --sort date
      searcher search vaccine trial --limit 100 --csv > hits.csv
    """
    wanted = options.output_format(json=json, jsonl=jsonl, csv=csv, ids=ids)
    now = datetime.now(UTC)
    asked = " ".join(query)
    filters = options.filters(
        sources=source, sections=section, languages=lang, since=since, until=until, now=now
    )
    with open_here(context, model=model, ask_meaning=mode != "lexical", once=True) as library:
        results = library.search(
            asked,
            limit=limit,
            offset=options.first_of_page(limit, offset, page),
            mode=mode,
            filters=filters,
            fusion=fusion,
            weight=weight,
            sort=sort,
            fold=not copies,
            now=now,
        )
    _print(results, wanted, asked=f"“{asked}”", explain=explain)


def similar(
    context: typer.Context,
    article: Annotated[
        str,
        typer.Argument(
            metavar="ID|URL|FILE|-",
            help="An article of the library, or a text from outside (- is standard input).",
        ),
    ],
    like: Annotated[
        Intent, typer.Option("--like", help="Of the same event, on the same topic, or alike in any way.")
    ] = "event",
    limit: LimitOption = 10,
    offset: OffsetOption = None,
    page: PageOption = None,
    source: SourcesOption = None,
    section: SectionsOption = None,
    lang: LanguagesOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    before_it: Annotated[
        bool, typer.Option("--before-it", help="Only what was published before it.")
    ] = False,
    after_it: Annotated[bool, typer.Option("--after-it", help="Only what was published after it.")] = False,
    copies: CopiesOption = False,
    weight: WeightOption = None,
    model: ModelOption = None,
    allow_private: Annotated[
        bool,
        typer.Option("--allow-private", help="Let a URL lead to private addresses, such as an intranet."),
    ] = False,
    explain: ExplainOption = False,
    json: JsonOption = False,
    jsonl: JsonlOption = False,
    csv: CsvOption = False,
    ids: IdsOption = False,
) -> None:
    """
    Find articles about the same thing as another.

    The other is one of the library, or a text from outside. The article itself and exact copies of it are left
    out. A text from outside is read as `add` reads it, and not kept; if it holds several articles, the first is
    asked about.

    \b
    Examples:
      searcher similar courier-2025-03-11-tarn-mallow-water-level-cut
      searcher similar herald-2025-05-22-port-strike-ends --before-it --limit 5
      searcher similar draft.txt --since 30d --like topic
      pbpaste | searcher similar - --json
    """
    wanted = options.output_format(json=json, jsonl=jsonl, csv=csv, ids=ids)
    now = datetime.now(UTC)
    filters = options.filters(
        sources=source, sections=section, languages=lang, since=since, until=until, now=now
    )
    with open_here(context, model=model, once=True) as library:
        known = _known_or_read(library, article, now=now, allow_private=allow_private)
        results = library.similar(
            known,
            limit=limit,
            offset=options.first_of_page(limit, offset, page),
            filters=filters,
            before_it=before_it,
            after_it=after_it,
            intent=like,
            weight=weight,
            fold=not copies,
        )
    _print(
        results,
        wanted,
        asked=f"“{article if isinstance(known, str) else known.title or article}”",
        explain=explain,
    )


def _known_or_read(library: Library, given: str, *, now: datetime, allow_private: bool) -> str | Article:
    """Give the id of an article of the library, or the article that is read from outside. Raises ArticleNotFound."""
    from searcher.cli.outside import is_outside, read_first

    try:
        return library.show(given)[-1].article.article_id
    except ArticleNotFound as error:
        if not is_outside(given):
            raise ArticleNotFound(
                f"'{given}' is no article of the library, no file and no URL. Ids are shown by: searcher search QUERY"
            ) from error
    return read_first(given, now=now, allow_private=allow_private)


def _print(results: Results, wanted: Format, *, asked: str, explain: bool) -> None:
    if wanted != "text":
        from searcher.cli.machine import in_format

        if text := in_format(results, wanted):
            print(text)
        if wanted != "json":  # JSON has a place for them; a list of ids must not pretend that all went well.
            for note in (*results.notes, *((results.degraded,) if results.degraded else ())):
                typer.echo(f"Note: {for_terminal(note)}", err=True)
        return
    from searcher.cli.console import console_for
    from searcher.cli.show_results import show_results

    show_results(console_for(sys.stdout), results, asked=asked, explain=explain)
