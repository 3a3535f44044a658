"""Whatever is done to a library, it answers as a list of all states would."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.errors import StoreDamaged
from searcher.records import Article, Rejection
from searcher.store import Store, reading
from searcher.store import store as store_module
from tests.store.samples import NOW, article, moment

_IDS = st.sampled_from("abcd")
_TEXTS = st.sampled_from(["One.", "Two.", "Three."])
_SECTIONS = st.sampled_from([None, "World", "Sport"])
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.lists(st.tuples(_IDS, _TEXTS, _SECTIONS), max_size=4)),
        st.tuples(st.just("withdraw"), st.lists(_IDS, max_size=3)),
        st.tuples(st.just("restore"), st.lists(_IDS, max_size=3)),
    ),
    max_size=12,
)


@dataclass
class _Model:
    """All states, in order: (article, withdrawn). The number of a state is its place, from 1."""

    states: list[tuple[Article, bool]] = field(default_factory=list)

    def latest(self, article_id: str, up_to: int | None = None) -> int:
        """Give the number of an article's newest state up to `up_to`, 0 if it has none."""
        numbered = list(enumerate(self.states, 1))[:up_to]
        return max((n for n, (one, _) in numbered if one.article_id == article_id), default=0)

    def add(self, given: Article) -> str:
        number = self.latest(given.article_id)
        if not number:
            self.states.append((given, False))
            return "added"
        known, withdrawn = self.states[number - 1]
        merged = replace(given, section=given.section or known.section)
        if merged == known and not withdrawn:
            return "unchanged"
        self.states.append((merged, False))
        return "changed"

    def turn(self, article_id: str, withdrawn: bool) -> None:
        state, was = self.states[self.latest(article_id) - 1]
        if was != withdrawn:
            self.states.append((state, withdrawn))

    def ids(self) -> list[str]:
        return sorted({one.article_id for one, _ in self.states})

    def newest(self, up_to: int) -> list[int]:
        """Give the numbers of the states that were their articles' newest at `up_to`, in order."""
        return sorted(n for n in (self.latest(name, up_to) for name in self.ids()) if n)

    def is_live(self, number: int) -> bool:
        return not self.states[number - 1][1]


@settings(max_examples=60, deadline=None)
@given(_STEPS)
def test_the_store_answers_as_a_list_of_states_would(steps):
    """
    After any adding, correcting, withdrawing and restoring, every question to the store is answered as by
    brute force over the list of all states, for every moment that an index may cover.
    """
    model = _Model()
    with TemporaryDirectory() as home, Store.open(Path(home) / "articles.db", create=True) as store:
        for what, arguments in steps:
            _do(store, model, what, arguments)
        _compare(store, model)
        assert store.check() == []


def _do(store, model, what, arguments):
    if what == "add":
        batch = [article(name, body, section=section) for name, body, section in arguments]
        expected = [model.add(one) for one in batch]
        receipt = store.add(batch, now=NOW)
        assert (receipt.added, receipt.changed, receipt.unchanged) == tuple(
            expected.count(word) for word in ("added", "changed", "unchanged")
        )
        return
    known = [name for name in arguments if model.latest(name)]
    before = len(model.states)
    for name in known:
        model.turn(name, what == "withdraw")
    seqs = (store.withdraw if what == "withdraw" else store.restore)(known, now=NOW)
    assert seqs == list(range(before + 1, len(model.states) + 1))


def _compare(store, model):
    last = len(model.states)
    assert store.last_seq() == last
    assert [(r.seq, r.article, r.withdrawn) for r in store.by_seq(range(1, last + 1)).values()] == [
        (n, *state) for n, state in enumerate(model.states, 1)
    ]
    for name in model.ids():
        assert store.latest(name).seq == model.latest(name)
    for covered in range(last + 1):
        newest_then = [n for n in model.newest(covered) if model.is_live(n)]
        assert [r.seq for r in store.live(covered)] == newest_then
        waiting = [n for n in model.newest(last) if n > covered]
        assert [r.seq for r in store.changes(covered)] == waiting
        assert store.waiting(covered) == len([n for n in waiting if model.is_live(n)])
        gone = {model.states[n - 1][0].article_id for n in waiting if not model.is_live(n)}
        assert store.withdrawn_since(covered) == {
            n for n in range(1, covered + 1) if model.states[n - 1][0].article_id in gone
        }
        for up_to in range(covered, last + 1):
            assert store.superseded(covered, up_to) == set(newest_then) - set(model.newest(up_to))
            assert [r.seq for r in store.changes(covered, up_to)] == [
                n for n in model.newest(up_to) if n > covered
            ]


def test_an_index_kept_up_to_date_is_the_index_made_anew(tmp_path):
    """
    Masking `superseded` and adding the live `changes`, step by step, gives the same seqs as `live` at the
    end.
    """
    with Store.open(tmp_path / "articles.db", create=True) as store:
        indexed: set[int] = set()
        covered = 0
        for step in range(12):
            names = [f"a{n}" for n in range(step % 5 + 1)]
            if step % 3 == 2:
                store.withdraw(names[:2], now=NOW)
            else:
                store.add([article(name, f"Text {step // 2}.") for name in names], now=NOW)
            up_to = store.last_seq()
            fresh = {r.seq for r in store.changes(covered, up_to) if not r.withdrawn}
            indexed = indexed - store.superseded(covered, up_to) | fresh
            covered = up_to
        assert sorted(indexed) == [r.seq for r in store.live()]
        assert len(indexed) == store.counts().articles


def test_long_answers_come_in_pages(tmp_path, monkeypatch):
    """
    A stream longer than a page misses nothing, repeats nothing, and what is written meanwhile does not move
    it.
    """
    monkeypatch.setattr(store_module, "_PAGE", 4)
    with Store.open(tmp_path / "articles.db", create=True) as store:
        store.add([article(f"a{n}") for n in range(11)], now=NOW)
        seen = []
        for revision in store.live():
            seen.append(revision.seq)
            store.add([article("a10", f"Body {revision.seq}."), article(f"new{revision.seq}")], now=NOW)
        assert seen == list(range(1, 12))


def test_many_numbers_at_once(tmp_path):
    """
    `by_seq` takes more numbers than SQLite takes variables, keeps their order, and leaves out unknown ones.
    """
    with Store.open(tmp_path / "articles.db", create=True) as store:
        store.add([article(f"a{n}") for n in range(2000)], now=NOW)
        wanted = [*range(2000, 0, -1), 5000]
        assert list(store.by_seq(wanted)) == wanted[:-1]
        assert store.by_seq([]) == {}


def test_withdrawals_of_another_process_are_seen_at_once(tmp_path):
    """
    `withdrawn_since` remembers its answer only as long as nobody changed the library, through whichever door.
    """
    path = tmp_path / "articles.db"
    with Store.open(path, create=True) as reader, Store.open(path) as writer:
        writer.add([article("a"), article("b")], now=NOW)
        assert reader.withdrawn_since(2) == frozenset()
        writer.withdraw(["a"], now=NOW)
        assert reader.withdrawn_since(2) == {1}
        assert reader.withdrawn_since(3) == frozenset()
        writer.restore(["a"], now=NOW)
        assert reader.withdrawn_since(2) == frozenset()


def test_what_waits_is_counted_once_for_each_state_of_the_library(tmp_path, monkeypatch):
    """
    `waiting` is asked with every query: it counts again only when the library has changed, through whichever door.
    """
    path, asked = tmp_path / "articles.db", []
    count = reading.waiting
    monkeypatch.setattr(reading, "waiting", lambda *given: asked.append(given) or count(*given))
    with Store.open(path, create=True) as reader, Store.open(path) as writer:
        writer.add([article("a"), article("b")], now=NOW)
        assert [reader.waiting(1) for _ in range(3)] == [1, 1, 1] and len(asked) == 1
        writer.add([article("c")], now=NOW)
        assert [reader.waiting(1) for _ in range(3)] == [2, 2, 2] and len(asked) == 2
        assert reader.waiting(3) == 0


def test_what_is_asked_by_turns_is_read_once(tmp_path, monkeypatch):
    """
    A page that continues another asks what was withdrawn then, and what is now; two generations ask what waits. Each is
    read again only when the library has changed, and no more than some are remembered.
    """
    asked = []
    for name in ("withdrawn_since", "waiting"):
        read = getattr(reading, name)
        monkeypatch.setattr(reading, name, lambda *given, read=read: asked.append(given) or read(*given))
    with Store.open(tmp_path / "articles.db", create=True) as store:
        store.add([article("a"), article("b")], now=NOW)
        store.withdraw(["a"], now=NOW)
        for _ in range(3):
            assert (store.withdrawn_since(2, 2), store.withdrawn_since(2)) == (frozenset(), {1})
            assert (store.waiting(0), store.waiting(1), store.waiting(2)) == (1, 1, 0)
        assert len(asked) == 5
        for up_to in range(100):
            store.withdrawn_since(2, up_to)
            store.waiting(up_to)
        assert len(store._withdrawn_since) == len(store._waiting) == store_module._REMEMBERED
        assert store.withdrawn_since(2) == {1}


def test_a_withdrawal_of_nothing_is_damage(tmp_path):
    """Its article has no other revision any more: which one must not be shown cannot be said."""
    with Store.open(tmp_path / "articles.db", create=True) as store:
        store.add([article("a"), article("b")], now=NOW)
        store.withdraw(["a"], now=NOW)
        with store._connections.bare() as connection:
            connection.execute("DROP TRIGGER revisions_stay")
            connection.execute("DELETE FROM revisions WHERE seq = 1")
        with pytest.raises(StoreDamaged, match=r"1 withdrawals in articles\.db cannot be followed"):
            store.withdrawn_since(2)


def test_counts(tmp_path):
    """
    Sources and dates are those of live articles; revisions count all.
    """
    with Store.open(tmp_path / "articles.db", create=True) as store:
        empty = store.counts()
        assert (empty.articles, empty.revisions, empty.oldest, empty.newest, empty.last_seq) == (
            0,
            0,
            None,
            None,
            0,
        )
        days = [moment(NOW - timedelta(days=n)) for n in range(4)]
        store.add(
            [
                article("a", source="AP", published=days[1]),
                article("b", source="AP", published=days[2]),
                article("c", source="AFP", published=days[3]),
                article("d"),
                Rejection("x", "bad"),
            ],
            now=NOW,
        )
        store.add([article("b", "New.", source="AP", published=days[2])], now=NOW)
        store.withdraw(["c"], now=NOW)
        counts = store.counts()
    assert (counts.articles, counts.withdrawn, counts.revisions, counts.rejected) == (3, 1, 6, 1)
    assert (counts.sources, counts.last_seq) == (1, 6)
    assert (counts.oldest, counts.newest) == (days[2].at, days[1].at)
