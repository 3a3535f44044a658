"""`tune`: what is chosen, said and written."""

import tomllib

import pytest

from tests.cli.conftest import Cli
from tests.evaluation.samples import write_collection
from tests.evaluation.test_tune import collection_where_headlines_lie


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """The cache of the user is one of this test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def judged(tmp_path):
    """Twenty-four questions whose words mislead in headlines."""
    articles, queries, qrels = collection_where_headlines_lie(24)
    return write_collection(tmp_path / "judged", articles=articles, queries=queries, qrels=qrels)


@pytest.fixture(autouse=True)
def misled(home, request):
    """The settings are bad ones: only words count, and those of headlines far too much."""
    if "news" in request.fixturenames:
        request.getfixturevalue("news")
    home.mkdir(exist_ok=True)
    (home / "searcher.toml").write_text("# ours\n[lexical]\ntitle_weight = 100\n[fusion]\nweight = 0.0\n")


def test_a_real_gain_is_written(cli: Cli, judged, news):
    """
    What both halves found is said with figures, and what all chose is in the `searcher.toml` of the library, which
    answers with it at once; tuned again, nothing more is gained.
    """
    ran = cli("tune", str(judged))
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0].startswith("judged · 24 queries · ")
    assert sum(line.startswith("  one half chose [") for line in lines) == 2
    assert "The gain is real. All queries together choose [" in ran.out
    assert lines[-1] == f"Written to {news / 'searcher.toml'}: searches use it from now on."
    written = tomllib.loads((news / "searcher.toml").read_text())
    assert written["lexical"]["title_weight"] < 100 or written["fusion"].get("weight") != 0.0
    assert (news / "searcher.toml").read_text().startswith("# ours\n")
    assert cli("search", "port").code == 0
    assert "No gain that is clear of chance" in cli("tune", str(judged)).out


def test_a_dry_run_writes_nothing(cli: Cli, judged, news):
    """
    `--dry-run` shows the lines that `searcher.toml` would have, and writes none.
    """
    before = (news / "searcher.toml").read_text()
    ran = cli("tune", str(judged), "--dry-run")
    assert ran.code == 0, ran.err
    assert f"Nothing was written. In {news / 'searcher.toml'} it would be:" in ran.out
    assert (news / "searcher.toml").read_text() == before


def test_without_a_library_nothing_is_made(cli: Cli, judged, home):
    """
    Where there is no library, what was found is said, and none is made.
    """
    found = cli("tune", str(judged), "--json").json
    assert found["real"]
    assert found["changes"]
    assert found["written"] is None
    assert [one.name for one in home.iterdir()] == ["searcher.toml"]


def test_programs_get_all_figures(cli: Cli, judged, news):
    """
    `--json` has both halves, the difference with its interval, p-values, and the file that was written.
    """
    found = cli("tune", str(judged), "--json", "--measure", "P@1").json
    assert (found["measure"], found["queries"]) == ("P@1", 24)
    assert [half["judged_on"] for half in found["halves"]] == [12, 12]
    assert found["difference"]["mean"] == pytest.approx(found["after"] - found["before"], abs=2e-6)
    assert found["difference"]["low"] <= found["difference"]["mean"] <= found["difference"]["high"]
    assert found["written"] == str(news / "searcher.toml")


def test_too_few_queries_are_an_error_with_the_number(cli: Cli, tmp_path, home):
    """
    The sample collection has too few questions: exit code 2 or 1 and the number needed, no traceback.
    """
    ran = cli("tune", str(write_collection(tmp_path / "few")))
    assert ran.code != 0
    assert "20 are the least to choose by" in ran.err
    assert "Traceback" not in ran.err
