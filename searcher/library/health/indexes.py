"""Is every file of the indexes what was written, and is there nothing else?"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import BinaryIO

from searcher.errors import IndexDamaged, IndexUnusable, NoIndex
from searcher.index.generation import Generation, Indexes
from searcher.index.recovery import open_segments
from searcher.index.segment import Segment, SegmentInfo
from searcher.records import Finding

_MEND = "searcher doctor --repair (or searcher rebuild)"


@dataclass(slots=True)
class Indexed:
    """
    What was found: the current generation, all that can be read, manifests that cannot, and damaged segments.

    `lease` keeps the current generation from being collected while it is looked at.
    """

    current: Generation | None = None
    readable: dict[Path, Generation] = field(default_factory=dict)
    unreadable: list[Path] = field(default_factory=list)
    damaged: set[str] = field(default_factory=set)
    lease: BinaryIO | None = None

    def is_damaged(self, generation: Generation) -> bool:
        """Whether one of its segments was found damaged."""
        return any(info.name in self.damaged for info in generation.segments)

    def spoilt(self, *, answering: Path) -> list[Path]:
        """The manifests, beside the one that answers, that cannot stand in for it."""
        named = {path for path, one in self.readable.items() if self.is_damaged(one)}
        return sorted(({*self.unreadable} | named) - {answering})


def examine_indexes(indexes: Indexes, found: Indexed, *, wanted: bool) -> Iterator[Finding]:
    """
    Read every byte of the indexes; what is learnt goes into `found`. `wanted`: there are articles to be found, so that
    an index should be there.
    """
    yield from _pointer(indexes, found, wanted=wanted)
    yield from _other_manifests(indexes, found)
    yield from _segments(indexes, found)


def leftovers(indexes: Indexes, found: Indexed) -> list[Path]:
    """Give what no generation that can be read names, and no build that runs needs."""
    named = {info.name for one in found.readable.values() for info in one.segments}
    segments = indexes.segments.iterdir() if indexes.segments.is_dir() else iter(())
    return sorted(
        [path for path in segments if path.name not in named]
        + [path for name in ("CURRENT", "damaged") for path in indexes.directory.glob(f".{name}.*")]
        + list(indexes.generations.glob(".*.json.*"))
    )


def held(indexes: Indexes) -> list[str]:
    """Give the names of the manifests that a reader holds at the moment."""
    names = []
    for path in sorted(indexes.generations.glob("*.json")):
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            names.append(path.name)
        except OSError:
            continue
    return names


def _pointer(indexes: Indexes, found: Indexed, *, wanted: bool) -> Iterator[Finding]:
    try:
        found.current, found.lease = indexes.acquire()
    except NoIndex:
        if wanted or indexes.exist():
            yield Finding("index", "broken", "no index answers: indexes/CURRENT is missing", _MEND)
        else:
            yield Finding("index", "ok", "no index, and no articles to index")
    except IndexUnusable as error:
        yield Finding.of("index", error, _MEND)
    else:
        found.readable[indexes.manifest_of(found.current.number)] = found.current
        said = f"generation {found.current.number} answers: CURRENT and its manifest are whole"
        yield Finding("index", "ok", said)


def _other_manifests(indexes: Indexes, found: Indexed) -> Iterator[Finding]:
    whole = dict(name.split(" ", 1) for name in indexes.others())
    for path in sorted(indexes.generations.glob("*.json")):
        if path in found.readable:
            continue
        try:
            found.readable[path] = indexes.read(f"{path.name} {whole[path.name]}")
        except (IndexUnusable, KeyError):
            if not path.exists():
                continue  # Collected meanwhile by a writer.
            found.unreadable.append(path)
            yield Finding("index", "broken", f"{path} is not a whole manifest", _MEND)


def _segments(indexes: Indexes, found: Indexed) -> Iterator[Finding]:
    """Every segment that a readable generation names: its seal, the digests of its files, and their counts."""
    # Two generations that say different things of one segment cannot both be right.
    infos = sorted({info for one in found.readable.values() for info in one.segments}, key=astuple)
    told, chunks = {file.partition("/")[0] for file in indexes.damaged()}, 0
    for info in infos:
        try:
            _verify(indexes.segments / info.name, info)
            if info.name in told:
                raise IndexDamaged(
                    f"{indexes.segments / info.name} was found damaged by somebody, and is not used."
                )
        except IndexDamaged as error:
            users = [path for path, one in found.readable.items() if info in one.segments and path.exists()]
            if not users:
                continue  # Collected meanwhile by a writer, with all that named it.
            found.damaged.add(info.name)
            yield _damaged(error, indexes, found, users)
        chunks += info.chunks
    if found.current is not None and not found.is_damaged(found.current):
        try:
            open_segments(indexes, found.current)
        except IndexDamaged as error:
            yield Finding.of("segments", error, _MEND)
    if infos and not found.damaged:
        said = f"{len(infos)} with {chunks:,} chunks: every file is what was written; table, postings and vectors agree"
        yield Finding("segments", "ok", said)


def _damaged(error: IndexDamaged, indexes: Indexes, found: Indexed, users: list[Path]) -> Finding:
    """What a damaged segment of these manifests means: nothing that could be mended where only readers have it."""
    current = found.current and indexes.manifest_of(found.current.number)
    if current is None or current in users or not {path.name for path in users} <= set(held(indexes)):
        return Finding.of("segments", error, _MEND)
    damage = str(error).partition(" Run: ")[0]
    said = f"{damage} No index needs it but an older one, which a process has open"
    return Finding("segments", "warning", said, "searcher doctor --repair, when that process has ended")


def _verify(directory: Path, info: SegmentInfo) -> None:
    segment = Segment(directory, info)
    segment.verify()
    strangers = {path.name for path in directory.iterdir()} - segment.file_names
    if strangers:
        raise IndexDamaged(f"{directory} holds what is not of it: {', '.join(sorted(strangers))[:200]}.")
    counts = {
        "articles of the table": len(segment.table.seq) - info.articles,
        "articles of the postings": len(segment.postings.articles) - info.articles,
        "chunks of the table": len(segment.table.spans) - info.chunks,
        "chunk counts of the table": int(segment.table.chunk_counts.sum()) - info.chunks,
        "chunks of the postings": len(segment.postings.chunks) - info.chunks,
        "digests": len(segment.digests[0]) - info.chunks,
        "vectors": len(segment.flat) - info.chunks,
    }
    for what, difference in counts.items():
        if difference:
            raise IndexDamaged(
                f"{directory}: {abs(difference):,} {what} too {'many' if difference > 0 else 'few'}."
            )
