"""
What do the options mean? Each is declared once, for all commands that have it, and turned into what the library takes.

A value that means nothing is a usage error that says what would. Nothing here imports an engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from searcher.ranking.when import Span
    from searcher.records import Filters

# As in `records.answers` and `settings`, which cost an engine's import; a test compares them.
Mode = Literal["hybrid", "lexical", "dense"]
Sort = Literal["relevance", "date"]
Fusion = Literal["score", "rrf", "dbsf", "minmax"]
Intent = Literal["event", "topic", "any"]
Format = Literal["text", "json", "jsonl", "csv", "ids"]

_DATES = "2025-07-23, 2025-07, 7d, yesterday"

JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
WaitOption = Annotated[
    float,
    typer.Option(
        "--wait",
        metavar="SECONDS",
        min=0,
        show_default=False,
        help="How long to wait while another process writes.",
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME|PATH",
        help="A sentence-transformers model instead of the one of searcher.toml.",
    ),
]
SourcesOption = Annotated[
    list[str] | None, typer.Option("--source", metavar="NAME", help="Only this outlet; repeat for more.")
]
SectionsOption = Annotated[
    list[str] | None, typer.Option("--section", metavar="NAME", help="Only this section; repeat for more.")
]
LanguagesOption = Annotated[
    list[str] | None,
    typer.Option("--lang", metavar="NAME", help="Only this language (en, German); repeat for more."),
]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="DATE", help=f"Published then or later: {_DATES}.")
]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help="Published then or earlier, that day included.")
]
WeightOption = Annotated[
    float | None,
    typer.Option(
        "--weight",
        metavar="SHARE",
        min=0,
        max=1,
        help="Share of the meaning: 0 is words only, 1 is meaning only.",
    ),
]
LimitOption = Annotated[
    int, typer.Option("--limit", "-n", metavar="N", min=1, max=10_000, help="How many articles to show.")
]
OffsetOption = Annotated[
    int | None, typer.Option("--offset", metavar="N", min=0, help="How many of the best to leave out first.")
]
PageOption = Annotated[
    int | None, typer.Option("--page", metavar="N", min=1, help="Which page of --limit articles: 1, 2, 3…")
]
CopiesOption = Annotated[
    bool, typer.Option("--copies", help="Show exact copies each by itself, not folded under the first.")
]
ExplainOption = Annotated[
    bool, typer.Option("--explain", help="Show how each score came about (--json always holds it).")
]
JsonlOption = Annotated[
    bool, typer.Option("--jsonl", help="Answer with one JSON object a line, one for each hit.")
]
CsvOption = Annotated[bool, typer.Option("--csv", help="Answer as CSV, for spreadsheets.")]
IdsOption = Annotated[bool, typer.Option("--ids", help="Answer with ids only, one a line, for pipes.")]


def output_format(*, json: bool, jsonl: bool, csv: bool, ids: bool) -> Format:
    """Give the one output format that was asked for; text if none was."""
    flags: Mapping[Format, bool] = {"json": json, "jsonl": jsonl, "csv": csv, "ids": ids}
    wanted = [name for name, given in flags.items() if given]
    if len(wanted) > 1:
        raise typer.BadParameter(f"--{wanted[0]} and --{wanted[1]} exclude each other. Choose one.")
    return wanted[0] if wanted else "text"


def first_of_page(limit: int, offset: int | None, page: int | None) -> int:
    """Give how many hits come before the ones to show."""
    if offset is not None and page is not None:
        raise typer.BadParameter("--offset and --page exclude each other. Choose one.")
    return offset or 0 if page is None else (page - 1) * limit


def moment(text: str | None, option: str, *, now: datetime) -> datetime | None:
    """Give the moment that a date names: of a longer time, such as a day, its beginning."""
    return _span(text, option, now=now).start if text is not None else None


def filters(
    *,
    sources: Sequence[str] | None,
    sections: Sequence[str] | None,
    languages: Sequence[str] | None,
    since: str | None,
    until: str | None,
    now: datetime,
) -> Filters:
    """Give the filters that the options name, dates read as the query language reads them."""
    from searcher.records import Filters

    start = moment(since, "--since", now=now)
    end = _span(until, "--until", now=now).end if until is not None else None
    if start and end and start >= end:
        raise typer.BadParameter("--since must lie before --until: no article can be both.")
    return Filters(
        sources=tuple(sources or ()),
        sections=tuple(sections or ()),
        languages=tuple(_language(one) for one in languages or ()),
        since=start,
        until=end,
    )


def fields(pairs: Sequence[str] | None) -> dict[str, str]:
    """Give `title=headline` (our title is their headline) as the reader takes it: theirs -> ours."""
    from searcher.errors import SettingsError
    from searcher.ingest.fields import check_fields, field_of

    theirs_to_ours: dict[str, str] = {}
    for pair in pairs or ():
        ours, _, theirs = (part.strip() for part in pair.partition("="))
        if not ours or not theirs:
            raise typer.BadParameter(
                f"'{pair}' is not OURS=THEIRS, such as title=headline.", param_hint="--field"
            )
        if field_of(theirs) and not field_of(ours):
            raise typer.BadParameter(
                f"'{pair}' is the wrong way round: give {theirs}={ours}.", param_hint="--field"
            )
        theirs_to_ours[theirs] = ours
    try:
        check_fields(theirs_to_ours)
    except SettingsError as error:
        raise typer.BadParameter(str(error), param_hint="--field") from error
    return theirs_to_ours


def _span(text: str, option: str, *, now: datetime) -> Span:
    from searcher.ranking.when import parse_when

    span = parse_when(text, now=now)
    if span is None:
        raise typer.BadParameter(
            f"'{text}' is not a date. Write {_DATES} or 2025-07-23T14:30Z.", param_hint=option
        )
    return span


def _language(text: str) -> str:
    from searcher.ranking.conditions import language_code

    code = language_code(text.strip())
    if code is None:
        raise typer.BadParameter(f"'{text}' is not a language, such as en or German.", param_hint="--lang")
    return code
