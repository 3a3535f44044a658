"""`show`, `status`, `update`, `rebuild`: what a library says of itself."""

import hashlib
from shutil import rmtree

from tests.cli.conftest import Cli


def corrected(cli: Cli, tmp_path) -> None:
    path = tmp_path / "correction.jsonl"
    path.write_text(
        '{"id": "dam", "title": "Dam inquiry: a correction", "text": "Seven years of warnings."}\n'
    )
    assert cli("add", str(path), "--json").json["changed"] == 1


def test_an_article_is_shown_whole(cli: Cli, news):
    """
    `show` gives title, outlet and date, the whole text, its id, and its revisions; a URL names it as well.
    """
    ran = cli("show", "deal")
    assert ran.code == 0
    assert ran.out.splitlines()[:2] == ["Dockers end strike after deal", "The Herald · 22 Jul 2025"]
    for text in (
        "A deal on the cranes was signed at midnight.",
        "deal",
        "https://herald.example/deal",
        "first seen",
    ):
        assert text in " ".join(ran.out.split())
    assert cli("show", "https://herald.example/deal").out == ran.out


def test_earlier_revisions_stay_readable(cli: Cli, news, tmp_path):
    """
    After a correction `show` gives the new text, lists both states, and `--revision` gives the old one.
    """
    corrected(cli, tmp_path)
    new = cli("show", "dam", "--json").json
    assert new["body"] == "Seven years of warnings."
    first, second = new["revisions"]
    assert (first["title"], second["title"]) == ("Dam inquiry finds warnings", "Dam inquiry: a correction")
    old = cli("show", "dam", "--revision", str(first["seq"]), "--json").json
    assert old["body"].startswith("The inquiry into the Tarn Mallow dam")
    assert old["body_sha256"] == hashlib.sha256(old["body"].encode()).hexdigest()
    assert "headline and text changed  <- shown" in cli("show", "dam").out


def test_an_unknown_revision_names_those_there_are(cli: Cli, news):
    """
    A revision that the article does not have is an error that lists those it has.
    """
    ran = cli("show", "dam", "--revision", "99")
    assert ran.code == 1
    assert "'dam' has no revision 99. Its revisions: 4" in ran.err


def test_the_raw_text_alone(cli: Cli, news):
    """
    `show --raw` prints the text and nothing else.
    """
    assert cli("show", "undated", "--raw").out == "City blackbirds rise with the street lamps.\n"


def test_status_counts(cli: Cli, news):
    """
    `status` gives home and counts; as JSON with sizes in bytes and dates in UTC.
    """
    ran = cli("status")
    assert ran.code == 0
    assert f"home       {news}" in ran.out.splitlines()
    assert "articles   5 from 3 outlets" in ran.out.splitlines()
    state = cli("status", "--json").json
    assert (state["home"], state["articles"], state["generation"]) == (str(news), 5, 1)
    assert (state["oldest"], state["newest"]) == ("2025-07-06T00:00:00Z", "2025-07-23T00:00:00Z")
    assert state["store_bytes"] > 0
    assert state["problem"] is None


def test_status_of_a_library_that_cannot_answer(cli: Cli, news):
    """
    With an index that is gone, `status` still counts, names the problem and the next step, and gives code 3.
    """
    rmtree(news / "indexes")
    ran = cli("status")
    assert ran.code == 3
    assert "articles   5 from 3 outlets" in ran.out.splitlines()
    assert "Run: searcher rebuild" in ran.out
    assert cli("rebuild").code == 0
    assert cli("status").code == 0


def test_update_and_rebuild_report(cli: Cli, news):
    """
    `update` with nothing new changes nothing; `rebuild` makes a new generation of vectors already known.
    """
    report = cli("update", "--json").json
    assert (report["changed"], report["generation"]) == (False, 1)
    report = cli("rebuild", "--json").json
    assert (report["generation"], report["articles"], report["encoded"]) == (2, 5, 0)
    assert report["reused"] == report["chunks"]


def test_status_of_an_index_that_is_refused(cli: Cli, news, home):
    """It is there; what is missing is what the problem names, and no other step is named beside it."""
    (home / "searcher.toml").write_text('[lexical]\nstemmer = "german"\n')
    ran = cli("status")
    assert ran.code == 3
    lines = dict(line.split(None, 1) for line in ran.out.splitlines())
    assert lines["index"] == "there, and cannot answer"
    assert lines["problem"] == "The index was built with another analyzer. Run: searcher rebuild"
    assert "searcher update" not in ran.out and "none yet" not in ran.out
    assert cli("rebuild").code == 0
    assert cli("status").code == 0


def test_status_before_the_first_index_is_whole(cli: Cli, news, home):
    """What an interrupted build left, vectors alone, is no index: there is none, and all articles wait for it."""
    for name in ("CURRENT", "generations", "segments"):
        left = home / "indexes" / name
        rmtree(left) if left.is_dir() else left.unlink()
    (home / "indexes" / "journal").write_bytes(bytes(1000))
    ran = cli("status")
    assert ran.code == 3
    lines = dict(line.split(None, 1) for line in ran.out.splitlines())
    assert (lines["index"], lines["encoder"]) == ("none", "none yet")
    assert lines["waiting"] == "5 (searcher update)"
    assert lines["problem"].startswith("No index in ")
