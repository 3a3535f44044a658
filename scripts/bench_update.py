"""
What do a hundred new articles cost? In a library of 20,000 articles and in one of 1,000, in turn.

    python scripts/bench_update.py
    python scripts/bench_update.py --articles 1000 100000 --updates 20 --json > update.json

Each update is the whole of `Library.add`: the articles are kept, cut, encoded (by an encoder whose vectors are
invented, so that its time does not hide the rest), indexed and published. One after the other into the same library,
so that the joining of small segments is among them: the median is an update without it, the mean has it. Bytes are
what the process hands to the system. Those of articles.db are pages of 4 KiB: a new article touches a few of each of
its indexes, in a small library the same ones again and again.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean, median

from benchmarks.corpora import Corpus, corpus_of
from benchmarks.costs import Cost, cost_of
from benchmarks.counting_encoder import CountingEncoder
from benchmarks.libraries import library_of
from benchmarks.report import Report

from searcher.library import Library
from searcher.records import Article

NOW = datetime(2025, 1, 1, tzinfo=UTC)
_CHUNKS_PER_ARTICLE = 4
"""More than any of the corpora have, and so enough."""


def main() -> None:
    """Update libraries of each size in turn, and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, nargs="+", default=[1_000, 20_000], help="of the libraries")
    parser.add_argument("--new", type=int, default=100, help="articles of each update (default: 100)")
    parser.add_argument("--updates", type=int, default=9, help="(default: 9)")
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args()
    most, new = max(options.articles), options.new * (options.updates + 1)
    corpus = corpus_of(_CHUNKS_PER_ARTICLE * (most + new))
    old, fresh = corpus.articles[:most], corpus.articles[most : most + new]
    report = Report(corpus.name, ("faiss-cpu",))
    with tempfile.TemporaryDirectory() as scratch:
        libraries = {
            size: _library(old[:size], Path(scratch) / str(size), report) for size in options.articles
        }
        costs: dict[int, list[tuple[Cost, Cost]]] = {size: [] for size in options.articles}
        for number in range(options.updates + 1):
            batch = fresh[number * options.new : (number + 1) * options.new]
            for size, library in libraries.items():
                cost = _update(library, batch)
                if number:  # The first opens everything.
                    costs[size].append(cost)
        for library in libraries.values():
            library.close()
    _say(costs, report)
    report.show(as_json=options.json)


def _library(articles: list[Article], home: Path, report: Report) -> Library:
    library, _ = library_of(Corpus("old", articles), home, encoder=CountingEncoder())
    status = library.status()
    report.facts[f"{len(articles):,} articles"] = (
        f"{status.chunks:,} chunks in {status.segments} segments, "
        f"{(status.store_bytes + status.index_bytes) / 1e6:,.0f} MB"
    )
    return library


def _update(library: Library, articles: list[Article]) -> tuple[Cost, Cost]:
    """Give the costs of keeping the articles, and of indexing them."""
    keeping, receipt = cost_of(lambda: library.add(*articles, index=False, now=NOW))
    assert receipt.added == len(articles)
    indexing, report = cost_of(library.update)
    assert report.changed
    return keeping, indexing


FIGURES: dict[str, Callable[[Cost, Cost], float]] = {
    "ms by the clock": lambda keeping, indexing: 1000 * (keeping.wall_s + indexing.wall_s),
    "ms of the processor": lambda keeping, indexing: 1000 * (keeping.cpu_s + indexing.cpu_s),
    "MB written to indexes": lambda keeping, indexing: indexing.written / 1e6,
    "MB written to articles.db": lambda keeping, indexing: keeping.written / 1e6,
}


def _say(costs: dict[int, list[tuple[Cost, Cost]]], report: Report) -> None:
    smallest = min(costs)
    for name, figure in FIGURES.items():
        for of, said in (("median", median), ("mean", fmean)):
            values = {size: said([figure(*cost) for cost in costs[size]]) for size in costs}
            for size, value in values.items():
                report.facts[f"{size:,} articles, {name}, {of}"] = value
                if size != smallest and values[smallest]:
                    report.facts[f"{size:,} / {smallest:,} articles, {name}, {of}"] = value / values[smallest]


if __name__ == "__main__":
    main()
