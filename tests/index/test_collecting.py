"""What nobody needs any more is removed, and nothing that somebody reads."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from pathlib import Path

from tests.index.samples import generation, names, publish


def test_a_reader_keeps_its_files_while_generations_pass(indexes):
    """
    Held through three more generations and collections, a generation keeps manifest and segments; those that
    nobody holds go, and so do its own once it is released.
    """
    publish(indexes, generation(1, "a"))
    with indexes.hold() as held:
        for number, name in ((2, "b"), (3, "c"), (4, "d")):
            publish(indexes, generation(number, name))
            indexes.collect()
            assert (indexes.segments / "a" / "file").read_text() == "a"
        assert held.number == 1
        assert names(indexes.segments) == ["a", "c", "d"]
        assert names(indexes.generations) == ["000001.json", "000003.json", "000004.json"]
    indexes.collect()
    assert names(indexes.segments) == ["c", "d"]
    assert names(indexes.generations) == ["000003.json", "000004.json"]


def test_a_segment_stays_as_long_as_one_generation_names_it(indexes):
    """What an old, held generation shares with the current one goes only when neither needs it."""
    publish(indexes, generation(1, "a", "b"))
    with indexes.hold():
        publish(indexes, generation(2, "b", "c"))
        publish(indexes, generation(3, "c"))
        publish(indexes, generation(4, "c"))
        indexes.collect()
        assert names(indexes.segments) == ["a", "b", "c"]
    indexes.collect()
    assert names(indexes.segments) == ["c"]


def test_a_reader_in_another_process_keeps_its_files(indexes):
    """The lease is the system's: it holds between processes, and ends with the process, however it ends."""
    publish(indexes, generation(1, "a"))
    reader = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(indexes.directory)], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT
    )
    with reader:
        assert reader.stdout is not None and reader.stdout.readline() == "held 1\n"
        for number, name in ((2, "b"), (3, "c"), (4, "d")):
            publish(indexes, generation(number, name))
            indexes.collect()
        assert names(indexes.segments) == ["a", "c", "d"]
        reader.kill()
    indexes.collect()
    assert names(indexes.segments) == ["c", "d"]


CHECKOUT = Path(__file__).parents[2]


HOLD = """
import signal, sys
from pathlib import Path
from searcher.index.generation import Indexes
with Indexes(Path(sys.argv[1])).hold() as generation:
    print("held", generation.number, flush=True)
    signal.pause()
"""


def test_collecting_takes_leftovers_of_dead_builds_only(indexes):
    """Half-built segments, unpublished manifests and half-written pointers go; the answering files stay."""
    publish(indexes, generation(1, "a"))
    publish(indexes, generation(2, "a", "b"))
    (indexes.segments / "building-000003-001").mkdir()
    (indexes.segments / "000003-001").mkdir()
    (indexes.generations / "000003.json").write_text("{}")
    (indexes.generations / ".000003.json.99").write_text("{")
    (indexes.directory / ".CURRENT.99").write_text("0000")
    indexes.collect()
    assert names(indexes.segments) == ["a", "b"]
    assert names(indexes.generations) == ["000001.json", "000002.json"]
    assert names(indexes.directory) == ["CURRENT", "generations", "segments"]
    assert indexes.read().number == 2


def test_readers_find_a_generation_whatever_the_writer_does(indexes):
    """Readers that acquire while a writer publishes and collects always get a whole generation, never an older one."""
    publish(indexes, generation(1, "s1"))
    stop, failures = threading.Event(), []

    def read():
        last = 0
        while not stop.is_set():
            try:
                one, lease = indexes.acquire()
                with lease:
                    assert one.number >= last
                    last = one.number
                    assert (indexes.segments / one.segments[0].name / "file").exists()
            except BaseException as error:
                failures.append(error)
                return

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(2, 30):
        publish(indexes, generation(number, f"s{number}"))
        indexes.collect()
    stop.set()
    for reader in readers:
        reader.join()
    assert failures == []


def test_nothing_is_collected_while_a_manifest_cannot_be_read(indexes, monkeypatch):
    """
    When a manifest that is needed cannot be read (too many open files, a failing disk, damage), no segment is removed:
    it is not known which ones it names. When it can be read again, collection goes on.
    """
    publish(indexes, generation(1, "a"))
    publish(indexes, generation(2, "b"))
    publish(indexes, generation(3, "c"))
    real = Path.read_bytes
    unreadable = []

    def cannot(path):
        if path.name in unreadable:
            raise OSError(24, "Too many open files")
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", cannot)
    for name in ("000003.json", "000002.json"):
        unreadable[:] = [name]
        indexes.collect()
        assert names(indexes.segments) == ["a", "b", "c"]
    whole = real(indexes.generations / "000003.json")
    unreadable.clear()
    (indexes.generations / "000003.json").write_text("{}")
    indexes.collect()
    assert names(indexes.segments) == ["a", "b", "c"]
    (indexes.generations / "000003.json").write_bytes(whole)
    indexes.collect()
    assert names(indexes.segments) == ["b", "c"]


def test_damage_is_told_until_no_generation_names_the_segment(indexes):
    """
    Collection forgets it with the last generation that could answer from it.
    """
    publish(indexes, generation(1, "a"))
    indexes.tell_damaged(["a/arrays"])
    publish(indexes, generation(2, "b"))
    indexes.collect()
    assert indexes.damaged() == {"a/arrays"}
    publish(indexes, generation(3, "b"))
    indexes.collect()
    assert indexes.damaged() == frozenset() and not (indexes.directory / "damaged").exists()


def test_collecting_where_the_segments_are_gone_takes_the_rest(indexes):
    """
    Somebody removed `segments/`: leftovers go all the same.
    """
    publish(indexes, generation(1, "a"))
    shutil.rmtree(indexes.segments)
    for leftover in (".CURRENT.1.1", ".damaged.1.1"):
        (indexes.directory / leftover).touch()
    indexes.collect()
    assert names(indexes.directory) == ["CURRENT", "generations"] and indexes.read().number == 1


def test_what_cannot_be_removed_stops_no_collection(indexes):
    """
    Somebody put a file where segments are: the rest goes all the same.
    """
    publish(indexes, generation(1, "a"))
    (indexes.segments / "0-somebody's").touch()
    (indexes.segments / "left").mkdir()
    (indexes.directory / ".CURRENT.1.1").touch()
    indexes.collect()
    assert names(indexes.segments) == ["0-somebody's", "a"]
    assert not (indexes.directory / ".CURRENT.1.1").exists()
