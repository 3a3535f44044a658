"""
How fast are words? Our lexical leg beside tantivy (and bm25s) on the same chunks: the ten best, with their ids.

    python scripts/bench_lexical.py --chunks 20000
    python scripts/bench_lexical.py --chunks 200000 --json > lexical.json

What is compared. Theirs: an index of chunks, each with its article's headline, outlet and date before its own words, in
one field with positions; it gives the ten best chunks by BM25. Ours: the leg as the product has it, over the segments
that the product builds; it scores chunks and whole articles with three weighted fields, and gives the ten best articles
by the sum of both, each with its best chunk. So ours does more for the same question, and no less. Both get words, not
a text to parse; theirs are stemmed before the clock starts, ours after. `--depth 200` asks both for what the product
asks its leg for. Each prefix and fuzzy word is asked as if for the first time: what ours stand for is forgotten between
two questions (`--remember`: it is not).

bm25s has only the question of any words; its index is in memory.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.corpora import Corpus, corpus_of
from benchmarks.free_encoder import FreeEncoder
from benchmarks.libraries import library_of
from benchmarks.peers import peer
from benchmarks.questions import KINDS, Question, questions_of
from benchmarks.report import Report
from benchmarks.timing import take_turns

from searcher.index.arrays import Arrays
from searcher.index.cutting import Recipe, cut, facts_as_words
from searcher.index.lexical import matching, scoring
from searcher.index.lexical.analysis import STOP_WORDS, Analyzer
from searcher.index.lexical.postings import PostingsWriter
from searcher.index.reader import Reader
from searcher.ranking.grammar import parse_query
from searcher.records import Article, Query, Ranking

NOW = datetime(2025, 1, 1, tzinfo=UTC)
PEERS = ("tantivy", "bm25s")


def main() -> None:
    """Index the same chunks in each engine, ask each the same questions in turn, and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chunks", type=int, default=20_000, help="how many, about (default: 20,000)")
    parser.add_argument("--depth", type=int, default=10, help="how many answers (default: 10)")
    parser.add_argument("--questions", type=int, default=100, help="of each kind (default: 100)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=PEERS, help="who is asked beside us")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--remember", action="store_true", help="what prefixes and fuzzy words stand for, as the product does"
    )
    parser.add_argument("--home", type=Path, help="keep the indexes here, and use them again")
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        bench(options, options.home or Path(scratch))


def bench(options: argparse.Namespace, home: Path) -> None:
    """Run it with these options, the indexes at `home`."""
    if not options.remember:
        matching._REMEMBERED = scoring._REMEMBERED_POSTINGS = 0
    corpus = corpus_of(options.chunks)
    library, took = library_of(corpus, home / "ours", encoder=FreeEncoder())
    with library, Reader(library.indexes, library.analyzer, library.settings.lexical) as reader:
        count = len(reader.table.chunk_article)
        name = f"{corpus.name}: {count:,} chunks in {len(reader.segments)} segments; depth {options.depth}"
        report = Report(name, ("tantivy", "bm25s", "numba"))
        chunks = _Chunks(corpus)
        report.facts["ours, lexical arrays, bytes a chunk"] = _lexical_bytes(reader) / count
        report.facts["ours, analysis and postings alone, chunks/s"] = _postings_rate(chunks)
        if took:
            report.facts["ours, whole indexing without encoding, chunks/s"] = count / took
        engines: dict[str, Callable[[Question], Callable[[], object] | None]] = {
            "ours": partial(_ours, reader, options.depth)
        }
        if "tantivy" in options.peers and (tantivy := peer("tantivy")) is not None:
            theirs = _Tantivy(tantivy, chunks, home / "tantivy", options.depth)
            report.facts["tantivy, indexing, chunks/s"] = count / theirs.took
            report.facts["tantivy, bytes a chunk"] = theirs.bytes / count
            engines["tantivy"] = theirs.prepared
        if "bm25s" in options.peers and (bm25s := peer("bm25s")) is not None:
            engines["bm25s"] = _Bm25s(bm25s, chunks, options.depth).prepared
        for kind in options.kinds:
            _compare(
                report, kind, engines, questions_of(corpus.articles, kind, options.questions), options.rounds
            )
        report.show(as_json=options.json)


def _compare(report: Report, kind: str, engines: dict, questions: list[Question], rounds: int) -> None:
    """Time the engines that have this kind of question, prepared before the clock starts."""
    prepared = {name: [prepare(question) for question in questions] for name, prepare in engines.items()}
    contenders = {
        name: (lambda place, asks=asks: asks[place]()) for name, asks in prepared.items() if all(asks)
    }
    report.add_times(kind, "ours", take_turns(contenders, range(len(questions)), rounds=rounds))


def _ours(reader: Reader, depth: int, question: Question) -> Callable[[], Ranking]:
    return partial(rank, reader, parse_query(question.text, now=NOW), depth)


def rank(reader: Reader, query: Query, depth: int) -> Ranking:
    """Give the `depth` best articles by their words, as the product's lexical leg does."""
    admitted = reader.table.admitted(query.filters)
    if query.restriction is not None:
        admitted = reader.lexical.matching(query.restriction, admitted)
    return reader.lexical.score(reader.lexical.parse(query)).rank(admitted, depth)


class _Chunks:
    """The chunks of a corpus, cut as the library cuts them."""

    def __init__(self, corpus: Corpus) -> None:
        recipe = Recipe(FreeEncoder(), Analyzer(), chunk_words=100)
        self.articles: list[tuple[Article, list[str]]] = [
            (article, [article.body[span.start : span.end] for span in cut(article, recipe)])
            for article in corpus.articles
        ]

    def rows(self) -> Any:
        """Give (article, text to search) of every chunk, in order."""
        for article, chunks in self.articles:
            before = f"{article.title}\n{facts_as_words(article)}\n"
            for chunk in chunks:
                yield article, before + chunk


def _postings_rate(chunks: _Chunks, most: int = 20_000) -> float:
    """How many chunks a second become postings, of a segment's worth of them."""
    started, count = time.perf_counter(), 0
    writer = PostingsWriter(Analyzer())
    for article, own in chunks.articles:
        writer.add_article(article.title, facts_as_words(article), own)
        count += len(own)
        if count >= most:
            break
    writer.arrays()
    return count / (time.perf_counter() - started)


def _lexical_bytes(reader: Reader) -> int:
    """What the arrays of words take on disk: all but the facts and the digests of encoded texts."""
    return sum(
        size
        for segment in reader.segments
        for name, size in Arrays(segment.directory / "arrays").sizes().items()
        if not name.startswith(("table.", "digests."))
    )


class _Tantivy:
    """tantivy over the same chunks: one field, our stop words, its own English stemmer."""

    def __init__(self, tantivy: Any, chunks: _Chunks, home: Path, depth: int) -> None:
        self._tantivy, self._depth = tantivy, depth
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("id", fast=True)
        builder.add_text_field("text", tokenizer_name="words", index_option="position")
        builder.add_text_field("source", tokenizer_name="raw", index_option="basic")
        builder.add_integer_field("published", fast=True, indexed=True)
        self._schema = builder.build()
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        index = tantivy.Index(self._schema, path=str(home))
        self._words = self._analyzer()
        index.register_tokenizer("words", self._analyzer())
        started = time.perf_counter()
        writer = index.writer(500_000_000, 1)
        for number, (article, text) in enumerate(chunks.rows()):
            document = tantivy.Document(text=text, source=article.source)
            document.add_unsigned("id", number)
            if article.published is not None:
                document.add_integer("published", int(article.published.at.timestamp()))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self.took = time.perf_counter() - started
        self.bytes = sum(path.stat().st_size for path in home.iterdir())
        index.reload()
        self._searcher = index.searcher()

    def _analyzer(self) -> Any:
        filters = self._tantivy.Filter
        builder = self._tantivy.TextAnalyzerBuilder(self._tantivy.Tokenizer.simple())
        for step in (
            filters.lowercase(),
            filters.custom_stopword(sorted(STOP_WORDS)),
            filters.stemmer("English"),
        ):
            builder = builder.filter(step)
        return builder.build()

    def prepared(self, question: Question) -> Callable[[], object]:
        """Give what builds the query of stemmed words, asks it, and fetches the ids."""
        terms = [term for word in question.words for term in self._words.analyze(word)]
        return partial(self._ask, question, list(dict.fromkeys(terms)), terms)

    def _ask(self, question: Question, distinct: list[str], terms: list[str]) -> list[int]:
        query = self._query(question, distinct, terms)
        hits = self._searcher.search(query, self._depth, count=False).hits
        return self._searcher.fast_field_values("id", [address for _, address in hits])

    def _query(self, question: Question, distinct: list[str], terms: list[str]) -> Any:
        query, occur, schema = self._tantivy.Query, self._tantivy.Occur, self._schema
        match question.kind:
            case "any":
                return self._all(occur.Should, distinct)
            case "all":
                return self._all(occur.Must, distinct)
            case "phrase":
                return query.phrase_query(schema, "text", terms)
            case "near":
                return query.phrase_query(schema, "text", terms, slop=5)
            case "prefix":
                return query.regex_query(schema, "text", question.words[0] + ".*")
            case "fuzzy":
                return query.fuzzy_term_query(schema, "text", question.words[0], distance=1)
            case "not":
                without = query.term_query(schema, "text", terms[-1])
                any_of = self._all(occur.Should, distinct[:-1])
                return query.boolean_query([(occur.Must, any_of), (occur.MustNot, without)])
            case "source":
                only = query.term_query(schema, "source", question.source)
            case _:
                bounds = [int(at.timestamp()) for at in (question.since, question.until)]
                kind = self._tantivy.FieldType.Integer
                only = query.range_query(schema, "published", kind, *bounds, include_upper=False)
        any_of = self._all(occur.Should, distinct)
        return query.boolean_query([(occur.Must, any_of), (occur.Must, query.const_score_query(only, 0.0))])

    def _all(self, occur: Any, terms: list[str]) -> Any:
        query = self._tantivy.Query
        return query.boolean_query([(occur, query.term_query(self._schema, "text", term)) for term in terms])


class _Bm25s:
    """bm25s over the same chunks, by our own terms: scores computed at indexing, in memory."""

    def __init__(self, bm25s: Any, chunks: _Chunks, depth: int) -> None:
        self._analyzer, self._depth = Analyzer(), depth
        backend = "numba" if peer("numba") is not None else "numpy"
        self._index = bm25s.BM25(method="lucene", backend=backend)
        self._index.index([self._analyzer.terms(text) for _, text in chunks.rows()], show_progress=False)

    def prepared(self, question: Question) -> Callable[[], object] | None:
        """Give what asks for any of the words; None for other kinds."""
        if question.kind != "any":
            return None
        terms = self._analyzer.terms(" ".join(question.words))
        return partial(self._index.retrieve, [terms], k=self._depth, show_progress=False, n_threads=0)


if __name__ == "__main__":
    main()
