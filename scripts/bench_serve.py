"""
How many can ask at once? `searcher serve` under wrk, beside other servers: questions that all differ, while an update
goes on.

    python scripts/bench_serve.py --home ~/news
    python scripts/bench_serve.py --home ~/news --alone --new 0 --seconds 60 --connections 16 --json > serve.json

The library is copied first; a process of its own serves the copy. Questions are drawn from its headlines; none
comes twice in one run. In the middle of each run articles made of sentences of the library are added and indexed (by
another process where a server allows it). Times are wrk's, of whole requests on loopback; memory (shared pages counted
in part) and processor time are the server's with all its processes, the opening of the new generation among them.

Others get the same articles, questions and settings of wrk, one after the other: Datasette with SQLite's FTS5 what is
asked by words, txtai's API (our chunks, our vectors, our encoder) what is asked by both.
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
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from benchmarks.questions import questions_of
from benchmarks.report import Report
from benchmarks.servers import Server, datasette, txtai
from benchmarks.wrk import load

from searcher.library import Library, open_library
from searcher.records import Article

ROOT = Path(__file__).resolve().parents[1]
MOST_READ = 20_000
"""Articles that questions and new articles are drawn from."""

RUNS = {"instant": ("lexical",), "hybrid": ("hybrid",), "both": ("lexical", "hybrid", "lexical")}
"""What is asked, in turn: while somebody types, on Enter, and both as people do."""
Serve = Callable[[Library, Path], AbstractContextManager[Server | None]]
PEERS: dict[str, list[tuple[str, Serve]]] = {
    "instant": [("Datasette", datasette)],
    "hybrid": [("txtai", txtai)],
    "both": [],
}


def main() -> None:
    """Serve a copy of the library, load it in each way, and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--home", type=Path, required=True, help="the library (it is copied)")
    parser.add_argument("--seconds", type=int, default=30, help="of each run (default: 30)")
    parser.add_argument("--connections", type=int, default=16, help="(default: 16)")
    parser.add_argument(
        "--new", type=int, default=20, help="articles that the update brings, 0: none (default: 20)"
    )
    parser.add_argument("--runs", nargs="+", choices=RUNS, default=list(RUNS), help="(default: all)")
    parser.add_argument("--alone", action="store_true", help="without other servers")
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed. On Debian and Ubuntu: apt install wrk")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        home = scratch / "home"
        shutil.copytree(options.home, home, ignore=shutil.ignore_patterns("*.token", "searcher.toml"))
        (home / "searcher.toml").write_text("[web]\nrate = 1000000.0\n")
        with open_library(home) as library:
            articles = [one.article for one in islice(library.store.live(), MOST_READ)]
            status = library.status()
        name = f"{status.articles:,} articles in {status.chunks:,} chunks"
        report = Report(name, ("fastapi", "uvicorn", "datasette", "txtai"))
        for run in options.runs:
            for other, serve in () if options.alone else PEERS[run]:
                place = scratch / other
                place.mkdir()
                with open_library(home) as library, serve(library, place) as it:
                    if it is not None:
                        _measure(report, f"{other}, {run}", articles, it, place, options, _nothing)
                shutil.rmtree(place)
            with _serving(home, run) as ours:
                _measure(report, run, articles, ours, scratch, options, partial(_answering, ours.address))
        report.show(as_json=options.json)


def _measure(
    report: Report,
    name: str,
    articles: list[Article],
    server: Server,
    scratch: Path,
    options: argparse.Namespace,
    state: Callable[[], object],
) -> None:
    """Load a server, with an update in the middle. `state`: what is to be said from before and after."""
    run = name.rpartition(" ")[2]
    paths = scratch / f"{run}.paths"
    asked = dict.fromkeys(question.text for question in questions_of(articles, "any", 30_000, seed=len(run)))
    paths.write_text("".join(f"{server.path(text)}\n" for text in asked))
    load(server.address, paths, connections=2, seconds=2)  # So that memory is that of a server at work.
    before, generation, cpu_ms = _memory_mb(server.pid), state(), _cpu_ms(server.pid)
    new = _new_articles(articles, options.new, name)
    update = threading.Timer(options.seconds / 3, server.add if new else _nothing, (new,) if new else ())
    update.start()
    found = load(server.address, paths, connections=options.connections, seconds=options.seconds)
    after, cpu_ms = _memory_mb(server.pid), _cpu_ms(server.pid) - cpu_ms
    update.join()
    report.facts |= {
        f"{name}: requests a second": found.requests / found.seconds,
        f"{name}: processor ms a request": cpu_ms / found.requests,
        f"{name}: p50 ms": found.p50_ms,
        f"{name}: p95 ms": found.p95_ms,
        f"{name}: p99 ms": found.p99_ms,
        f"{name}: slowest ms": found.max_ms,
        f"{name}: requests": found.requests,
        f"{name}: not 2xx or 3xx": found.refused,
        f"{name}: broken or timed out": found.failed,
        f"{name}: memory MB": f"{before:.0f} to {after:.0f}",
    }
    if generation is not None:
        report.facts[f"{name}: generations"] = f"{generation} to {state()}"


def _nothing() -> None:
    return None


@contextmanager
def _serving(home: Path, run: str) -> Iterator[Server]:
    """Serve this home, to be asked in the way of this run."""
    command = [sys.executable, "-m", "searcher", "--home", str(home), "serve", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    modes = cycle(RUNS[run])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        try:
            address = server.stdout.readline().strip() if server.stdout else ""
            while not (_answering(address) and _said(address, "health")["examined"]):
                time.sleep(0.2)
            yield Server(
                address,
                server.pid,
                lambda text: f"/api/v1/search?mode={next(modes)}&q={quote(text)}",
                partial(_add, home),
            )
        finally:
            server.terminate()


def _answering(address: str) -> int | None:
    """Give the generation that answers, None while none does."""
    try:
        answering: int | None = _said(address, "status")["answering"]
    except OSError:
        return None
    return answering


def _said(address: str, what: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{address}api/v1/{what}", timeout=60) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def _new_articles(articles: list[Article], count: int, name: str) -> list[Article]:
    """Make articles of the sentences of two others each."""
    drawn, made = Random(name), []
    for number in range(count):
        one, other = drawn.sample(articles, 2)
        body = f"{one.body[: len(one.body) // 2]}\n\n{other.body[len(other.body) // 2 :]}"
        made.append(replace(one, article_id=f"{name}-{number}", body=body))
    return made


def _add(home: Path, articles: Sequence[Article]) -> None:
    """Add new articles by a process of its own."""
    if not articles:
        return
    new = home / "new.jsonl"
    rows = ({"id": one.article_id, "title": one.title, "text": one.body} for one in articles)
    new.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    command = [sys.executable, "-m", "searcher", "--home", str(home), "add", str(new)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def _family(pid: int) -> list[int]:
    """Give a process and all that it started, and so on. Source: proc(5), /proc/PID/task/TID/children."""
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # A thread may have ended meanwhile.
            children += map(int, (task / "children").read_text().split())
    return [pid, *(one for child in children for one in _family(child))]


def _cpu_ms(pid: int) -> float:
    """
    Give what a process used, with those it started, ended ones too. Other processes disturb it less than time.

    Source: proc(5), /proc/PID/stat: fields 14 to 17, in clock ticks.
    """
    ticks = 0
    for one in _family(pid):
        used = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[11:15]
        ticks += sum(map(int, used))
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> float:
    """Proportional set size: a page that several share counts once in all. Source: proc(5), /proc/PID/smaps_rollup."""
    kilobytes = 0
    for one in _family(pid):
        with suppress(OSError):  # What examined the library may have ended meanwhile.
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1024


if __name__ == "__main__":
    main()
