"""What the indexes of a home hold, and generations of segments without anything in them, for the tests of index."""

from __future__ import annotations

from pathlib import Path

from searcher.index.generation import Fingerprints, Generation, Indexes
from searcher.index.segment import Segment, SegmentInfo


def indexed(home):
    """Give {seq: body text of its chunks} of all live rows, as the files say; each seq is there once."""
    indexes = Indexes(home / "indexes")
    found = []
    generation = indexes.read()
    for info, mask in zip(generation.segments, generation.live, strict=True):
        table = Segment(indexes.segments / info.name, info).table
        found.extend(table.seq if mask is None else table.seq[mask])
    assert len(found) == len(set(found))
    return sorted(int(seq) for seq in found)


def live(store):
    """Give the seqs of the live articles, as the store says."""
    return [revision.seq for revision in store.live()]


def traces(directory: Path):
    """Give inode, time of writing and bytes of every file under `directory`."""
    return {
        path: (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def segments_of(home):
    """Give the names of the segments of the current generation."""
    return [info.name for info in Indexes(home / "indexes").read().segments]


PRINTS = Fingerprints("encoder-1", "chunker-1", "analyzer-1")


def generation(number, *names, live=None, covers=7):
    """Give a generation of segments of these names, ten articles each."""
    infos = tuple(SegmentInfo(name, 10, 25, f"digest of {name}") for name in names)
    return Generation(number, covers, PRINTS, "fake", infos, live or (None,) * len(infos))


def publish(indexes, one):
    """Publish a generation whose segments are directories with one file."""
    for info in one.segments:
        directory = indexes.segments / info.name
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "file").write_text(info.name)
    indexes.segments.mkdir(parents=True, exist_ok=True)
    indexes.publish(one)


def names(directory):
    """Give what is in a directory, in order."""
    return sorted(path.name for path in directory.iterdir())
