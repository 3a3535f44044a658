"""
What does a library do until something kills it, and what must hold of it then?

An act is done again and again by a process of its own, with an encoder for tests. It tells when it begins and when it
is done. What was done is acknowledged.
"""

from __future__ import annotations

import multiprocessing
import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random

from searcher.index import merging
from searcher.index.generation import Indexes
from searcher.index.segment import Segment
from searcher.library.restore import restore
from tests.library.samples import MODES, NOW, article, ids, invented, left_over, new_library, news

BATCHES = 400
KEPT = "kept"
"""The articles that were there before anything was tried."""

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.resilience.acts", "tests.resilience.warm"])


def make(trial, number):
    """Give the articles of one batch of one trial: three new ones, and a correction of the batch before."""
    random = Random(f"{trial} {number}")
    made = [invented(f"{trial}-{number}-{n}", random) for n in range(3)]
    return [*made, article(f"{trial}-{number - 1}-0", f"Corrected harbour strike {trial} {number}.")]


def begin_library(home: Path) -> None:
    """Make the library that the acts go on with."""
    with new_library(home) as library:
        library.add(*news(40, prefix=KEPT), now=NOW)


def work(home, act, trial, told):
    """Do one thing again and again, and tell when each is begun and done."""
    with new_library(Path(home)) as library:
        for number in range(BATCHES):
            if act == "update":
                library.add(*make(trial, number), index=False, now=NOW)
            if act == "collect":
                library.indexes.collect = telling(type(library.indexes).collect, library.indexes, told)
            else:
                told.send("begin")
            ACTS[act](library, trial, number)
            told.send("done")


def telling(collect, indexes, told):
    """Tell when collection begins: what comes before it is not what is tried."""

    def collecting():
        told.send("begin")
        collect(indexes)

    return collecting


def add(library, trial, number):
    assert library.add(*make(trial, number), now=NOW).not_indexed is None


def update(library, trial, number):
    library.update()


def rebuild(library, trial, number):
    library.rebuild()


def merge(library, trial, number):
    merging.TIER = 2  # Every update joins what it added with what was there.
    add(library, trial, number)


def back_up(library, trial, number):
    library.backup(backup_of(library.home), replace=True, now=NOW)


def restore_it(library, trial, number):
    """Put the library's own backup in its place: it holds the same before and after."""
    if not backup_of(library.home).exists():
        back_up(library, trial, number)
    library.close()
    moment = NOW + timedelta(seconds=BATCHES * int(trial.removeprefix("restore")) + number)
    kept = restore(backup_of(library.home), library.home, replace=True, now=moment).kept
    assert kept is not None
    shutil.rmtree(kept)


ACTS = {
    "add": add,
    "update": update,
    "rebuild": rebuild,
    "merge": merge,
    "collect": rebuild,
    "backup": back_up,
    "restore": restore_it,
}


def backup_of(home: Path) -> Path:
    """Where a library's backup is."""
    return home.with_name(f"{home.name}.backup")


def check(home, acknowledged, *, answers=True):
    """
    Open the library that a dead process left, and claim what holds of it; then update it, and claim the rest.

    `acknowledged`: pairs of trial and how many of its batches were acknowledged. `answers`: there was an index before.
    """
    with new_library(home) as library:
        for trial, batches in acknowledged:
            check_batches(library, trial, batches)
        if answers:
            for mode in MODES:
                assert library.search("harbour strike", mode=mode, now=NOW).total > 0
            assert all(times == 1 for times in indexed(home).values())
        library.update()
        live = list(library.store.live())
        assert set(indexed(home)) == {revision.seq for revision in live}
        assert all(times == 1 for times in indexed(home).values())
        found = ids(library.search("NOT qwxz", limit=10_000, fold=False, now=NOW))
        assert sorted(found) == sorted(revision.article.article_id for revision in live)
        assert not answers or sum(name.startswith(KEPT) for name in found) == 40
        assert library.update().changed is False
        assert library.store.check() == []
        assert left_over(home) == []


def check_batches(library, trial, batches):
    """What was acknowledged is kept; of the batch after it all or nothing; of those after that nothing."""
    for number in range(batches):
        for one in make(trial, number)[:3]:
            assert one in [revision.article for revision in library.store.revisions(one.article_id)]
    at_work = {library.store.find(one.article_id) is not None for one in make(trial, batches)[:3]}
    assert len(at_work) == 1
    assert library.store.find(f"{trial}-{batches + 1}-0") is None


def indexed(home):
    """Count how often each seq is live in the current generation."""
    indexes = Indexes(home / "indexes")
    seqs: Counter[int] = Counter()
    generation = indexes.read()
    for info, mask in zip(generation.segments, generation.live, strict=True):
        table = Segment(indexes.segments / info.name, info).table
        seqs.update((table.seq if mask is None else table.seq[mask]).tolist())
    return seqs
