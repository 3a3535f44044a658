"""A process that ends at once, and has kept what is promised at the end of one."""

import gc
import os
import subprocess
import sys

import pytest

from searcher.cli.process import ONCE, collect_again


def _run(script: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, **options
    )


def test_what_is_promised_at_the_end_is_done():
    """
    Threads end their work, idle pools hold nothing up, what was registered for the end runs, and all that was printed
    arrives.
    """
    done = _run(
        "import atexit, sys, threading\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from searcher.cli.process import end\n"
        "gate = threading.Event()\n"
        "threading.Thread(target=lambda: (gate.wait(), print('thread'))).start()\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "pool = ThreadPoolExecutor()\n"
        "pool.submit(print, 'pool').result()\n"
        "atexit.register(print, 'registered')\n"
        "print('printed')\n"
        "sys.stderr.write('said')\n"
        "threading.Timer(0.05, gate.set).start()\n"
        "end(4)\n"
    )
    assert (done.returncode, done.stderr) == (4, "said")
    assert done.stdout.split() == ["pool", "printed", "thread", "registered"]


def test_the_command_ends_with_its_code(tmp_path):
    """`python -m searcher` gives the code and the message that the command line gives."""
    done = subprocess.run(
        [sys.executable, "-m", "searcher", "--home", str(tmp_path), "search", "port"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr.startswith("Error: No")
    assert done.stdout == ""


def test_a_reader_who_left_is_no_error():
    """Output that nobody reads any more ends the process quietly, too."""
    reading, writing = os.pipe()
    os.close(reading)
    script = "from searcher.cli.process import end; print('x'); end(0)"
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        [sys.executable, "-c", script], stdout=writing, stderr=subprocess.PIPE, env=buffered, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("command", "collecting"), [("search", False), ("serve", True), ("add", True), (None, True)]
)
def test_only_what_answers_once_leaves_its_cycles(command, collecting):
    """Cycles are collected in every command that may work for long."""
    assert (command in ONCE) is not collecting
    gc.disable()
    try:
        collect_again(command)
        assert gc.isenabled() is collecting
    finally:
        gc.enable()
