"""
Which generation can answer, when the one that should cannot?

In this order: the one that `CURRENT` names; a previous one that is whole; of the one that `CURRENT` names, the
segments that are whole. Whatever stands in for the first says why, so that no answer is silently old or partial. The
next update puts it right: segments and vectors that are whole are used again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container
from dataclasses import dataclass, replace
from typing import BinaryIO

from searcher.errors import IndexDamaged, IndexUnusable, NoIndex
from searcher.index.generation import Generation, Indexes
from searcher.index.segment import Segment, SegmentInfo

Accept = Callable[[Generation], None]


@dataclass(frozen=True, slots=True)
class Standing:
    """
    A generation that can answer, its segments opened, and its lease, which whoever takes it must close.

    `problem`: why it is not the one that should answer, with the next step; None: it is. `whole`: no segment of it is
    left out.
    """

    generation: Generation
    segments: list[Segment]
    lease: BinaryIO
    problem: str | None = None
    whole: bool = True


def stand(
    indexes: Indexes, accept: Accept, *, broken: Collection[str] = (), name: str | None = None
) -> Standing:
    """
    Give the generation to answer from. `accept` raises IndexOutdated for one that must not be used; `broken` names
    files that are known to be damaged, beside those that `Indexes.damaged` gives. One whose vectors are damaged still
    answers by words: it stands, and says what is wrong when it is asked for them. `name`: the generation of this name
    and no other, for which nothing stands in.

    Raises NoIndex where there is none, IndexOutdated if the current one is not accepted, and IndexDamaged if nothing
    stands.
    """
    broken = indexes.damaged().union(broken)
    if name is not None:
        return _standing(indexes, name, accept, broken)
    try:
        return _standing(indexes, None, accept, broken)
    except (NoIndex, IndexDamaged) as damage:
        stand_in = _stand_in(indexes, accept, broken, damage)
        if stand_in is None:
            raise
        return stand_in


def open_segments(indexes: Indexes, generation: Generation) -> list[Segment]:
    """Open the segments of a generation. Raises IndexDamaged."""
    return [_open(indexes, generation, info, ()) for info in generation.segments]


def _stand_in(
    indexes: Indexes, accept: Accept, broken: Container[str], damage: NoIndex | IndexDamaged
) -> Standing | None:
    """An older generation, or what is left of the current one; None where nothing stands."""
    for name in indexes.others():
        try:
            standing = _standing(indexes, name, accept, broken)
        except IndexUnusable:
            continue
        return replace(standing, problem=_older(standing.generation, damage))
    return _partial(indexes, accept, broken)


def _standing(indexes: Indexes, name: str | None, accept: Accept, broken: Container[str]) -> Standing:
    generation, lease = indexes.acquire(name)
    try:
        accept(generation)
        return Standing(
            generation, [_open(indexes, generation, info, broken) for info in generation.segments], lease
        )
    except BaseException:
        lease.close()
        raise


def _open(indexes: Indexes, generation: Generation, info: SegmentInfo, broken: Container[str]) -> Segment:
    directory = indexes.segments / info.name
    segment = Segment(directory, info, broken=broken)
    if segment.encoder_fingerprint != generation.fingerprints.encoder:
        raise IndexDamaged(
            f"Segment {directory} was built with another encoder than its generation. Run: searcher rebuild"
        )
    _ = segment.table, segment.postings
    return segment


def _partial(indexes: Indexes, accept: Accept, broken: Container[str]) -> Standing | None:
    """What is left of the current generation, if anything is."""
    try:
        generation, lease = indexes.acquire()
    except IndexUnusable:
        return None
    segments, kept = [], []
    try:
        accept(generation)
        for place, info in enumerate(generation.segments):
            try:
                segments.append(_open(indexes, generation, info, broken))
                kept.append(place)
            except IndexDamaged:
                continue
        if not kept:
            lease.close()
            return None
    except BaseException:
        lease.close()
        raise
    left = replace(
        generation,
        segments=tuple(generation.segments[place] for place in kept),
        live=tuple(generation.live[place] for place in kept),
    )
    missing = generation.articles - left.articles
    problem = (
        f"{missing:,} of {generation.articles:,} articles cannot be searched: a part of the index is damaged."
    )
    return Standing(left, segments, lease, f"{problem} Run: searcher update", whole=False)


def _older(generation: Generation, damage: IndexUnusable) -> str:
    said = str(damage).partition(" Run: ")[0].rstrip(".")
    if isinstance(damage, NoIndex):
        said = "indexes/CURRENT is missing"
    return f"Generation {generation.number} answers, because {said}. Run: searcher update"
