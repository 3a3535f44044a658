"""Wrong inputs: each gives a clear message on one line, the right exit code, and costs nothing else."""

from shutil import rmtree

import pytest

from tests.cli.conftest import Cli


def said_on_one_line(err: str) -> bool:
    return err.startswith("Error: ") and err.count("\n") == 1 and "Traceback" not in err


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.txt", b""),
        ("photo.jpg", b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20),
        ("cut.jsonl", b'{"title": "A'),
    ],
)
def test_a_file_that_is_no_article_is_rejected(cli: Cli, news, tmp_path, name, data):
    """
    An empty file, a binary file and broken JSON are rejected with their name; a good file beside them is kept.
    """
    bad, good = tmp_path / name, tmp_path / "good.txt"
    bad.write_bytes(data)
    good.write_text(
        "Ferry sinks at dawn\n\nThe ferry to Port Ellery sank at dawn. All were saved by fishermen.\n"
    )
    ran = cli("add", str(bad), str(good))
    assert ran.code == 4
    assert "1 added, 0 changed, 0 unchanged, 1 rejected" in ran.out
    assert name in ran.out
    assert "Traceback" not in ran.err
    assert cli("status", "--json").json["articles"] == 6


def test_a_missing_file_is_named(cli: Cli, news, tmp_path):
    """
    A path that does not exist is rejected by name, with code 4.
    """
    ran = cli("add", str(tmp_path / "nowhere.jsonl"))
    assert ran.code == 4
    assert "nowhere.jsonl: there is no such file" in ran.out
    assert "Traceback" not in ran.err
    assert cli("status", "--json").json["articles"] == 5


@pytest.mark.parametrize("command", ["show", "similar", "remove"])
def test_an_unknown_id_is_an_error(cli: Cli, news, command):
    """
    An id that is not in the library gives code 1 and is named.
    """
    ran = cli(command, "nobody")
    assert ran.code == 1
    assert said_on_one_line(ran.err)
    assert "nobody" in ran.err


@pytest.mark.parametrize("query", ["", "   "])
def test_an_empty_query_is_a_usage_error(cli: Cli, news, query):
    """
    A query without anything in it gives code 2 and an example.
    """
    ran = cli("search", query)
    assert ran.code == 2
    assert said_on_one_line(ran.err)
    assert "searcher search" in ran.err


def test_a_word_left_out_that_looks_like_an_option_is_explained(cli: Cli, news):
    """
    `-word` where an argument begins, quoted or not, is taken for an option; the error says how to write it, and that
    works.
    """
    for query in (["strike", "-kyiv"], ["-football"], ["-lang:en"]):
        ran = cli("search", *query)
        assert ran.code == 2
        assert "put -- before the query: searcher search -- strike -port" in ran.err
    assert "--" not in cli("show", "deal", "-kyiv").err.splitlines()[-1]
    assert cli("search", "--ids", "--", "strike", "-deal").out.split() == ["wire"]
    assert cli("search", "--ids", "--", "-lang:de").out.split()


@pytest.mark.parametrize("query", ['"((((', "((((", '"', "AND OR NOT", "title:", "-", "*", "~9 ~~ ]["])
def test_a_malformed_query_is_never_a_failure(cli: Cli, news, query):
    """
    Whatever is typed is answered, or nothing was asked in it; it is never an error of the program.
    """
    ran = cli("search", "--", query)
    assert ran.code in (0, 2)
    assert "Unexpected" not in ran.err
    assert ran.code == 0 or said_on_one_line(ran.err)


@pytest.mark.parametrize(
    "query", ["забастовка докеров", "港の労働者がストライキ", "إضراب عمال الميناء", "🚢🏗"]
)
def test_a_query_in_another_script_is_answered(cli: Cli, news, query):
    """
    A query in another script gives an answer or says that nothing matches.
    """
    ran = cli("search", query, "--mode", "lexical")
    assert (ran.code, ran.err) == (0, "")
    assert "No good match" in ran.out


def test_a_lone_surrogate_is_answered(cli: Cli, news):
    """
    Bytes on the command line that are not UTF-8 reach the query as lone surrogates, and break nothing.
    """
    assert cli("search", "strike \udcff", "--json").code == 0
    assert "strike" in cli("search", "\udcff strike").out


@pytest.mark.parametrize(
    "command", [["search", "x"], ["similar", "x"], ["status"], ["update"], ["show", "x"]]
)
def test_where_no_library_is(cli: Cli, home, command):
    """
    Without a library, readers say so with code 3 and make none.
    """
    ran = cli(*command)
    assert ran.code == 3
    assert said_on_one_line(ran.err)
    assert not home.exists()


def test_a_library_without_an_index(cli: Cli, news):
    """
    Without an index, questions say what to run, with code 3.
    """
    rmtree(news / "indexes")
    for command in (["search", "strike"], ["similar", "deal"]):
        ran = cli(*command)
        assert ran.code == 3
        assert "searcher rebuild" in ran.err


def test_a_library_without_its_pointer(cli: Cli, news):
    """
    Where a generation can stand in for the one that should answer, it does, and a warning says what to run.
    """
    (news / "indexes" / "CURRENT").unlink()
    for command in (["search", "strike"], ["similar", "deal"]):
        ran = cli(*command)
        assert ran.code == 0
        assert "Warning: Generation 1 answers" in ran.out
    ran = cli("status")
    assert (ran.code, "searcher update" in ran.out) == (0, True)
    assert cli("update").code == 0
    assert "Warning" not in cli("search", "strike").out


def test_settings_that_mean_nothing_are_named(cli: Cli, news):
    """
    A wrong key in searcher.toml is named, with those that exist.
    """
    (news / "searcher.toml").write_text("[encoder]\nmodl = 'x'\n")
    ran = cli("search", "strike")
    assert ran.code == 1
    assert "no key 'modl'" in ran.err


def test_errors_are_json_too(cli: Cli, news):
    """
    With `--json` an error is one object on standard output, with its message and code.
    """
    for command, code in (
        (["show", "nobody"], 1),
        (["search", ""], 2),
        (["search", "x", "--limit", "no"], 2),
    ):
        ran = cli(*command, "--json")
        assert ran.code == code
        assert list(ran.json) == ["error", "code"]
        assert ran.json["code"] == code
        assert ran.json["error"]


def test_a_text_from_outside_that_is_no_article(cli: Cli, news, tmp_path):
    """
    `similar` with a file that holds no article says why.
    """
    empty = tmp_path / "empty.txt"
    empty.write_bytes(b"")
    ran = cli("similar", str(empty))
    assert ran.code == 1
    assert said_on_one_line(ran.err)
    assert "empty.txt" in ran.err


def test_a_second_writer_is_told_who_writes(cli: Cli, news):
    """
    While another process writes, each writing command says so with code 1 and changes nothing. (A withdrawal waits for
    nobody.)
    """
    from searcher.index.writer_lock import writer_lock

    for command in (["update"], ["rebuild"], ["remove", "deal", "--undo"], ["add", "nowhere.txt"], ["demo"]):
        with writer_lock(news):
            ran = cli(*command, "--wait", "0.01")
        assert ran.code == 1
        assert "is writing to" in ran.err
        assert "--wait" in ran.err
    assert cli("status", "--json").json["articles"] == 5


@pytest.mark.parametrize("command", [["search", "x"], ["add", "x.jsonl"], ["status"], ["demo"], ["rebuild"]])
def test_a_home_that_is_a_file(cli: Cli, home, command):
    """
    A file in the place of the library is named as what it is, and stays.
    """
    home.write_text("A note.")
    ran = cli(*command)
    assert ran.code == 1
    assert said_on_one_line(ran.err)
    assert "is a file, or lies below one" in ran.err
    assert home.read_text() == "A note."


def test_a_home_below_a_file(cli: Cli, home):
    """
    So is a home that cannot be made.
    """
    home.write_text("A note.")
    ran = cli("--home", str(home / "below"), "add", "x.jsonl")
    assert ran.code == 1
    assert said_on_one_line(ran.err)
    assert "is a file, or lies below one" in ran.err
