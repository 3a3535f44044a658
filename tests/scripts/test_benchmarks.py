"""What benchmarks share: the same articles and questions each time, and figures that add up."""

import json
from datetime import UTC, datetime
from importlib import import_module

import pytest
from benchmarks.corpora import DATA, corpus_of
from benchmarks.free_encoder import FreeEncoder
from benchmarks.libraries import library_of
from benchmarks.peers import peer
from benchmarks.questions import KINDS, questions_of
from benchmarks.report import Report
from benchmarks.timing import Times, percentile, take_turns

from searcher.index.reader import Reader
from searcher.ranking.grammar import parse_query
from searcher.records import And, Fuzzy, Not, Phrase, Prefix, Word

NOW = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    """A corpus where no data lies beside the checkout."""
    return corpus_of(300, data=tmp_path_factory.mktemp("nothing"))


def words_of(nodes):
    return tuple(node.text for node in nodes)


def test_a_corpus_is_the_same_each_time(invented, tmp_path):
    """
    The same size and seed give the same articles, another seed others; no id stands twice.
    """
    assert corpus_of(300, data=tmp_path) == invented
    assert corpus_of(300, data=tmp_path, seed=2) != invented
    assert len({article.article_id for article in invented.articles}) == len(invented.articles)


def test_a_corpus_goes_past_the_data():
    """
    Asked for more chunks than the real articles have, it gives articles of their sentences, with ids of their own.
    """
    if not DATA.exists():
        pytest.skip("no corpora beside the checkout")
    small, large = corpus_of(200), corpus_of(60_000)
    assert {one.article_id for one in small.articles} <= {one.article_id for one in large.articles}
    made = [one for one in large.articles if one.article_id.startswith("made-")]
    assert made and len({one.article_id for one in large.articles}) == len(large.articles)
    words = {word for one in large.articles if one not in made[:50] for word in one.body.split()}
    assert {word for one in made[:50] for word in one.body.split()} <= words


def test_a_library_holds_the_corpus_in_about_so_many_chunks(invented, tmp_path):
    """
    Every article is indexed; the chunks are those asked for within a fifth; opened again, nothing is indexed again.
    """
    library, took = library_of(invented, tmp_path / "home", encoder=FreeEncoder())
    with library:
        report = library.update()
        assert report.articles == len(invented.articles)
        assert 240 <= report.chunks <= 360
        assert took > 0
    again, took = library_of(invented, tmp_path / "home", encoder=FreeEncoder())
    again.close()
    assert took == 0


@pytest.mark.parametrize("kind", KINDS)
def test_questions_say_the_same_in_both_ways(invented, kind):
    """
    What a question's parts say is what our own parser reads in its text, for each kind.
    """
    asked = questions_of(invented.articles, kind, 30)
    assert asked == questions_of(invented.articles, kind, 30)
    for question in asked:
        query = parse_query(question.text, now=NOW)
        assert query.notes == ()
        assert (query.filters.since, query.filters.until) == (question.since, question.until)
        assert query.filters.sources == ((question.source,) if question.source else ())
        match kind:
            case "any" | "source" | "dates":
                assert query.free == question.words and query.restriction is None
            case "all":
                assert isinstance(query.restriction, And)
                assert words_of(query.restriction.nodes) == question.words
            case "phrase":
                assert query.restriction == Phrase(question.words)
            case "near":
                assert query.restriction == Phrase(question.words, slop=5)
            case "prefix":
                assert query.restriction == Prefix(question.words[0])
            case "fuzzy":
                assert query.restriction == Fuzzy(question.words[0])
            case "not":
                assert query.free == question.words[:-1]
                assert query.restriction == Not(Word(question.words[-1]))


def test_percentiles_by_hand():
    """
    Of 10, 20, 30, 40 the median is 25 and the 95th percentile 38.5; of nothing 0.
    """
    assert percentile([40, 10, 30, 20], 50) == 25
    assert percentile([40, 10, 30, 20], 95) == pytest.approx(38.5)
    assert percentile([], 95) == 0


def test_contenders_take_turns():
    """
    Each is asked every question once a round and once before; who begins changes with every question.
    """
    asked = []
    contenders = {
        name: lambda question, name=name: asked.append((name, question)) for name in ("ours", "theirs")
    }
    times = take_turns(contenders, ["a", "b"], rounds=2)
    assert asked[:4] == [("ours", "a"), ("theirs", "a"), ("theirs", "b"), ("ours", "b")]
    assert all(asked.count((name, question)) == 3 for name in contenders for question in "ab")
    assert {name: len(one.wall_ms) for name, one in times.items()} == {"ours": 2, "theirs": 2}


def test_a_report_divides_ours_by_theirs(capsys):
    """
    2 ms against 4 is .5; the table and the JSON say so, and both name corpus and command.
    """
    report = Report("ten articles")
    report.add_times("any", "ours", {"ours": Times((2.0,), (1.0,)), "theirs": Times((4.0,), (4.0,))})
    report.show(as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["rows"][1]["ours_by_theirs_p50"] == 0.5
    assert said["rows"][1]["ours_by_theirs_cpu_p95"] == 0.25
    assert said["corpus"] == "ten articles" and said["command"]
    report.show(as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].split() == ["any", "theirs", "4.000", "4.000", "0.50", "0.50", "0.25", "0.25"]


def test_a_missing_peer_is_named(capsys):
    """
    Without a peer the benchmark goes on, and says how to install it.
    """
    assert peer("no_such_engine") is None
    assert "no_such_engine" in (said := capsys.readouterr().err) and "[bench]" in said
    assert peer("json") is json


def test_the_lexical_benchmark_runs(capsys, monkeypatch, tmp_path):
    """
    On a small invented corpus it reports every kind of question for our engine, and our bytes a chunk.
    """
    bench_lexical = import_module("bench_lexical")
    monkeypatch.setattr(bench_lexical, "corpus_of", lambda chunks: corpus_of(chunks, data=tmp_path))
    monkeypatch.setattr(bench_lexical, "peer", lambda module: None)
    command = ["bench_lexical.py", "--chunks", "150", "--questions", "3", "--rounds", "1", "--json"]
    monkeypatch.setattr("sys.argv", command)
    bench_lexical.main()
    said = json.loads(capsys.readouterr().out)
    assert [row["kind"] for row in said["rows"]] == list(KINDS)
    assert {row["engine"] for row in said["rows"]} == {"ours"}
    assert said["facts"]["ours, lexical arrays, bytes a chunk"] > 100


def test_both_engines_find_the_same(tmp_path):
    """
    For words, sources and dates, tantivy finds chunks of exactly the articles that we find. A phrase that crosses from
    chunk to chunk it cannot find; what is excluded, it excludes by chunks and we by articles.
    """
    tantivy = pytest.importorskip("tantivy")
    bench_lexical = import_module("bench_lexical")
    corpus = corpus_of(200, data=tmp_path)
    chunks = bench_lexical._Chunks(corpus)
    of_chunk = [article.article_id for article, _ in chunks.rows()]
    theirs = bench_lexical._Tantivy(tantivy, chunks, tmp_path / "tantivy", len(of_chunk))
    library, _ = library_of(corpus, tmp_path / "home", encoder=FreeEncoder())
    with library, Reader(library.indexes, library.analyzer, library.settings.lexical) as reader:
        rows = library.store.by_seq([int(seq) for seq in reader.table.seq])
        for kind in ("any", "phrase", "source", "dates", "not"):
            for question in questions_of(corpus.articles, kind, 20):
                query = parse_query(question.text, now=NOW)
                ranking = bench_lexical.rank(reader, query, len(reader.table))
                ours = {rows[int(reader.table.seq[n])].article.article_id for n in ranking.articles}
                found = {of_chunk[number] for number in theirs.prepared(question)()}
                assert kind == "phrase" or ours <= found, question
                assert kind == "not" or found <= ours, question
