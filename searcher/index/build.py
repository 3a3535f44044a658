"""
How do the indexes come to hold what the store holds? `update` adds what is new, `rebuild` starts from nothing.

Both write segments beside the running generation and switch by one pointer. Both may die at any line: the articles
are safe in the store, the old generation answers, what was encoded is in the journal, and the next run completes.
The caller holds the writer's lock.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from searcher.errors import IndexDamaged, NoIndex, StoreDamaged
from searcher.index.agreement import check_fingerprints, check_witness, witness_of
from searcher.index.cutting import Recipe, chunking_fingerprint
from searcher.index.dense.journal import Journal
from searcher.index.generation import Fingerprints, Generation, Indexes
from searcher.index.helpers import Preparer
from searcher.index.kept import KeptVectors
from searcher.index.known import KnownCuts, KnownVectors, Source
from searcher.index.merging import LARGEST, due_for_merge
from searcher.index.recovery import open_segments, stand
from searcher.index.segment import Segment, SegmentInfo, build_segment, split_revisions
from searcher.records import Progress, Revision, UpdateReport, silent
from searcher.store import Store

Mask = npt.NDArray[np.bool_]

SCRUB_AFTER_S = 7 * 86_400.0
"""What was not read for so long is read again by the next update."""


def fingerprints_of(recipe: Recipe) -> Fingerprints:
    """Give what an index built by this recipe is stamped with."""
    return Fingerprints(
        encoder=recipe.encoder.fingerprint,
        chunker=chunking_fingerprint(recipe.chunk_words),
        analyzer=recipe.analyzer.fingerprint,
    )


class Builder:
    """Builds generations from a store, for one recipe. `broken`: files that are known to be damaged."""

    def __init__(
        self,
        indexes: Indexes,
        store: Store,
        recipe: Recipe,
        *,
        broken: Collection[str] = (),
        progress: Progress = silent,
    ) -> None:
        self._indexes = indexes
        self._store = store
        self._recipe = recipe
        self._fingerprints = fingerprints_of(recipe)
        self._broken = broken
        self._progress = progress
        self._started = time.monotonic()
        self._damaged: list[StoreDamaged] = []

    def update(self) -> UpdateReport:
        """
        Index what is new: one more segment, and new masks for what it replaces. Cost: that of the new revisions.

        Starts from nothing where there is no index, from the previous generation where the current one is damaged,
        and builds all anew where neither is whole. Raises IndexOutdated if the index was built by another recipe.
        """
        try:
            return self._update()
        except IndexDamaged:
            return self.rebuild()

    def _update(self) -> UpdateReport:
        current, segments, mends = self._begin()
        if not mends:
            self._indexes.collect()
        up_to = self._store.last_seq()
        # A merge may still be due: an update that was interrupted after it had published what was new.
        if up_to == current.covers and current.number and not mends and not due_for_merge(current):
            return self._report(current, changed=False)
        # Without an index (a lost pointer) the segments of the last may still be there. Cuts of new articles are not
        # looked for: to trust a segment's is to read it whole.
        with self._work(segments if current.number else self._reusable(), KnownCuts()) as work:
            fresh = (
                r
                for r in self._store.changes(current.covers, up_to, damaged=self._damaged)
                if not r.withdrawn
            )
            built = self._build(work, self._split(fresh))
            dead = self._store.superseded(current.covers, up_to)
            live = [
                _mask_out(segment, mask, dead) for segment, mask in zip(segments, current.live, strict=True)
            ]
            generation = self._publish(
                work, up_to, (*current.segments, *built), (*live, *(None for _ in built))
            )
            return self._finish(work, self._merge(work, generation))

    def rebuild(self, *, reuse: bool = True) -> UpdateReport:
        """
        Build everything from nothing, beside the running generation, reusing every vector that is known; without
        `reuse` none: where what was written is whole, and wrong.
        """
        up_to = self._store.last_seq()
        vectors = self._reusable() if reuse else []
        with self._work(vectors, self._cuts((kept.directory for kept in vectors), verified=True)) as work:
            built = self._build(work, self._split(self._store.live(up_to, damaged=self._damaged)))
            generation = self._publish(work, up_to, built, tuple(None for _ in built))
            return self._finish(work, generation)

    def _begin(self) -> tuple[Generation, list[Segment], bool]:
        """Give the generation to go on from, its segments, and whether it stands in for one that cannot be used."""
        try:
            standing = stand(self._indexes, self._check, broken=self._broken)
        except NoIndex:
            return self._empty(), [], False
        standing.lease.close()  # Nobody else collects: the caller holds the writer's lock.
        if not standing.whole:
            raise IndexDamaged(str(standing.problem))
        _scrub(standing.segments)
        return standing.generation, standing.segments, standing.problem is not None

    def _check(self, generation: Generation) -> None:
        check_fingerprints(generation.fingerprints, **asdict(self._fingerprints))
        check_witness(generation, self._store)

    def _empty(self) -> Generation:
        return Generation(0, 0, self._fingerprints, self._recipe.encoder.name)

    def _reusable(self) -> list[KeptVectors]:
        """
        The vectors of every segment on disk that this encoder made and whose files are what was written.

        Also of those that no manifest names: a lost or damaged pointer must not cost hours of encoding. And of those
        of another format: a new one must not either.
        """
        found = []
        # Not `building-...`, left by a build that died: the next of its name replaces it.
        for sealed in sorted(self._indexes.segments.glob("[0-9]*/segment.json")):
            try:
                kept = KeptVectors(sealed.parent)  # A rebuild mends what was damaged; it must not copy it.
                if kept.encoder_fingerprint == self._fingerprints.encoder:
                    _ = kept.flat, kept.digests  # And what cannot be opened must not stop it later.
                    found.append(kept)
            except IndexDamaged:
                continue
        return found

    def _cuts(self, directories: Iterable[Path], *, verified: bool = False) -> KnownCuts:
        """
        The cuts of the segments there that are of today's format, of this encoder and chunker, and undamaged. What the
        words of those are that this analyzer made is learnt on the way.
        """
        found = []
        for directory in directories:
            try:
                segment = Segment.found_at(directory)
                if segment.recipe == (self._fingerprints.encoder, self._fingerprints.chunker):
                    if not verified:
                        segment.verify()
                    _ = segment.cut_keys, segment.table
                    found.append(segment)
                    if segment.analyzer_fingerprint == self._fingerprints.analyzer:
                        self._recipe.analyzer.learn(segment.postings.stems())
            except IndexDamaged:
                continue
        return KnownCuts(found)

    @contextmanager
    def _work(self, vectors: Sequence[Source], cuts: KnownCuts) -> Iterator[_Work]:
        """Begin a build. Its journal is closed however it ends, and kept for the next unless it was finished."""
        self._indexes.segments.mkdir(parents=True, exist_ok=True)
        encoder = self._recipe.encoder
        with (
            Journal.open(self._indexes.journal, encoder.fingerprint, encoder.dim) as journal,
            Preparer(self._recipe) as preparer,
        ):
            known = KnownVectors(vectors, journal, dim=encoder.dim)
            yield _Work(self._indexes.next_number(), known, cuts, journal, preparer)

    def _split(self, revisions: Iterable[Revision]) -> Iterator[Iterator[Revision]]:
        return split_revisions(revisions, chunk_words=self._recipe.chunk_words, max_chunks=LARGEST)

    def _build(self, work: _Work, parts: Iterable[Iterable[Revision]]) -> tuple[SegmentInfo, ...]:
        """Build one segment of each part."""
        built = []
        for part in parts:
            directory = self._indexes.segments / work.next_name()
            while directory.exists():  # Left by a build that died before it was published.
                directory = self._indexes.segments / work.next_name()
            info = build_segment(
                directory,
                part,
                self._recipe,
                work.known,
                cuts=work.cuts,
                preparer=work.preparer,
                progress=self._progress,
            )
            work.known.add(Segment(directory, info))
            built.append(info)
        return tuple(built)

    def _publish(
        self, work: _Work, covers: int, segments: Sequence[SegmentInfo], live: Sequence[Mask | None]
    ) -> Generation:
        kept = [(info, mask) for info, mask in zip(segments, live, strict=True) if mask is None or mask.any()]
        generation = Generation(
            number=work.number,
            covers=covers,
            fingerprints=self._fingerprints,
            encoder_name=self._recipe.encoder.name,
            segments=tuple(info for info, _ in kept),
            live=tuple(mask for _, mask in kept),
            witness=witness_of(self._store, covers) or "",
        )
        self._indexes.publish(generation)
        return generation

    def _merge(self, work: _Work, generation: Generation) -> Generation:
        """Join small segments and those that are mostly dead, until none is due. Vectors are copied, not computed."""
        while due := due_for_merge(generation):
            segments = open_segments(self._indexes, generation)
            for place in due:
                segments[place].verify()  # What is damaged must not be sealed again as if it were whole.
            # The vectors are in the segments that are joined, also those of texts that stand in several.
            merging = _Work(
                generation.number + 1,
                KnownVectors(segments, work.journal, dim=segments[0].dim),
                self._cuts(segments[i].directory for i in due),
                work.journal,
                work.preparer,
            )
            seqs = np.sort(np.concatenate([_live_seqs(segments[i], generation.live[i]) for i in due]))
            self._progress("merge", 0, int(sum(generation.segments[i].chunks for i in due)))
            built = self._build(merging, [self._revisions(seqs)])
            kept = [i for i in range(len(segments)) if i not in due]
            generation = self._publish(
                merging,
                generation.covers,
                (*(generation.segments[i] for i in kept), *built),
                (*(generation.live[i] for i in kept), *(None for _ in built)),
            )
            work.merged += len(due)
        return generation

    def _revisions(self, seqs: npt.NDArray[np.int64]) -> Iterable[Revision]:
        for start in range(0, len(seqs), 200):
            page = [int(seq) for seq in seqs[start : start + 200]]
            yield from self._store.by_seq(page, damaged=self._damaged).values()

    def _finish(self, work: _Work, generation: Generation) -> UpdateReport:
        work.journal.discard()
        self._indexes.collect()
        return self._report(generation, changed=True, work=work)

    def _report(self, generation: Generation, *, changed: bool, work: _Work | None = None) -> UpdateReport:
        return UpdateReport(
            generation=generation.number,
            articles=generation.articles,
            chunks=generation.chunks,
            encoded=work.known.encoded if work else 0,
            reused=work.known.reused if work else 0,
            segments=len(generation.segments),
            merged=work.merged if work else 0,
            took_s=time.monotonic() - self._started,
            changed=changed,
            damaged=len(self._damaged),
        )


@dataclass(slots=True)
class _Work:
    """One build under way: the number of its generation, the vectors and cuts it can use, and what it works with."""

    number: int
    known: KnownVectors
    cuts: KnownCuts
    journal: Journal
    preparer: Preparer
    merged: int = 0
    _names: int = 0

    def next_name(self) -> str:
        self._names += 1
        return f"{self.number:06d}-{self._names:03d}"


def _scrub(segments: Sequence[Segment]) -> None:
    """
    Read the segment that was not read for longest to its last byte, if that is a week ago. Raises IndexDamaged.

    One in an update, 0.2 s at most: new articles are to cost what they are, and yet no segment is carried on for ever
    unread. It was read last when its seal was written, or touched here.
    """
    read = {segment: (segment.directory / "segment.json").stat().st_mtime for segment in segments}
    if broken := [f"{one.info.name}/{name}" for one in segments for name in one.broken]:
        raise IndexDamaged(f"{', '.join(broken)} is damaged. Run: searcher rebuild")
    longest = min(read, key=lambda segment: (read[segment], segment.info.name), default=None)
    if longest is None or 0 <= time.time() - read[longest] < SCRUB_AFTER_S:
        return
    longest.verify()
    with suppress(OSError):  # Another's file: it is read again with the next update.
        os.utime(longest.directory / "segment.json")


def _mask_out(segment: Segment, mask: Mask | None, dead: frozenset[int]) -> Mask | None:
    """Give the segment's live mask without the revisions in `dead`."""
    rows = np.isin(segment.table.seq, np.fromiter(dead, dtype=np.int64, count=len(dead)))
    if not rows.any():
        return mask
    before = np.ones(segment.info.articles, dtype=bool) if mask is None else mask
    return before & ~rows


def _live_seqs(segment: Segment, mask: Mask | None) -> npt.NDArray[np.int64]:
    seq = np.asarray(segment.table.seq)
    return seq if mask is None else seq[mask]
