"""kill -9 at any moment of add, update and rebuild: what was acknowledged is there, and the next update completes."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from searcher.index.generation import Indexes
from searcher.index.segment import Segment
from tests.fake_encoder import FakeEncoder
from tests.library.samples import MODES, NOW, article, ids, invented, new_library, news

TRIALS = 20
BATCHES = 200


def make(trial, number):
    """Give the articles of one batch of one trial: three new ones, and a correction of the batch before."""
    random = Random(f"{trial} {number}")
    made = [invented(f"{trial}-{number}-{n}", random) for n in range(3)]
    return [*made, article(f"{trial}-{number - 1}-0", f"Corrected harbour strike {trial} {number}.")]


def work(home, trial, how, told):
    """Do one thing again and again until killed, and tell when each was done."""
    with new_library(Path(home), encoder=FakeEncoder()) as library:
        for number in range(BATCHES):
            if how == "add":
                library.add(*make(trial, number), now=NOW)
            elif how == "update":
                library.add(*make(trial, number), index=False, now=NOW)
                told.send(number)
                library.update()
                continue
            else:
                library.rebuild()
            told.send(number)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["add", "update", "rebuild"])
def test_nothing_is_lost_by_kill_9(tmp_path, how):
    """
    Twenty times a process is killed somewhere in its work. Each time: every acknowledged article is in the store, of
    the batch at work all or none; the library opens and answers, from the old generation or the new; the next update
    completes; then every live article is found by its own id's state, once, and none is in the index twice.
    """
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([__name__, "faiss", "searcher.library.library"])
    random = Random(how)
    home = tmp_path / "library"
    with new_library(home) as library:
        library.add(*news(40), now=NOW)
    for trial in range(TRIALS):
        told, teller = processes.Pipe(duplex=False)
        worker = processes.Process(target=work, args=(str(home), trial, how, teller))
        worker.start()
        teller.close()
        acknowledged = [told.recv() for _ in range(random.randint(1, 3))]
        # Somewhere in the next work by now, or in the one after: where, chance and the machine decide.
        for _ in range(random.randint(0, 2)):
            if told.poll(random.random() * 0.1):
                acknowledged.append(told.recv())
        worker.kill()
        worker.join()
        while True:
            try:
                acknowledged.append(told.recv())
            except EOFError:
                break
        told.close()
        worker.close()
        assert acknowledged == list(range(len(acknowledged)))
        assert len(acknowledged) < BATCHES
        check(home, trial, len(acknowledged) if how != "rebuild" else 0)


def check(home, trial, batches):
    """Open the library that a dead process left, and claim what holds of it; then update it, and claim the rest."""
    with new_library(home) as library:
        for number in range(batches):
            for one in make(trial, number)[:3]:
                kept = library.store.revisions(one.article_id)
                assert one in [revision.article for revision in kept]
        at_work = [library.store.find(one.article_id) is not None for one in make(trial, batches)[:3]]
        assert len(set(at_work)) == 1
        for mode in MODES:
            assert library.search("harbour strike", mode=mode, now=NOW).total > 0
        assert all(times == 1 for times in indexed(home).values())
        library.update()
        assert set(indexed(home)) == {revision.seq for revision in library.store.live()}
        assert all(times == 1 for times in indexed(home).values())
        found = ids(library.search("NOT qwxz", limit=10_000, fold=False, now=NOW))
        assert sorted(found) == sorted(revision.article.article_id for revision in library.store.live())
        assert library.update().changed is False
        assert library.store.check() == []


def indexed(home):
    """Count how often each seq is live in the current generation."""
    indexes = Indexes(home / "indexes")
    seqs: Counter[int] = Counter()
    generation = indexes.read()
    for info, mask in zip(generation.segments, generation.live, strict=True):
        table = Segment(indexes.segments / info.name, info).table
        seqs.update((table.seq if mask is None else table.seq[mask]).tolist())
    return seqs
