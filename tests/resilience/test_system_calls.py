"""
Each system call of `searcher add`, with the update that follows it, is the last one, or fails.

strace attaches to a process that is about to run the command, and injects the fault. Where strace is missing or may not
attach, tests/library/test_interrupted.py still fails each write, sync and rename from inside.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from searcher.cli import main
from searcher.cli.failing import SOME_REJECTED
from tests.library.samples import NOW, article, new_library, news
from tests.resilience.acts import KEPT, PROCESSES, check
from tests.resilience.trials import count, figures, seed

# A process that dies between two calls that change the disk leaves what it leaves at the second: those that read
# only fail.
WRITING = ["write", "pwrite64", "fsync", "fdatasync", "ftruncate", "fallocate", "mkdir", "mkdirat"]
WRITING += ["rename", "renameat", "renameat2"]
REMOVING = ["unlink", "unlinkat", "rmdir"]
READING = ["read", "pread64", "getdents64", "lseek", "newfstatat", "fstat", "stat", "flock"]
OPENING = ["openat", "open"]
FAULTS = {
    **dict.fromkeys(READING, ("error=EIO",)),
    **dict.fromkeys(REMOVING, ("signal=KILL", "error=EIO")),
    **dict.fromkeys(WRITING, ("signal=KILL", "error=EIO", "error=ENOSPC")),
    **dict.fromkeys(OPENING, ("signal=KILL", "error=EIO", "error=ENOSPC", "error=EMFILE")),
}
CALLS = ",".join(FAULTS)
NEW = 5
KILLED = -9


def run_command(home, go, output):
    """Wait until we are traced, then run `searcher add`; the exit code is the command's."""
    os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT), 1)
    os.dup2(1, 2)
    go.send(b"?")
    go.recv(1)
    os._exit(main(["--home", home, "add", f"{home}/news.jsonl"]))


def traced(home, *injected):
    """Run the command under strace; give its exit code, what it said, and strace's log."""
    ours, theirs = socket.socketpair()
    output, log = home / "output", home / "strace.log"
    child = PROCESSES.Process(target=run_command, args=(str(home), theirs, str(output)))
    child.start()
    theirs.close()
    ours.recv(1)
    command = ["strace", "-f", "-o", str(log), "-p", str(child.pid), "-e", f"trace={CALLS}", *injected]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    with tracer:
        assert tracer.stderr is not None
        attached = tracer.stderr.readline()
        if "attached" not in attached:
            child.kill()
            tracer.kill()
            ours.close()
            if injected:  # It could be done a moment ago.
                raise OSError(attached)
            pytest.skip(f"strace may not attach here: {attached.strip()}")
        with suppress(OSError):
            ours.send(b"!")
        child.join(60)
        code = child.exitcode
        child.kill()
        ours.close()
        tracer.wait(20)
    return (
        code,
        output.read_text(errors="replace") if output.exists() else "",
        log.read_text(errors="replace"),
    )


def the_library_before(home: Path) -> None:
    """Make a library that the next update joins: three segments, one correction and one withdrawal, and news wait."""
    with new_library(home) as library:
        for number in range(4):
            library.add(*news(10, seed=number, prefix=f"{KEPT}{number}-"), index=number < 3, now=NOW)
        library.add(article(f"{KEPT}0-1", "Corrected: harbour strike."), index=False, now=NOW)
    lines = [
        json.dumps(
            {"id": f"new-{n}", "title": f"New {n}", "body": f"Harbour strike vote {n}, said the mayor."}
        )
        for n in range(NEW)
    ]
    (home / "news.jsonl").write_text("\n".join(lines))
    # The chunker's words are those of the libraries for tests.
    (home / "searcher.toml").write_text("[chunks]\nwords = 20\n")


def claim(home, code, said):
    """Claim what must hold after the command ended so; give how it ended."""
    assert "Traceback" not in said, said
    with new_library(home) as library:
        stored = sum(library.store.find(f"new-{n}") is not None for n in range(NEW))
        if code == SOME_REJECTED:  # The file could not be read to its end.
            assert f"{stored} added" in said and "1 rejected" in said
        else:
            assert stored in (0, NEW)
        if code in (0, SOME_REJECTED):
            assert (stored == NEW or code) and library.status().waiting == 0
            assert library.search("title:new", limit=50, now=NOW).total == stored
        elif code != KILLED:
            assert re.search("Error: .+", said), (code, said)
    check(home, [])
    return {0: "whole", KILLED: "killed"}.get(code, "refused")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_fault_at_every_system_call(tmp_path):
    """
    Whichever call the process dies at, or is told that the disk failed, is full or that there are too many files: it
    exits 0 only if all is stored and found; else it says so without a traceback, the batch is stored whole or not at
    all, the library opens and answers, and the next update completes.
    """
    the_library_before(tmp_path / "before")
    shutil.copytree(tmp_path / "before", tmp_path / "trial")
    code, said, log = traced(tmp_path / "trial")
    assert code == 0, said
    assert claim(tmp_path / "trial", code, said) == "whole"
    times = Counter(re.findall(r"^\d+ +(\w+)\(", log, re.MULTILINE))
    assert times["fsync"] > 10 and times["pwrite64"] > 10
    faults = [(call, n, how) for call in FAULTS for n in range(1, times[call] + 1) for how in FAULTS[call]]
    stride = count("system_calls")
    ended: Counter[str] = Counter()
    wrong: list[str] = []
    told = {"system calls": sum(times[call] for call in FAULTS)}
    with figures("system_calls", told):
        for call, n, how in faults[seed() % stride :: stride]:
            home = tmp_path / "trial"
            shutil.rmtree(home)
            shutil.copytree(tmp_path / "before", home)
            code, said, _ = traced(home, "-e", f"inject={call}:{how}:when={n}")
            try:
                ended[claim(home, code, said)] += 1
            except Exception as error:
                wrong.append(
                    f"{call} number {n} with {how}: exit code {code}, {type(error).__name__}: {error}\n{said}"
                )
            told.update({"faults": sum(ended.values()) + len(wrong), **ended, "wrong": len(wrong)})
    assert not wrong, "\n".join(wrong)
    assert ended["killed"] and ended["refused"] and ended["whole"]
