import gzip
import io
import json
import os
import sys
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from searcher.errors import SettingsError
from searcher.ingest import read_articles
from searcher.records import Article, Rejection
from tests.ingest.cases import NOW, OPTIONS, options, read, split


def line(number, text="Words of the article."):
    return json.dumps({"id": str(number), "title": f"Title {number}", "text": text}) + "\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "1.jsonl").write_text(line(1) + "oops\n" + line(2))
    (tmp_path / "2.json.gz").write_bytes(gzip.compress(f"[{line(3)}]".encode()))
    (tmp_path / "3.csv").write_text("id,text\n4,Words.\n")
    (tmp_path / "4.txt").write_text("Title 5\n\nWords of the article.\n")
    (tmp_path / "5.bin").write_bytes(bytes(range(256)) * 10)
    (tmp_path / "6.txt").write_text("")
    return tmp_path


def test_a_directory_of_everything(folder):
    """Files of many formats are read in order; each failure is named with its file, place and reason."""
    found, rejected = split(read(folder, folder / "missing", folder / "3.csv"))
    assert [article.article_id for article in found if article.id_origin == "given"] == [
        "1",
        "2",
        "3",
        "4",
        "4",
    ]
    assert found[4].title == "Title 5"
    assert [(Path(item.where).name, item.reason) for item in rejected] == [
        ("1.jsonl: line 2", "it is not JSON: Expecting value at character 1"),
        ("5.bin", "it is not text but binary data: give the text in it"),
        ("6.txt", "it is empty"),
        ("missing", "there is no such file or directory: check the path"),
    ]


def test_progress_tells_every_byte(folder):
    """The last thing told is the size of all files together, packed ones as they are packed."""
    told = []
    read(folder, progress=lambda *step: told.append(step))
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert told[-1] == ("read", size, size)
    assert told == sorted(told)


def test_progress_without_a_known_size(monkeypatch):
    """Standard input has no size: the total is None."""
    told = []
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line(1).encode())))
    (article,) = read("-", progress=lambda *step: told.append(step))
    assert (article.origin.where, told[-1]) == ("standard input", ("read", len(line(1)), None))


def test_relative_times_count_from_the_file_without_as_of(tmp_path):
    """Without `as_of`, "2 hours ago" is two hours before the file was last changed."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "Words.", "date": "2 hours ago"}')
    os.utime(path, (0, datetime(2025, 7, 1, 12, tzinfo=UTC).timestamp()))
    (with_as_of,) = read(path)
    (without,) = read(path, options=options(as_of=None))
    assert without.published.at == datetime(2025, 7, 1, 10, tzinfo=UTC)
    assert with_as_of.published.at == NOW.replace(hour=10)


def test_articles_come_one_by_one(tmp_path):
    """Of a file of 60 MB no more than a few blocks are in memory, and the first article comes at once."""
    path = tmp_path / "big.jsonl"
    with path.open("w") as file:
        file.writelines(line(number, "Words of the article. " * 450) for number in range(6_000))
    assert path.stat().st_size > 55_000_000
    told = []
    items = read_articles([str(path)], OPTIONS, progress=lambda *step: told.append(step))
    assert isinstance(next(items), Article) and told[-1][1] < 1_000_000
    tracemalloc.start()
    for _ in range(500):
        next(items)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_a_line_of_fifty_megabytes_costs_itself_only(tmp_path):
    """It is rejected by its number, without being held, and the article behind it comes out."""
    path = tmp_path / "long.jsonl"
    with path.open("w") as file:
        file.write(line(1) + '{"text": "')
        for _ in range(50):
            file.write("x" * 1_000_000)
        file.write('"}\n' + line(2))
    first, rejected, second = read(path)
    assert (first.article_id, second.article_id) == ("1", "2")
    assert rejected == Rejection(
        f"{path}: line 2", "it is longer than 20,000,000 bytes, too long for an article"
    )


def test_packed_twice_is_read_and_three_times_is_not(tmp_path):
    """A .gz in a .gz is news somebody packed again; one more is not worth the risk."""
    data = line(1).encode()
    for times in (1, 2, 3):
        data = gzip.compress(data)
        (tmp_path / f"{times}.gz").write_bytes(data)
    one, two, three = read(tmp_path)
    assert (one.article_id, two.article_id) == ("1", "1")
    assert "packed more than 2 times" in three.reason


def test_a_stream_cut_off_keeps_what_came_before(tmp_path):
    """Of a .gz that ends too early, the articles before the cut come out, then the reason."""
    path = tmp_path / "cut.jsonl.gz"
    lines = "".join(line(number, os.urandom(60).hex()) for number in range(5_000))
    path.write_bytes(gzip.compress(lines.encode())[:-50_000])
    found, rejected = split(read(path))
    assert len(found) > 1_000
    assert [article.article_id for article in found] == [str(number) for number in range(len(found))]
    assert "damaged or cut off" in rejected[-1].reason


def test_an_old_encoding_is_named_with_the_place(tmp_path):
    """What was guessed is said, so that a wrong guess can be found."""
    path = tmp_path / "alt.txt"
    path.write_bytes(
        "Größere Brücke\n\nDie Brücke über den Fluss wird größer, sagte der Bürgermeister.".encode("cp1252")
    )
    (article,) = read(path)
    assert (article.title, article.origin.place) == ("Größere Brücke", "line 1, read as windows-1252")


def test_a_field_that_no_article_has_is_said_at_once():
    """A wrong `--field` is an error before anything is read."""
    with pytest.raises(SettingsError):
        read_articles(["-"], options(fields={"x": "colour"}))


def test_a_text_too_long_is_not_read_whole(tmp_path):
    """A text file past the cap for one item is named."""
    path = tmp_path / "long.txt"
    path.write_text("words " * 1_000)
    (rejected,) = read(path, options=options(max_item_bytes=1_000))
    assert "over 1,000 bytes" in rejected.reason


def test_the_same_input_gives_the_same_articles(folder):
    """Reading twice gives equal records."""
    assert read(folder) == read(folder)
