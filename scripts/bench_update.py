"""
What do a hundred new articles cost? In a library of 20,000 articles and in one of 1,000, in turn.

    python scripts/bench_update.py
    python scripts/bench_update.py --articles 1000 100000 --updates 20 --json > update.json

Each update is the whole of `Library.add`: the articles are read, kept, cut, encoded (by an encoder whose vectors are
invented, so that its time does not hide the rest), indexed and published. One after the other into the same library,
so that the joining of small segments is among them: the median is an update without it, the mean has it. Bytes are
what the process hands to the system, of articles.db and indexes together.
"""

from __future__ import annotations

import argparse
import tempfile
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
        costs: dict[int, list[Cost]] = {size: [] for size in options.articles}
        for number in range(options.updates + 1):
            batch = fresh[number * options.new : (number + 1) * options.new]
            for size, library in libraries.items():
                cost, _ = cost_of(lambda library=library, batch=batch: _update(library, batch))
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


def _update(library: Library, articles: list[Article]) -> None:
    receipt = library.add(*articles, now=NOW)
    assert receipt.update is not None and receipt.added == len(articles)


def _say(costs: dict[int, list[Cost]], report: Report) -> None:
    figures = {
        "ms by the clock": lambda cost: 1000 * cost.wall_s,
        "ms of the processor": lambda cost: 1000 * cost.cpu_s,
        "MB written": lambda cost: cost.written / 1e6,
    }
    smallest = min(costs)
    for name, figure in figures.items():
        values = {size: list(map(figure, costs[size])) for size in costs}
        for size, found in values.items():
            report.facts[f"{size:,} articles, {name}, median"] = median(found)
            report.facts[f"{size:,} articles, {name}, mean"] = fmean(found)
            if size != smallest:
                report.facts[f"{size:,} / {smallest:,} articles, {name}, median"] = median(found) / median(
                    values[smallest]
                )
                report.facts[f"{size:,} / {smallest:,} articles, {name}, mean"] = fmean(found) / fmean(
                    values[smallest]
                )


if __name__ == "__main__":
    main()
