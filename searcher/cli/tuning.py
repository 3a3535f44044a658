"""Choosing settings: `tune`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from searcher.cli.failing import Interrupted
from searcher.cli.opening import open_judged, settings_here
from searcher.cli.options import JsonOption, ModelOption, WaitOption

if TYPE_CHECKING:
    from searcher.evaluation import Collection, Tuning
    from searcher.settings import Settings

_INTERRUPTED = "Interrupted: no setting was changed. Run it again: what was indexed is kept."

MeasureName = Literal["nDCG@10", "R@100", "RR@10", "AP", "P@1"]


def tune(
    context: typer.Context,
    directory: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="With corpus.jsonl[.gz], queries.jsonl and qrels.tsv (BEIR's layout)."
        ),
    ],
    measure: Annotated[MeasureName, typer.Option("--measure", help="What is to rise.")] = "nDCG@10",
    body_only: Annotated[
        bool,
        typer.Option("--body-only", help="Leave headlines out of the index: where they are the queries."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be written, and stop.")] = False,
    model: ModelOption = None,
    wait: WaitOption = 0.0,
    json: JsonOption = False,
) -> None:
    """
    Choose ranking settings on your own judged queries.

    The queries are cut into two halves. Settings (the weight of meaning, how the two rankings are merged, the weights
    of headline, source and date, of the whole article, k1 and b) are chosen on each half and judged on the other. Only
    if that gain is clear of chance are they chosen on all queries and written to the searcher.toml of the library that
    --home or the current directory names. They take effect at once: no rebuild.

    \b
    Examples:
      searcher tune judged/
      searcher tune judged/ --dry-run
      searcher tune judged/ --measure AP --json
    """
    from searcher.cli.machine import as_document
    from searcher.cli.show_tuning import show_tuning, tuning_as_json
    from searcher.evaluation import read_collection
    from searcher.settings import change_settings

    home, settings = settings_here(context, model=model)
    collection = read_collection(directory)
    tuning = _tune(collection, settings, measure=measure, body_only=body_only, wait=wait)
    written = None
    if tuning.changes and not dry_run and (home / "articles.db").is_file():
        written = change_settings(home, {(one.section, one.key): one.new for one in tuning.changes})
    if json:
        print(as_document(tuning_as_json(tuning, written)))
    else:
        from searcher.cli.console import console_for

        show_tuning(console_for(sys.stdout), collection.name, tuning, written=written, home=home)


def _tune(
    collection: Collection, settings: Settings, *, measure: str, body_only: bool, wait: float
) -> Tuning:
    from searcher.cli.progress import counting
    from searcher.evaluation import tune

    now = datetime.now(UTC)
    try:
        library = open_judged(collection, settings, now=now, body_only=body_only, wait=wait)
        with library, counting() as count:
            return tune(
                library,
                collection,
                now=now,
                measure=measure,
                tried=lambda before, done, total: count(
                    f"{collection.name}, settings {before + 1}: {done:,} of {total:,} queries"
                ),
            )
    except KeyboardInterrupt:
        raise Interrupted(_INTERRUPTED) from None
