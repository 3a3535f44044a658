"""`doctor`, `backup`, `restore`, `export` at the terminal: what is said, and with which code."""

import json

import pytest

from searcher.errors import SearcherError
from tests.cli.conftest import Cli


def test_doctor_says_that_all_is_well(cli: Cli, news):
    """
    A line for each check, and code 0.
    """
    ran = cli("doctor")
    assert ran.code == 0
    assert ran.out.splitlines()[-1] == "All is well."
    assert all(line.startswith("ok ") for line in ran.out.splitlines()[:-1])
    found = cli("doctor", "--json", "--deep").json
    assert (found["broken"], found["needs_a_person"], found["repairs"]) == (False, False, [])


def test_doctor_mends_what_can_be_mended(cli: Cli, news):
    """
    Code 1 while it can be mended and when it was, with what was done; then 0.
    """
    (news / "indexes" / "CURRENT").write_text("nonsense")
    ran = cli("doctor")
    assert ran.code == 1
    assert "broken  index" in ran.out
    assert "searcher doctor --repair" in ran.out.splitlines()[-1]
    ran = cli("doctor", "--repair")
    assert ran.code == 1
    assert "mended  built generation 2 anew (0 encoded, " in ran.out
    assert ran.out.splitlines()[-1] == "All is well now."
    assert cli("doctor").code == 0


def test_doctor_says_when_a_person_is_needed(cli: Cli, news):
    """
    Code 2, with the article and what to do.
    """
    path = news / "articles.db"
    path.write_bytes(path.read_bytes().replace(b"Nobody was prosecuted", b"Nebody was prosecuted"))
    ran = cli("doctor", "--repair")
    assert ran.code == 2
    assert "'dam'" in ran.out
    assert "searcher restore" in ran.out
    assert ran.out.splitlines()[-1] == "This needs a person."
    ran = cli("search", "dam inquiry")
    assert ran.code == 0
    assert "searcher doctor" in ran.out


def test_a_library_is_backed_up_and_restored(cli: Cli, news, tmp_path):
    """
    What was found is found again, and each step says the next one.
    """
    file = tmp_path / "news.tar"
    ran = cli("backup", str(file))
    assert ran.code == 0
    assert ran.out.startswith(f"5 articles in 5 revisions written to {file} (")
    ran = cli("backup", str(file))
    assert ran.code == 2
    assert "--force" in ran.err
    assert cli("backup", str(file), "--force", "--json").json["revisions"] == 5
    other = ["--home", str(tmp_path / "other")]
    ran = cli(*other, "restore", str(file))
    assert ran.code == 0
    assert "Run: searcher rebuild" in ran.out
    assert cli(*other, "rebuild").code == 0
    assert cli(*other, "search", "strike", "--ids").out == cli("search", "strike", "--ids").out
    ran = cli(*other, "restore", str(file))
    assert ran.code == 2
    assert "already" in ran.err
    ran = cli(*other, "restore", str(file), "--force")
    assert ran.code == 0
    assert "What was there is kept in" in ran.out
    ran = cli(*other, "restore", str(news / "articles.db"), "--force")
    assert ran.code == 1
    assert "is no whole backup of searcher" in ran.err


def test_articles_are_exported_and_added_again(cli: Cli, news, tmp_path):
    """
    To a file or standard output, live or with their history; `add` reads either.
    """
    cli("remove", "dam")
    ran = cli("export")
    assert (ran.code, ran.err) == (0, "")
    ids = [json.loads(line)["id"] for line in ran.out.splitlines()]
    assert ids == ["wire", "reprint", "deal", "undated"]
    file = tmp_path / "all.jsonl"
    assert cli("export", "--all", str(file)).out == f"6 revisions written to {file}\n"
    assert cli("export", "--all").out == cli("export", "--all", "-").out == file.read_text()
    assert cli("export", str(file)).code == 2
    other = ["--home", str(tmp_path / "other")]
    assert cli(*other, "add", str(file)).code == 0
    assert cli(*other, "export", "--all").out == file.read_text()
    assert cli(*other, "search", "dam inquiry", "--ids").out == cli("search", "dam inquiry", "--ids").out
    assert cli("similar", str(file), "--ids").code == 0


def test_an_export_goes_on_past_damage(cli: Cli, news):
    """
    What cannot be read is named on standard error, with code 1; all others are written.
    """
    path = news / "articles.db"
    path.write_bytes(path.read_bytes().replace(b"Nobody was prosecuted", b"Nebody was prosecuted"))
    ran = cli("export")
    assert ran.code == 1
    assert len(ran.out.splitlines()) == 4
    assert "Left out: Article 'dam'" in ran.err


@pytest.mark.parametrize("command", ["backup", "export"])
def test_a_place_that_cannot_be_written_is_named_as_it_was_typed(cli: Cli, news, tmp_path, command):
    """
    A directory that is not there, and a name that the system refuses: said in words of the user's, not of the file that
    is written beside; nothing is left over.
    """
    ran = cli(command, str(tmp_path / "nodir" / "b"))
    assert ran.code == 2
    assert ran.err.startswith(f"Error: There is no directory '{tmp_path / 'nodir'}'. Make it first")
    before = sorted(tmp_path.iterdir())
    name = "n" * 250  # Alone it is short enough; the one beside it is longer.
    ran = cli(command, str(tmp_path / name))
    assert (ran.code, ran.err) == (1, f"Error: File name too long: {tmp_path / name}\n")
    assert sorted(tmp_path.iterdir()) == before


def test_a_disk_that_fails_while_the_library_is_copied_is_said_of_the_backup(
    cli: Cli, news, tmp_path, monkeypatch
):
    """
    What SQLite says of its own file is turned into the name that was typed.
    """

    def refuse(store, target):
        raise SearcherError(f"The disk is full: nothing of this batch was stored in {target}.")

    monkeypatch.setattr("searcher.store.Store.copy_to", refuse)
    ran = cli("backup", str(tmp_path / "b.tar"))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"Error: {tmp_path / 'b.tar'} could not be written. Check the free space")
    assert not list(tmp_path.glob(".b.tar*"))
