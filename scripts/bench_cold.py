"""
How long does a person wait for one command? Whole processes, from start to exit, the files in the system's cache.

    python scripts/bench_cold.py --chunks 50000 --home /tmp/bench
    python scripts/bench_cold.py --chunks 50000 --home /tmp/bench --json > cold.json

In turn: `searcher search` by words and meaning, by words alone, `searcher similar`, `searcher --help`, Python alone,
and a process that imports sentence_transformers, loads the same model and encodes one question: what a search costs
before it has searched anything, without an encoder compiled beforehand. Processor time is that of the process; it is
what the clock would show on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.drawn_library import drawn_library
from benchmarks.questions import questions_of
from benchmarks.report import Report
from benchmarks.timing import Times

from searcher.index.dense.model_files import find_model
from searcher.settings import EncoderSettings

_ENCODE = (
    "import sys; from sentence_transformers import SentenceTransformer; "
    "SentenceTransformer(sys.argv[1], device='cpu').encode([sys.argv[2]])"
)


def main() -> None:
    """Start each command in turn, several times, and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chunks", type=int, default=50_000, help="how many, about (default: 50,000)")
    parser.add_argument("--runs", type=int, default=11, help="of each command (default: 11)")
    parser.add_argument(
        "--home", type=Path, help="keep the real vectors and the library here, and use them again"
    )
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        bench(options, options.home or Path(scratch))


def bench(options: argparse.Namespace, home: Path) -> None:
    """Run it with these options, the library at `home`."""
    corpus, library = drawn_library(options.chunks, home)
    library.close()
    question = questions_of(corpus.articles, "any", 1)[0].text
    ours = [sys.executable, "-m", "searcher", "--home", str(library.home)]
    model = find_model(EncoderSettings())
    commands = {
        "search": [*ours, "search", question],
        "search --mode lexical": [*ours, "search", "--mode", "lexical", question],
        "similar": [*ours, "similar", corpus.articles[0].article_id],
        "--help": [sys.executable, "-m", "searcher", "--help"],
        "python alone": [sys.executable, "-c", "pass"],
        "sentence_transformers": [sys.executable, "-c", _ENCODE, str(model.directory), question],
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for turn in range(options.runs + 1):
        for name, command in commands.items():
            taken = _run(command)
            if turn:  # The first fills the system's caches.
                times[name].append(taken)
    report = Report(corpus.name, ("onnxruntime", "faiss-cpu", "typer", "sentence-transformers"))
    done = {name: Times(tuple(w for w, _ in own), tuple(c for _, c in own)) for name, own in times.items()}
    for name in list(commands)[:-1]:
        both = {name: done[name], "sentence_transformers": done["sentence_transformers"]}
        report.add_times("whole process", name, both)
    report.show(as_json=options.json)


def _run(command: list[str]) -> tuple[float, float]:
    """Run it to its end; give the milliseconds that it took, by the clock and of the processor."""
    # Modules are compiled once on a person's machine; offline, so that no one asks a hub.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, env={**kept, "HF_HUB_OFFLINE": "1"}, capture_output=True, check=True)
    took, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took * 1000, used * 1000


if __name__ == "__main__":
    main()
