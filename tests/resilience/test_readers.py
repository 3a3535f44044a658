"""Many processes read while one rebuilds without pause: every answer is of one whole generation."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from searcher.index.generation import Indexes
from tests.library.samples import MODES, NOW, article, new_library
from tests.resilience.acts import PROCESSES
from tests.resilience.trials import count, figures

READERS = 8
ARTICLES = 30
QUESTION = "harbour strike vote"
"""So like each article of all editions that none is too far from it to be an answer (cosine .45 at least of 12,000)."""


def edition(number):
    """Give the articles of one edition: all of them say its number, so that a mixed answer can be told."""
    return [
        article(f"e{n}", f"Harbour strike edition{number} vote {n}.", title="News") for n in range(ARTICLES)
    ]


def write(home, seconds, told):
    """Bring out edition after edition: updated, merged and rebuilt, and collected at once."""
    until = time.monotonic() + seconds
    number = 0
    with new_library(Path(home)) as library:
        while time.monotonic() < until:
            number += 1
            library.add(*edition(number), index=number % 3 != 0, now=NOW)
            library.rebuild()
        told.send(number)


def read(home, seconds, told):
    """Ask again and again; tell how often, and what was wrong."""
    until = time.monotonic() + seconds
    asked, wrong, generations, number = 0, [], set(), 0
    library = new_library(Path(home))
    while time.monotonic() < until and len(wrong) < 3:
        asked += 1
        try:
            if asked % 20 == 0:  # Some keep it open, some open it anew.
                library.close()
                library = new_library(Path(home))
            results = library.search(QUESTION, mode=MODES[asked % 3], limit=100, fold=False, now=NOW)
            editions = {hit.article.body.split()[2] for hit in results}
            if len(editions) != 1 or len(results) != ARTICLES or results.degraded:
                wrong.append(f"{len(results)} hits of {sorted(editions)}, degraded: {results.degraded}")
            latest = int(editions.pop().removeprefix("edition"))
            if latest < number:
                wrong.append(f"edition {latest} after {number}")
            number = latest
            generations.add(results.generation)
        except Exception as error:
            wrong.append(f"{type(error).__name__}: {error}")
    library.close()
    told.send((asked, len(generations), wrong))


@pytest.mark.slow
def test_readers_never_see_a_mixed_generation(tmp_path):
    """
    Beside a process that adds, updates, rebuilds and collects without pause, eight others ask: each answer holds all
    articles in the state of one edition, never of an earlier one than the answer before; none fails or is degraded.
    """
    home, seconds = tmp_path / "home", count("readers")
    with new_library(home) as library:
        library.add(*edition(0), now=NOW)
    said: dict[str, object] = {"seconds": seconds}
    with figures("readers", said):
        pipes, processes = [], []
        for task in (write, *[read] * READERS):
            ours, theirs = PROCESSES.Pipe(duplex=False)
            process = PROCESSES.Process(target=task, args=(str(home), seconds, theirs))
            process.start()
            theirs.close()
            pipes.append(ours)
            processes.append(process)
        published, *heard = [pipe.recv() for pipe in pipes]
        for process in processes:
            process.join()
            process.close()
        said.update(
            {
                "editions": published,
                "questions": sum(asked for asked, _, _ in heard),
                "generations seen by one reader, at most": max(seen for _, seen, _ in heard),
            }
        )
        assert [wrong for _, _, wrong in heard if wrong] == []
    # Without readers only the current generation and the one before it are left.
    with new_library(home) as library:
        library.add(*edition(-1), now=NOW)
        assert len(list(Indexes(home / "indexes").generations.glob("*.json"))) <= 2
