"""`add`, `remove` and `rejects`: what is kept, what is said of it, and with which exit code."""

import json

import pytest

from tests.cli.conftest import Cli

LINES = [
    {"id": "one", "title": "Ferry sinks", "text": "The ferry to Port Ellery sank at dawn. All were saved."},
    {
        "id": "two",
        "title": "Mayor resigns",
        "text": "The mayor of Sennick resigned on Monday. No reason was given.",
    },
]


def jsonl(path, records):
    path.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    return str(path)


def test_added_articles_are_found(cli: Cli, tmp_path):
    """
    `add` makes the library, says what it added, and indexes it in one step: the next command finds it.
    """
    ran = cli("add", jsonl(tmp_path / "news.jsonl", LINES))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[0] == "2 added, 0 changed, 0 unchanged, 0 rejected"
    assert ran.out.splitlines()[1].startswith("Generation 1: 2 articles in 2 chunks (2 encoded, 0 known)")
    assert cli("search", "ferry", "--ids").out == "one\n"


def test_adding_again_changes_nothing(cli: Cli, tmp_path):
    """
    The same file again is unchanged, and there is nothing to index.
    """
    path = jsonl(tmp_path / "news.jsonl", LINES)
    cli("add", path)
    ran = cli("add", path)
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "0 added, 0 changed, 2 unchanged, 0 rejected",
        "Nothing to index: generation 1 is up to date",
    ]


def test_the_receipt_as_json_has_exactly_its_keys(cli: Cli, tmp_path):
    """
    `add --json` gives the receipt alone; one bad line costs itself, is named with file and line, and gives code 4.
    """
    path = tmp_path / "news.jsonl"
    jsonl(path, LINES)
    path.write_text(path.read_text() + '{"id": "three", "title": "No text"}\n')
    ran = cli("add", str(path), "--json")
    assert ran.code == 4
    assert list(ran.json) == ["added", "changed", "unchanged", "rejected", "rejections"]
    assert (ran.json["added"], ran.json["rejected"]) == (2, 1)
    assert list(ran.json["rejections"][0]) == ["where", "reason"]
    assert str(path) in ran.json["rejections"][0]["where"]
    assert "3" in ran.json["rejections"][0]["where"]
    assert cli("search", "ferry", "--ids").out == "one\n"


def test_rejected_inputs_are_listed(cli: Cli, tmp_path):
    """
    `rejects` lists what `add` rejected, newest first, for people and as JSON, and says so when there is nothing.
    """
    assert cli("add", jsonl(tmp_path / "good.jsonl", LINES)).code == 0
    assert cli("rejects").out == "Nothing was rejected.\n"
    cli("add", jsonl(tmp_path / "bad.jsonl", [{"title": "No text"}]))
    ran = cli("rejects")
    assert ran.code == 0
    assert "bad.jsonl" in ran.out
    listed = cli("rejects", "--json").json
    assert [list(one) for one in listed] == [["rejected_at", "where", "reason"]]
    assert listed[0]["rejected_at"].endswith("Z")


def test_a_field_is_mapped(cli: Cli, tmp_path):
    """
    `--field title=kicker`: our title is their kicker.
    """
    path = jsonl(tmp_path / "odd.jsonl", [{"id": "x", "kicker": "Ferry sinks", "words": LINES[0]["text"]}])
    assert cli("add", path, "--field", "title=kicker", "--field", "body=words").code == 0
    assert cli("show", "x", "--json").json["title"] == "Ferry sinks"


def test_a_field_that_does_not_exist_is_a_usage_error(cli: Cli, tmp_path):
    """
    A `--field` that maps to nothing of ours, or maps nothing, is named; nothing is added.
    """
    path = jsonl(tmp_path / "news.jsonl", LINES)
    for field in ("headlines=title", "title", "=title", "title="):
        ran = cli("add", path, "--field", field)
        assert ran.code == 2, field
        assert "--field" in ran.err
    assert cli("status").code == 3


def test_a_field_the_wrong_way_round_is_turned(cli: Cli, tmp_path):
    """
    A table without a body says how to name it, and that works; the other way round is refused with the right one.
    """
    path = tmp_path / "news.csv"
    path.write_text("headline,blurb,id\nFerry sinks,The ferry sank off the coast.,x\n")
    assert "name it with --field body=NAME" in cli("add", str(path)).out
    ran = cli("add", str(path), "--field", "blurb=body")
    assert ran.code == 2 and "give body=blurb." in ran.err
    assert cli("add", str(path), "--field", "body=blurb").code == 0
    assert cli("show", "x", "--json").json["body"] == "The ferry sank off the coast."


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "id,headline,text,page\nx,Ferry sinks,The ferry sank off the coast.,\n"),
        ("a.jsonl", '{"id": "x", "text": "The ferry sank off the coast.", "page": null}\n'),
    ],
)
def test_a_field_that_no_input_has_is_named(cli: Cli, tmp_path, name, text):
    """
    A `--field` that finds nothing is a note beside the receipt, one that is there but blank is not; what is read by
    other names is kept.
    """
    path = tmp_path / name
    path.write_text(text)
    ran = cli("add", str(path), "--field", "title=nosuch", "--field", "section=page", "--json")
    assert (ran.code, ran.json["added"]) == (0, 1)
    assert ran.err == "Nothing that was read has a field 'nosuch' (--field title=nosuch).\n"
    assert cli("add", str(path), "--field", "id=id").err == ""


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.csv", "kopf,inhalt\nOne,first\n"), ("a.json", '{"kopf": "One", "inhalt": "first"}')],
)
def test_a_body_that_no_input_has_is_named_in_the_rejection(cli: Cli, tmp_path, name, text):
    """
    The rejection names the field that should have been the body, beside those that are there.
    """
    path = tmp_path / name
    path.write_text(text)
    ran = cli("add", str(path), "--field", "body=inhalte")
    assert ran.code == 4
    assert "'kopf', 'inhalt', but no 'inhalte'): name it with --field body=NAME" in ran.out
    assert "Nothing that was read" not in ran.err


def test_articles_kept_but_not_indexed_wait(cli: Cli, news, tmp_path):
    """
    `--no-index` keeps articles; searches say that they wait; `update` indexes them.
    """
    ran = cli("add", jsonl(tmp_path / "news.jsonl", LINES), "--no-index")
    assert (ran.code, ran.out) == (0, "2 added, 0 changed, 0 unchanged, 0 rejected\n")
    assert "2 revisions not indexed yet. Run: searcher update" in cli("search", "dockers").out
    assert cli("status", "--json").json["waiting"] == 2
    assert cli("update").out.startswith("Generation 2: 7 articles in 7 chunks (2 encoded, 0 known)")
    assert cli("search", "ferry", "--ids", "--mode", "lexical").out == "one\n"


def test_what_is_added_is_said_even_if_the_index_is_outdated(cli: Cli, news, tmp_path):
    """
    An index of another chunker keeps nobody from adding: the receipt is printed, then the error, with code 3.
    """
    (news / "searcher.toml").write_text("[chunks]\nwords = 50\n")
    ran = cli("add", jsonl(tmp_path / "news.jsonl", LINES))
    assert ran.code == 3
    assert ran.out == "2 added, 0 changed, 0 unchanged, 0 rejected\n"
    assert "Run: searcher rebuild" in ran.err
    assert cli("show", "one").code == 0
    ran = cli("add", jsonl(tmp_path / "news.jsonl", LINES), "--json")
    assert (ran.code, ran.json["unchanged"]) == (3, 2)
    assert cli("rebuild").code == 0
    assert cli("search", "ferry", "--ids", "--mode", "lexical").out == "one\n"


def test_a_withdrawn_article_is_gone_at_once_and_comes_back(cli: Cli, news):
    """
    `remove` hides an article from the next answer on, in both legs; `--undo` brings it back.
    """
    assert cli("remove", "deal").out == "1 withdrawn\n"
    for mode in ("hybrid", "lexical", "dense"):
        assert "deal" not in cli("search", "strike deal", "--ids", "--mode", mode).out.split()
    assert "Withdrawn: no answer shows it. Bring it back with: searcher remove --undo deal\n" in (
        cli("show", "deal").out
    )
    assert cli("remove", "deal", "--json").json == {"withdrawn": 0}
    assert cli("remove", "--undo", "deal", "--json").json == {"restored": 1}
    assert "deal" in cli("search", "strike deal", "--ids").out.split()


def test_removing_an_unknown_id_changes_nothing(cli: Cli, news):
    """
    One unknown id among known ones: an error that names it, and all stay.
    """
    ran = cli("remove", "deal", "nobody")
    assert ran.code == 1
    assert "nobody" in ran.err
    assert cli("status", "--json").json["withdrawn"] == 0


def test_standard_input_is_read(cli: Cli, monkeypatch):
    """
    `add -` reads articles from standard input, which is called that wherever it is named.
    """
    ran = cli("add", "-", "--json", stdin=json.dumps(LINES[0]).encode() + b"\n")
    assert (ran.code, ran.json["added"]) == (0, 1)
    assert "read from  standard input\n" in cli("show", "one").out
    assert "  standard input: it is empty\n" in cli("add", "-").out
    assert cli("similar", "-").err == "Error: standard input: it is empty\n"


def test_what_relative_times_count_from_must_be_a_date(cli: Cli, tmp_path):
    """
    `--as-of` takes a date in any form of the query language, and nothing else.
    """
    path = jsonl(tmp_path / "news.jsonl", LINES)
    ran = cli("add", path, "--as-of", "last spring")
    assert ran.code == 2
    assert "'last spring' is not a date" in ran.err
    assert cli("add", path, "--as-of", "2025-07-23T12:00Z").code == 0


def test_adding_again_says_what_it_brought_back(cli, tmp_path):
    """
    A withdrawn article that is added again is back, and the receipt says so.
    """
    path = tmp_path / "one.jsonl"
    path.write_text('{"id": "a", "title": "Crane", "text": "A crane fell into the harbour."}\n')
    assert "brought back" not in cli("add", str(path)).out
    cli("remove", "a")
    assert cli("search", "crane", "--ids").out.split() == []
    assert "1 withdrawn article brought back" in cli("add", str(path)).out
    assert cli("search", "crane", "--ids").out.split() == ["a"]
