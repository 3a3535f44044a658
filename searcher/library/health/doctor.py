"""
The examination of a library, and its repair.

Repair does only what loses nothing: it removes leftovers and damaged indexes, and builds the index anew from the
articles and from vectors that are whole. What is wrong with the articles themselves needs a person, and a backup.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from searcher.errors import NoIndex, SearcherError, StoreDamaged
from searcher.index.cutting import Recipe
from searcher.index.generation import Indexes
from searcher.index.writer_lock import who_writes, writer_lock
from searcher.library.health.contents import examine_contents, examine_sample
from searcher.library.health.indexes import Indexed, examine_indexes, held, leftovers
from searcher.library.health.surroundings import examine_disk, examine_encoder, examine_writer
from searcher.library.health.truth import examine_articles
from searcher.library.library import Library, open_library
from searcher.records import Examination, Finding, Progress, silent
from searcher.settings import Settings, load_settings

_RESTORE = "searcher restore --force BACKUP"


def doctor(
    home: Path,
    *,
    deep: bool = False,
    repair: bool = False,
    settings: Settings | None = None,
    wait_s: float = 0.0,
    progress: Progress = silent,
) -> Examination:
    """
    Examine the library at `home`, to the last byte of every file; with `repair` mend what can be mended without loss,
    and examine it again. `deep`: more texts are encoded again.

    Raises NoIndex where there is no library, and for `repair` LibraryBusy and what a rebuild raises.
    """
    try:
        library = open_library(home, settings=settings or load_settings(home))
    except (NoIndex, StoreDamaged) as error:
        if (home / "articles.db").exists() and isinstance(error, StoreDamaged):
            return Examination(home, (Finding.of("library", error, None, mendable=False),))
        if not (home / "indexes" / "CURRENT").exists() and not (home / "articles.db").exists():
            raise
        said = "indexes are there, but no articles: articles.db is missing or empty"
        return Examination(home, (Finding("articles", "broken", said, _RESTORE, mendable=False),))
    except SearcherError as error:
        return Examination(home, (Finding.of("library", error, None, mendable=False),))
    with library:
        found = Indexed()
        findings = tuple(_examine(library, found, deep=deep))
        if not repair:
            return Examination(home, findings)
        with writer_lock(home, wait_s=wait_s):
            found = Indexed()  # Somebody may have written since.
            broken = tuple(_examine(library, found, deep=deep))
            repairs = tuple(_mend(library, found, broken, progress))
        again = tuple(_examine(library, Indexed(), deep=deep)) if repairs else findings
        return Examination(home, again, repairs)


def _examine(library: Library, found: Indexed, *, deep: bool) -> Iterator[Finding]:
    readers = held(library.indexes)  # Before this process is one.
    try:
        yield from _examine_all(library, found, deep=deep)
    finally:
        if found.lease is not None:
            found.lease.close()
    yield from examine_writer(library.home, readers)
    yield from examine_disk(library.home)


def _examine_all(library: Library, found: Indexed, *, deep: bool) -> Iterator[Finding]:
    store, indexes = library.store, library.indexes
    articles = list(examine_articles(store))
    yield from articles
    sound = all(one.state == "ok" for one in articles)
    wanted = not sound or store.counts().articles > 0
    yield from examine_indexes(indexes, found, wanted=wanted)
    encoder = list(examine_encoder(lambda: library.encoder, found.current))
    current = found.current
    if current is not None and not found.is_damaged(current):
        try:
            yield from examine_contents(indexes, current, store)
            if encoder[0].state == "ok":
                recipe = Recipe(library.encoder, library.analyzer, library.settings.chunks.words)
                yield from examine_sample(indexes, current, store, recipe, deep=deep)
        except StoreDamaged as error:  # There is nothing to compare the index with.
            yield Finding.of("contents", error, _RESTORE, mendable=False)
    yield from encoder
    yield from _left_over(library, found)


def _left_over(library: Library, found: Indexed) -> Iterator[Finding]:
    """What nobody needs, and what an interrupted build kept for the next. While somebody writes it may be theirs."""
    paths = [*leftovers(library.indexes, found), *_stages(library.home)]
    journal = library.indexes.journal
    busy = who_writes(library.home) is not None
    if paths and not busy:
        size = sum(_size(path) for path in paths)
        said = f"{len(paths)} leftovers of builds that died, {size / 1e6:,.1f} MB: {paths[0].name}"
        yield Finding(
            "leftovers", "warning", said, "the next update removes them, and: searcher doctor --repair"
        )
    if journal.exists() and not busy:
        said = "a build was interrupted: what it had encoded is kept"
        yield Finding("leftovers", "warning", said, "searcher update")
    if not paths and not journal.exists():
        yield Finding("leftovers", "ok", "none")


def _stages(home: Path) -> list[Path]:
    stage = home / ".restoring"
    return [stage] if stage.exists() else []


def _mend(
    library: Library, found: Indexed, findings: tuple[Finding, ...], progress: Progress
) -> Iterator[str]:
    """Do what can be done without loss; give a sentence for each thing that was done. Under the writer's lock."""
    indexes: Indexes = library.indexes
    if any(one.state == "broken" and one.mendable for one in findings) and _rebuild_helps(found, findings):
        wrong = any(one.check == "sample" and one.state == "broken" for one in findings)
        try:
            report = library.rebuild_locked(reuse=not wrong, progress=progress)
        except StoreDamaged:  # What the findings about articles say: there is nothing to build from.
            return
        yield f"built generation {report.generation} anew ({report.encoded:,} encoded, {report.reused:,} known)"
    if indexes.exist():
        for path in found.spoilt(answering=indexes.manifest_of(indexes.read().number)):
            if indexes.forget(path):
                yield f"removed {path.name}, which was damaged"
    waste = [*leftovers(indexes, found), *_stages(library.home)]
    indexes.collect()
    for stage in _stages(library.home):
        shutil.rmtree(stage, ignore_errors=True)
    if removed := [path for path in waste if not path.exists()]:
        yield f"removed {len(removed)} leftovers"


def _rebuild_helps(found: Indexed, findings: tuple[Finding, ...]) -> bool:
    """Whether the generation that should answer is what is broken, and not only one that could stand in for it."""
    current = found.current
    if current is None or found.is_damaged(current):
        return True
    return any(
        one.state == "broken" and one.mendable and one.check in ("contents", "sample", "encoder")
        for one in findings
    )


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())
    return path.stat().st_size if path.exists() else 0
