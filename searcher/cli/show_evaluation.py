"""What is said of measured answers? Tables for people, JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from searcher.cli.console import safe
from searcher.cli.show_reports import counted
from searcher.evaluation import EVIDENCE_MEASURES, MEASURES, MODES
from searcher.evaluation.compare import BY
from searcher.records.plain import plain_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from searcher.evaluation import Change, Comparison, Evaluation, Interval, Judged

_CELL = 18
_TEXT = 60


def show_evaluations(console: Console, evaluations: Sequence[Evaluation]) -> None:
    """Print a table for each collection, modes down, measures across; under more than one, their means."""
    for one in evaluations:
        console.print(safe(_headline(one), "bold"), soft_wrap=True)
        for line in _left_out(one):
            console.print(safe(f"  {line}", "yellow"), soft_wrap=True)
        rows = ((judged.mode, [_interval(judged.means[name]) for name in MEASURES]) for judged in one.modes)
        _table(console, rows)
        if any(judged.evidence for judged in one.modes):
            console.print(safe("passages that hold the evidence", "bold"))
            held = ((judged.mode, [*map(_interval, judged.evidence.values())]) for judged in one.modes)
            _table(console, held, EVIDENCE_MEASURES)
    if len(evaluations) > 1:
        console.print(safe(f"mean of {len(evaluations)} collections", "bold"))
        means = _means(evaluations)
        _table(console, ((mode, [_short(means[mode][name]) for name in MEASURES]) for mode in means))


def show_comparison(console: Console, comparison: Comparison, *, a: str, b: str) -> None:
    """Print both means of each measure, their difference with its interval and p-values, and the topics that moved."""
    unasked = f" ({comparison.unasked:,} more in neither run)" if comparison.unasked else ""
    console.print(safe(f"A {a} · B {b} · {queries(comparison.topics)}{unasked}", "bold"), soft_wrap=True)
    console.print(
        safe(f"{'':<9}{'A':<7}{'B':<7}{'B - A':<29}{'p by bootstrap':<16}p by randomisation"), soft_wrap=True
    )
    for one in comparison.differences:
        test = one.test
        difference = (
            f"{test.difference.mean:+.4f} ({test.difference.low:+.4f} to {test.difference.high:+.4f})"
        )
        console.print(
            safe(
                f"{one.measure:<9}{_short(one.a):<7}{_short(one.b):<7}{difference:<29}"
                f"{test.bootstrap_p:<16.4f}{test.randomisation_p:.4f}"
            ),
            soft_wrap=True,
        )
    alike = comparison.topics - comparison.better - comparison.worse
    console.print(safe(f"{BY}: {comparison.better:,} better, {comparison.worse:,} worse, {alike:,} alike"))
    for said, changes in (("gained most", comparison.gained), ("lost most", comparison.lost)):
        if changes:
            console.print(safe(said, "bold"))
        for change in changes:
            console.print(safe(f"  {_changed(change)}"), soft_wrap=True)


def evaluations_as_json(evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    """Give all that was measured; `mean` is over collections, null where there is one."""
    return {
        "collections": [_evaluation_as_json(one) for one in evaluations],
        "mean": {
            mode: {name: plain_number(value) for name, value in values.items()}
            for mode, values in _means(evaluations).items()
        }
        if len(evaluations) > 1
        else None,
    }


def comparison_as_json(comparison: Comparison) -> dict[str, Any]:
    """Give a comparison; `difference` is B minus A."""
    return {
        "queries": comparison.topics,
        "in_neither_run": comparison.unasked,
        "measures": {
            one.measure: {
                "a": plain_number(one.a),
                "b": plain_number(one.b),
                "difference": _interval_as_json(one.test.difference),
                "p_bootstrap": plain_number(one.test.bootstrap_p),
                "p_randomisation": plain_number(one.test.randomisation_p),
            }
            for one in comparison.differences
        },
        "better": comparison.better,
        "worse": comparison.worse,
        "gained": [_change_as_json(one) for one in comparison.gained],
        "lost": [_change_as_json(one) for one in comparison.lost],
    }


def queries(number: int) -> str:
    """Give a number of queries: `1 query`, `2,000 queries`."""
    return f"{number:,} {'query' if number == 1 else 'queries'}"


def _headline(one: Evaluation) -> str:
    return (
        f"{one.collection.name} · {counted(one.articles, 'article')} · {queries(one.topics)} · "
        f"{one.encoder or 'no encoder'}"
    )


def _left_out(one: Evaluation) -> Iterable[str]:
    """What a reader of the figures must know of what is not in them."""
    if one.unjudged:
        yield f"{queries(one.unjudged)} left out: no relevant article was judged"
    if one.unasked:
        yield f"{queries(one.unasked)} left out: the article to be like is not in the library"
    if one.collection.strays:
        yield f"judgments of {queries(one.collection.strays)} not in the list of queries: not used"
    if one.headlines:
        yield f"{counted(one.headlines, 'article')} only a headline, which is taken for the text"
    if one.rejected:
        yield f"{counted(one.rejected, 'article')} rejected. List them with: searcher --home {one.home} rejects"
    if one.missing:
        yield f"{counted(one.missing, 'relevant article')} not in the library: they count, as not found"


def _table(
    console: Console, rows: Iterable[tuple[str, list[str]]], measures: Sequence[str] = MEASURES
) -> None:
    console.print(
        safe(f"{'':<9}" + "".join(f"{name:<{_CELL}}" for name in measures).rstrip()), soft_wrap=True
    )
    for name, cells in rows:
        line = f"{name:<9}" + "".join(f"{cell:<{_CELL}}" for cell in cells).rstrip()
        console.print(safe(line), soft_wrap=True)


def _interval(interval: Interval) -> str:
    return f"{_short(interval.mean)} {_short(interval.low)}–{_short(interval.high)}"


def _short(value: float) -> str:
    """`.873`, `1.000`."""
    return f"{value:.3f}".removeprefix("0")


def _means(evaluations: Sequence[Evaluation]) -> dict[str, dict[str, float]]:
    """The mean of each mode's means over the collections."""
    by_mode: dict[str, list[Judged]] = {mode: [] for mode in MODES}
    for one in evaluations:
        for judged in one.modes:
            by_mode[judged.mode].append(judged)
    return {
        mode: {name: sum(one.means[name].mean for one in all_) / len(all_) for name in MEASURES}
        for mode, all_ in by_mode.items()
        if all_
    }


def _changed(change: Change) -> str:
    text = change.topic.text or f"like {change.topic.like}"
    text = text if len(text) <= _TEXT else f"{text[: _TEXT - 1]}…"
    return f"{_short(change.a):<5} → {_short(change.b):<5}  {change.topic.topic_id}  {text}"


def _evaluation_as_json(one: Evaluation) -> dict[str, Any]:
    return {
        "name": one.collection.name,
        "home": str(one.home),
        "encoder": one.encoder,
        "articles": one.articles,
        "headline_only": one.headlines,
        "rejected": one.rejected,
        "queries": one.topics,
        "without_relevant": one.unjudged,
        "without_own_article": one.unasked,
        "relevant_not_indexed": one.missing,
        "modes": {
            judged.mode: {name: _interval_as_json(judged.means[name]) for name in MEASURES}
            for judged in one.modes
        },
        "passages": {
            judged.mode: {name: _interval_as_json(value) for name, value in judged.evidence.items()}
            for judged in one.modes
            if judged.evidence
        },
    }


def _interval_as_json(interval: Interval) -> dict[str, float]:
    return {
        "mean": plain_number(interval.mean),
        "low": plain_number(interval.low),
        "high": plain_number(interval.high),
    }


def _change_as_json(change: Change) -> dict[str, Any]:
    topic = change.topic
    return {
        "id": topic.topic_id,
        "text": topic.text,
        "like": topic.like,
        "a": plain_number(change.a),
        "b": plain_number(change.b),
    }
