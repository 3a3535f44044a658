"""
How often is each thing tried, from which seed, and what came of it?

Each row of the table in docs/resilience.md is one module, `test_ROW.py`. The tests run the gate's count; `scripts/soak`
sets another with the variables SEARCHER_TRIALS and SEARCHER_SEED, and runs the same code.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import NamedTuple


class Row(NamedTuple):
    """How often the gate and the soak try it, and what is counted."""

    gate: int
    soak: int
    unit: str


ROWS = {
    "kill": Row(100, 3_000, "kills"),
    "system_calls": Row(7, 1, "th of the system calls and of their errors (1: all)"),
    "power_loss": Row(20, 500, "images of the disk"),
    "full_disk": Row(10, 100, "sizes of the disk"),
    "damage": Row(300, 10_000, "damaged files"),
    "stateful": Row(100, 3_000, "histories"),
    "queries": Row(5_000, 500_000, "queries"),
    "hostile_input": Row(500, 50_000, "mutated inputs"),
    "readers": Row(20, 1_800, "seconds"),
    "writers": Row(20, 500, "races"),
}

FIGURES: list[str] = []
"""What the rows that ran have to say, for the end of the output."""


def count(row: str) -> int:
    """Give how often this row is to be tried."""
    return int(os.environ.get("SEARCHER_TRIALS", ROWS[row].gate))


def seed() -> int:
    """Give the seed of this run: that of the gate is always the same."""
    return int(os.environ.get("SEARCHER_SEED", 0))


def random_of(*parts: object) -> Random:
    """Give random numbers that depend on the seed and these words alone."""
    return Random(" ".join(map(str, (seed(), *parts))))


@contextmanager
def figures(row: str, said: Mapping[str, object]) -> Iterator[None]:
    """Tell at the end what `said` holds then, with wall and processor time; also if the test fails."""
    started, used = time.monotonic(), _processor_s()
    try:
        yield
    finally:
        parts = [
            f"{value:,} {name}" if isinstance(value, int) else f"{name} {value}"
            for name, value in said.items()
        ]
        took = f"{time.monotonic() - started:.0f} s ({_processor_s() - used:.0f} s of processor time)"
        FIGURES.append(f"{row:14} {', '.join(parts)}; seed {seed()}, {took}")


def _processor_s() -> float:
    """Processor time of this process and of its children that have ended. (The fork server's are not.)"""
    ours, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return ours.ru_utime + ours.ru_stime + theirs.ru_utime + theirs.ru_stime
