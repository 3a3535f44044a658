import io
import os
import sys

import pytest

from searcher.errors import SourceUnreadable
from searcher.ingest.sources import Source, find_sources, is_url, opened
from searcher.records import Rejection
from tests.ingest.cases import OPTIONS


def names(found, root):
    return [os.path.relpath(item.where, root) for item in found]


def test_directories_are_read_in_order(tmp_path):
    """All files below, sorted at each level, hidden ones left out, wherever they are."""
    for path in ("b/2.txt", "b/1.txt", "a.txt", ".hidden", ".git/x", "c/.x", "c/d/e.txt"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")
    assert names(find_sources([str(tmp_path)]), tmp_path) == ["a.txt", "b/1.txt", "b/2.txt", "c/d/e.txt"]


def test_a_hidden_file_that_is_named_is_read(tmp_path):
    """Hidden files are left out of directories only."""
    (tmp_path / ".news").write_text("x")
    assert names(find_sources([str(tmp_path / ".news")]), tmp_path) == [".news"]


def test_links_in_a_circle_end(tmp_path):
    """A directory that was read is not read again through a link; a link that leads nowhere is named."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x.txt").write_text("x")
    (tmp_path / "a/loop").symlink_to(tmp_path)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / "z").symlink_to(tmp_path / "nowhere")
    found = find_sources([str(tmp_path)])
    assert names(found, tmp_path) == ["a/x.txt", "z"]
    assert found[-1].reason == "this link leads nowhere"


def test_links_between_directories_do_not_multiply(tmp_path):
    """Nine directories, each with a link to each other one: every file is found once."""
    for name in "abcdefghi":
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.txt").write_text(name)
        for other in "abcdefghi".replace(name, ""):
            (tmp_path / name / f"to-{other}").symlink_to(tmp_path / other)
    assert len(find_sources([str(tmp_path)])) == 9


@pytest.mark.parametrize("name", ["nowhere/at/all", "", "x\0y", "x" * 5_000, "ftp://example.org/x"])
def test_a_name_that_leads_nowhere_is_one_rejection(name):
    """Whatever is wrong with a name, it is said, with the next step, and nothing is raised."""
    (found,) = find_sources([name])
    assert isinstance(found, Rejection) and found.where == name and found.reason


def test_an_empty_directory_says_so(tmp_path):
    """A directory without files is named."""
    assert find_sources([str(tmp_path)]) == [Rejection(str(tmp_path), "there are no files in this directory")]


def test_urls_and_stdin_have_no_size():
    """A URL and `-` are taken as they are: nothing is looked up."""
    assert find_sources(["-", "HTTPS://example.org/a"]) == [Source("-"), Source("HTTPS://example.org/a")]
    assert is_url("http://x") and not is_url("xhttp://x")


def test_stdin_is_read(monkeypatch):
    """`-` is the standard input's bytes; without a standard input it is an error that says so."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"caf\xe9")))
    with opened(Source("-"), OPTIONS) as found:
        assert found.stream.read() == b"caf\xe9"
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(SourceUnreadable, match="there is none"), opened(Source("-"), OPTIONS):
        pass
