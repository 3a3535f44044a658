"""
What does a step cost? Time by the clock and of the processor, peak memory and bytes written, of a process of its own,
with all that it starts.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Cost:
    """
    `wall_s` by the clock; `cpu_s` of the processor, all threads and child processes; `peak_mb` of the process that did
    it, without its children; `written` bytes handed to the system (0 where it does not say).
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    written: int

    def as_row(self) -> dict[str, float]:
        """Give it as figures by name."""
        return {
            "wall_s": self.wall_s,
            "cpu_s": self.cpu_s,
            "peak_mb": self.peak_mb,
            "written_mb": self.written / 1e6,
        }


def cost_of(step: Callable[[], Any]) -> tuple[Cost, Any]:
    """Do it here; give what it cost and what it gave. `peak_mb` is that of this process so far."""
    written, cpu, started = _written(), _cpu_s(), time.perf_counter()
    given = step()
    wall = time.perf_counter() - started
    return Cost(wall, _cpu_s() - cpu, _peak_mb(resource.RUSAGE_SELF), _written() - written), given


def apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function of a module in a process of its own, whose memory is its alone."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(function, *arguments).result()


def cost_of_command(*arguments: str) -> Cost:
    """Run a command of searcher from start to end. Raises CalledProcessError if it fails."""
    return apart(_run, [sys.executable, "-m", "searcher", *arguments])


def _run(command: Sequence[str]) -> Cost:
    cost, _ = cost_of(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
    return Cost(cost.wall_s, cost.cpu_s, _peak_mb(resource.RUSAGE_CHILDREN), 0)


def _cpu_s() -> float:
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _peak_mb(who: int) -> float:
    peak = resource.getrusage(who).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def _written() -> int:
    io = Path("/proc/self/io")
    if not io.exists():
        return 0
    fields = dict(line.split(": ") for line in io.read_text().splitlines())
    return int(fields["wchar"])
