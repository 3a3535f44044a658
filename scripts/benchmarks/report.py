"""
How is it said? A table for people, JSON for machines (`--json`), both headed by machine, corpus and command.
"""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.timing import Times


@dataclass
class Report:
    """What one run of a benchmark found, in the order in which it was found."""

    corpus: str
    peers: tuple[str, ...] = ()
    rows: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add_times(self, kind: str, ours: str, times: dict[str, Times]) -> None:
        """Add a row for each contender; `ours` is the one whose times are divided by the others'."""
        own = times[ours]
        for name, theirs in times.items():
            row = {
                "kind": kind,
                "engine": name,
                "questions": len(theirs.wall_ms),
                "p50_ms": theirs.p50,
                "p95_ms": theirs.p95,
                "cpu_p50_ms": theirs.cpu_p50,
                "cpu_p95_ms": theirs.cpu_p95,
            }
            if name != ours:
                row |= {
                    "ours_by_theirs_p50": _ratio(own.p50, theirs.p50),
                    "ours_by_theirs_p95": _ratio(own.p95, theirs.p95),
                    "ours_by_theirs_cpu_p50": _ratio(own.cpu_p50, theirs.cpu_p50),
                    "ours_by_theirs_cpu_p95": _ratio(own.cpu_p95, theirs.cpu_p95),
                }
            self.rows.append(row)

    def show(self, *, as_json: bool) -> None:
        """Print it all."""
        head = {
            "machine": _machine(),
            "python": platform.python_version(),
            "versions": {name: _version(name) for name in ("numpy", *self.peers)},
            "corpus": self.corpus,
            "command": shlex.join([Path(sys.executable).name, *sys.argv]),
        }
        if as_json:
            print(json.dumps({**head, "facts": self.facts, "rows": self.rows, "notes": self.notes}, indent=1))
            return
        versions = ", ".join(f"{name} {number}" for name, number in head["versions"].items())
        print(f"machine  {head['machine']}; Python {head['python']}, {versions}")
        print(f"corpus   {head['corpus']}\ncommand  {head['command']}")
        for name, value in self.facts.items():
            print(f"{name}: {value:,.4g}" if isinstance(value, float) else f"{name}: {value}")
        if self.rows:
            print("\n" + _table(self.rows))
        for note in self.notes:
            print(note)


def _table(rows: list[dict[str, Any]]) -> str:
    """Lay out the rows of `add_times`: milliseconds, and how many times theirs ours take (clock, then processor)."""
    lines = [("kind", "engine", "p50 ms", "p95 ms", "ours/theirs p50", "p95", "(processor p50", "p95)")]
    for row in rows:
        ratios = [
            f"{row[key]:.2f}" if key in row else ""
            for key in (
                "ours_by_theirs_p50",
                "ours_by_theirs_p95",
                "ours_by_theirs_cpu_p50",
                "ours_by_theirs_cpu_p95",
            )
        ]
        lines.append((row["kind"], row["engine"], f"{row['p50_ms']:.3f}", f"{row['p95_ms']:.3f}", *ratios))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _ratio(ours: float, theirs: float) -> float:
    return ours / theirs if theirs else float("inf")


def _machine() -> str:
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.partition(":")[2].strip()
            for line in cpuinfo.read_text().splitlines()
            if "model name" in line
        ]
        name = names[0] if names else name
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} x {name}, {memory:.0f} GiB, {platform.system()}, load {load:.1f}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
