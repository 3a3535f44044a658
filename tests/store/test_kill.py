"""A writer that is killed at any moment loses nothing that it acknowledged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from searcher.store import Store
from tests.store.samples import NOW, article

# Adds batch after batch, and says so after each.
_WRITER = """
import sys
from pathlib import Path
from searcher.store import Store
from tests.store.samples import NOW, article
store, trial, size = Store.open(Path(sys.argv[1]), create=True), sys.argv[2], int(sys.argv[3])
number = 0
while True:
    names = [f"{trial} {number} {n}" for n in range(size)]
    store.add([article(name, f"Body {name}. " * 400) for name in names], now=NOW)
    print(number, flush=True)
    number += 1
"""


@pytest.mark.parametrize("trial", range(15))
def test_what_was_acknowledged_survives_a_kill(tmp_path_factory, trial):
    """
    After a writer was killed, every batch that it acknowledged is there, the one at work is there whole or
    not at all, the library is sound, and writing goes on.
    """
    path = tmp_path_factory.getbasetemp() / "killed" / "articles.db"  # One library for all trials.
    random = Random(trial)
    size, last = random.choice([1, 3, 10]), random.randint(0, 25)
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path), str(trial), str(size)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    with writer:
        assert writer.stdout is not None
        acknowledged = [next(writer.stdout) for _ in range(last + 1)]
        # It is somewhere in the next batch by now; where, the machine decides.
        for _ in range(random.randint(0, 3000)):
            random.random()
        writer.kill()
        acknowledged += list(writer.stdout)
    batches = len(acknowledged)
    with Store.open(path) as store:
        for number in range(batches):
            for n in range(size):
                name = f"{trial} {number} {n}"
                expected = article(name, f"Body {name}. " * 400)
                assert store.latest(name).article == expected
        unasked = [store.find(f"{trial} {batches} {n}") is not None for n in range(size)]
        assert len(set(unasked)) == 1
        assert store.find(f"{trial} {batches + 1} 0") is None
        assert store.check() == []
        store.add([article(f"{trial}-after")], now=NOW)
        assert store.counts().last_seq == store.counts().revisions
