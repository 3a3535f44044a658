"""The help teaches: every command says what it does and shows it, and it answers at once."""

import inspect
import re
import shlex
import subprocess
import sys

import pytest
import typer

from searcher.cli.app import app
from searcher.cli.failing import EXIT_CODES, home_first
from tests.cli.conftest import Cli

GROUP = typer.main.get_command(app)
COMMANDS = (
    "add",
    "search",
    "similar",
    "show",
    "status",
    "remove",
    "rejects",
    "update",
    "rebuild",
    "serve",
    "doctor",
    "backup",
    "restore",
    "export",
    "evaluate",
    "tune",
    "demo",
)
_SHELL = {"|", ">", "<"}


def examples(name):
    """The command lines that a command's help shows, without prompt and what the shell does."""
    help_ = inspect.cleandoc(GROUP.commands[name].help or "")
    found = []
    for line in help_.partition("Examples:")[2].splitlines():
        words = shlex.split(line)
        if "searcher" in words:
            words = words[words.index("searcher") + 1 :]
            ends = [n for n, word in enumerate(words) if word in _SHELL]
            found.append(words[: ends[0]] if ends else words)
    return found


def test_every_command_is_there():
    """
    The commands are those that the documentation names.
    """
    assert tuple(GROUP.commands) and set(GROUP.commands) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example_that_parses(name):
    """
    Each command's help has a summary and at least one example, and each example is a command line that it takes.
    """
    assert len(inspect.cleandoc(GROUP.commands[name].help).splitlines()[0]) < 60
    own = []
    for words in examples(name):
        with GROUP.make_context("searcher", home_first(words)) as context:
            called, command, rest = GROUP.resolve_command(
                context, words[words.index(name) :] if name in words else words
            )
            command.make_context(called, rest, parent=context).close()
            own.append(called == name)
    assert any(own)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name):
    """
    Each argument and option of each command has help.
    """
    assert [one.name for one in GROUP.commands[name].params if not one.help] == []


def test_help_lists_commands_and_exit_codes(cli: Cli):
    """
    `searcher --help` lists all commands and all exit codes.
    """
    ran = cli("--help")
    assert (ran.code, ran.err) == (0, "")
    for name in COMMANDS:
        assert re.search(rf"^  {name} ", ran.out, re.MULTILINE)
    assert " ".join(EXIT_CODES.split()) in " ".join(ran.out.split())


def test_the_version_is_printed(cli: Cli):
    """
    `searcher --version` gives the version of the package.
    """
    from searcher import __version__

    assert cli("--version").out == f"searcher {__version__}\n"


def test_help_loads_no_engine():
    """
    `searcher --help` imports neither numpy nor any engine nor rich: it must be fast.
    """
    code = (
        "import sys; from searcher.cli import main; main(['--help']); main(['search', '--help'])\n"
        "slow = {'numpy', 'torch', 'faiss', 'whoosh', 'rich', 'onnxruntime', 'trafilatura', 'httpx'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    assert ran.stdout.splitlines()[-1] == "[]"
