"""
How many can ask at once? `searcher serve` under wrk: questions that all differ, while an update goes on.

    python scripts/bench_serve.py --home ~/news
    python scripts/bench_serve.py --home ~/news --seconds 60 --connections 16 --json > serve.json

The library is copied first; a process of its own serves the copy. Questions are drawn from its headlines; none
comes twice in one run. In the middle of each run another process adds articles made of sentences of the library, and
indexes them. Times are wrk's, of whole requests on loopback; memory (resident)
and processor time are the server's, the opening of the new generation among them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from benchmarks.questions import questions_of
from benchmarks.report import Report
from benchmarks.wrk import load

from searcher.library import open_library
from searcher.records import Article

ROOT = Path(__file__).resolve().parents[1]
MOST_READ = 20_000
"""Articles that questions and new articles are drawn from."""

RUNS = {"instant": ("lexical",), "hybrid": ("hybrid",), "both": ("lexical", "hybrid", "lexical")}
"""What is asked, in turn: while somebody types, on Enter, and both as people do."""


def main() -> None:
    """Serve a copy of the library, load it in each way, and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--home", type=Path, required=True, help="the library (it is copied)")
    parser.add_argument("--seconds", type=int, default=30, help="of each run (default: 30)")
    parser.add_argument("--connections", type=int, default=16, help="(default: 16)")
    parser.add_argument("--new", type=int, default=200, help="articles that the update brings (default: 200)")
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed. On Debian and Ubuntu: apt install wrk")
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        shutil.copytree(options.home, home, ignore=shutil.ignore_patterns("*.token", "searcher.toml"))
        (home / "searcher.toml").write_text("[web]\nrate = 1000000.0\n")
        with open_library(home) as library:
            articles = [one.article for one in islice(library.store.live(), MOST_READ)]
            status = library.status()
        report = Report(f"{status.articles:,} articles in {status.chunks:,} chunks", ("fastapi", "uvicorn"))
        with _serving(home) as (address, pid):
            for name, modes in RUNS.items():
                _measure(report, name, modes, articles, home, address, pid, options)
        report.show(as_json=options.json)


def _measure(
    report: Report,
    name: str,
    modes: tuple[str, ...],
    articles: list[Article],
    home: Path,
    address: str,
    pid: int,
    options: argparse.Namespace,
) -> None:
    paths = home / f"{name}.paths"
    asked = dict.fromkeys(question.text for question in questions_of(articles, "any", 30_000, seed=len(name)))
    paths.write_text(
        "".join(
            f"/api/v1/search?mode={modes[place % len(modes)]}&q={quote(text)}\n"
            for place, text in enumerate(asked)
        )
    )
    load(address, paths, connections=2, seconds=2)  # So that memory is that of a server at work.
    before, generation, cpu_ms = _resident_mb(pid), _answering(address), _cpu_ms(pid)
    update = threading.Timer(options.seconds / 3, _add, (home, articles, options.new, name))
    update.start()
    run = load(address, paths, connections=options.connections, seconds=options.seconds)
    after, cpu_ms = _resident_mb(pid), _cpu_ms(pid) - cpu_ms
    update.join()
    report.facts |= {
        f"{name}: requests a second": run.requests / run.seconds,
        f"{name}: processor ms a request": cpu_ms / run.requests,
        f"{name}: p50 ms": run.p50_ms,
        f"{name}: p95 ms": run.p95_ms,
        f"{name}: p99 ms": run.p99_ms,
        f"{name}: slowest ms": run.max_ms,
        f"{name}: requests": run.requests,
        f"{name}: not 2xx or 3xx": run.refused,
        f"{name}: broken or timed out": run.failed,
        f"{name}: generations": f"{generation} to {_answering(address)}",
        f"{name}: resident MB": f"{before:.0f} to {after:.0f}",
    }


@contextmanager
def _serving(home: Path) -> Iterator[tuple[str, int]]:
    """Serve this home; give where, and the number of the process."""
    command = [sys.executable, "-m", "searcher", "--home", str(home), "serve", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        try:
            address = server.stdout.readline().strip() if server.stdout else ""
            while not _answering(address):
                time.sleep(0.2)
            yield address, server.pid
        finally:
            server.terminate()


def _answering(address: str) -> int | None:
    """Give the generation that answers, None while none does."""
    try:
        with urllib.request.urlopen(f"{address}api/v1/status", timeout=60) as answer:
            found: dict[str, Any] = json.load(answer)
    except OSError:
        return None
    return found["answering"]


def _add(home: Path, articles: list[Article], count: int, name: str) -> None:
    """Add new articles by a process of its own: each has the sentences of two others."""
    drawn = Random(name)
    new = home / f"{name}.jsonl"
    with new.open("w", encoding="utf-8") as file:
        for number in range(count):
            one, other = drawn.sample(articles, 2)
            text = f"{one.body[: len(one.body) // 2]}\n\n{other.body[len(other.body) // 2 :]}"
            file.write(json.dumps({"id": f"{name}-{number}", "title": one.title, "text": text}) + "\n")
    command = [sys.executable, "-m", "searcher", "--home", str(home), "add", str(new)]
    subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, check=True
    )


def _cpu_ms(pid: int) -> float:
    """Source: proc(5), /proc/PID/stat: fields 14 and 15, in clock ticks. Other processes disturb it less than time."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) * 1000 / os.sysconf("SC_CLK_TCK")


def _resident_mb(pid: int) -> float:
    """Source: proc(5), /proc/PID/status."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


if __name__ == "__main__":
    main()
