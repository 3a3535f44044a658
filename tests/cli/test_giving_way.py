"""Who writes indexes comes after those who ask."""

import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager

import pytest

from searcher.index.generation import Indexes
from tests.cli.conftest import Cli
from tests.cli.test_keeping import LINES, jsonl

PROGRAM = """
import os, sys
from searcher.cli import main
from searcher.library import library
from tests.fake_encoder import FakeEncoder
library.load_encoder = lambda settings: FakeEncoder()
code = main(sys.argv[1:])
print(code, os.nice(0))
"""


@contextmanager
def read_by_somebody(home):
    """Hold the generation that answers, as a server does."""
    with Indexes(home / "indexes").hold():
        yield


@pytest.mark.parametrize("read", [True, False])
def test_a_writer_comes_after_readers(news, tmp_path, read):
    """A command that indexes lowers its priority while another process answers from this library, and else not."""
    with ExitStack() as stack:
        if read:
            stack.enter_context(read_by_somebody(news))
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM, "--home", news, "add", jsonl(tmp_path / "news.jsonl", LINES)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            check=True,
        )
    here = os.nice(0)
    assert ran.stdout.splitlines()[-1] == f"0 {min(19, here + 10) if read else here}"
    assert "2 added" in ran.stdout


@pytest.mark.parametrize(
    ("command", "gives_way"),
    [
        (["add", "-"], True),
        (["update"], True),
        (["rebuild"], True),
        (["remove", "--undo", "deal"], True),
        (["doctor"], True),
        (["remove", "deal"], False),
        (["search", "strike"], False),
        (["status"], False),
    ],
)
def test_only_who_writes_indexes_gives_way(cli: Cli, news, monkeypatch, command, gives_way):
    """Commands that index do, and the doctor, who reads every byte; those that answer do not."""
    lowered = []
    monkeypatch.setattr(os, "nice", lowered.append)
    assert cli(*command).code in (0, 4) and lowered == []
    with read_by_somebody(news):
        assert cli(*command).code in (0, 4)
    assert lowered == ([10] if gives_way else [])
