"""What is read of a collection, what is left out, and what is refused?"""

import gzip

import pytest

from searcher.errors import SourceUnreadable
from searcher.evaluation import Topic, read_collection
from tests.evaluation.samples import QRELS, write_collection


def test_topics_and_judgments_are_read(tmp_path):
    """
    Topics with a relevant article come sorted by id; those without are counted, as are judgments of unknown topics.
    """
    read = read_collection(write_collection(tmp_path / "news"))
    assert read.name == "news"
    assert [one.topic_id for one in read.topics] == ["q1", "q2", "q4", "q5"]
    assert read.topics[1] == Topic("q2", "dam warnings")
    assert read.qrels["q1"] == {"port": 1, "copy": 1, "deal": 2}
    assert (read.unjudged, read.strays) == (1, 1)
    assert read.corpus == tmp_path / "news" / "corpus.jsonl"


def test_an_article_is_no_answer_to_itself(tmp_path):
    """
    The article that a topic is like is not among its judgments; a topic with no other is left out.
    """
    read = read_collection(write_collection(tmp_path / "a"))
    assert read.qrels["q4"] == {"deal": 1}
    qrels = [one for one in QRELS if one[:2] != ("q4", "deal")]
    assert "q4" not in read_collection(write_collection(tmp_path / "b", qrels=qrels)).qrels


def test_grades_of_zero_are_no_judgment_alone(tmp_path):
    """
    A topic whose articles were all judged irrelevant cannot be measured, and is left out.
    """
    read = read_collection(write_collection(tmp_path, qrels=[("q1", "dam", 0), ("q2", "dam", 1)]))
    assert [one.topic_id for one in read.topics] == ["q2"]
    assert read.unjudged == 4


def test_the_original_layout_is_read(tmp_path):
    """
    `_id`, packed files and qrels/test.tsv, as BEIR ships them, are read alike; a header is not needed.
    """
    write_collection(tmp_path)
    expected = read_collection(tmp_path)
    text = (tmp_path / "queries.jsonl").read_text().replace('"id"', '"_id"')
    (tmp_path / "queries.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "queries.jsonl").unlink()
    (tmp_path / "qrels").mkdir()
    judgments = (tmp_path / "qrels.tsv").read_text().partition("\n")[2]
    (tmp_path / "qrels" / "test.tsv").write_text(judgments.replace("\n", "\r\n"))
    (tmp_path / "qrels.tsv").unlink()
    (tmp_path / "corpus.jsonl").rename(tmp_path / "corpus.jsonl.gz")
    read = read_collection(tmp_path)
    assert (read.topics, read.qrels) == (expected.topics, expected.qrels)


@pytest.mark.parametrize("missing", ["corpus.jsonl", "queries.jsonl", "qrels.tsv"])
def test_a_missing_file_is_named(tmp_path, missing):
    """
    A directory that lacks one of the three files is refused, with the name of the file.
    """
    write_collection(tmp_path)
    (tmp_path / missing).unlink()
    with pytest.raises(SourceUnreadable, match=missing):
        read_collection(tmp_path)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("queries.jsonl", b"{"),
        ("queries.jsonl", b"[" * 100_000),
        ("queries.jsonl", b"[1]"),
        ("queries.jsonl", b'{"id": "q8"}'),
        ("queries.jsonl", b'{"text": "no id"}'),
        ("queries.jsonl", b'{"id": "q1", "text": "twice"}'),
        ("queries.jsonl", b"\xff\xfe"),
        ("qrels.tsv", b"q1\tport"),
        ("qrels.tsv", b"q1\tport\tyes"),
        ("qrels.tsv", b"q1\tport\t2"),
        ("qrels.tsv", b"q1\tbirds\t99999999999999999999"),
        ("qrels.tsv", b"q1\tbirds\t999999"),
        ("qrels.tsv", b"\tport\t1"),
    ],
)
def test_a_line_that_cannot_be_read_is_an_error(tmp_path, file, line):
    """
    Half a file would give wrong figures: every bad line is refused, and the file is named.
    """
    path = write_collection(tmp_path) / file
    path.write_bytes(path.read_bytes() + line + b"\n")
    with pytest.raises(SourceUnreadable, match=file):
        read_collection(tmp_path)


def test_damaged_gzip_is_an_error(tmp_path):
    """
    A packed file that breaks off is refused.
    """
    path = write_collection(tmp_path) / "queries.jsonl"
    path.write_bytes(gzip.compress(path.read_bytes())[:-20])
    with pytest.raises(SourceUnreadable):
        read_collection(tmp_path)


def test_nothing_judged_is_an_error(tmp_path):
    """
    A collection without a single relevant article is refused, as is a path that is no directory.
    """
    with pytest.raises(SourceUnreadable, match="nothing can be measured"):
        read_collection(write_collection(tmp_path, qrels=[]))
    with pytest.raises(SourceUnreadable, match="no directory"):
        read_collection(tmp_path / "absent")
