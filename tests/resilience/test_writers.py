"""Several processes want to write at once: one does, the others say so, and nothing is lost or mixed."""

from __future__ import annotations

from pathlib import Path

import pytest

from searcher.errors import LibraryBusy
from tests.library.samples import NOW, new_library
from tests.resilience.acts import PROCESSES, begin_library, check, make
from tests.resilience.trials import count, figures, random_of


def race(home, act, trial, wait_s, gate, told):
    """Wait for the start, then write once; tell how it went."""
    with new_library(Path(home)) as library:
        gate.wait()
        try:
            if act == "add":
                library.add(*make(trial, 0), wait_s=wait_s, now=NOW)
            else:
                getattr(library, act)(wait_s=wait_s)
            told.send(("won", ""))
        except LibraryBusy as error:
            told.send(("busy", str(error)))
        except Exception as error:
            told.send(("failed", f"{type(error).__name__}: {error}"))


@pytest.mark.slow
def test_writers_race(tmp_path):
    """
    Two to eight processes begin to write at the same moment. Without waiting at least one wins, and each other one is
    told who writes and what to do; what the winners added is there, of the others nothing. Those that wait all win.
    """
    random = random_of("writers")
    said = {"races": 0, "won": 0, "told who writes": 0}
    with figures("writers", said):
        for number in range(count("writers")):
            if number % 50 == 0:  # It would grow for ever.
                begin_library(home := tmp_path / f"library {number}")
            wait_s = random.choice([0.0, 0.0, 60.0])
            acts = [random.choice(["add", "add", "update", "rebuild"]) for _ in range(random.randint(2, 8))]
            trials = [f"race{number}.{n}" for n in range(len(acts))]
            outcomes = run(home, acts, trials, wait_s)
            assert all(how in ("won", "busy") for how, _ in outcomes), outcomes
            won = [how == "won" for how, _ in outcomes]
            assert all(won) if wait_s else any(won)
            for how, message in outcomes:
                if how == "busy":
                    assert "is writing to" in message and "--wait" in message
            adding = [
                (one, int(has)) for one, has, act in zip(trials, won, acts, strict=True) if act == "add"
            ]
            check(home, adding)
            with new_library(home) as library:
                for trial, added in adding:
                    assert (library.store.find(f"{trial}-0-0") is not None) == added
            said["races"] += 1
            said["won"] += sum(won)
            said["told who writes"] += len(won) - sum(won)
    assert said["told who writes"]


def run(home, acts, trials, wait_s):
    """Let one process for each act begin at the same moment; give how each ended."""
    gate = PROCESSES.Barrier(len(acts))
    pipes, processes = [], []
    for act, trial in zip(acts, trials, strict=True):
        ours, theirs = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(target=race, args=(str(home), act, trial, wait_s, gate, theirs))
        process.start()
        theirs.close()
        pipes.append(ours)
        processes.append(process)
    outcomes = [pipe.recv() for pipe in pipes]
    for process in processes:
        process.join()
        process.close()
    return outcomes
