"""What is said of settings that were tried? Lines for people, JSON for programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from searcher.cli.console import safe
from searcher.cli.show_evaluation import queries
from searcher.records.plain import plain_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from searcher.evaluation import Tuning
    from searcher.evaluation.tune import Change, Value


def show_tuning(console: Console, name: str, tuning: Tuning, *, written: Path | None, home: Path) -> None:
    """Print what each half chose, what the other made of it, and what follows."""
    console.print(
        safe(f"{name} · {queries(tuning.topics)} · {tuning.tried} settings tried · {tuning.measure}", "bold"),
        soft_wrap=True,
    )
    for line in _lines(tuning, written=written, home=home):
        console.print(safe(line), soft_wrap=True)


def tuning_as_json(tuning: Tuning, written: Path | None) -> dict[str, Any]:
    """Give all that was found; `written` is the file that was changed, or null."""
    test = tuning.test
    return {
        "measure": tuning.measure,
        "queries": tuning.topics,
        "settings_tried": tuning.tried,
        "halves": [
            {
                "chosen": _changes_as_json(half.changes),
                "judged_on": half.topics,
                "before": plain_number(half.before),
                "after": plain_number(half.after),
            }
            for half in tuning.halves
        ],
        "before": plain_number(tuning.before),
        "after": plain_number(tuning.after),
        "difference": {
            "mean": plain_number(test.difference.mean),
            "low": plain_number(test.difference.low),
            "high": plain_number(test.difference.high),
        },
        "p_randomisation": plain_number(test.randomisation_p),
        "p_bootstrap": plain_number(test.bootstrap_p),
        "real": tuning.real,
        "changes": _changes_as_json(tuning.changes),
        "written": None if written is None else str(written),
    }


def _lines(tuning: Tuning, *, written: Path | None, home: Path) -> Iterator[str]:
    for half in tuning.halves:
        yield f"  one half chose {_said(half.changes)}"
        yield f"    on the other, {queries(half.topics)}: {half.before:.4f} → {half.after:.4f}"
    test = tuning.test
    yield (
        f"Judged where they were not chosen: {tuning.before:.4f} → {tuning.after:.4f}, {test.difference.mean:+.4f} "
        f"({test.difference.low:+.4f} to {test.difference.high:+.4f}), p {test.randomisation_p:.4f} by randomisation"
    )
    if not tuning.real:
        yield "No gain that is clear of chance: the settings stay as they are."
        return
    if not tuning.changes:
        yield "The gain is real, but all queries together choose the settings as they are."
        return
    yield f"The gain is real. All queries together choose {_said(tuning.changes)}"
    if written is not None:
        yield f"Written to {written}: searches use it from now on."
    else:
        yield f"Nothing was written. In {home / 'searcher.toml'} it would be:"
        yield from (f"  {line}" for line in _toml(tuning.changes))


def _said(changes: Sequence[Change]) -> str:
    return (
        ", ".join(f"[{one.section}] {one.key} {_value(one.new)} (was {_value(one.old)})" for one in changes)
        or "the settings as they are"
    )


def _value(value: Value) -> str:
    return "by the query's length" if value is None else str(value)


def _toml(changes: Sequence[Change]) -> Iterator[str]:
    """The lines of a `searcher.toml`; a key that is to go has none."""
    for section in dict.fromkeys(one.section for one in changes):
        yield f"[{section}]"
        for one in changes:
            if one.section == section:
                yield (
                    f'# without "{one.key}"'
                    if one.new is None
                    else f'{one.key} = "{one.new}"'
                    if isinstance(one.new, str)
                    else f"{one.key} = {one.new}"
                )


def _changes_as_json(changes: Sequence[Change]) -> list[dict[str, Any]]:
    return [{"section": one.section, "key": one.key, "old": one.old, "new": one.new} for one in changes]
