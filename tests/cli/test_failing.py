"""Errors become messages and exit codes, and `--home` may stand anywhere."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from searcher import errors
from searcher.cli.failing import Interrupted, exit_code, home_first, run, tell


def failing(error):
    """An app whose one command raises `error`."""
    app = typer.Typer(pretty_exceptions_enable=False)

    @app.command()
    def command(json: bool = False) -> None:
        raise error

    return app


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InputError("x"), 2),
        (errors.ArticleNotFound("x"), 1),
        (errors.SourceUnreadable("x"), 1),
        (errors.SettingsError("x"), 1),
        (errors.NoIndex("x"), 3),
        (errors.IndexOutdated("x"), 3),
        (errors.IndexDamaged("x"), 3),
        (errors.LibraryBusy("x"), 1),
        (errors.EncoderUnavailable("x"), 1),
        (errors.StoreDamaged("x"), 1),
        (typer.BadParameter("x"), 2),
        (KeyboardInterrupt(), 130),
        (OSError(28, "No space left on device"), 1),
        (RuntimeError("x"), 1),
    ],
)
def test_each_error_has_its_code(error, code, capsys):
    """
    Each kind of error gives its documented exit code and one message without a traceback.
    """
    assert exit_code(error) == code
    assert run(failing(error), []) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.strip()
    assert "Traceback" not in said.err


def test_a_message_is_one_line_without_escapes(capsys):
    """
    What strangers wrote into a message cannot move the cursor or begin a new line.
    """
    assert tell(errors.ArticleNotFound("No article 'a\x1b[31m\nb\u202e'.")) == 1
    assert capsys.readouterr().err == "Error: No article 'a[31m b'.\n"


def test_the_unexpected_asks_for_a_report(capsys, monkeypatch):
    """
    A bug says what it was and how to see more; with SEARCHER_DEBUG the traceback follows.
    """
    monkeypatch.delenv("SEARCHER_DEBUG", raising=False)
    assert run(failing(ZeroDivisionError("by zero")), []) == 1
    said = capsys.readouterr().err
    assert said.startswith("Error: Unexpected ZeroDivisionError: by zero. Please report")
    assert said.count("\n") == 1
    monkeypatch.setenv("SEARCHER_DEBUG", "1")
    assert run(failing(ZeroDivisionError("by zero")), []) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("indexed", "answers"), [(True, "the old indexes still answer"), (False, "there is no index yet")]
)
def test_interrupted_work_says_what_is_kept(capsys, indexed, answers):
    """
    Ctrl-C during work says what remains, whether anything answers, and what to run, with code 130.
    """
    from searcher.cli.progress import reporting

    with pytest.raises(Interrupted) as caught, reporting(waiting="indexing", indexed=lambda: indexed):
        raise KeyboardInterrupt
    assert run(failing(caught.value), []) == 130
    assert capsys.readouterr().err == (
        f"Interrupted: what was added is kept; {answers}. Run: searcher update\n"
    )


@pytest.mark.parametrize(
    ("number", "step"),
    [
        (errno.ENOSPC, "Free some space"),
        (errno.EROFS, "permissions"),
        (errno.EIO, "searcher doctor"),
        (errno.EMFILE, "ulimit"),
    ],
)
def test_what_the_system_refuses_is_said_with_the_next_step(capsys, number, step):
    """
    A full, failing or read-only disk and a lack of file descriptors: what, where, and what to do.
    """
    assert tell(OSError(number, os.strerror(number), "/news/indexes/CURRENT")) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"Error: {os.strerror(number)}: /news/indexes/CURRENT. ")
    assert step in said and said.count("\n") == 1


def test_a_reader_that_leaves_is_no_error(tmp_path):
    """
    A pipe that closes early (`| head`) gives no message and code 0.
    """
    code = (
        "import sys; from searcher.cli.failing import run; import typer\n"
        "app = typer.Typer()\n"
        "@app.command()\n"
        "def many():\n"
        "    for _ in range(200_000): print('a line of text')\n"
        "sys.exit(run(app, []))"
    )
    ran = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ
    )
    assert ran.stdout is not None
    assert ran.stderr is not None
    assert ran.stdout.readline() == b"a line of text\n"
    ran.stdout.close()
    assert ran.stderr.read() == b""
    ran.stderr.close()
    assert ran.wait() == 0


@pytest.mark.parametrize("command", [["status"], ["show", "deal"], ["search", "--mode", "lexical", "strike"]])
def test_a_reader_that_left_before_a_page_for_people_is_no_error(news, command):
    """
    What is laid out for people ends as quietly as what is not, in a process of its own.
    """
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [sys.executable, "-m", "searcher", "--home", str(news), *command],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [(["--help"], 1, "No space left on device"), (["status", "--json"], 3, "No library in")],
)
def test_output_that_cannot_be_written_is_an_error_in_one_line(tmp_path, arguments, code, said):
    """
    Standard output on a full disk: one line on standard error, also where the error itself is to be printed, and a code
    that is not 0.
    """
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "searcher", "--home", str(tmp_path), *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ran.returncode == code
    assert said in ran.stderr and ran.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["search", "a", "--home", "x"], ["--home", "x", "search", "a"]),
        (["search", "--home=x", "a"], ["--home=x", "search", "a"]),
        (["--home", "x", "status"], ["--home", "x", "status"]),
        (["search", "--", "--home", "x"], ["search", "--", "--home", "x"]),
        (["status", "--home"], ["status", "--home"]),
        ([], []),
    ],
)
def test_home_may_stand_anywhere(typed, meant):
    """
    `--home` is moved to the front from wherever it was typed, but not from behind `--`.
    """
    assert home_first(typed) == meant


@given(st.lists(st.sampled_from(["--home", "--home=h", "--", "a", "-n", "1"])))
def test_nothing_typed_is_lost(typed):
    """
    Moving `--home` keeps every argument, and the order of all others.
    """
    meant = home_first(typed)
    assert sorted(meant) == sorted(typed)
    assert home_first(meant) == meant
