"""Many ask while one writes: no question fails, and each is answered from one generation."""

from __future__ import annotations

import threading
from random import Random

import pytest

from searcher.errors import LibraryBusy
from searcher.index.writer_lock import writer_lock
from searcher.records import Filters
from tests.library.samples import MODES, NOW, article, ids, new_library, news


def test_eight_threads_ask_while_one_writes(tmp_path):
    """
    The writer replaces all twenty articles of a set by their next edition, generation after generation, with merges
    and rebuilds between. Every answer holds all twenty, all of one edition, under a generation that never goes back.
    """
    with new_library(tmp_path) as library:
        library.add(*edition(0), now=NOW)
        stop, failures, seen = threading.Event(), [], set()

        def ask(number):
            random, last = Random(number), 0
            try:
                while not stop.is_set():
                    mode = random.choice(MODES)
                    results = library.search("harbour strike", mode=mode, limit=30, fold=False, now=NOW)
                    editions = {hit.article.body.split()[-1] for hit in results}
                    assert len(results) == results.total == 20, (mode, len(results), results.total)
                    assert len(editions) == 1 and results.degraded is None
                    assert results.generation >= last
                    last = results.generation
                    seen.update(editions)
                    assert library.similar("e3", limit=30).total == 19
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        try:
            for number in range(1, 13):
                library.add(*edition(number), now=NOW)
                if number % 4 == 0:
                    library.rebuild()
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert failures == []
        assert len(seen) > 1
        library.search("harbour", now=NOW)
        library.update()
        library.rebuild()
        assert len([*(tmp_path / "indexes" / "generations").iterdir()]) <= 2


def edition(number):
    """Give twenty articles that all say which edition they are of."""
    return [
        article(f"e{n}", f"Harbour strike, part {n}. Edition {number}", title=f"Harbour strike {n}")
        for n in range(20)
    ]


def test_threads_may_share_a_library_that_nobody_asked_yet(tmp_path):
    """The first questions of all threads come at once; all get the same answer."""
    with new_library(tmp_path) as library:
        library.add(*news(40), now=NOW)
    with new_library(tmp_path) as library:
        barrier, answers, failures = threading.Barrier(8), [], []

        def ask():
            try:
                barrier.wait(10)
                found = library.search("harbour strike", filters=Filters(languages=()), now=NOW)
                answers.append([(hit.article_id, hit.score) for hit in found])
                answers.append([(hit.article_id, hit.score) for hit in library.similar("n1")])
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == [] and len(answers) == 16
        assert all(answer in (answers[0], answers[-1]) for answer in answers)


def test_a_second_writer_is_refused_and_readers_are_not(tmp_path):
    """While somebody writes: add, update, rebuild and restoring are LibraryBusy; search answers, a withdrawal holds."""
    with new_library(tmp_path) as library:
        library.add(*news(10), now=NOW)
        with writer_lock(tmp_path):
            writes = (
                lambda: library.add(article("x"), now=NOW),
                lambda: library.remove("n1", undo=True, now=NOW),
                library.update,
                library.rebuild,
            )
            for write in writes:
                with pytest.raises(LibraryBusy, match="is writing"):
                    write()
            before = library.search("harbour", now=NOW)
            assert before.total > 0
            library.remove(before[0].article_id, now=NOW)
            assert before[0].article_id not in ids(library.search("harbour", now=NOW))
        assert library.store.find("x") is None
