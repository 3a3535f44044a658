"""Measuring: `evaluate`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from searcher.cli.failing import Interrupted
from searcher.cli.opening import open_judged, settings_here
from searcher.cli.options import JsonOption, Mode, ModelOption, WaitOption

if TYPE_CHECKING:
    from searcher.evaluation import Collection, Evaluation
    from searcher.settings import Settings

_INTERRUPTED = "Interrupted: nothing was measured. Run it again: what was indexed is kept."


def evaluate(
    context: typer.Context,
    directories: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR", help="Each with corpus.jsonl[.gz], queries.jsonl and qrels.tsv (BEIR's layout)."
        ),
    ],
    mode: Annotated[
        list[str] | None,
        typer.Option(
            "--mode",
            metavar="hybrid|lexical|dense",
            help="Only this mode; repeat for more. Else all three.",
        ),
    ] = None,
    limit_queries: Annotated[
        int | None,
        typer.Option("--limit-queries", metavar="N", min=1, help="Ask only the first N queries, by id."),
    ] = None,
    body_only: Annotated[
        bool,
        typer.Option("--body-only", help="Leave headlines out of the index: where they are the queries."),
    ] = False,
    run: Annotated[
        Path | None,
        typer.Option(
            "--run", metavar="FILE", help="Write the answers of one --mode as a TREC run, 1,000 a query."
        ),
    ] = None,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--compare", metavar="A B", help="Ask nothing: compare two TREC runs, query by query."),
    ] = None,
    model: ModelOption = None,
    wait: WaitOption = 0.0,
    json: JsonOption = False,
) -> None:
    """
    Measure the answers on judged queries.

    Each directory is indexed into a library of its own in the cache of the user, kept for the next time, with the
    settings of the library that --home or the current directory names. Its queries are asked as plain words; one
    with `like`, the id of an article, asks for similar articles. The measures are those of trec_eval, each with its
    95 % interval over the queries. Queries without a relevant article are left out, and counted.

    \b
    Examples:
      searcher evaluate judged/
      searcher evaluate judged/ --mode hybrid --run before.run
      searcher evaluate judged/ --compare before.run after.run
      searcher evaluate bbc/ --body-only --limit-queries 200 --json
    """
    from searcher.evaluation import read_collection

    modes = _modes(mode)
    _check(directories, modes, limit_queries, run, compare)
    collections = [read_collection(directory) for directory in directories]
    if compare is not None:
        _compare(collections[0], *compare, json=json)
        return
    _, settings = settings_here(context, model=model)
    evaluations = [
        _evaluate(one, settings, modes=modes, limit_topics=limit_queries, body_only=body_only, wait=wait)
        for one in collections
    ]
    if run is not None:
        _write(run, evaluations[0])
    _print(evaluations, json=json)


def _modes(given: list[str] | None) -> list[Mode]:
    """The modes that were asked for, each once, in a fixed order. Typer has no lists of literals."""
    known: tuple[Mode, ...] = ("lexical", "dense", "hybrid")
    for one in given or ():
        if one not in known:
            raise typer.BadParameter(f"'{one}' is not one of {', '.join(known)}.", param_hint="--mode")
    return [one for one in known if one in (given or ())]


def _check(
    directories: list[Path],
    modes: list[Mode],
    limit_queries: int | None,
    run: Path | None,
    compare: tuple[Path, Path] | None,
) -> None:
    if (run or compare) and len(directories) > 1:
        raise typer.BadParameter(
            f"{'--run' if run else '--compare'} is about one directory, not {len(directories)}."
        )
    if compare and (run or modes or limit_queries):
        raise typer.BadParameter("--compare reads two runs and asks nothing: give it alone.")
    if run and len(modes) != 1:
        raise typer.BadParameter("--run writes the answers of one mode. Add: --mode hybrid")


def _evaluate(
    collection: Collection,
    settings: Settings,
    *,
    modes: list[Mode],
    limit_topics: int | None,
    body_only: bool,
    wait: float,
) -> Evaluation:
    from searcher.cli.progress import counting
    from searcher.evaluation import MODES, evaluate

    now = datetime.now(UTC)
    try:
        library = open_judged(collection, settings, now=now, body_only=body_only, wait=wait)
        with library, counting() as count:
            return evaluate(
                library,
                collection,
                now=now,
                modes=modes or MODES,
                limit_topics=limit_topics,
                asked=lambda mode, done, total: count(
                    f"{collection.name}, {mode}: {done:,} of {total:,} queries"
                ),
            )
    except KeyboardInterrupt:
        raise Interrupted(_INTERRUPTED) from None


def _write(path: Path, evaluation: Evaluation) -> None:
    from searcher.evaluation import write_run
    from searcher.text import one_line

    lines = write_run(path, evaluation.modes[0].run)
    print(f"{lines:,} lines written to {one_line(str(path))}", file=sys.stderr)


def _compare(collection: Collection, a: Path, b: Path, *, json: bool) -> None:
    from searcher.cli.show_evaluation import comparison_as_json, show_comparison
    from searcher.evaluation import compare_runs, read_run

    comparison = compare_runs(collection, read_run(a), read_run(b))
    if json:
        _print_json(comparison_as_json(comparison))
    else:
        from searcher.cli.console import console_for

        show_comparison(console_for(sys.stdout), comparison, a=str(a), b=str(b))


def _print(evaluations: list[Evaluation], *, json: bool) -> None:
    from searcher.cli.show_evaluation import evaluations_as_json, show_evaluations

    if json:
        _print_json(evaluations_as_json(evaluations))
    else:
        from searcher.cli.console import console_for

        show_evaluations(console_for(sys.stdout), evaluations)


def _print_json(value: dict[str, Any]) -> None:
    from searcher.cli.machine import as_document

    print(as_document(value))
