"""What is damaged answers no more: what stands in, what is said, what others are told."""

from __future__ import annotations

import weakref

import pytest

from searcher.errors import IndexDamaged
from searcher.index import build
from searcher.library import library as door
from tests.library.samples import NOW, article, everything, new_library, news
from tests.library.verifying.flipping import asked, flip, once_library


def test_where_nothing_else_stands_what_is_open_answers_and_says_so(tmp_path, stays):
    """One segment, and it is damaged: who has it open goes on with a warning; who opens it is refused."""
    with new_library(tmp_path) as library:
        library.add(*news(15), now=NOW)
    name = flip(tmp_path, 0, "arrays")
    with new_library(tmp_path) as library:
        hits = everything(asked(library))
        library.readers.verifier.join()
        for _ in range(2):
            assert everything(asked(library)) == hits and name in asked(library).degraded
        with new_library(tmp_path) as other, pytest.raises(IndexDamaged, match="is not what was written"):
            asked(other)


def test_a_library_that_cannot_be_written_to_is_still_warned_of(home, stays, monkeypatch):
    """Where the finding cannot be told to others, who found it knows; and its own update mends it."""
    name = flip(home, 0, "arrays")
    with new_library(home) as library:
        monkeypatch.setattr(type(library.indexes), "tell_damaged", lambda *_: None)
        asked(library)
        library.readers.verifier.join()
        assert not (home / "indexes" / "damaged").exists()
        assert "articles cannot be searched" in asked(library).degraded, name
        report = library.update()
        assert report.changed and report.segments == 1 and asked(library).degraded is None


@pytest.mark.parametrize(("once", "level"), [(False, "WARNING"), (True, "INFO")])
def test_damage_is_warned_of_where_no_answer_says_it(home, caplog, once, level):
    """A server's log has it; the only answer of a process says it itself, and its terminal is told once."""
    caplog.set_level("INFO", logger="searcher.library.readers")
    with once_library(home) if once else new_library(home) as library:
        library.readers.found_damaged(library.reader(), ["a/arrays"])
    assert [one.levelname for one in caplog.records] == [level]


def test_all_damage_that_was_found_is_remembered_and_said(home, caplog):
    """In one sentence what was found at once; what was found before is not forgotten."""
    with new_library(home) as library:
        reader = library.reader()
        library.readers.found_damaged(reader, ["a/arrays"])
        library.readers.found_damaged(reader, ["b/arrays", "b/vectors.faiss"])
        assert (
            library.readers.broken == {"a/arrays", "b/arrays", "b/vectors.faiss"} == library.indexes.damaged()
        )
        assert reader.problem == (
            "A part of the index is damaged (b/arrays, b/vectors.faiss). Run: searcher update"
        )
    assert [one.getMessage() for one in caplog.records] == [
        "Not what was written: a/arrays.",
        "Not what was written: b/arrays, b/vectors.faiss.",
    ]


def test_a_generation_is_opened_again_by_its_name(home):
    """While somebody holds it, another reader has the same one, though a newer one answers."""
    with new_library(home) as library:
        held = library.reader()
        library.add(article("new"), now=NOW)
        again, newest = library.reader(held.name), library.reader()
        assert again.generation.number == held.generation.number == newest.generation.number - 1
        assert asked(library, reader=again).generation == held.generation.number


def test_three_times_damage_is_left_out_and_then_the_answer_is_what_it_is(tmp_path, monkeypatch):
    """What stands in is damaged, too, and what stands in for that: the fourth answer comes from what is left."""
    monkeypatch.setattr(build, "due_for_merge", lambda generation: [])
    with new_library(tmp_path) as library:
        for number in range(5):
            library.add(*news(3, seed=number, prefix=f"p{number}-"), now=NOW)
    damaged, asked_of = [], []

    def answer(reader):
        asked_of.append(len(reader.segments))
        if len(asked_of) < 4:
            damaged.append(flip(tmp_path, 5 - len(asked_of), "arrays"))
            raise IndexError
        return reader

    with new_library(tmp_path) as library:
        last = library.readers.answered(answer)
        assert asked_of == [5, 4, 3, 2] and len(last.segments) == 2
        assert last.problem.startswith("9 of 15 articles cannot be searched")
        assert library.indexes.damaged() == set(damaged)


def test_a_question_that_fails_as_it_never_should_makes_the_index_be_read(home, monkeypatch, caplog):
    """Where nothing is damaged the failure is given as it is; else the answer comes from what is whole, and says so."""
    ask, failing, failed = door.ask, [IndexError("out of bounds")], []

    def fail_first(*question):
        if failing:
            failed.append(weakref.ref(question[1]))
            raise failing.pop()
        return ask(*question)

    monkeypatch.setattr(door, "ask", fail_first)
    with new_library(home) as library:
        with pytest.raises(IndexError, match="out of bounds"):
            asked(library)
        assert library.indexes.damaged() == set() and asked(library).degraded is None
        name = flip(home, 1, "arrays")
        failing.append(IndexError("again"))
        answer = asked(library)
        assert name in answer.degraded and answer.generation == 1
        assert failed[-1]() is None, "what is logged keeps nobody in use"
        assert library.indexes.damaged() == {name}
    assert [one.getMessage() for one in caplog.records] == [
        "A query failed: IndexError('again')",
        f"Not what was written: {name}.",
    ]
