"""`evaluate`: what is measured, shown, written and compared."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from searcher.evaluation import evaluation_home, read_collection
from searcher.index.writer_lock import writer_lock
from tests.cli.conftest import Cli
from tests.evaluation.samples import QRELS, write_collection

MEASURES = ["nDCG@10", "R@100", "RR@10", "AP", "P@1"]


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """The cache of the user is one of this test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def judged(tmp_path):
    """The directory of the sample collection."""
    return write_collection(tmp_path / "news")


def test_a_table_is_shown(cli: Cli, judged, home):
    """
    Every mode has a line, every measure a column with its interval, and all that was left out is said. The library of
    the user is not touched.
    """
    ran = cli("evaluate", str(judged))
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0] == "news · 5 articles · 3 queries · fake"
    assert "  1 query left out: no relevant article was judged" in lines
    assert "  1 query left out: the article to be like is not in the library" in lines
    assert "  1 relevant article not in the library: they count, as not found" in lines
    assert next(line for line in lines if "AP" in line).split() == MEASURES
    modes = {line.split()[0]: line.split()[1:] for line in lines[-3:]}
    assert list(modes) == ["lexical", "dense", "hybrid"]
    assert all(len(cells) == 10 for cells in modes.values())
    assert modes["lexical"][2].startswith(".833")
    assert not home.exists()


def test_figures_for_programs(cli: Cli, judged):
    """
    `--json` holds each mean with its interval, and nothing else is on standard output.
    """
    found = cli("evaluate", str(judged), "--json", "--mode", "lexical", "--limit-queries", "2").json
    (one,) = found["collections"]
    assert (one["name"], one["queries"], one["without_relevant"]) == ("news", 2, 1)
    assert list(one["modes"]) == ["lexical"]
    recall = one["modes"]["lexical"]["R@100"]
    assert (recall["mean"], recall["low"], recall["high"]) == (0.75, 0.5, 1.0)
    assert found["mean"] is None


def test_two_collections_have_a_mean(cli: Cli, judged, tmp_path):
    """
    Under two tables stands the mean of both, for each mode; their libraries are two.
    """
    other = write_collection(tmp_path / "other", qrels=[one for one in QRELS if one[0] == "q4"])
    found = cli("evaluate", str(judged), str(other), "--json").json
    one, two = found["collections"]
    for mode in ("lexical", "dense", "hybrid"):
        means = [side["modes"][mode]["AP"]["mean"] for side in (one, two)]
        assert found["mean"][mode]["AP"] == pytest.approx(sum(means) / 2, abs=1e-6)
    assert one["home"] != two["home"]
    assert "mean of 2 collections" in cli("evaluate", str(judged), str(other)).out


def test_runs_are_written_and_compared(cli: Cli, judged, tmp_path):
    """
    `--run` writes one line for each answer, and `--compare` shows both means, p-values and the queries that moved.
    """
    good, bad = tmp_path / "good.run", tmp_path / "bad.run"
    ran = cli("evaluate", str(judged), "--mode", "lexical", "--run", str(good))
    assert ran.code == 0
    lines = good.read_text().splitlines()
    assert f"{len(lines)} lines written to {good}" in ran.err
    assert all(len(line.split()) == 6 and line.endswith(" searcher-lexical") for line in lines)
    bad.write_text("q1 Q0 birds 1 1 x\nq2 Q0 dam 1 1 x\n")
    ran = cli("evaluate", str(judged), "--compare", str(good), str(bad))
    assert ran.code == 0
    assert f"A {good} · B {bad} · 3 queries (1 more in neither run)" in ran.out
    assert "nDCG@10: 0 better, 2 worse, 1 alike" in ran.out
    assert "lost most" in ran.out
    assert "gained most" not in ran.out
    found = cli("evaluate", str(judged), "--compare", str(good), str(bad), "--json").json
    assert (found["queries"], found["better"], found["worse"]) == (3, 0, 2)
    assert list(found["measures"]) == MEASURES
    assert found["measures"]["P@1"]["b"] == pytest.approx(1 / 3, abs=1e-6)
    assert {one["id"] for one in found["lost"]} == {"q1", "q4"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--run", "x"), "--run writes the answers of one mode"),
        (("--run", "x", "--mode", "dense", "--mode", "hybrid"), "--run writes the answers of one mode"),
        (("--mode", "best"), "'best' is not one of"),
        (("--compare", "a", "b", "--mode", "dense"), "give it alone"),
        (("elsewhere", "--compare", "a", "b"), "is about one directory"),
    ],
)
def test_wrong_usage_is_said(cli: Cli, judged, arguments, said):
    """
    Options that mean nothing together, or nothing at all: exit code 2, and what would be right.
    """
    ran = cli("evaluate", str(judged), *arguments)
    assert ran.code == 2
    assert said in ran.err


def test_what_is_no_collection_is_said(cli: Cli, tmp_path):
    """
    A directory without judged queries: exit code 1, and what a collection is.
    """
    ran = cli("evaluate", str(tmp_path))
    assert ran.code == 1
    assert "queries.jsonl" in ran.err


def test_interrupted(cli: Cli, judged, monkeypatch):
    """
    Ctrl-C: exit code 130, and what to do.
    """

    def interrupted(*anything, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr("searcher.library.library.Library.search", interrupted)
    ran = cli("evaluate", str(judged))
    assert ran.code == 130
    assert "Run it again" in ran.err


@pytest.mark.parametrize("command", ["evaluate", "tune"])
def test_a_second_process_is_told_what_helps_and_that_helps(cli: Cli, judged, command):
    """
    While another process indexes the collection: code 1 and the option to wait with, which waits until that is done.
    """
    home = evaluation_home(read_collection(judged))
    home.mkdir(parents=True)
    with writer_lock(home):
        ran = cli(command, str(judged))
    assert ran.code == 1 and "pass --wait SECONDS" in ran.err
    with ThreadPoolExecutor() as other:
        held = Event()
        other.submit(_hold, home, held)
        held.wait()
        assert "is writing to" not in cli(command, str(judged), "--wait", "60").err
    assert (home / "indexes" / "CURRENT").is_file()


def _hold(home, held):
    with writer_lock(home):
        held.set()
        time.sleep(0.3)
