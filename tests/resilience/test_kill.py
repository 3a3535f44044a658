"""kill -9 at any moment of all that writes: what was acknowledged is there once, and the next update completes."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from tests.resilience.acts import ACTS, BATCHES, PROCESSES, begin_library, check, work
from tests.resilience.trials import count, figures, random_of


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_lost_by_kill_9(tmp_path, act):
    """
    A process is killed somewhere in its work, again and again. Each time: every acknowledged article is in the store,
    of the batch at work all or none; the library opens and answers, from the old generation or the new; the next update
    completes and leaves nothing about; then every live article is found, once.
    """
    random, took_s, home = random_of(act), 0.2, tmp_path / "library"
    said = {"kills": 0, "acknowledged": 0}
    with figures(f"kill {act}", said):
        for number in range(max(1, count("kill") // len(ACTS))):
            if number % 50 == 0:  # It would grow for ever.
                begin_library(home := tmp_path / f"library {number}")
            trial = f"{act}{number}"
            begun, done, took_s = kill_at_work(home, act, trial, random, took_s)
            # What is updated was added before the update began.
            batches = {"update": begun, "add": done, "merge": done}.get(act, 0)
            check(home, [(trial, batches)])
            said["kills"] += 1
            said["acknowledged"] += 3 * batches


def kill_at_work(home, act, trial, random, took_s):
    """
    Let a process work, and kill it somewhere in its first acts; `took_s`: how long one takes.

    Gives how often it began, how often it was done, and how long it took.
    """
    told, teller = PROCESSES.Pipe(duplex=False)
    worker = PROCESSES.Process(target=work, args=(str(home), act, trial, teller))
    worker.start()
    teller.close()
    heard = {"begin": 0, "done": 0}

    def hear():
        heard[told.recv()] += 1

    first = random.randint(1, 3)
    while heard["begin"] < first:
        hear()
        if heard["begin"] > heard["done"]:
            began = time.monotonic()
        else:
            took_s = time.monotonic() - began
    kill_at = time.monotonic() + random.random() * took_s * 1.2
    while (left := kill_at - time.monotonic()) > 0 and told.poll(left):
        hear()
    worker.kill()
    worker.join()
    with suppress(EOFError):
        while True:
            hear()
    told.close()
    worker.close()
    assert heard["done"] < BATCHES
    return heard["begin"], heard["done"], took_s
