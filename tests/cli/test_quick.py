"""Values that are evident are taken without a validator, and every command line means what Typer says it means."""

import subprocess
import sys

import pytest
import typer
from typer.core import TyperCommand

from searcher.cli.app import app
from searcher.cli.quick import QuickCommand
from searcher.library import open_library
from tests.fake_encoder import FakeEncoder
from tests.library.samples import article

COMMANDS = typer.main.get_command(app).commands

LINES = (
    "search words and more",
    "search words --mode lexical -n 5 --page 2 --source a --source b --copies --explain",
    "search words --mode hybrd",
    "search words -n 0",
    "search words -n 10001",
    "search words -n 1_0",
    "search words -n ٣",
    "search words -n -1",
    "search words -n 99999999999999999999999",
    "search words --offset 0 --weight .5",
    "search words --weight 2",
    "search words --since 7d --fusion rrf --model x",
    "search",
    "similar id --limit 3 --before-it",
    "similar",
    "add one two --wait 2",
    "add --source x",
    "rejects -n 3",
    "remove",
)


def parsed(words, kind):
    """What a command line gives its command in Typer's own way or ours, or what it is told instead."""
    command = COMMANDS[words[0]]
    with pytest.MonkeyPatch.context() as patch:
        if kind == "typer":
            patch.setattr(QuickCommand, "get_params", TyperCommand.get_params)
            for parameter in command.params:
                patch.delattr(parameter, "process_value", raising=False)
        try:
            with command.make_context(words[0], list(words[1:])) as context:
                return context.params
        except Exception as error:
            return type(error), error.format_message()


@pytest.mark.parametrize("line", LINES)
def test_a_line_means_what_typer_says(line):
    """Values and complaints are those of Typer's own way, value by value and type by type."""
    quick, typers = (parsed(line.split(), kind) for kind in ("quick", "typer"))
    assert quick == typers
    if isinstance(quick, dict):
        assert list(map(type, quick.values())) == list(map(type, typers.values()))


def test_every_command_is_quick():
    """No command was left out."""
    assert {type(command) for command in COMMANDS.values()} == {QuickCommand}


def test_a_search_imports_only_what_it_needs(tmp_path):
    """
    A search with options, by words, imports neither pydantic nor what reads articles, runs encoders or builds indexes,
    no stemmer for words that the index has, and nothing of what these bring along.
    """
    with open_library(tmp_path, create=True, encoder=FakeEncoder()) as library:
        library.add(
            article("one", "The harbours are closed, said the ministers.", title="Dock strikes go on")
        )
    line = [
        "--home",
        str(tmp_path),
        "search",
        "harbours strikes",
        "--mode",
        "lexical",
        "-n",
        "3",
        "--until",
        "2100",
    ]
    code = (
        f"import sys; from searcher.cli import main; assert main({line!r}) == 0\n"
        "slow = {'pydantic', 'lxml', 'searcher.ingest', 'onnxruntime', 'tokenizers', 'faiss', 'torch', 'httpx'}\n"
        "slow |= {'whoosh', 'http.client', 'numpy.ma', 'searcher.index.build', 'tarfile'}\n"
        "assert not slow & set(sys.modules), slow & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
