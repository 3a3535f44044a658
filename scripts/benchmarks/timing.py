"""
How long does it take? Ours and theirs in turn, question by question, in one process: what else the machine does
meanwhile falls on both.

A question's time is the median of its rounds; p50 and p95 are over the questions. Beside the time by the clock there
is that of the processor (all threads of this process), which other processes disturb less.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds by the clock and of the processor: one each for every question, in order."""

    wall_ms: tuple[float, ...]
    cpu_ms: tuple[float, ...]

    @property
    def p50(self) -> float:
        """The median by the clock."""
        return percentile(self.wall_ms, 50)

    @property
    def p95(self) -> float:
        """The 95th percentile by the clock."""
        return percentile(self.wall_ms, 95)

    @property
    def cpu_p50(self) -> float:
        """The median of the processor's time."""
        return percentile(self.cpu_ms, 50)

    @property
    def cpu_p95(self) -> float:
        """The 95th percentile of the processor's time."""
        return percentile(self.cpu_ms, 95)


def take_turns(
    contenders: Mapping[str, Callable[[Any], object]], questions: Sequence[Any], *, rounds: int = 5
) -> dict[str, Times]:
    """
    Give the times of each contender over the same questions, after one round that does not count.

    With every question and round another contender begins.
    """
    names = list(contenders)
    wall: dict[str, list[list[float]]] = {name: [[] for _ in questions] for name in names}
    cpu: dict[str, list[list[float]]] = {name: [[] for _ in questions] for name in names}
    gc.collect()
    for turn in range(rounds + 1):
        for place, question in enumerate(questions):
            first = (turn + place) % len(names)
            for name in names[first:] + names[:first]:
                ask = contenders[name]
                started, processor = time.perf_counter(), time.process_time()
                ask(question)
                used, took = time.process_time() - processor, time.perf_counter() - started
                if turn:
                    wall[name][place].append(took * 1000)
                    cpu[name][place].append(used * 1000)
    return {name: Times(tuple(map(median, wall[name])), tuple(map(median, cpu[name]))) for name in names}


def percentile(values: Sequence[float], percent: float) -> float:
    """Give the value below which `percent` of the values lie, between two of them in proportion; 0 of none."""
    rising = sorted(values)
    if not rising:
        return 0.0
    place = (len(rising) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(rising) - 1)
    return rising[below] + (rising[above] - rising[below]) * (place - below)
