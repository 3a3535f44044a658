"""
How fast do articles become an index? Three questions, each step in a process of its own.

    python scripts/bench_ingest.py --chunks 20000 --encode 5000
    python scripts/bench_ingest.py --chunks 200000 --encode 0 --json > ingest.json

first ingest   `searcher add` of `--encode` chunks, the whole command, beside the encoding of the same texts alone.
rebuild        of a library of `--chunks` chunks whose vectors are known: reading the store, cutting, words, postings,
               vectors, all on disk. Beside it the writers of Whoosh (with our analysis, which is quicker than its own;
               of the first 5,000 chunks) and tantivy (stemming, positions), which get the chunks ready cut and write
               words alone.
memory         the peak of each of these processes.

`--encode 0` leaves the first out: it takes about 40 ms of a processor for each chunk, twice.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.corpora import Corpus, corpus_of
from benchmarks.costs import Cost, apart, cost_of, cost_of_command
from benchmarks.counting_encoder import CountingEncoder
from benchmarks.libraries import library_of
from benchmarks.peers import peer
from benchmarks.report import Report
from whoosh import analysis, fields, index

from searcher.index.cutting import Recipe, cut, encoded_texts
from searcher.index.dense.encoder import load_encoder
from searcher.index.lexical.analysis import Analyzer
from searcher.settings import EncoderSettings, Settings

NOW = datetime(2025, 1, 1, tzinfo=UTC)
MOST_FOR_WHOOSH = 5_000


def main() -> None:
    """Measure what is asked for, and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chunks", type=int, default=20_000, help="to rebuild, about (default: 20,000)")
    parser.add_argument("--encode", type=int, default=5_000, help="of a first ingest, about (default: 5,000)")
    parser.add_argument("--rounds", type=int, default=3, help="of each rebuild (default: 3)")
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args()
    corpus = corpus_of(options.chunks)
    report = Report(corpus.name, ("tantivy", "whoosh-reloaded", "onnxruntime", "openvino"))
    with tempfile.TemporaryDirectory() as scratch:
        if options.encode:
            _first_ingest(corpus_of(options.encode), Path(scratch), report)
        if options.chunks:
            _rebuild(corpus, Path(scratch), options.rounds, report)
    report.show(as_json=options.json)


def _first_ingest(corpus: Corpus, scratch: Path, report: Report) -> None:
    source = scratch / "articles.jsonl"
    source.write_text("".join(f"{json.dumps(_record(article))}\n" for article in corpus.articles))
    count, alone = apart(_encode_alone, corpus)
    whole = cost_of_command("--home", str(scratch / "first"), "add", str(source))
    _say(report, f"first ingest, {count:,} chunks: searcher add", whole, count)
    _say(report, f"first ingest, {count:,} chunks: encoding alone", alone, count)
    report.facts["first ingest, whole command / encoding alone, clock"] = whole.wall_s / alone.wall_s
    report.facts["first ingest, whole command / encoding alone, processor"] = whole.cpu_s / alone.cpu_s


def _record(article: Any) -> dict[str, Any]:
    published = article.published.at.isoformat() if article.published else None
    return {
        "id": article.article_id,
        "title": article.title,
        "body": article.body,
        "source": article.source,
        "published": published,
    }


def _encode_alone(corpus: Corpus) -> tuple[int, Cost]:
    encoder = load_encoder(EncoderSettings())
    texts = list(_texts(corpus, encoder))
    encoder.encode(texts[:32])
    cost, _ = cost_of(lambda: encoder.encode(texts))
    return len(texts), cost


def _texts(corpus: Corpus, encoder: Any) -> Iterator[str]:
    recipe = Recipe(encoder, Analyzer(), Settings().chunks.words)
    for article in corpus.articles:
        chunks = [article.body[chunk.start : chunk.end] for chunk in cut(article, recipe)]
        yield from encoded_texts(article.title, chunks, encoder)


def _rebuild(corpus: Corpus, scratch: Path, rounds: int, report: Report) -> None:
    home = scratch / "library"
    count, cost = apart(_build, corpus, home)
    _say(report, "build, vectors free", cost, count)
    writers = {"rebuild, vectors known": (_rebuilt, home), "Whoosh's writer": (_with_whoosh, corpus)}
    if peer("tantivy"):
        writers["tantivy's writer"] = (_with_tantivy, corpus)
    best: dict[str, tuple[int, Cost]] = {}
    for _ in range(rounds):  # In turn, and of each the best: what else the machine does falls on all.
        for name, (function, *arguments) in writers.items():
            done = apart(function, *arguments)
            best[name] = min(best.get(name, done), done, key=lambda one: one[1].wall_s)
    rates = {}
    for name, (chunks, one) in best.items():
        _say(report, name, one, chunks)
        rates[name] = chunks / one.wall_s, chunks / one.cpu_s
    ours = rates.pop("rebuild, vectors known")
    for name, theirs in rates.items():
        report.facts[f"rebuild / {name}, chunks/s by the clock"] = ours[0] / theirs[0]
        report.facts[f"rebuild / {name}, chunks/s of the processor"] = ours[1] / theirs[1]


def _build(corpus: Corpus, home: Path) -> tuple[int, Cost]:
    library, _ = library_of(Corpus("first", corpus.articles[:1]), home, encoder=CountingEncoder())
    with library:
        for start in range(1, len(corpus.articles), 5_000):
            library.add(*corpus.articles[start : start + 5_000], index=False, now=NOW)
        cost, done = cost_of(library.update)
        return done.chunks, cost


def _rebuilt(home: Path) -> tuple[int, Cost]:
    library, _ = library_of(Corpus("none", []), home, encoder=CountingEncoder())
    with library:
        cost, done = cost_of(library.rebuild)
        assert done.encoded == 0
        return done.chunks, cost


def _chunks(corpus: Corpus) -> Iterator[tuple[str, str, str]]:
    """Give (id, headline, text) of each chunk."""
    recipe = Recipe(CountingEncoder(), Analyzer(), Settings().chunks.words)
    for article in corpus.articles:
        for place, chunk in enumerate(cut(article, recipe)):
            yield f"{article.article_id}/{place}", article.title, article.body[chunk.start : chunk.end]


class _Analysis(analysis.Analyzer):
    """Our terms, as Whoosh asks for them."""

    def __init__(self) -> None:
        self.ours = Analyzer()

    def __call__(self, value: str, **asked: Any) -> Iterator[Any]:
        token = analysis.Token(**{"positions": True, **asked})
        for place, word in enumerate(self.ours.words(value)):
            term = self.ours.term(word)
            if term is not None:
                token.text, token.pos, token.boost, token.stopped = term, place, 1.0, False
                yield token


def _with_whoosh(corpus: Corpus) -> tuple[int, Cost]:
    chunks = list(islice(_chunks(corpus), MOST_FOR_WHOOSH))
    text = fields.TEXT(analyzer=_Analysis(), phrase=True)
    schema = fields.Schema(id=fields.ID(stored=True), title=text, body=text)

    def write() -> None:
        with tempfile.TemporaryDirectory() as directory:
            writer = index.create_in(directory, schema).writer(limitmb=256)
            for name, title, body in chunks:
                writer.add_document(id=name, title=title, body=body)
            writer.commit()

    return len(chunks), cost_of(write)[0]


def _with_tantivy(corpus: Corpus) -> tuple[int, Cost]:
    import tantivy

    chunks = list(_chunks(corpus))
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    for name in ("title", "body"):
        builder.add_text_field(name, tokenizer_name="en_stem", index_option="position")
    schema = builder.build()

    def write() -> None:
        with tempfile.TemporaryDirectory() as directory:
            writer = tantivy.Index(schema, path=directory).writer(heap_size=256_000_000)
            for name, title, body in chunks:
                writer.add_document(tantivy.Document(id=[name], title=[title], body=[body]))
            writer.commit()
            writer.wait_merging_threads()

    return len(chunks), cost_of(write)[0]


def _say(report: Report, name: str, cost: Cost, chunks: int) -> None:
    report.facts[f"{name}, chunks/s by the clock"] = chunks / cost.wall_s
    report.facts[f"{name}, chunks/s of the processor"] = chunks / cost.cpu_s
    report.facts[f"{name}, peak MB"] = cost.peak_mb


if __name__ == "__main__":
    main()
