"""
How fast are words and meaning together, in a process that runs? Ours beside LanceDB, txtai and milvus-lite.

    python scripts/bench_hybrid.py --chunks 50000 --home /tmp/bench
    python scripts/bench_hybrid.py --chunks 50000 --home /tmp/bench --json > hybrid.json

What is compared. Theirs: an index of the same chunks with the same vectors, searched exactly (no approximate index),
and words by their own BM25; they give the ten best chunks, LanceDB and milvus-lite with their texts. Ours:
`Library.search` as a program calls it: a typed query read, both legs, the ten best articles with their texts, snippets
with marks, and explanations. `vector given`: the question's vector is at hand. `with encoding`: each has it from the
same encoder. `similar`: ours alone, articles of the library of about 15 chunks. `memory`: what a process of its own
holds after asking every question, beside what it maps from files.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.drawn_library import drawn_library
from benchmarks.peers import peer
from benchmarks.questions import questions_of
from benchmarks.report import Report
from benchmarks.timing import take_turns

from searcher.index.reader import Reader
from searcher.library import Library, open_library

LIMIT = 10
DEPTH = 100
SIMILAR_CHUNKS = range(13, 18)


def main() -> None:
    """Index the same chunks in each engine, ask each the same questions in turn, and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chunks", type=int, default=50_000, help="how many, about (default: 50,000)")
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--home", type=Path, help="keep the real vectors and the library here, and use them again"
    )
    parser.add_argument("--alone", action="store_true", help="without the others")
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--memory-of", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory_of:
        print(_own_mebibytes(options.memory_of, sys.stdin.read().splitlines()))
        return
    with tempfile.TemporaryDirectory() as scratch:
        bench(options, options.home or Path(scratch), Path(scratch))


def bench(options: argparse.Namespace, home: Path, scratch: Path) -> None:
    """Run it with these options, the library at `home`, the other engines' files in `scratch`."""
    corpus, library = drawn_library(options.chunks, home)
    questions = [one.text for one in questions_of(corpus.articles, "any", options.questions)]
    given = _Given(library.encoder)
    library._encoder = given
    with Reader(library.indexes, library.analyzer, library.settings.lexical) as reader:
        ids, texts, vectors = _chunks(library, reader)
        long = _articles_of(library, reader, SIMILAR_CHUNKS)[: options.questions]
        name = f"{corpus.name}: {len(ids):,} chunks in {len(reader.segments)} segments"
    report = Report(name, ("lancedb", "txtai", "milvus-lite", "onnxruntime", "faiss-cpu"))
    engines: dict[str, Callable[[str], object]] = {"ours": partial(library.search, limit=LIMIT)}
    if not options.alone:
        for label, module, make in (
            ("lancedb", "lancedb", _lancedb),
            ("txtai", "txtai", _txtai),
            ("milvus-lite", "pymilvus", _milvus),
        ):
            if peer(module) is not None:
                engines[label] = make(texts, vectors, given, scratch)
    # What the others keep as objects must not be walked by the collector on our time, nor ours on theirs.
    gc.collect()
    gc.freeze()
    # In pairs: one that takes seconds empties the processor's caches for whoever comes next.
    pairs = [{"ours": engines["ours"], name: ask} for name, ask in engines.items() if name != "ours"]
    for kind in ("vector given", "with encoding"):
        given.forget()
        for question in questions if kind == "vector given" else ():
            given.keep(question)
        for pair in pairs or [engines]:
            report.add_times(kind, "ours", take_turns(pair, questions, rounds=options.rounds))
    given.forget()
    report.add_times("similar", "ours", take_turns({"ours": library.similar}, long, rounds=options.rounds))
    child = [sys.executable, __file__, "--memory-of", str(library.home)]
    done = subprocess.run(child, input="\n".join(questions), capture_output=True, text=True, check=True)
    report.facts["memory: MiB of its own, ours"] = float(done.stdout)
    report.show(as_json=options.json)


class _Given:
    """The library's encoder, whose vectors of some questions are at hand."""

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder
        self._kept: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def encode_query(self, text: str) -> Any:
        return self._kept[text] if text in self._kept else self._encoder.encode_query(text)

    def keep(self, text: str) -> None:
        self._kept[text] = self._encoder.encode_query(text)

    def forget(self) -> None:
        self._kept.clear()


def _chunks(library: Library, reader: Reader) -> tuple[list[int], list[str], Any]:
    """Give the numbers of all chunks, their texts behind their headlines, and their vectors."""
    table, texts = reader.table, []
    for article, seq in enumerate(table.seq.tolist()):
        own = library.store.by_seq([seq])[seq].article
        spans = map(table.chunk, table.chunks_of(article))
        texts.extend(f"{own.title}\n{own.body[span.start : span.end]}" for span in spans)
    vectors = np.concatenate([np.array(segment.flat.all()) for segment in reader.segments])
    return list(range(len(texts))), texts, vectors


def _articles_of(library: Library, reader: Reader, chunks: range) -> list[str]:
    """Give the ids of the articles of so many chunks."""
    counts = np.diff(reader.table.first_chunk)
    seqs = reader.table.seq[(counts >= chunks.start) & (counts < chunks.stop)].tolist()
    return [library.store.by_seq([seq])[seq].article.article_id for seq in seqs]


def _lancedb(texts: list[str], vectors: Any, encoder: _Given, scratch: Path) -> Callable[[str], object]:
    import lancedb
    import pyarrow
    from lancedb.index import FTS

    column = pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(vectors.reshape(-1)), vectors.shape[1])
    rows = pyarrow.table({"id": pyarrow.array(range(len(texts))), "text": texts, "vector": column})
    table = lancedb.connect(scratch / "lancedb").create_table("chunks", rows)
    table.create_index("text", config=FTS())

    def ask(question: str) -> object:
        vector = encoder.encode_query(question)
        return table.search(query_type="hybrid").vector(vector).text(question).limit(LIMIT).to_list()

    return ask


def _txtai(texts: list[str], vectors: Any, encoder: _Given, scratch: Path) -> Callable[[str], object]:
    from txtai import Embeddings

    rows = {text: row for row, text in enumerate(texts)}

    def transform(wanted: list[str]) -> Any:
        return np.array(
            [vectors[rows[text]] if text in rows else encoder.encode_query(text) for text in wanted]
        )

    index = Embeddings(
        {"method": "external", "transform": transform, "hybrid": True, "faiss": {"components": "IDMap,Flat"}}
    )
    index.index((row, text, None) for row, text in enumerate(texts))
    return lambda question: index.search(question, LIMIT)


def _milvus(texts: list[str], vectors: Any, encoder: _Given, scratch: Path) -> Callable[[str], object]:
    from pymilvus import AnnSearchRequest, DataType, Function, FunctionType, MilvusClient, RRFRanker

    client = MilvusClient(str(scratch / "milvus.db"))
    schema = client.create_schema(auto_id=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("text", DataType.VARCHAR, max_length=65_535, enable_analyzer=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=vectors.shape[1])
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    bm25 = Function(
        name="bm25",
        function_type=FunctionType.BM25,
        input_field_names=["text"],
        output_field_names=["words"],
    )
    schema.add_function(bm25)
    indexes = client.prepare_index_params()
    indexes.add_index("vector", index_type="FLAT", metric_type="IP")
    indexes.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    client.create_collection("chunks", schema=schema, index_params=indexes)
    for start in range(0, len(texts), 1000):
        rows = range(start, min(start + 1000, len(texts)))
        client.insert(
            "chunks", [{"id": row, "text": texts[row], "vector": vectors[row].tolist()} for row in rows]
        )
    client.load_collection("chunks")

    def ask(question: str) -> object:
        vector = encoder.encode_query(question).tolist()
        wanted = [
            AnnSearchRequest([vector], "vector", {"metric_type": "IP"}, limit=DEPTH),
            AnnSearchRequest([question], "words", {"metric_type": "BM25"}, limit=DEPTH),
        ]
        return client.hybrid_search("chunks", wanted, RRFRanker(), limit=LIMIT, output_fields=["text"])

    return ask


def _own_mebibytes(home: Path, questions: list[str]) -> float:
    """Ask this process all questions; give what it then holds that no file backs, in MiB (Linux)."""
    with open_library(home) as library:
        for question in questions:
            library.search(question, limit=LIMIT)
        library.similar(library.search(questions[0]).hits[0].article.article_id)
        lines = Path("/proc/self/status").read_text().splitlines()
    (kibibytes,) = [line.split()[1] for line in lines if line.startswith("RssAnon")]
    return int(kibibytes) / 1024


if __name__ == "__main__":
    main()
