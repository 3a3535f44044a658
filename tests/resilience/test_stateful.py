"""Whatever is done to a library, in any order, with crashes: it answers as a dictionary would."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from searcher.index import merging
from tests.fake_encoder import FakeEncoder
from tests.library.samples import NOW, WORDS, article, new_library
from tests.resilience import trials

NAMES = st.sampled_from([f"a{n}" for n in range(8)])
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
WRITES = (
    (os, "fsync"),
    (os, "rename"),
    (os, "replace"),
    (os, "unlink"),
    (os, "rmdir"),
    (FakeEncoder, "encode"),
)


class Crash(BaseException):
    """The process is gone: nothing of it writes any more, not even what tidies up."""


@contextmanager
def dying_at(step):
    """Let the process die at this write or encoding, counted from 1, and at each that it still tries."""
    done = 0

    def counted(function):
        def write(*given, **more):
            nonlocal done
            done += 1
            if done >= step:
                raise Crash
            return function(*given, **more)

        return write

    with pytest.MonkeyPatch.context() as patch:
        for place, name in WRITES:
            patch.setattr(place, name, counted(getattr(place, name)))
        with suppress(Crash):
            yield


class News(RuleBasedStateMachine):
    """A library beside what it should hold: `live` and `withdrawn` by id, and `indexed`, what answers show."""

    done = 0
    crashes = 0

    def __init__(self):
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="stateful"))
        self.library = new_library(self.home)
        self.live: dict[str, str] = {}
        self.withdrawn: dict[str, str] = {}
        self.indexed: dict[str, str] = {}

    def teardown(self):
        merging.TIER = 4
        self.library.close()
        shutil.rmtree(self.home)

    @initialize(body=TEXTS)
    def begin(self, body):
        self.add({"a0": body}, index=True)

    @rule(said=st.dictionaries(NAMES, TEXTS, min_size=1, max_size=4), index=st.booleans())
    def add(self, said, index):
        """Add articles, or correct them; those that were withdrawn come back."""
        self.library.add(*self.articles(said), index=index, now=NOW)
        self.keep(said)
        if index:
            self.indexed = dict(self.live)

    @rule(name=NAMES)
    def remove(self, name):
        if name in self.live:
            assert self.library.remove(name, now=NOW) == 1
            self.withdrawn[name] = self.live.pop(name)

    @precondition(lambda self: self.withdrawn)
    @rule(data=st.data())
    def undo(self, data):
        name = data.draw(st.sampled_from(sorted(self.withdrawn)))
        assert self.library.remove(name, undo=True, now=NOW) == 1
        self.live[name] = self.withdrawn.pop(name)
        self.indexed = dict(self.live)

    @rule()
    def update(self):
        self.library.update()
        self.indexed = dict(self.live)

    @rule()
    def rebuild(self):
        self.library.rebuild()
        self.indexed = dict(self.live)

    @rule(tier=st.sampled_from([2, 4]))
    def merge_sooner_or_later(self, tier):
        merging.TIER = tier

    @rule()
    def reopen(self):
        self.library.close()
        self.library = new_library(self.home)

    @rule(
        said=st.dictionaries(NAMES, TEXTS, min_size=1, max_size=3),
        step=st.integers(1, 25),
        act=st.sampled_from(["add", "update", "rebuild"]),
    )
    def crash(self, said, step, act):
        """The process dies at some write of an add, an update or a rebuild, and another opens the library."""
        News.crashes += 1
        with dying_at(step):
            if act == "add":
                self.library.add(*self.articles(said), now=NOW)
            else:
                getattr(self.library, act)()
        self.library.close()
        self.library = new_library(self.home)
        if act == "add" and self.is_stored(said):
            self.keep(said)
        # Whether the index was published before, only the index knows.
        if self.library.indexes.read().covers == self.library.store.last_seq():
            self.indexed = dict(self.live)

    @invariant()
    def answers_are_those_of_the_dictionary(self):
        """Everything that is live and indexed is found in its indexed state, and nothing else."""
        News.done += 1
        asked = {"limit": 100, "fold": False, "snippets": False, "now": NOW}
        found = {hit.article_id: hit.article.body for hit in self.library.search("NOT qwxz", **asked)}
        assert found == {name: body for name, body in self.indexed.items() if name not in self.withdrawn}
        for word in {body.split()[0] for body in found.values()}:
            hits = self.library.search(f"+{word}", mode="lexical", **asked)
            holding = {name for name, body in found.items() if word in body.split()}
            assert {hit.article_id for hit in hits} == holding
        stored = {one.article.article_id: one.article.body for one in self.library.store.live()}
        assert stored == self.live

    def keep(self, said):
        self.live.update(said)
        for name in said:
            self.withdrawn.pop(name, None)

    def is_stored(self, said):
        """Whether all of these are the live state of their articles."""
        store = self.library.store
        states = [store.latest(name) for name in said if store.find(name) is not None]
        return {one.article.article_id: one.article.body for one in states if not one.withdrawn} == said

    @staticmethod
    def articles(said):
        return [article(name, body, title="Headline") for name, body in said.items()]


@pytest.mark.slow
def test_a_library_is_a_dictionary():
    """
    After each of many steps (add, correct, remove, undo, update, merge, rebuild, crash, reopen) the answers are exactly
    what a dictionary says: the live articles in their indexed state, without what was withdrawn.
    """
    examples = trials.count("stateful")
    soaking = examples > trials.ROWS["stateful"].gate
    said: dict[str, object] = {"histories": examples}
    News.done = News.crashes = 0
    with trials.figures("stateful", said):
        try:
            run_state_machine_as_test(
                seed(trials.seed())(News),
                settings=settings(
                    max_examples=examples,
                    stateful_step_count=60 if soaking else 30,
                    deadline=None,
                    database=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            said.update({"steps": News.done, "crashes": News.crashes})
